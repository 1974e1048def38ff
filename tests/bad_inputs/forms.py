"""The forms that bad inputs are sent to, and how a refusal must look."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import Tag
from sqlalchemy import select
from werkzeug.test import TestResponse

from nextevents.events.models import Event, Registration
from nextevents.ground.database import db as database
from nextevents.people.models import Person
from tests.house.matrix import EVENT_FORM, LINK_FORM, NOTE_FORM, POLL_FORM, SERIES_FORM
from tests.house.visitors import page_of
from tests.house.world import OFFICE, STRANGER, House

ADA = "ada@stadt-bekannt.example"
EVIL = "evil.example"

#: What messages of the libraries begin with where nobody has translated them.
ENGLISH = re.compile(r"\b(This|field|required|Invalid|Not a valid|must be|Choice|value)\b")


@dataclass(frozen=True)
class Form:
    """A form, filled in well."""

    path: str
    fields: dict[str, Any]
    actor: str = STRANGER

    def send(self, house: House, **fields: object) -> TestResponse:
        """Send it with some fields filled in otherwise; None leaves a field out."""
        typed = {name: value for name, value in (self.fields | fields).items() if value is not None}
        return house.visitor(self.actor).send(self.path, typed)


REGISTRATION = Form(
    "/veranstaltungen/offen/anmeldung",
    {"name": "Ada Neu", "email": "ada@stadt-bekannt.example", "organisation": "Amt für Neues"},
)
SIGN_IN = Form("/konto/anmelden/", {"email": "ada@stadt-bekannt.example"})
SIGN_IN_CODE = Form("/konto/anmelden/code/", {"code": "123456"})
REGISTRATION_CODE = Form("/veranstaltungen/offen/angemeldet", {"code": "123456"})
NAME = Form("/konto/name", {"name": "Ada Neu", "organisation": "Amt"}, "participant")
DESK = "/veranstaltungen/vor-ort/verwalten/"
REMINDER = Form(
    f"{DESK}erinnerungen/",
    {"amount": "3", "unit": "days", "place": "before_start", "states": "confirmed", "text": "Bis bald"},
    OFFICE,
)
WALK_IN = Form(f"{DESK}einlass/neu", {"name": "Gast Neu", "email": ADA, "organisation": "Amt"}, OFFICE)
MATERIAL_LINK = Form(
    f"{DESK}abschluss/unterlagen/link",
    {"link-title": "Folien", "link-url": "https://folien.example/", "link-viewers": "everybody"},
    OFFICE,
)
MINUTES = Form(
    f"{DESK}abschluss/unterlagen/protokoll",
    {"protokoll-title": "Protokoll", "protokoll-text": "Wir waren da.", "protokoll-viewers": "everybody"},
    OFFICE,
)
CIRCLE_DESK = "/verwalten/communities/chatbot-community/"
JOIN = Form("/communities/chatbot-community/dabei/", {"name": "Ada Neu", "email": ADA})
QUESTION = Form("/communities/chatbot-community/frage", {"sender": "Ada Neu", "address": ADA, "text": "Wann?"})
#: The draft of the lead's circle.
NEWS_SETTINGS = Form("/redaktion/3/angaben/", {"subject": "Neues", "language": "de", "version": "1"}, OFFICE)
NEWS_TEXT = Form("/redaktion/3/bausteine/worte/", {"text": "Neu", "version": "1"}, OFFICE)
NEWS_PICTURE = Form("/redaktion/3/bausteine/bild/", {"alt": "Petrol", "caption": "", "version": "1"}, OFFICE)
LEAD = Form(f"{CIRCLE_DESK}leitung/", {"email": ADA}, OFFICE)
TURN = Form(f"{CIRCLE_DESK}reihum/", {"month": "2026-12-01", "host": ADA}, OFFICE)
FOUND = Form("/buero/communities/", {"name": "Neue Runde", "kind": "community"}, OFFICE)
PROPOSED_CIRCLE = Form(
    "/veranstaltungen/gestern/verwalten/abschluss/community/", {"name": "Neue Runde", "summary": "Reden"}, OFFICE
)
LIBRARY_NOTE = Form(f"{CIRCLE_DESK}unterlagen/notiz", NOTE_FORM, OFFICE)
LIBRARY_LINK = Form(f"{CIRCLE_DESK}unterlagen/link", LINK_FORM, OFFICE)
RESULT = Form(f"{CIRCLE_DESK}ergebnisse/neu/", {"title": "Papier", "authors": "Kim", "abstract": "Kurz"}, OFFICE)
NEXT_MEETING = Form(f"{CIRCLE_DESK}naechstes-treffen", {"starts_on": "2027-01-13", "starts_time": "14:00"}, OFFICE)
SERIES = Form(f"{CIRCLE_DESK}serie/", SERIES_FORM, OFFICE)
POLL = Form(f"{CIRCLE_DESK}umfragen/neu/", POLL_FORM | {"text": "Bitte antworten"}, OFFICE)
#: The event whose seats are all free.
EVENT = Form(
    "/veranstaltungen/vor-ort/verwalten/angaben/",
    EVENT_FORM | {"title": "Treffen vor Ort", "place": "in_presence", "address": "Rathaus"},
    OFFICE,
)
#: A draft, whose address one can still choose.
DRAFT = Form(
    "/veranstaltungen/entwurf/verwalten/angaben/", EVENT_FORM | {"title": "Neues", "slug": "neues-treffen"}, OFFICE
)
CANCELLATION = Form(f"{DESK}absagen", {"is_meant": "y", "cancellation_notice": "Der Raum ist weg."}, OFFICE)
POSTPONEMENT = Form(f"{DESK}verschieben", {"is_postponed": "y", "postponement_notice": "Der Raum ist weg."}, OFFICE)


def event_fields() -> dict[str, str]:
    """The version that the office's form of that event shows."""
    return version_of("vor-ort")


def version_of(slug: str) -> dict[str, str]:
    """The version that the form of this event shows."""
    database.session.expire_all()
    return {"version": str(database.session.scalars(select(Event.version).where(Event.slug == slug)).one())}


def problem_at(answer: TestResponse, field: str) -> str:
    """The message that stands next to a field and is tied to it, for whoever hears the page."""
    page = page_of(answer)
    control = control_of(page, field)
    assert control is not None, f"no field {field}"
    assert control.get("aria-invalid") == "true"
    described = control["aria-describedby"].split()
    messages = [page.find(id=one) for one in described if one.endswith("-error")]
    assert [one for one in messages if one is None] == []
    return " ".join(messages[0].stripped_strings)


def control_of(page: Tag, field: str) -> Tag | None:
    """A field of the page's main form."""
    return page.select_one(f"main [name={field}]")


def value_of(answer: TestResponse, field: str) -> str:
    """What a field shows."""
    control = control_of(page_of(answer), field)
    if control.name == "textarea":
        return control.text.removeprefix("\r\n").removeprefix("\n")
    if control.name == "select":
        chosen = control.find("option", selected=True)
        return chosen["value"] if chosen else ""
    return control.get("value", "")


def rows(*table: tuple) -> pytest.MarkDecorator:
    """Rows of number, what it is, and values."""
    return pytest.mark.parametrize("value", [pytest.param(row[2:], id=f"{row[0]}-{row[1]}") for row in table])


def assert_refused(answer, field: str, typed: str | None) -> None:
    """A 422 with a German message tied to the field, in which what was typed still stands."""
    assert answer.status_code == 422
    message = problem_at(answer, field)
    assert message.startswith("Fehler: ")
    assert not ENGLISH.search(message), message
    if typed is not None:
        assert value_of(answer, field) == typed


def registration_of(address: str = ADA) -> Registration | None:
    database.session.expire_all()
    return database.session.scalars(
        select(Registration).join(Registration.person).where(Person.address_key == address.casefold())
    ).first()
