"""Bodies and their mail domains."""

import pytest

from nextevents.people import queries
from nextevents.people.addresses import address_of
from nextevents.people.errors import DomainTaken
from nextevents.people.models import Domain, Level, Organisation, Person
from nextevents.people.services import (
    assign_domain,
    make_organisation,
    mark_proved,
    person_with_address,
    recognise,
    set_aside_domain,
)
from tests.factories import make_organisation as a_body
from tests.factories import make_person


def bodies_of(db, *people: Person):
    for person in people:
        db.refresh(person)
    return [person.organisation and person.organisation.name for person in people]


@pytest.mark.parametrize(
    ("domain", "name"),
    [
        ("land.example", "Land"),
        ("finanzen.land.example", "Finanzministerium"),
        ("amt.finanzen.land.example", "Finanzministerium"),
        ("wirtschaft.land.example", "Land"),
        ("ausland.example", None),
        ("example", None),
        ("schule.land.example", None),
        ("a.schule.land.example", None),
    ],
)
@pytest.mark.usefixtures("db")
def test_the_longest_domain_that_encloses_an_address_says_whose_it_is(domain, name):
    a_body("Land", level=Level.STATE, domains=("land.example",))
    a_body("Finanzministerium", level=Level.STATE, domains=("finanzen.land.example",))
    set_aside_domain("schule.land.example")

    found = queries.organisation_of_domain(domain)

    assert (found and found.name) == name


def test_who_is_new_belongs_to_the_body_of_the_domain_and_others_to_what_they_say(db, noon):
    a_body("Stadt Musterhafen", domains=("musterhafen.example",))

    known = person_with_address(address_of("a@bau.musterhafen.example"), name="A", organisation_name="Bauamt", at=noon)
    unknown = person_with_address(address_of("b@neu.example"), name="B", organisation_name="Neues Amt", at=noon)

    assert bodies_of(db, known, unknown) == ["Stadt Musterhafen", None]
    assert (known.body, unknown.body) == ("Stadt Musterhafen", "Neues Amt")


def test_a_domain_is_assigned_for_all_its_people_at_once(db):
    ada, bob = make_person("ada@amt.example"), make_person("bob@bau.amt.example")
    stranger, neighbour = make_person("eve@other.example"), make_person("nina@notamt.example")
    body = make_organisation("Das Amt", Level.FEDERAL)

    count = assign_domain("amt.example", body)

    assert (count, bodies_of(db, ada, bob, stranger, neighbour)) == (2, ["Das Amt", "Das Amt", None, None])
    assert db.get(Domain, "amt.example").organisation == body


def test_people_of_a_domain_below_that_belongs_to_somebody_else_stay_there(db):
    school = a_body("Schule", domains=("schule.amt.example",))
    pupil, clerk = make_person("a@schule.amt.example"), make_person("b@amt.example")
    recognise(pupil)

    count = assign_domain("amt.example", make_organisation("Das Amt", Level.MUNICIPAL))

    assert (count, bodies_of(db, pupil, clerk)) == (1, [school.name, "Das Amt"])


def test_people_of_a_domain_below_that_is_nobodys_stay_nobodys(db):
    guest, clerk = make_person("a@gast.amt.example"), make_person("b@amt.example")
    set_aside_domain("gast.amt.example")

    count = assign_domain("amt.example", make_organisation("Das Amt", Level.MUNICIPAL))

    assert (count, bodies_of(db, guest, clerk)) == (1, [None, "Das Amt"])
    assert queries.organisation_of_domain("gast.amt.example") is None


def test_a_sign_in_a_domain_that_searches_take_for_any_sign_is_only_itself(db):
    """A full stop is one in regular expressions, an underscore or per cent in LIKE."""
    odd = make_person("a@amtxexample.example")
    odd.domain = "xamt%example"

    assert assign_domain("amt.example", make_organisation("Das Amt", Level.MUNICIPAL)) == 0
    assert bodies_of(db, odd) == [None]


def test_a_decided_domain_cannot_be_taken_away(db):
    first = a_body("Erste", domains=("amt.example",))

    with pytest.raises(DomainTaken):
        assign_domain("amt.example", make_organisation("Zweite", Level.OTHER))
    with pytest.raises(DomainTaken):
        set_aside_domain("amt.example")

    assert db.get(Domain, "amt.example").organisation == first


def test_a_domain_that_was_set_aside_can_be_assigned_later(db):
    ada = make_person("ada@post.example")
    set_aside_domain("post.example")
    set_aside_domain("post.example")

    assert assign_domain("post.example", make_organisation("Die Post", Level.PUBLIC_COMPANY)) == 1
    assert bodies_of(db, ada) == ["Die Post"]


def test_unknown_domains_are_those_of_proved_people_without_a_body_most_people_first(db, noon):
    a_body("Amt", domains=("amt.example",))
    set_aside_domain("post.example")
    for address in ("a@neu.example", "b@neu.example", "c@selten.example", "d@post.example", "e@sub.post.example"):
        person = person_with_address(address_of(address), name="X", organisation_name="Neues Amt", at=noon)
        mark_proved(person, at=noon)
    person_with_address(address_of("f@amt.example"), name="F", at=noon)
    make_person("g@ungeprueft.example", proved=False)
    db.flush()

    assert [(one.name, one.people, one.example) for one in queries.unknown_domains()] == [
        ("neu.example", 2, "Neues Amt"),
        ("selten.example", 1, "Neues Amt"),
    ]
    assert [one.name for one in queries.unknown_domains(limit=1)] == ["neu.example"]


def test_an_assigned_domain_waits_no_longer(db):
    make_person("a@neu.example")
    assign_domain("neu.example", make_organisation("Neues Amt", Level.OTHER))

    assert (queries.unknown_domains(), db.query(Organisation).count()) == ([], 1)
