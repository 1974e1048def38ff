"""What comes twice, is too large or comes otherwise than from our forms (11, 12, 26, 37, 38, 51, 53)."""

from io import BytesIO
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from werkzeug.test import encode_multipart

from nextevents.events.models import Event, State
from nextevents.ground.database import db as database
from nextevents.people.models import Person
from tests.bad_inputs.forms import (
    ADA,
    CANCELLATION,
    DRAFT,
    EVENT,
    FOUND,
    JOIN,
    LEAD,
    LIBRARY_LINK,
    LIBRARY_NOTE,
    MATERIAL_LINK,
    MINUTES,
    NAME,
    NEWS_PICTURE,
    NEWS_SETTINGS,
    NEWS_TEXT,
    NEXT_MEETING,
    POLL,
    POSTPONEMENT,
    PROPOSED_CIRCLE,
    QUESTION,
    REGISTRATION,
    REGISTRATION_CODE,
    REMINDER,
    RESULT,
    SERIES,
    SIGN_IN,
    SIGN_IN_CODE,
    TURN,
    WALK_IN,
    assert_refused,
    event_fields,
    registration_of,
)
from tests.house.visitors import text_of
from tests.house.world import OFFICE, PARTICIPANT

EVERY_FIELD = [
    (REGISTRATION, "name"),
    (REGISTRATION, "email"),
    (REGISTRATION, "organisation"),
    (SIGN_IN, "email"),
    (SIGN_IN_CODE, "code"),
    (REGISTRATION_CODE, "code"),
    (NAME, "name"),
    (EVENT, "title"),
    (DRAFT, "slug"),
    (CANCELLATION, "cancellation_notice"),
    (POSTPONEMENT, "postponement_notice"),
    (EVENT, "capacity"),
    (EVENT, "dial_in"),
    (EVENT, "description"),
    (EVENT, "starts_on"),
    (EVENT, "starts_time"),
    (JOIN, "name"),
    (JOIN, "email"),
    (QUESTION, "sender"),
    (QUESTION, "address"),
    (QUESTION, "text"),
    (NEWS_SETTINGS, "subject"),
    (NEWS_TEXT, "text"),
    (NEWS_PICTURE, "alt"),
    (NEWS_PICTURE, "caption"),
    (LEAD, "email"),
    (TURN, "host"),
    (FOUND, "name"),
    (FOUND, "summary"),
    (FOUND, "lead"),
    (PROPOSED_CIRCLE, "name"),
    (PROPOSED_CIRCLE, "summary"),
    (REMINDER, "amount"),
    (REMINDER, "text"),
    (WALK_IN, "name"),
    (WALK_IN, "email"),
    (WALK_IN, "organisation"),
    (MATERIAL_LINK, "link-title"),
    (MATERIAL_LINK, "link-url"),
    (MINUTES, "protokoll-title"),
    (MINUTES, "protokoll-text"),
    (LIBRARY_NOTE, "notiz-title"),
    (LIBRARY_NOTE, "notiz-text"),
    (LIBRARY_LINK, "link-title"),
    (LIBRARY_LINK, "link-url"),
    (RESULT, "title"),
    (RESULT, "authors"),
    (RESULT, "abstract"),
    (NEXT_MEETING, "title"),
    (NEXT_MEETING, "starts_on"),
    (NEXT_MEETING, "starts_time"),
    (SERIES, "title"),
    (SERIES, "interval"),
    (SERIES, "starts_on"),
    (SERIES, "count"),
    (POLL, "title"),
    (POLL, "text"),
    (POLL, "minutes"),
    (POLL, "closes_on"),
]


@pytest.mark.parametrize(("form", "field"), EVERY_FIELD)
def test_a_field_that_comes_twice_is_refused_and_not_guessed_at(house, form, field):
    """Case 26: otherwise the one is checked and the other used (CVE-2023-7028)."""
    first = form.fields.get(field, "x")
    answer = form.send(house, **{field: [first, f"{first}1"]})

    assert_refused(answer, field, None)
    assert registration_of() is None


@pytest.mark.parametrize("name", ["email[]", "email[0]", "Email", "email "])
def test_an_address_under_another_name_is_no_address(house, name):
    answer = SIGN_IN.send(house, **{"email": None, name: ADA})

    assert_refused(answer, "email", "")


def test_fields_that_nobody_asked_for_are_ignored(house):
    """Case 51: mass assignment."""
    extra = {
        "is_admin": "1",
        "is_office": "y",
        "event_id": "2",
        "person_id": str(house.world.people[OFFICE]),
        "state": "confirmed",
        "has_seat": "y",
        "language": "en",
        "made_at": "2000-01-01",
        "stage": "cancelled",
        "id": "1",
    }
    visitor = house.visitor()
    assert visitor.send(REGISTRATION.path, REGISTRATION.fields | extra).status_code == 303

    registration = registration_of()
    assert (registration.state, registration.event.slug) == (State.UNCONFIRMED, "offen")
    assert (registration.person.is_office, registration.person.language, registration.person.proved_at) == (
        False,
        "de",
        None,
    )
    assert house.visitor(PARTICIPANT).send(NAME.path, NAME.fields | extra).status_code == 303
    assert database.session.get_one(Person, house.world.people[PARTICIPANT]).is_office is False


def test_an_event_s_form_changes_nothing_that_it_does_not_show(house):
    before = database.session.execute(hidden_columns()).one()
    extra = {"stage": "cancelled", "notice": "x", "seats_taken": "0", "uid": "x", "sequence": "99", "id": "1"}
    answer = EVENT.send(house, **event_fields(), **extra, title="Neuer Titel")

    assert answer.status_code == 303
    after = database.session.execute(hidden_columns()).one()
    assert (after.title, after[:-1]) == ("Neuer Titel", before[:-1])


def hidden_columns():
    columns = (
        Event.id,
        Event.notice,
        Event.uid,
        Event.stage,
        Event.seats_taken,
        Event.takes_registrations,
        Event.title,
    )
    return select(*columns).where(Event.slug == "vor-ort")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"name=J%FCrg&email=a%40stadt-bekannt.example", "application/x-www-form-urlencoded"),
        (b"name=J\xfcrg&email=a%40stadt-bekannt.example", "application/x-www-form-urlencoded; charset=iso-8859-1"),
        (b"name=%ED%A0%80&email=a%40stadt-bekannt.example", "application/x-www-form-urlencoded"),
        (
            b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nJ\xfcrg\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
    ],
    ids=["12-escaped", "12-raw", "11-surrogate", "12-multipart"],
)
def test_a_body_that_is_not_utf_8_is_refused(house, body, content_type):
    visitor = house.visitor()
    token = visitor.form_token()
    answer = visitor.post(REGISTRATION.path, data=body, content_type=content_type, headers={"X-CSRFToken": token})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        '{"name": "Ada", "email": ["a@stadt-bekannt.example", "b@evil.example"]}',
        '{"name": 5, "email": NaN}',
        '{"name": "\\ud800", "email": "a@stadt-bekannt.example"}',
        "[" * 100_000,
        '{"email": "a", "email": "b"}',
        "kein JSON",
    ],
    ids=["26-array", "37-NaN", "11-surrogate", "38-depth", "38-double keys", "38-none"],
)
@pytest.mark.parametrize("form", [REGISTRATION, SIGN_IN], ids=["registration", "sign in"])
def test_json_is_no_form(house, form, body):
    visitor = house.visitor()
    token = visitor.form_token()
    answer = visitor.post(form.path, data=body, content_type="application/json", headers={"X-CSRFToken": token})

    assert answer.status_code == 415


@pytest.mark.parametrize("field", ["name", "email", "vorgang", "next", "starts_on", "organisation"])
@pytest.mark.parametrize("form", [REGISTRATION, SIGN_IN, EVENT], ids=["registration", "sign in", "event"])
def test_a_file_in_place_of_a_text_is_refused(house, form, field):
    visitor = house.visitor(form.actor)
    fields = form.fields | {"csrf_token": visitor.form_token()}
    fields[field] = (b"PK\x03\x04", "photo.php.jpg")
    answer = visitor.post(form.path, data=_with_stream(fields), content_type="multipart/form-data")

    assert answer.status_code == 400


def _with_stream(fields: dict) -> dict:
    return {
        name: (BytesIO(value[0]), value[1]) if isinstance(value, tuple) else value for name, value in fields.items()
    }


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
@pytest.mark.parametrize(
    "fields",
    [{f"feld{number}": "x" for number in range(1_001)}, {"name": "x" * 600_000}, {"name": "x" * 2_000_000}],
    ids=["53-1,001 fields", "53-600 kB", "53-2 MB"],
)
def test_what_is_too_large_is_not_even_read(house, fields, content_type):
    visitor = house.visitor()
    token = visitor.form_token()
    body: str | bytes = urlencode(fields)
    if content_type == "multipart/form-data":
        boundary, body = encode_multipart(fields)
        content_type = f"{content_type}; boundary={boundary}"
    answer = visitor.post(REGISTRATION.path, data=body, content_type=content_type, headers={"X-CSRFToken": token})

    assert answer.status_code == 413
    assert "zu viel auf einmal" in text_of(answer)


@pytest.mark.parametrize(
    "nonce", ["", "x" * 5_000, "ü", "a\x00b", "a\nb", "1", "=1+1"], ids=lambda nonce: repr(nonce[:10])
)
def test_a_form_s_own_number_may_be_anything(house, nonce):
    assert REGISTRATION.send(house, vorgang=nonce).status_code == 303
    assert registration_of().state == State.UNCONFIRMED
