"""Writing to a list by mail: stored, judged, passed on to each once; what must not be, is not (M-16 to M-22)."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from unittest.mock import Mock

import pytest
from sqlalchemy import func, select

from nextevents.ground.files import File
from nextevents.ground.mail_addresses import address_of
from nextevents.mailing import messages_of_posts, queries, services
from nextevents.mailing.addresses import links_of, unsubscribe_token
from nextevents.mailing.carrier import KeepingCarrier
from nextevents.mailing.forms import Press, Sender
from nextevents.mailing.models import (
    Delivery,
    Form,
    InboundMail,
    InboundState,
    Message,
    Moderation,
    Post,
    Posting,
    PostState,
    Readers,
    Replies,
    SubscriptionState,
)
from nextevents.mailing.services.receiving import is_expected
from nextevents.mailing.tasks import Round
from nextevents.newsroom import tasks
from tests.factories import NOON, make_community, make_lead, make_person
from tests.mailing.campaigns import make_mailbox, subscribe
from tests.mailing.discussions import ADA, arrives, letter, make_discussion
from tests.mailing.letters import BORDER, nested

PARTS = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
SENDER = Sender("termine@next.example", "NExT e. V.", "ruecklauf@next.example")


@pytest.fixture(autouse=True)
def _noon(db, app, time_machine, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_BORDER", BORDER)
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def ada(db):
    return make_mailbox(ADA)


@pytest.fixture
def austausch(db, ada):
    one = make_discussion()
    subscribe(one, ada)
    for number in range(3):
        subscribe(one, make_mailbox(f"p{number}@amt.example", language="en" if number else "de"))
    return one


def posts(db):
    return db.scalars(select(Post).order_by(Post.id)).all()


def written(db, kind="post"):
    return db.scalars(select(Message).where(Message.kind == kind).order_by(Message.recipient, Message.id)).all()


def printed(db, message):
    press = Press(db.get(Form, message.form_key), SENDER)
    content = press.print(
        to=message.recipient, message_id=message.message_id, date=message.created_at,
        values=message.values, links=links_of(message.list_id, message.mailbox_id),
    )  # fmt: skip
    return message_from_bytes(content, policy=default), content


# ── Addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("austausch@next.example", True),
        ("Austausch@NEXT.example", True),
        ("austausch+owner@next.example", True),
        ("austausch+subscribe@next.example", True),
        ("austausch+unsubscribe@next.example", True),
        ("austausch+confirm@next.example", True),
        ("austausch+anything@next.example", False),
        ("nichts@next.example", False),
        ("austausch@evil.example", False),
    ],
)
def test_lists_take_mail_to_themselves_and_to_their_tasks(austausch, address, is_ours):
    assert is_expected(address) is is_ours


def test_a_closed_list_takes_no_mail_and_an_earlier_address_leads_on(austausch):
    services.remember_slug(austausch, "frueher")
    assert is_expected("frueher@next.example")

    services.close_list(austausch, at=NOON)

    assert not is_expected("austausch@next.example")


# ── To everybody ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_post_goes_to_each_subscriber_once_the_author_too(db, austausch):
    mail = arrives(letter())
    tasks.read_list_mails()
    tasks.pass_on_posts()

    assert (mail.state, mail.note) == (InboundState.DONE, "accepted")
    assert [one.recipient for one in written(db)] == [ADA, "p0@amt.example", "p1@amt.example", "p2@amt.example"]
    assert {one.priority for one in written(db)} == {7}


def test_whoever_collects_pauses_has_left_or_is_suspended_gets_no_single_mail(db, austausch):
    for number, values in enumerate(
        ({"delivery": Delivery.DAILY}, {"delivery": Delivery.PAUSED}, {"state": SubscriptionState.ENDED})
    ):
        subscribe(austausch, make_mailbox(f"x{number}@amt.example"), **values)
    subscribe(austausch, make_mailbox("tot@amt.example", suspended_at=NOON))

    arrives(letter())

    assert len(written(db)) == 4


def test_the_mail_shows_the_list_and_keeps_the_authors_thread(db, austausch):
    references = "<" + "a" * 90 + "@stadt.example> <0@stadt.example>"
    content = letter(headers={"DKIM-Signature": "v=1; a=x", "Cc": "geheim@amt.example"})
    arrives(f"References: {references}\r\n".encode() + content)

    mail, content = printed(db, written(db)[1])

    assert mail["From"] == '"Beispiel, Ada über Gespräch austausch" <austausch@next.example>'
    assert mail["To"] == "austausch@next.example"
    assert mail["Reply-To"] == '"Beispiel, Ada" <ada@stadt.example>'
    assert mail["Subject"] == "[austausch] Frage an alle"
    assert mail["Message-ID"] == "<1@stadt.example>"
    assert str(mail["References"]).split() == references.split()
    assert mail["In-Reply-To"] == "<0@stadt.example>"
    assert "austausch.next.example" in mail["List-Id"]
    assert mail["List-Post"] == "<mailto:austausch@next.example>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["X-Loop"] == "austausch@next.example"
    assert mail["Precedence"] == "list"
    assert mail["Auto-Submitted"] is None
    assert mail["DKIM-Signature"] is None
    assert b"geheim@amt.example" not in content
    assert "Wer hat Erfahrung" in mail.get_body(["plain"]).get_content()
    assert "/verteiler/abmelden/" in mail.get_body(["plain"]).get_content()


def test_answers_go_to_the_list_where_it_wants_that(db, austausch):
    austausch.replies = Replies.LIST
    arrives(letter())

    mail, _content = printed(db, written(db)[1])

    assert mail["Reply-To"] == "austausch@next.example"
    assert "an alle auf dem Verteiler" in mail.get_body(["plain"]).get_content()


def test_a_signed_mail_is_passed_on_byte_for_byte(db, austausch):
    sealed = (
        b'Content-Type: multipart/signed; boundary="s";\r\n protocol="application/pkcs7-signature"; micalg=sha-256\r\n'
        b"\r\nThis is signed.\r\n--s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGenau  so. \r\n"
        b"--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--s--\r\n"
    )
    head = letter().partition(b"Content-Type")[0].replace(b"\n", b"\r\n")
    head = b"\r\n".join(one for one in head.split(b"\r\n") if one and not one.startswith(b"MIME"))

    arrives(head + b"\r\n" + sealed)

    [post] = posts(db)
    mail, content = printed(db, written(db)[1])
    assert (post.is_signed, post.text) == (True, "Genau  so.")
    assert content.endswith(sealed.partition(b"\r\n\r\n")[2])
    assert mail.get_content_type() == "multipart/signed"
    assert mail["From"].addresses[0].addr_spec == "austausch@next.example"


def test_attachments_are_stored_and_linked_and_what_we_do_not_take_is_named(db, austausch):
    arrives(letter(files={"plan.pdf": b"%PDF-1.7 x", "los.exe": b"MZ"}))

    [post] = posts(db)
    assert [one.file.name for one in post.files] == ["plan.pdf"]
    assert "los.exe" in post.text
    text = printed(db, written(db)[1])[0].get_body(["plain"]).get_content()
    assert re.search(rf"/verteiler/austausch/archiv/lesen/[\w-]{{32}}/datei/{post.files[0].id}\s", text)


def test_words_of_authors_mean_nothing_to_our_forms(db, austausch):
    arrives(letter("\ue000preferences_url\ue001 {{7*7}} <script>alert(1)</script>\n", subject="\ue000name\ue001"))

    mail, _content = printed(db, written(db)[1])

    text, html = (mail.get_body([kind]).get_content() for kind in ("plain", "html"))
    assert "preferences_url {{7*7}} <script>" in text
    assert "<script" not in html


def test_a_list_by_rule_reaches_whom_it_names(db, ada):
    make_discussion("alle", rule="members", posting=Posting.EVERYBODY)

    mail = arrives(letter(), to="alle@next.example")

    assert mail.note == "accepted"
    assert written(db) == []


# ── What stops a mail ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("headers", "sender", "note"),
    [
        ({"Auto-Submitted": "auto-replied"}, ADA, "automatic answer"),
        ({"Auto-Submitted": "auto-generated"}, ADA, "automatic answer"),
        ({"X-Autoreply": "yes"}, ADA, "automatic answer"),
        ({"Precedence": "bulk"}, ADA, "sent to many"),
        ({"Precedence": "list"}, ADA, "sent to many"),
        ({"List-Id": "<andere.liste.example>"}, ADA, "sent to many"),
        ({"List-Id": "Gespräch <austausch.next.example>"}, ADA, "loop"),
        ({"X-Loop": "austausch@next.example"}, ADA, "loop"),
        ({}, "", "empty sender"),
    ],
)
def test_machines_and_loops_are_dropped_and_never_answered(db, austausch, headers, sender, note):
    mail = arrives(letter(headers=headers), sender=sender)

    assert (mail.state, mail.note) == (InboundState.DROPPED, note)
    assert posts(db) == []
    assert db.scalar(select(func.count(Message.id))) == 0


def test_a_mail_that_went_through_too_many_hands_is_dropped(db, austausch):
    content = b"Received: from a by b; x\r\n" * 26 + letter()

    assert arrives(content).note == "too many stations"


def test_the_same_mail_twice_is_one_post(db, austausch):
    arrives(letter())
    mail = arrives(letter("Noch einmal, auf anderem Weg.\n"))

    assert (mail.state, mail.note) == (InboundState.DROPPED, "seen before")
    assert len(posts(db)) == 1
    assert len(written(db)) == 4


def test_a_mail_without_an_identity_gets_one(db, austausch):
    mail = arrives(letter(message_id=""))

    assert posts(db)[0].message_id == f"<post-{mail.id}@next.example>"


def test_two_lists_on_each_other_go_in_no_circle(db, austausch):
    """Both hold the other's address, as an import of old rosters could bring it."""
    other = make_discussion("zweite", posting=Posting.EVERYBODY)
    subscribe(austausch, make_mailbox("zweite@next.example"))
    subscribe(other, make_mailbox("austausch@next.example"))
    arrives(letter())

    for _turn in range(3):
        for message in written(db):
            if message.recipient.endswith("@next.example"):
                arrives(printed(db, message)[1], to=message.recipient, sender="bounces+x@next.example")

    assert len(posts(db)) == 1
    states = db.scalars(select(InboundMail.note).where(InboundMail.recipient == "zweite@next.example")).all()
    assert states == ["loop"]


def test_mails_that_wait_anyway_shut_the_list_for_nobody(db, austausch):
    for number in range(31):
        arrives(letter(proved=False, message_id=f"<f{number}@evil.example>"))

    assert arrives(letter()).note == "accepted"


def test_a_flood_waits_for_a_person(db, austausch):
    for number in range(31):
        arrives(letter(message_id=f"<{number}@stadt.example>"))

    assert [one.state for one in posts(db)].count(PostState.ACCEPTED) == 30
    assert "ungewöhnlich viele" in posts(db)[-1].reason


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (nested(1200), "too deep"),
        (
            b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\ny\r\n" * 1200,
            "too many",
        ),
    ],
)
def test_bombs_are_parked_with_a_reason(db, austausch, content, note):
    mail = arrives(content)

    assert mail.state == InboundState.REVIEW
    assert mail.note.startswith(note)


@pytest.mark.parametrize(
    "content",
    [
        b"From: ada@stadt.example\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe",
        b"From: ada@stadt.example\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%",
        b"From: ada@stadt.example\r\nContent-Type: multipart/mixed\r\n\r\nohne Grenze",
        b"From: ada@stadt.example\r\nDate: Thu, 1 Jan 2099 00:00:00 +0000\r\nMessage-ID: \xff<>\r\n\r\nx",
    ],
)
def test_broken_mails_are_held_at_our_own_time(db, austausch, content):
    mail = arrives(content)

    assert mail.note == "held"
    assert posts(db)[0].received_at == NOON


def test_answers_come_in_the_language_of_whoever_wrote_and_letters_in_that_of_the_keeper(db, austausch):
    make_person("kim@next.example", office=True, language="en")
    make_mailbox("eve@stadt.example", language="en")
    for author in ("eve@stadt.example", "neu@stadt.example"):
        arrives(letter(author=author, message_id=f"<{author}>"), sender=author)
        services.reject_post(posts(db)[-1], "No.", by="kim@next.example", at=NOON)
        db.commit()
    p1 = "p1@amt.example"
    arrives(letter(author=p1, message_id="<3@x.example>", proved=False), to="austausch+unsubscribe@next.example")
    arrives(letter(message_id="<4@x.example>"), to="austausch+owner@next.example")

    kinds = ("post_waits", "post_rejected", "how_to_leave", "to_keepers")
    mails = {kind: [(one.recipient[:3], printed(db, one)[0]) for one in written(db, kind)] for kind in kinds}
    languages = {kind: [(who, mail["Content-Language"]) for who, mail in some] for kind, some in mails.items()}
    assert languages == {
        "post_waits": [("eve", "en"), ("neu", "de")],
        "post_rejected": [("eve", "en"), ("neu", "de")],
        "how_to_leave": [("p1@", "en")],
        "to_keepers": [("kim", "en")],
    }
    assert [mail["Subject"][:3] for _who, mail in mails["post_waits"]] == ["You", "Ihr"]


# ── Who may write ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_forged_author_waits_and_is_not_answered(db, austausch):
    mail = arrives(letter(proved=False, subject="<b>Eilt</b>"))

    [post] = posts(db)
    assert (mail.note, post.state) == ("held", PostState.HELD)
    assert "nicht bewiesen" in post.reason
    assert written(db) == []
    assert written(db, "post_waits") == []


def test_who_is_not_on_the_list_waits_and_is_told_once_a_week(db, austausch):
    eve = "eve@stadt.example"
    for number in range(3):
        arrives(letter(author=eve, message_id=f"<e{number}@stadt.example>"), sender=eve)

    assert {one.state for one in posts(db)} == {PostState.HELD}
    [answer] = written(db, "post_waits")
    assert answer.values == {"is_answer": True}
    assert printed(db, answer)[0]["Auto-Submitted"] == "auto-replied"


def test_automatic_answers_leave_with_an_empty_sender(db, austausch, tmp_path):
    arrives(letter(author="eve@stadt.example"), sender="eve@stadt.example")
    carrier = KeepingCarrier()
    carrier.send = Mock(return_value="250")

    Round(carrier, SENDER, tmp_path).deliver()

    assert [one.kwargs["sender"] for one in carrier.send.call_args_list] == [""]


def test_newcomers_wait_until_one_post_of_theirs_was_accepted(db, austausch):
    austausch.moderation = Moderation.NEWCOMERS
    arrives(letter())
    services.accept_post(posts(db)[0], by="kim@stadt.example", at=NOON)

    arrives(letter(message_id="<2@stadt.example>"))

    assert [one.state for one in posts(db)] == [PostState.ACCEPTED, PostState.ACCEPTED]
    assert len(written(db)) == 8


def test_where_all_are_moderated_only_keepers_write_at_once(db, ada):
    circle = make_community("kreis")
    make_lead(make_person(ADA), circle)
    make_discussion(subject=f"community:{circle.id}", moderation=Moderation.EVERYBODY, posting=Posting.KEEPERS)

    arrives(letter())
    arrives(letter(author="eve@stadt.example", message_id="<2@stadt.example>"), sender="eve@stadt.example")

    assert [one.state for one in posts(db)] == [PostState.ACCEPTED, PostState.HELD]


def test_where_nobody_posts_the_keepers_read_it(db, ada):
    make_person("kim@next.example", office=True)
    make_discussion(posting=Posting.NOBODY)

    arrives(letter())

    [mail] = written(db, "to_keepers")
    assert (mail.recipient, mail.values["reply_to"]) == ("kim@next.example", ADA)
    assert posts(db) == []


# ── Tasks by mail ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_subscribes_by_mail_and_confirms_by_answering(db, austausch, time_machine):
    eve = "eve@stadt.example"
    arrives(letter(author=eve, proved=False), to="austausch+subscribe@next.example", sender=eve)
    [asked] = written(db, "confirm_subscription")
    asked.sent_at = NOON
    assert asked.values["reply_to"] == "austausch+confirm@next.example"
    mailbox = queries.mailbox_with_key(eve)
    assert queries.subscription(austausch, mailbox).state == SubscriptionState.REQUESTED
    later = NOON + timedelta(minutes=5)
    time_machine.move_to(later, tick=False)
    confirm = "austausch+confirm@next.example"
    answer = letter(author=eve, headers={"In-Reply-To": asked.message_id}, message_id="<9@x.example>")

    forged = arrives(letter(author=eve, headers={"In-Reply-To": "<x@y.example>"}), to=confirm, sender=eve, at=later)
    absent = arrives(answer.replace(b"Subject:", b"Auto-Submitted: auto-replied\nSubject:"), to=confirm, at=later)
    assert queries.subscription(austausch, mailbox).state == SubscriptionState.REQUESTED
    mail = arrives(answer, to=confirm, sender=eve, at=later)

    assert (forged.note, absent.note, mail.note) == ("not confirmed", "automatic answer", "confirmed")
    assert queries.subscription(austausch, mailbox).state == SubscriptionState.ACTIVE


def test_whoever_answers_within_a_minute_is_believed_if_the_mail_is_proved(db, austausch):
    eve, confirm = "eve@stadt.example", "austausch+confirm@next.example"
    arrives(letter(author=eve), to="austausch+subscribe@next.example", sender=eve)
    [asked] = written(db, "confirm_subscription")
    asked.sent_at = NOON
    headers = {"In-Reply-To": asked.message_id}

    def note(message_id, **how):
        return arrives(letter(headers=headers, message_id=message_id, **how), to=confirm, sender=eve).note

    assert note("<1@x.example>", author=eve, proved=False) == "not confirmed"
    assert note("<2@x.example>", author="x@stadt.example") == "not confirmed"
    assert note("<3@x.example>", author=eve) == "confirmed"
    [consent] = queries.proofs_of([eve])
    assert (consent.confirmed_at, consent.confirmed_by) == (NOON, "mail")


def test_one_leaves_by_the_signed_word_whoever_sends_it(db, austausch, ada):
    subject = f"Re: {unsubscribe_token(austausch.id, ada.id)}"

    arrives(letter(subject=subject, proved=False, author="x@y.example"), to="austausch+unsubscribe@next.example")

    assert queries.subscription(austausch, ada).state == SubscriptionState.ENDED


def test_without_the_word_whoever_is_proved_leaves_and_others_get_a_link(db, austausch, ada):
    leave = "austausch+unsubscribe@next.example"
    for _time in range(2):
        arrives(letter(proved=False), to=leave)
    assert queries.subscription(austausch, ada).state == SubscriptionState.ACTIVE
    assert len(written(db, "how_to_leave")) == 1

    arrives(letter(), to=leave)

    assert queries.subscription(austausch, ada).state == SubscriptionState.ENDED


# ── Collected ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_collected_posts_come_once_a_day(db, austausch, time_machine):
    subscribe(austausch, make_mailbox("tag@amt.example"), delivery=Delivery.DAILY)
    subscribe(austausch, make_mailbox("woche@amt.example"), delivery=Delivery.WEEKLY)
    db.commit()
    tasks.send_digests()
    arrives(letter())
    arrives(letter("Ich!\n", subject="Re: Frage", message_id="<2@stadt.example>"))

    tasks.send_digests()
    assert written(db, "digest") == []
    for hours in (20, 21, 44, 68):  # Sunday at nine, at ten, Monday, Tuesday
        time_machine.move_to(NOON + timedelta(hours=hours), tick=False)
        tasks.send_digests()
        tasks.send_digests()

    mails = written(db, "digest")
    assert [one.recipient for one in mails] == ["tag@amt.example", "woche@amt.example"]
    text = printed(db, mails[0])[0].get_body(["plain"]).get_content()
    assert "Wer hat Erfahrung" in text
    assert "Ich!" in text


def test_a_post_that_was_accepted_late_comes_with_the_next_digest(db, austausch, time_machine):
    subscribe(austausch, make_mailbox("tag@amt.example"), delivery=Delivery.DAILY)
    arrives(letter(proved=False, subject="Wartet"))
    arrives(letter(message_id="<2@stadt.example>", subject="Geht"))
    time_machine.move_to(NOON + timedelta(hours=20), tick=False)
    tasks.send_digests()
    services.accept_post(posts(db)[0], by="kim@next.example", at=NOON + timedelta(hours=20))
    db.commit()
    tasks.pass_on_posts()
    time_machine.move_to(NOON + timedelta(hours=44), tick=False)
    tasks.send_digests()

    texts = [printed(db, one)[0].get_body(["plain"]).get_content() for one in written(db, "digest")]
    assert [("Geht" in one, "Wartet" in one) for one in texts] == [(True, False), (False, True)]


def test_more_posts_than_a_digest_holds_come_in_the_next_one_and_the_subject_says_so(db, austausch, time_machine):
    subscribe(austausch, make_mailbox("tag@amt.example"), delivery=Delivery.DAILY)
    for number in range(120):
        passed_on = NOON + timedelta(seconds=20 * number)  # three a minute: the limit falls within one
        post = make_post(austausch, f"<{number}@stadt.example>", passed_on_at=passed_on)
        db.add(post)
    db.commit()
    time_machine.move_to(NOON + timedelta(hours=20), tick=False)
    for _turn in range(5):
        tasks.send_digests()

    mails = sorted(written(db, "digest"), key=lambda one: one.id)
    subjects = [printed(db, one)[0]["Subject"] for one in mails]
    assert subjects == [
        "[austausch] Neues im Verteiler: 51 Beiträge, weitere folgen",
        "[austausch] Neues im Verteiler: 51 Beiträge, weitere folgen",
        "[austausch] Neues im Verteiler: 18 Beiträge",
    ]
    texts = "".join(printed(db, one)[0].get_body(["plain"]).get_content() for one in mails)
    assert re.findall(r"Betreff (\d+)", texts) == [str(number) for number in range(120)]


def test_a_list_whose_digest_fails_keeps_no_other_waiting(db, austausch, time_machine, monkeypatch):
    other = make_discussion("zweite")
    for one in (austausch, other):
        subscribe(one, make_mailbox(f"{one.slug}@amt.example"), delivery=Delivery.DAILY)
        db.add(make_post(one, "<d@stadt.example>", passed_on_at=NOON))
    db.commit()
    time_machine.move_to(NOON + timedelta(hours=20), tick=False)
    set_digest = messages_of_posts.forms_of_digest
    fails = Mock(side_effect=lambda one, *args, **kwargs: set_digest(one, *args, **kwargs) if one == other else 1 / 0)
    monkeypatch.setattr(messages_of_posts, "forms_of_digest", fails)

    tasks.send_digests()
    assert [one.recipient for one in written(db, "digest")] == ["zweite@amt.example"]

    monkeypatch.undo()
    tasks.send_digests()
    assert [one.recipient for one in written(db, "digest")] == ["austausch@amt.example", "zweite@amt.example"]


@pytest.mark.parametrize(
    ("archive", "length", "says"),
    [
        (Readers.SUBSCRIBERS, 2_000, "Wie es weitergeht, steht im Archiv."),
        (Readers.NOBODY, 80_000 - 30_001 - 5, "austausch+owner@next.example"),
    ],
)
def test_what_a_digest_cuts_can_be_read_elsewhere_and_files_are_named(
    db, austausch, time_machine, archive, length, says
):
    austausch.archive = archive
    subscribe(austausch, make_mailbox("tag@amt.example"), delivery=Delivery.DAILY)
    arrives(letter("a" * 30_000 + "z\n", files={"plan.pdf": b"%PDF-1.7 x"}))
    for number, text in enumerate(("Kurz.", "b" * 100_000)):
        db.add(make_post(austausch, f"<d{number}@stadt.example>", text=text, passed_on_at=NOON))
    db.commit()
    time_machine.move_to(NOON + timedelta(hours=20), tick=False)
    tasks.send_digests()

    mail = printed(db, written(db, "digest")[0])[0]
    bodies = [mail.get_body([kind]).get_content() for kind in ("plain", "html")]
    for body in bodies:
        assert max(map(len, re.findall("b+", body))) == length
        assert ("a" * 30_000 + "z" in body) is (archive == Readers.NOBODY)
        assert "Kurz." in body
        assert says in body
        assert "plan.pdf" in body
        assert f"/datei/{posts(db)[0].files[0].id}" in body
        assert ("beitrag-" in body) is (archive != Readers.NOBODY)
    assert bodies[0].count("\n\n\n") == 0


def make_post(one, message_id, **values):
    number = message_id.partition("@")[0].strip("<")
    known = {
        "list_id": one.id, "author_name": "Ada", "author_address": ADA, "subject": f"Betreff {number}",
        "message_id": message_id, "received_at": NOON, "state": PostState.ACCEPTED, "text": "Hallo",
    }  # fmt: skip
    return Post(**(known | values))


# ── The author's own ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_somebody_wrote_is_in_their_export_and_nameless_once_they_are_erased(db, austausch):
    arrives(letter())
    address = address_of(ADA)

    [exported] = services.portable(address)["posts"]
    assert (exported["subject"], exported["name"]) == ("Frage an alle", "Beispiel, Ada")
    services.erase_mailbox(address, keep_away=False, at=NOON)

    [post] = posts(db)
    assert (post.author_name, post.author_address, post.mailbox_id) == ("", "", None)
    assert "beispiel" not in post.search_text
    assert services.portable(address)["posts"] == []


def test_what_nobody_wanted_is_forgotten_with_its_files(db, austausch):
    arrives(letter(proved=False, files={"plan.pdf": b"%PDF-1.7 x"}))
    arrives(letter(message_id="<2@stadt.example>"))

    assert services.count_unwanted_posts(at=NOON + timedelta(days=89)) == 0
    assert services.forget_unwanted_posts(at=NOON + timedelta(days=91)) == 1
    assert [one.state for one in posts(db)] == [PostState.ACCEPTED]
    assert db.scalar(select(func.count(File.id))) == 0


def test_a_mail_of_a_list_reads_so(db, austausch, snapshot):
    arrives(letter("Wer hat Erfahrung damit?\n\n> und wer nicht\n", files={"plan.pdf": b"%PDF-1.7 x"}))
    arrives(letter(author="eve@stadt.example", message_id="<2@x.example>"), sender="eve@stadt.example")

    mails = [printed(db, one)[0] for one in (written(db)[1], written(db, "post_waits")[0])]

    read = [(one["Subject"], masked(one.get_body(["plain"]).get_content())) for one in mails]
    assert read == snapshot


def masked(text: str) -> str:
    """Without what differs from run to run: tokens and numbers of rows."""
    return re.sub(r"/datei/\d+|/\d+/#beitrag-\d+", "/…", re.sub(r"[\w-]{32}=?", "TOKEN", text))
