"""Signing in and confirming by mail: rules A-01 to A-05 and A-09 to A-11 through the door that everybody uses."""

import re
from datetime import timedelta
from hashlib import sha256
from itertools import cycle

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from nextevents.events.models import Registration, State
from nextevents.ground.database import Model
from nextevents.ground.database import db as database
from nextevents.mailing.models import Message
from nextevents.people.models import BrowserSession, Person, Proof
from tests.factories import NOON, make_event
from tests.house.letters import last_letter, letters
from tests.house.more_letters import write_every_other_kind
from tests.house.visitors import Visitor, bare, page_of, text_of
from tests.house.world import ADDRESSES, LEAD, PARTICIPANT, House
from tests.kinds_of_mail import every_kind

ASK, CODE = "/konto/anmelden/", "/konto/anmelden/code/"
REGISTER, ASKED = "/veranstaltungen/offen/anmeldung", "/veranstaltungen/offen/angemeldet"
ADA = "ada@stadt-bekannt.example"
ENDS = "Der Code stimmt nicht oder ist abgelaufen"


def asking(house: House, address: str = ADDRESSES[LEAD]) -> Visitor:
    """A browser that has asked for a mail to sign in with."""
    visitor = house.visitor()
    assert visitor.send(ASK, {"email": address}).status_code == 303
    return visitor


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/konto/").status_code == 200


def registering(house: House, path: str = REGISTER, visitor: Visitor | None = None, **fields: str) -> Visitor:
    """A browser that has registered somebody new."""
    visitor = visitor or house.visitor()
    typed = {"name": "Ada Neu", "email": ADA, "organisation": ""} | fields
    assert visitor.send(path, typed).status_code == 303
    return visitor


def states(address: str = ADA) -> list[State]:
    """How somebody's registrations stand, the oldest first."""
    database.session.expire_all()
    chosen = select(Registration.state).join(Registration.person).where(Person.address_key == address)
    return list(database.session.scalars(chosen.order_by(Registration.id)))


# ── Link and code ───────────────────────────────────────────────────────────────────────────────────────


def test_the_code_signs_in_the_browser_that_asked(house):
    visitor = asking(house)

    answer = visitor.send(CODE, {"code": last_letter(house, ADDRESSES[LEAD]).code})

    assert (answer.status_code, answer.location) == (303, "/konto/")
    assert is_in(visitor)


def test_the_button_behind_the_link_is_enough_in_the_browser_that_asked(house):
    visitor = asking(house)
    link = last_letter(house, ADDRESSES[LEAD]).link("/konto/anmelden/")

    page = visitor.get(link)
    assert ADDRESSES[LEAD] in text_of(page)
    assert page_of(page).find("input", {"name": "code"}) is None
    assert not is_in(visitor)

    assert visitor.send(link).location == "/konto/"
    assert is_in(visitor)


def test_in_any_other_browser_the_link_wants_the_code_as_well(house):
    asking(house)
    letter, elsewhere = last_letter(house, ADDRESSES[LEAD]), house.visitor()
    link = letter.link("/konto/anmelden/")
    assert page_of(elsewhere.get(link)).find("input", {"name": "code"})

    assert (elsewhere.send(link).status_code, is_in(elsewhere)) == (422, False)
    assert (elsewhere.send(link, {"code": "000000"}).status_code, is_in(elsewhere)) == (422, False)
    assert (elsewhere.send(link, {"code": letter.code}).status_code, is_in(elsewhere)) == (303, True)


def test_the_code_alone_is_nothing_in_a_browser_that_did_not_ask(house):
    asking(house)
    code, elsewhere = last_letter(house, ADDRESSES[LEAD]).code, house.visitor()

    assert elsewhere.send(CODE, {"code": code}).status_code == 422
    assert not is_in(elsewhere)


def test_the_code_belongs_to_the_attempt_that_was_asked_for(house):
    """Somebody who asks for their own mail cannot use another's, nor the other way round."""
    own, other = asking(house, ADDRESSES[LEAD]), asking(house, ADDRESSES[PARTICIPANT])
    code_of_other = last_letter(house, ADDRESSES[PARTICIPANT]).code

    assert own.send(CODE, {"code": code_of_other}).status_code == 422
    assert (is_in(own), is_in(other)) == (False, False)


# ── Once, ten minutes, five tries ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", ["code", "link"])
def test_link_and_code_work_once(house, way):
    visitor = asking(house)
    letter = last_letter(house, ADDRESSES[LEAD])
    link = letter.link("/konto/anmelden/")
    twin = house.visitor()
    twin.set_cookie("next", visitor.get_cookie("next").value)
    answer = visitor.send(CODE, {"code": letter.code}) if way == "code" else visitor.send(link)
    assert answer.status_code == 303

    assert twin.send(CODE, {"code": letter.code}).status_code == 422
    assert twin.send(link).status_code == 422
    assert house.visitor().send(link, {"code": letter.code}).status_code == 422
    assert "gilt nicht mehr" in text_of(twin.get(link))
    assert not is_in(twin)


@pytest.mark.parametrize(("minutes", "status"), [(9.9, 303), (10, 422)])
def test_link_and_code_work_for_ten_minutes(house, world_clock, minutes, status):
    one, other = asking(house), asking(house)
    first, second = letters(house, ADDRESSES[LEAD])[-2:]

    world_clock.move_to(NOON + timedelta(minutes=minutes), tick=False)

    assert one.send(first.link("/konto/anmelden/")).status_code == status
    assert other.send(CODE, {"code": second.code}).status_code == status


def test_five_wrong_codes_end_the_attempt_for_code_and_link(house):
    visitor = asking(house)
    letter = last_letter(house, ADDRESSES[LEAD])
    wrong = f"{(int(letter.code) + 1) % 1_000_000:06d}"

    answers = [visitor.send(CODE, {"code": wrong}) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [422] * 5
    assert "zu oft falsch" in text_of(answers[-1])
    assert visitor.send(CODE, {"code": letter.code}).status_code == 422
    assert visitor.send(letter.link("/konto/anmelden/")).status_code == 422
    assert not is_in(visitor)


def test_four_wrong_codes_leave_one_try(house):
    visitor = asking(house)
    code = last_letter(house, ADDRESSES[LEAD]).code
    for _ in range(4):
        visitor.send(CODE, {"code": f"{(int(code) + 1) % 1_000_000:06d}"})

    assert visitor.send(CODE, {"code": code}).status_code == 303


@pytest.mark.parametrize("typed", ["{}{}{} {}{}{}", " {}{}{}{}{}{} ", "{}{}{}-{}{}{}"])
def test_a_code_may_be_typed_with_blanks_and_hyphens(house, typed):
    visitor = asking(house)

    assert visitor.send(CODE, {"code": typed.format(*last_letter(house, ADDRESSES[LEAD]).code)}).status_code == 303


def test_an_older_code_is_good_until_a_newer_one_is_used(house):
    visitor = asking(house)
    visitor.send(ASK, {"email": ADDRESSES[LEAD]})
    first, second = letters(house, ADDRESSES[LEAD])[-2:]
    elsewhere = house.visitor()

    assert visitor.send(CODE, {"code": first.code}).status_code == 303
    assert elsewhere.send(second.link("/konto/anmelden/"), {"code": second.code}).status_code == 303


def test_a_used_code_ends_the_older_ones(house):
    visitor = asking(house)
    visitor.send(ASK, {"email": ADDRESSES[LEAD]})
    first, second = letters(house, ADDRESSES[LEAD])[-2:]
    visitor.send(CODE, {"code": second.code})

    assert house.visitor().send(first.link("/konto/anmelden/"), {"code": first.code}).status_code == 422


def test_who_asks_too_often_can_still_use_the_last_mail(house):
    visitor = asking(house)
    for _ in range(4):
        visitor.send(ASK, {"email": ADDRESSES[LEAD]})
    mails = letters(house, ADDRESSES[LEAD])

    assert len(mails) == 3
    assert visitor.send(CODE, {"code": mails[-1].code}).status_code == 303


def test_nothing_that_signs_in_is_stored_as_it_is(house):
    """Neither the code nor the cookie's secret can be read from the database (ASVS 6.6.2, 7.2)."""
    visitor = asking(house)
    letter = last_letter(house, ADDRESSES[LEAD])
    visitor.send(CODE, {"code": letter.code})
    with visitor.session_transaction() as session:
        secret = session["_user_id"]
    stored = [database.session.execute(select(*kind.__table__.columns)).all() for kind in (Proof, BrowserSession)]

    assert secret not in str(stored)
    assert sha256(secret.encode()).hexdigest() in str(stored)
    assert letter.code not in str(stored)
    assert len(secret) >= 22  # 128 bits in base64


# ── How many mails ──────────────────────────────────────────────────────────────────────────────────────


def test_an_address_gets_three_mails_to_sign_in_within_a_quarter_of_an_hour_and_ten_a_day(house, world_clock):
    counts = []
    for quarter in range(6):
        world_clock.move_to(NOON + timedelta(minutes=16 * quarter), tick=False)
        for _ in range(5):
            asking(house)
        counts.append(len(letters(house, ADDRESSES[LEAD])))

    world_clock.move_to(NOON + timedelta(hours=25), tick=False)
    asking(house)

    assert counts == [3, 6, 9, 10, 10, 10]
    assert len(letters(house, ADDRESSES[LEAD])) == 11


def test_different_spellings_of_an_address_are_one_address(house):
    for address in (ADDRESSES[LEAD], ADDRESSES[LEAD].upper(), ADDRESSES[LEAD].title(), f" {ADDRESSES[LEAD]} "):
        asking(house, address)

    assert database.session.scalar(select(func.count()).where(Message.kind == "sign_in")) == 1 + 3


def test_a_victim_gets_three_mails_a_day_whatever_strangers_register_it_for(house, world_clock):
    """Bad input 65: one confirmation per address and hour, three a day."""
    slugs = [make_event(starts=(NOON + timedelta(days=30)).replace(tzinfo=None)).slug for _ in range(24)]
    database.session.commit()
    for hour, slug in enumerate(slugs):
        world_clock.move_to(NOON + timedelta(minutes=59 * hour), tick=False)
        registering(house, f"/veranstaltungen/{slug}/anmeldung")

    assert [letter.kind for letter in letters(house, ADA)] == ["confirm_address"] * 3


def test_three_hundred_people_behind_one_address_of_a_network_sign_in_within_five_minutes(house):
    visitor = house.visitor()
    token = visitor.form_token()

    statuses = {
        visitor.post(ASK, data={"csrf_token": token, "email": f"person{number}@amt.example"}).status_code
        for number in range(300)
    }

    assert statuses == {303}


def test_known_and_unknown_addresses_cannot_be_told_apart(house):
    """Bad input 80: the same status, page, cookie and number of mails; without mails left, the same still."""

    def answers(address: str) -> tuple[object, ...]:
        visitor = house.visitor()
        asked = visitor.send(ASK, {"email": address})
        followed = visitor.get(asked.location)
        typed = visitor.send(CODE, {"code": "000000"})
        with visitor.session_transaction() as session:
            kept = sorted(session)
        return asked.status, asked.location, followed.status, bare(followed), typed.status, bare(typed), kept

    known, unknown = ADDRESSES[PARTICIPANT], "niemand.hier@stadt-bekannt.example"
    assert answers(known) == answers(unknown)
    assert (mails_to_sign_in(known), mails_to_sign_in(unknown)) == (1, 1)

    for _ in range(3):
        answers(known)
    assert answers(known) == answers(unknown)


def mails_to_sign_in(address: str) -> int:
    """How many an address has got."""
    chosen = select(func.count()).where(Message.recipient == address, Message.kind == "sign_in")
    return database.session.scalar(chosen) or 0


def test_registering_does_not_tell_whether_somebody_is_known_or_registered(house):
    def answers(address: str) -> tuple[object, ...]:
        visitor = house.visitor()
        typed = {"name": "Irgendwer", "email": address, "organisation": ""}
        asked = visitor.send(REGISTER, typed)
        followed = visitor.get(asked.location)
        return asked.status, asked.location, followed.status, bare(followed)

    before = database.session.scalar(select(func.count(Message.id)))
    registered, known, unknown = (answers(one) for one in (ADDRESSES[PARTICIPANT], ADDRESSES[LEAD], ADA))

    assert registered == known == unknown
    assert database.session.scalar(select(func.count(Message.id))) == before + 3


# ── Confirming a registration (guarantee G22) ────────────────────────────────────────────────────────────────────────


def test_the_code_confirms_the_registration_in_the_browser_that_asked(house):
    visitor = registering(house)
    assert states() == [State.UNCONFIRMED]

    answer = visitor.send(ASKED, {"code": last_letter(house, ADA).code})

    assert answer.status_code == 303
    assert states() == [State.CONFIRMED]
    assert [letter.kind for letter in letters(house, ADA)] == ["confirm_address", "registered"]
    assert not is_in(visitor)


def test_the_button_confirms_in_the_browser_that_asked_and_wants_the_code_elsewhere(house):
    visitor, elsewhere = registering(house), house.visitor()
    letter = last_letter(house, ADA)
    link = letter.link("/anmeldung/bestaetigen/")

    assert elsewhere.send(link).status_code == 422
    assert elsewhere.send(link, {"code": "000000"}).status_code == 422
    assert states() == [State.UNCONFIRMED]
    assert visitor.send(link).status_code == 303
    assert states() == [State.CONFIRMED]
    assert elsewhere.send(link, {"code": letter.code}).status_code == 422


def test_who_registers_for_two_dates_within_an_hour_confirms_both_with_the_one_code(house):
    visitor = registering(house)
    registering(house, "/veranstaltungen/vor-ort/anmeldung", visitor)

    answer = visitor.send("/veranstaltungen/vor-ort/angemeldet", {"code": last_letter(house, ADA).code})

    assert answer.status_code == 303
    assert states() == [State.CONFIRMED, State.CONFIRMED]


def test_who_has_confirmed_one_registration_gets_a_mail_for_the_next(house):
    visitor = registering(house)
    visitor.send(ASKED, {"code": last_letter(house, ADA).code})
    registering(house, "/veranstaltungen/vor-ort/anmeldung", visitor)

    visitor.send("/veranstaltungen/vor-ort/angemeldet", {"code": last_letter(house, ADA).code})

    assert states() == [State.CONFIRMED, State.CONFIRMED]


def test_asking_to_sign_in_meanwhile_does_not_spoil_the_code_of_a_registration(house):
    visitor = registering(house)
    code = last_letter(house, ADA).code
    visitor.send(ASK, {"email": ADA})

    assert visitor.send(ASKED, {"code": code}).status_code == 303


def test_what_somebody_else_typed_about_a_known_person_changes_nothing_about_them(house):
    """Mass assignment by the back door: name, body, language and role stay what they are."""
    before = person_row(ADDRESSES[LEAD])
    visitor = registering(house, name="Eve Anders", email=ADDRESSES[LEAD], organisation="Anderes Amt")
    visitor.send(ASKED, {"code": last_letter(house, ADDRESSES[LEAD]).code})

    assert person_row(ADDRESSES[LEAD]) == before


def person_row(address: str) -> tuple[object, ...]:
    columns = (Person.name, Person.organisation_name, Person.language, Person.is_office, Person.address)
    return tuple(database.session.execute(select(*columns).where(Person.address_key == address)).one())


# ── Link scanners (A-02, guarantee G22) ──────────────────────────────────────────────────────────────────────────────

SCANNERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
    "BarracudaCentral/1.0",
    "",
)


#: What one button without a question may change, because nobody is harmed and everything can be taken back (M-39).
#: Of consents it is noted that they were withdrawn, or that the click that would confirm them was doubtful.
REVERSIBLE = frozenset({"subscription", "mailbox", "consent"})


def snapshot() -> dict[str, list]:
    """All that there is: every row of every table."""
    database.session.expire_all()
    return {
        table.name: database.session.execute(select(table).order_by(*table.primary_key)).all()
        for table in Model.metadata.sorted_tables
    }


def changed_since(before: dict[str, list]) -> dict[str, list]:
    """The rows that were not so before, or are not there any more, by their tables."""
    found = {
        name: [row for row in (*rows, *before[name]) if row not in rows or row not in before[name]]
        for name, rows in snapshot().items()
        if rows != before[name]
    }
    return {name: rows for name, rows in found.items() if rows}


def all_links(house: House) -> list[str]:
    """The links of mails of every kind."""
    asking(house)
    registering(house)
    write_every_other_kind(house)
    found = letters(house)
    assert every_kind() - {letter.kind for letter in found} == set()
    return sorted({link for letter in found for link in letter.links})


def test_a_robot_that_opens_every_link_of_every_mail_changes_nothing(house):
    links = all_links(house)
    before = snapshot()

    answers = {
        (method, link): house.visitor().open(link, method=method, headers={"User-Agent": agent}).status_code
        for link, agent in zip(links, cycle(SCANNERS), strict=False)
        for method in ("HEAD", "GET")
    }

    assert set(answers.values()) <= {200, 303}  # what leads are sent leads to signing in
    assert changed_since(before) == {}


def test_a_robot_that_submits_every_form_behind_every_link_confirms_signs_in_and_cancels_nothing(house):
    """Robot 3: a fresh browser that follows each link, presses each button, and fills in nothing."""
    links = all_links(house)
    before = snapshot()
    pressed = 0
    for link in links:
        robot = house.visitor()
        answer = robot.get(link)
        page = page_of(answer) if answer.mimetype == "text/html" else BeautifulSoup("", "html.parser")
        for form in page.find_all("form", method="post"):
            for button in form.find_all("button") or [{}]:
                robot.post(button.get("formaction") or form.get("action") or link, data=bare_fields(form, button))
                pressed += 1
        assert not is_in(robot)

    assert pressed > len(links)
    assert changed_since(before).keys() <= REVERSIBLE
    assert consents(snapshot()) == consents(before)


def consents(rows: dict[str, list]) -> list[tuple[object, ...]]:
    """What was ever agreed to, and when that was confirmed."""
    return [(row.id, row.text, row.confirmed_at) for row in rows["consent"]]


def bare_fields(form, button) -> MultiDict[str, str]:
    """What a browser sends of a form in which nothing was filled in or ticked: what stands there already."""
    fields = MultiDict()
    for field in form.find_all(["input", "textarea"], {"name": True, "type": lambda kind: kind != "file"}):
        if field.name == "textarea":
            fields.add(field["name"], re.sub(r"\A\r?\n", "", field.text))
        elif field.get("type") not in {"checkbox", "radio"}:
            fields.add(field["name"], field.get("value", ""))
        elif field.has_attr("checked"):
            fields.add(field["name"], field.get("value", "on"))
    for choice in form.find_all("select"):
        chosen = choice.find("option", selected=True) or choice.find("option")
        fields.add(choice["name"], chosen.get("value", chosen.text) if chosen else "")
    if button.get("name"):
        fields.add(button["name"], button.get("value", ""))
    return fields


def test_the_control_of_the_robots_somebody_who_ticks_the_box_does_cancel(house):
    before, token = snapshot(), house.registration_token(PARTICIPANT, "offen")
    house.visitor().send(f"/anmeldung/{token}/absagen", {"is_meant": "y"})

    assert State.CANCELLED in states(ADDRESSES[PARTICIPANT])
    assert {"registration", "event", "message"} <= changed_since(before).keys()


# ── Sessions and where one goes afterwards ──────────────────────────────────────────────────────────────


def test_signing_in_makes_the_session_anew(house):
    """A cookie planted before is worth nothing afterwards (session fixation)."""
    visitor = asking(house)
    planted = visitor.get_cookie("next").value
    with visitor.session_transaction() as session:
        token_before = session["csrf_token"]
    visitor.send(CODE, {"code": last_letter(house, ADDRESSES[LEAD]).code})
    with visitor.session_transaction() as session:
        assert "asked" not in session
        assert session.get("csrf_token") != token_before

    fixed = house.visitor()
    fixed.set_cookie("next", planted)
    assert visitor.get_cookie("next").value != planted
    assert (is_in(visitor), is_in(fixed)) == (True, False)


def test_each_signing_in_has_a_secret_of_its_own(house):
    secrets = set()
    for _ in range(2):
        visitor = asking(house)
        visitor.send(CODE, {"code": last_letter(house, ADDRESSES[LEAD]).code})
        with visitor.session_transaction() as session:
            secrets.add(session["_user_id"])

    assert len(secrets) == 2


def test_open_sessions_are_listed_and_can_be_ended(house):
    visitor = house.visitor(LEAD)
    visitor_two = asking(house)
    visitor_two.send(
        CODE,
        {"code": last_letter(house, ADDRESSES[LEAD]).code},
        headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/145"},
    )
    assert "Firefox, Linux" in text_of(visitor.get("/konto/"))

    number = database.session.scalar(select(BrowserSession.id).where(BrowserSession.browser == "Firefox, Linux"))
    visitor.send(f"/konto/sitzungen/{number}/beenden")

    assert (is_in(visitor), is_in(visitor_two)) == (True, False)


def test_whoever_is_erased_is_signed_out_everywhere(house):
    visitor = house.visitor(LEAD)
    database.session.delete(database.session.get_one(BrowserSession, house.world.sessions[LEAD]))
    database.session.commit()

    assert not is_in(visitor)


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/veranstaltungen/mitglieder/", "/veranstaltungen/mitglieder/"),
        ("/veranstaltungen/?q=Treffen", "/veranstaltungen/?q=Treffen"),
        ("//evil.example", "/konto/"),
        ("https://evil.example/", "/konto/"),
        ("/\\evil.example", "/konto/"),
    ],
)
def test_after_signing_in_one_goes_on_to_a_page_of_ours(house, wanted, reached):
    visitor = house.visitor()
    asked = visitor.send(
        ASK, {"email": ADDRESSES[LEAD], "next": kept_next(visitor.get(ASK, query_string={"next": wanted}))}
    )
    code = last_letter(house, ADDRESSES[LEAD]).code
    answer = visitor.send(CODE, {"code": code, "next": kept_next(visitor.get(asked.location))})

    assert answer.location == reached


def kept_next(answer) -> str:
    """Where the form of a page leads on to."""
    return page_of(answer).select_one("main input[name=next]").get("value", "")


def test_pages_behind_tokens_are_kept_nowhere_and_tell_their_address_to_nobody(house):
    for path in (
        f"/anmeldung/{house.registration_token(PARTICIPANT, 'offen')}/",
        f"/kalender/{house.feed_token(PARTICIPANT)}.ics",
        *(link for letter in letters(house) for link in letter.links if "/bestaetigen/" in link),
    ):
        headers = house.visitor().get(path).headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex"
        assert re.search(r"no-store|private", headers["Cache-Control"])
