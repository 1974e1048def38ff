"""Rosters of other programs, taken over with their proofs or asked about anew (L-06; bad inputs 62 and 64)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.ground.database import db as database
from nextevents.ground.mail_addresses import address_of
from nextevents.mailing import queries
from nextevents.mailing.models import (
    Consent,
    Delivery,
    ListImport,
    ListKind,
    Mailbox,
    Source,
    Subscription,
    Suppression,
)
from nextevents.mailing.rosters import entries
from nextevents.mailing.services import (
    Declaration,
    begin_import,
    count_unbegun_imports,
    forget_left,
    forget_unbegun_imports,
    hand_in,
    leave_list,
    mailbox_for,
    portions,
    subscribe_proved,
    suppress,
    take_portion,
    wake,
)
from nextevents.mailing.tasks import take_imports
from tests.factories import make_mailing_list
from tests.mailing.reading import posted

WORDS = Declaration(text="Ja.", language="de", form_url="", was_ticked=True)
EVIDENCE = "Einwilligungen von 2019 bis 2025 aus dem alten Verteiler, geprüft am 3.11."
PICKLE = """
{   'accept_these_nonmembers': [],
    'digest_members': {   'dora@stadt.example': 0},
    'members': {   'ada@stadt.example': 0,
                   'bo@stadt.example': 0},
    'usernames': {   'ada@stadt.example': u'Ada Beispiel',
                     'bo@stadt.example': ''},
    'welcome_msg': ''}
"""


def read(text, coding="utf-8"):
    return [(one.line, one.address, one.name, one.proof) for one in entries(text.encode(coding))]


@pytest.mark.parametrize(
    ("text", "coding"),
    [
        ("E-Mail;Name;Nachweis\r\nada@stadt.example;Ada Müller;Formular 4711\r\n", "utf-8-sig"),
        ("e-mail;name;nachweis\nada@stadt.example;Ada Müller;Formular 4711\n", "cp1252"),
        ('Name,Email,Consent\n"Ada Müller",ada@stadt.example,Formular 4711\n', "utf-8"),
        ("email\tvorname\tnachname\toptin\nada@stadt.example\tAda\tMüller\tFormular 4711\n", "utf-8"),
    ],
)
def test_tables_are_read_whoever_wrote_them(text, coding):
    assert read(text, coding) == [(2, "ada@stadt.example", "Ada Müller", "Formular 4711")]


def test_rosters_of_mailman_3_and_pasted_lines_are_read():
    assert read('Ada Beispiel <ada@stadt.example>\nbo@stadt.example\n\n"Max" <max@x.example>; eve@x.example\n') == [
        (1, "ada@stadt.example", "Ada Beispiel", ""),
        (2, "bo@stadt.example", "", ""),
        (4, "max@x.example", "Max", ""),
        (4, "eve@x.example", "", ""),
    ]


def test_the_text_of_a_pickle_of_mailman_2_is_read():
    assert read(PICKLE) == [
        (1, "ada@stadt.example", "Ada Beispiel", ""),
        (2, "bo@stadt.example", "", ""),
        (3, "dora@stadt.example", "", ""),
    ]


def test_an_export_of_listmonk_says_who_is_blocked():
    text = (
        "uuid,email,name,attributes,status,created_at,updated_at\n"
        '1,ada@stadt.example,Ada,"{""city"": ""Bonn""}",enabled,2024-01-01,2024-01-01\n'
        "2,eve@stadt.example,Eve,{},blocklisted,2024-01-01,2024-01-01\n"
    )

    assert [(one.address, one.is_unwanted) for one in entries(text.encode())] == [
        ("ada@stadt.example", False),
        ("eve@stadt.example", True),
    ]


@pytest.mark.parametrize(
    "row",
    ["a\0da@stadt.example;Ada", f"{'x' * 200_000}@stadt.example;Ada", f"ada@stadt.example;{'x' * 200_000}"],
    ids=["NUL", "200 kB", "200 kB beside"],
)
def test_lines_that_cannot_be_read_are_named_and_the_next_ones_are_read(row):
    """Bad input 62: the csv module passes NUL, and stops at 131,072 characters a field."""
    found = list(entries(f"email;name\n{row}\nbo@stadt.example;Bo\n".encode()))

    assert [(one.line, bool(one.problem)) for one in found] == [(2, True), (3, False)]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00", b"'members':"])
def test_what_is_no_roster_breaks_nothing(content):
    assert all(len(one.address) < 100 for one in entries(content))


@pytest.fixture
def one(db):
    return make_mailing_list(name="Alt", purpose="Von früher.")


def taken(one, text, *, evidence="", at):
    handed_in = hand_in(one, text.encode(), file_name="alt.csv", evidence=evidence, by="buero@next.example", at=at)
    begin_import(handed_in, at=at)
    database.session.commit()
    take_imports()
    database.session.expire_all()
    return handed_in


def on_it(one):
    return sorted(each.mailbox.address for each in queries.subscribers(one, queries.SubscriberFilter(), limit=99))


def test_with_a_proof_people_are_on_the_list_and_the_proof_is_kept(one, noon):
    done = taken(
        one, "email;name;nachweis\nada@stadt.example;Ada;Formular 7\nbo@stadt.example;Bo;\n", evidence=EVIDENCE, at=noon
    )

    assert (done.counts, done.problems, done.content) == ({"added": 2}, [], None)
    assert on_it(one) == ["ada@stadt.example", "bo@stadt.example"]
    consents = database.session.scalars(select(Consent).order_by(Consent.id)).all()
    assert {each.source for each in consents} == {Source.IMPORT}
    assert f"{EVIDENCE}; Formular 7; alt.csv:2, buero@next.example" in {each.reason for each in consents}
    assert posted() == []


def test_without_a_proof_all_are_asked_and_nobody_is_on_it(one, noon):
    done = taken(one, "ada@stadt.example\nBo <bo@stadt.example>\n", at=noon)

    assert done.counts == {"asked": 2}
    assert on_it(one) == []
    assert [mail.row.recipient for mail in posted("confirm_subscription")] == ["ada@stadt.example", "bo@stadt.example"]


def test_a_proof_in_a_line_counts_for_that_line(one, noon):
    done = taken(one, "email;nachweis\nada@stadt.example;2021-04-03\nbo@stadt.example;\n", at=noon)

    assert (done.counts, on_it(one)) == ({"added": 1, "asked": 1}, ["ada@stadt.example"])


def test_who_left_or_wants_nothing_stays_so_and_each_line_is_accounted_for(one, noon):
    left = mailbox_for("left@stadt.example", at=noon)
    for address in ("left@stadt.example", "there@stadt.example"):
        subscribe_proved(one, address_of(address), WORDS, by="signed_in", at=noon)
    leave_list(one, left, by="page", at=noon)
    suppress(address_of("silent@stadt.example"), "erased", at=noon)

    done = taken(
        one,
        "LEFT@stadt.example\nthere@stadt.example\nsilent@stadt.example\nkaputt\nnew@stadt.example\nNew@stadt.example\n"
        "=cmd|' /C calc'!A0\n",
        evidence=EVIDENCE,
        at=noon,
    )

    assert done.counts == {"wrong": 2, "twice": 1, "left": 1, "there": 1, "silent": 1, "added": 1}
    assert on_it(one) == ["new@stadt.example", "there@stadt.example"]
    assert {(line, address) for line, address, _why in done.problems} == {
        ("1", "LEFT@stadt.example"),
        ("2", "there@stadt.example"),
        ("3", "silent@stadt.example"),
        ("4", "kaputt"),
        ("6", "New@stadt.example"),
        ("7", "=cmd|' /C calc'!A0"),
    }


def test_what_a_roster_says_of_who_left_or_is_blocked_holds_for_later_rosters_too(one, noon):
    here = make_mailing_list(name="Hier")
    for address in ("treu@stadt.example", "noch@stadt.example"):
        subscribe_proved(here, address_of(address), WORDS, by="signed_in", at=noon)
    subscribe_proved(one, address_of("noch@stadt.example"), WORDS, by="signed_in", at=noon)
    people = ("ada", "enabled"), ("left", "unsubscribed"), ("noch", "unsubscribed"), ("nie", "blocklisted"), (
        "treu", "blocklisted",
    )  # fmt: skip
    rows = "".join(f"{name}@stadt.example,{status}\n" for name, status in people)

    done = taken(one, f"email,status\n{rows}", evidence=EVIDENCE, at=noon)

    assert done.counts == {"added": 1, "elsewhere": 2, "blocked": 1, "stays": 1}
    assert [(line, what) for line, _address, what in done.problems] == [
        ("3", "elsewhere"), ("4", "stays"), ("5", "blocked"), ("6", "elsewhere"),
    ]  # fmt: skip
    left = queries.subscription(one, mailbox_for("left@stadt.example", at=noon))
    assert left.ended_by == "elsewhere: unsubscribed (alt.csv:3)"
    reasons = {each.reason for each in database.session.scalars(select(Suppression))}
    assert reasons == {"import"}
    later = noon + timedelta(days=1)
    again = "".join(f"{name}@stadt.example\n" for name, _status in people)
    assert taken(one, again, evidence=EVIDENCE, at=later).counts == {"there": 2, "left": 2, "silent": 1}
    assert on_it(one) == ["ada@stadt.example", "noch@stadt.example"]
    assert on_it(here) == ["noch@stadt.example", "treu@stadt.example"]  # what they asked for here stands
    assert taken(here, again, evidence=EVIDENCE, at=later).counts == {"added": 2, "there": 2, "silent": 1}


def test_who_left_stays_out_when_all_else_is_forgotten_until_they_come_by_themselves(one, noon):
    subscribe_proved(one, address_of("ada@stadt.example"), WORDS, by="signed_in", at=noon)
    leave_list(one, mailbox_for("ada@stadt.example", at=noon), by="page", at=noon)
    taken(one, "email,status\nbo@stadt.example,unsubscribed\n", evidence=EVIDENCE, at=noon)
    later, text = noon + timedelta(days=200), "ada@stadt.example\nbo@stadt.example\n"
    forget_left(at=later)
    assert database.session.scalars(select(Mailbox)).all() == []

    assert taken(one, text, evidence=EVIDENCE, at=later).counts == {"left": 2}
    assert taken(make_mailing_list(name="Hier"), text, evidence=EVIDENCE, at=later).counts == {"added": 2}
    subscribe_proved(one, address_of("ada@stadt.example"), WORDS, by="signed_in", at=later)
    assert taken(one, text, evidence=EVIDENCE, at=later).counts == {"there": 1, "left": 1}


def test_a_later_line_or_roster_that_says_no_counts_against_an_earlier_yes_of_a_roster(one, noon):
    """But never against what somebody has asked for here."""
    taken(one, "email,status\nada@stadt.example,enabled\nbo@stadt.example,enabled\n", evidence=EVIDENCE, at=noon)
    rows = (
        "ada@stadt.example,unsubscribed",
        "bo@stadt.example,Gesperrt",
        "eve@stadt.example,",
        "eve@stadt.example,complained",
    )

    done = taken(one, "email,status\n" + "\n".join(rows), evidence=EVIDENCE, at=noon + timedelta(days=1))

    assert (done.counts, on_it(one)) == ({"elsewhere": 2, "blocked": 1, "twice": 1}, [])
    withdrawn = {each.address: each.withdrawn_by for each in database.session.scalars(select(Consent))}
    assert withdrawn == {
        "ada@stadt.example": "elsewhere: unsubscribed (alt.csv:2)",
        "bo@stadt.example": "elsewhere: Gesperrt (alt.csv:3)",
    }


def test_what_was_never_confirmed_elsewhere_is_asked_whatever_the_office_says(one, noon):
    done = taken(one, "email,status\nada@stadt.example,unconfirmed\n", evidence=EVIDENCE, at=noon)

    assert (done.counts, on_it(one)) == ({"asked": 1}, [])


@pytest.mark.parametrize(
    "text",
    [
        PICKLE.replace(
            "'digest_members'",
            "'delivery_status': {'ada@stadt.example': (2, 1.5), 'bo@stadt.example': (4, 1.5)}, 'digest_members'",
        ),
        (
            "email,delivery_mode,delivery_status\nada@stadt.example,regular,by_user\n"
            "bo@stadt.example,regular,by_bounces\ndora@stadt.example,mime_digests,enabled\n"
        ),
    ],
    ids=["mailman 2", "mailman 3"],
)
def test_who_gets_no_mail_in_mailman_gets_none_here(one, noon, text):
    one.kind = ListKind.DISCUSSION

    done = taken(one, text, evidence=EVIDENCE, at=noon)

    assert done.counts == {"added": 3}
    assert sorted((address, what) for _line, address, what in done.problems) == [
        ("ada@stadt.example", "paused"), ("bo@stadt.example", "rests"), ("dora@stadt.example", "collected"),
    ]  # fmt: skip
    deliveries = {each.mailbox.address: each.delivery for each in database.session.scalars(select(Subscription))}
    assert deliveries["ada@stadt.example"] == Delivery.PAUSED
    assert who_rests(one) == ["bo@stadt.example"]


def who_rests(one):
    found = queries.subscribers(one, queries.SubscriberFilter(is_suspended=True), limit=99)
    return sorted(each.mailbox.address for each in found)


def test_whose_mail_came_back_elsewhere_rests_until_the_address_is_confirmed(one, noon):
    """Nobody is silenced by it: it is no wish, and who has asked for mail here gets it."""
    here = make_mailing_list(name="Hier")
    subscribe_proved(here, address_of("treu@stadt.example"), WORDS, by="signed_in", at=noon)
    people = ("ada", "bo", "treu")
    text = "email,status\n" + "".join(f"{name}@stadt.example,bounced\n" for name in people)

    assert taken(one, text, at=noon).counts == {"unreachable": 3}
    assert (on_it(one), posted()) == ([], [])
    done = taken(one, text, evidence=EVIDENCE, at=noon)

    assert done.counts == {"added": 3}
    assert who_rests(one) == ["ada@stadt.example", "bo@stadt.example"]
    assert database.session.scalars(select(Suppression)).all() == []
    ada = mailbox_for("ada@stadt.example", at=noon)
    assert ada.suspended_because == "Im früheren System kamen Mails an diese Adresse zurück."
    again = taken(one, text, evidence=EVIDENCE, at=noon + timedelta(days=1))
    assert (again.counts, len(again.problems)) == ({"there": 3}, 3)
    wake(ada)  # as the office does, or the owner
    fine = taken(
        here, "email,status\nada@stadt.example,enabled\nbo@stadt.example,bounced\n", evidence=EVIDENCE, at=noon
    )
    assert (fine.counts, who_rests(here)) == ({"added": 2}, ["bo@stadt.example"])


@pytest.mark.parametrize("evidence", [EVIDENCE, ""])
@pytest.mark.parametrize(
    ("kind", "expected"), [(ListKind.DISCUSSION, Delivery.DAILY), (ListKind.ANNOUNCEMENTS, Delivery.EACH)]
)
def test_who_got_posts_collected_gets_them_so(one, noon, kind, expected, evidence):
    one.kind = kind
    taken(one, PICKLE, evidence=evidence, at=noon)

    rows = database.session.execute(
        select(Mailbox.address, Subscription.delivery).join(Subscription, Subscription.mailbox_id == Mailbox.id)
    )
    assert dict(rows.all()) == {
        "ada@stadt.example": Delivery.EACH,
        "bo@stadt.example": Delivery.EACH,
        "dora@stadt.example": expected,
    }


def test_who_was_asked_and_is_now_proved_is_on_it(one, noon):
    taken(one, "ada@stadt.example\n", at=noon)
    taken(one, "ada@stadt.example\n", evidence=EVIDENCE, at=noon + timedelta(hours=1))

    assert on_it(one) == ["ada@stadt.example"]


def test_a_worker_that_died_goes_on_where_it_stopped_and_two_do_nothing_twice(one, noon):
    text = "".join(f"p{number}@stadt.example\n" for number in range(2500)).encode()
    handed_in = hand_in(one, text, file_name="alt.txt", evidence=EVIDENCE, by="buero@next.example", at=noon)
    begin_import(handed_in, at=noon)
    first = next(portions(text, done_until=0))

    assert take_portion(handed_in.id, first, done_until=0, at=noon)
    assert not take_portion(handed_in.id, first, done_until=0, at=noon)
    database.session.commit()
    take_imports()

    database.session.expire_all()
    done = database.session.get(ListImport, handed_in.id)
    assert (done.counts, done.done_until, done.ended_at is not None) == ({"added": 2500}, 2500, True)
    for table in (Mailbox, Subscription, Consent):
        assert len(database.session.scalars(select(table.id)).all()) == 2500


def test_a_roster_that_nobody_takes_over_is_forgotten_after_a_week(one, noon):
    done = taken(one, "ada@stadt.example\n", evidence=EVIDENCE, at=noon)
    hand_in(one, b"bo@stadt.example\n", file_name="alt.csv", evidence="", by="buero@next.example", at=noon)
    week = noon + timedelta(days=7)
    assert (count_unbegun_imports(at=week), forget_unbegun_imports(at=week)) == (0, 0)

    later = week + timedelta(seconds=1)

    assert (count_unbegun_imports(at=later), forget_unbegun_imports(at=later)) == (1, 1)
    assert database.session.scalars(select(ListImport.id)).all() == [done.id]
