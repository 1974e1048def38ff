"""Persons: found by address, made when new, forgotten when never proved."""

from datetime import timedelta

from sqlalchemy import func, select

from nextevents.people.addresses import address_of
from nextevents.people.models import Person
from nextevents.people.services import (
    erase_unproved,
    make_office,
    mark_proved,
    person_with_address,
    rename,
    set_language,
)
from tests.factories import make_organisation, make_person


def count(db):
    return db.scalar(select(func.count()).select_from(Person))


def test_somebody_new_is_known_by_address_and_not_yet_proved(db, noon):
    person = person_with_address(address_of("Ada+x@Behörde.example"), name="Ada", language="en", at=noon)

    assert (person.typed_address, person.address, person.address_key, person.domain) == (
        "Ada+x@Behörde.example",
        "Ada+x@xn--behrde-yxa.example",
        "ada+x@xn--behrde-yxa.example",
        "xn--behrde-yxa.example",
    )
    assert (person.name, person.language, person.made_at, person.proved_at, person.is_office) == (
        "Ada",
        "en",
        noon,
        None,
        False,
    )
    assert count(db) == 1


def test_the_same_address_in_other_letters_is_the_same_person_of_whom_nothing_is_overwritten(db, noon):
    ada = person_with_address(address_of("Ada@amt.example"), name="Ada", organisation_name="Amt", at=noon)

    again = person_with_address(
        address_of("ADA@AMT.example"), name="Eve", organisation_name="Evil", language="en", at=noon + timedelta(days=1)
    )

    assert (again, count(db)) == (ada, 1)
    assert (ada.name, ada.organisation_name, ada.language, ada.address) == ("Ada", "Amt", "de", "Ada@amt.example")


def test_a_proof_counts_from_the_first_time_and_may_bring_the_name(db, noon):
    person = make_person(name="", proved=False)

    mark_proved(person, name="Ada", at=noon)
    mark_proved(person, name="Eve", at=noon + timedelta(days=1))

    db.flush()

    assert (person.name, person.proved_at) == ("Ada", noon)


def test_a_proof_without_a_name_leaves_the_name(db, noon):
    person = make_person(name="Ada", proved=False)
    mark_proved(person, at=noon)
    db.flush()

    assert (person.name, person.proved_at) == ("Ada", noon)


def test_what_somebody_says_of_themselves_is_taken_over_but_a_recognised_body_stays(db):
    free, recognised = make_person(name="A"), make_person(name="B")
    recognised.organisation = make_organisation("Stadt Musterhafen")

    for person in (free, recognised):
        rename(person, name="Neu", organisation_name="Mein Amt")
    db.flush()

    assert [(person.name, person.body) for person in (free, recognised)] == [
        ("Neu", "Mein Amt"),
        ("Neu", "Stadt Musterhafen"),
    ]


def test_language_and_office_are_set(db, noon):
    person = make_person(proved=False)
    set_language(person, "en")
    make_office(person, at=noon)
    db.flush()

    assert (person.language, person.is_office, person.proved_at) == ("en", True, noon)


def test_who_never_proved_the_address_is_forgotten_after_two_weeks(db, noon):
    old, young, proved = make_person(proved=False), make_person(proved=False), make_person()
    old.made_at, young.made_at = noon - timedelta(days=14, seconds=1), noon - timedelta(days=14)
    proved.made_at = noon - timedelta(days=900)
    db.flush()

    erase_unproved(at=noon)

    assert set(db.scalars(select(Person.id))) == {young.id, proved.id}
