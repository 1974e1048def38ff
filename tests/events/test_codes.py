"""Codes for the door, and what mails say about the ways in."""

import re

import pytest

from nextevents.events import codes, messages
from nextevents.events.models import Place, State
from nextevents.ground.tokens import token_for
from tests.factories import NOON, make_event, make_registration


def test_a_code_leads_to_its_registration_and_no_other_token_does(db):
    registration = make_registration(make_event())

    assert codes.number_in_code(codes.code_of(registration)) == registration.id
    assert codes.number_in_code(token_for(messages.REGISTRATION, registration.id)) is None
    assert codes.number_in_code("Ada") is None


def test_a_picture_of_a_code_is_svg_without_scripts_or_addresses(db):
    picture = codes.picture_of_code(make_registration(make_event())).decode()

    assert picture.count("<svg") == 1
    assert re.findall(r"<(?:script|image|a|foreignObject)\b|href=|on\w+=", picture) == []


def form_of(state=State.CONFIRMED, mail=messages.registered, **values):
    registration = make_registration(make_event(**values), state=state)
    return mail(registration, at=NOON).form


@pytest.mark.parametrize(
    ("place", "state", "is_there"),
    [
        (Place.IN_PRESENCE, State.CONFIRMED, True),
        (Place.HYBRID, State.CONFIRMED, True),
        (Place.VIRTUAL, State.CONFIRMED, False),
        (Place.HYBRID, State.WAITING, False),
    ],
)
def test_the_mail_leads_to_the_code_where_there_is_a_door_and_a_sure_seat(db, place, state, is_there):
    form = form_of(state, place=place)

    assert ("code.svg" in form.text, "code.svg" in form.html) == (is_there, is_there)


@pytest.mark.parametrize("mail", [messages.registered, messages.reminder])
def test_where_joining_counts_the_mail_leads_to_one_s_own_door_and_not_to_the_conference(db, mail):
    form = form_of(mail=mail, counts_joining=True, dial_in="https://konferenz.next.example/geheim")

    for body in (form.text, form.html):
        assert "teilnehmen/" in body
        assert "konferenz.next.example/geheim" not in body
