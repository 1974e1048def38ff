"""What the worker forgets about people."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.people.addresses import address_of
from nextevents.people.models import BrowserSession, Person, Proof, Purpose
from nextevents.people.services import ask_for_proof, begin_session
from nextevents.people.tasks import forget
from tests.factories import make_person


@pytest.mark.usefixtures("at_noon")
def test_old_attempts_ended_browsers_and_people_who_never_proved_their_address_are_forgotten(db, noon):
    kept, gone = make_person("kept@amt.example"), make_person("gone@amt.example", proved=False)
    for days in (0, 40):
        begin_session(kept, browser=f"{days} days ago", at=noon - timedelta(days=days))
        ask_for_proof(Purpose.SIGN_IN, address_of("kept@amt.example"), at=noon - timedelta(days=days))
    assert gone.made_at < noon - timedelta(days=14)
    db.commit()

    forget()

    assert db.scalars(select(Person.address)).all() == ["kept@amt.example"]
    assert db.scalars(select(BrowserSession.browser)).all() == ["0 days ago"]
    assert db.scalars(select(Proof.made_at)).all() == [noon]
