"""Who belongs to the association."""

from datetime import date

import pytest

from nextevents.people import queries
from nextevents.people.models import Membership, MembershipKind
from tests.factories import make_organisation, make_person

TODAY = date(2026, 11, 21)


def join(db, *, person=None, organisation=None, began=date(2020, 1, 1), ended=None):
    db.add(
        Membership(
            kind=MembershipKind.INSTITUTIONAL if organisation else MembershipKind.PERSONAL,
            person_id=person and person.id,
            organisation_id=organisation and organisation.id,
            began_on=began,
            ended_on=ended,
        )
    )
    db.flush()


@pytest.mark.usefixtures("db")
def test_nobody_is_a_member_by_being_known():
    assert not queries.is_member(make_person(), TODAY)


@pytest.mark.parametrize(
    ("began", "ended", "belongs"),
    [
        (date(2020, 1, 1), None, True),
        (TODAY, None, True),
        (date(2026, 11, 22), None, False),
        (date(2020, 1, 1), date(2026, 11, 22), True),
        (date(2020, 1, 1), TODAY, False),
    ],
)
def test_a_member_is_one_from_the_first_day_to_the_day_before_the_end(db, began, ended, belongs):
    ada = make_person()
    join(db, person=ada, began=began, ended=ended)

    assert queries.is_member(ada, TODAY) == belongs


def test_who_works_for_a_member_is_one_and_nobody_else(db):
    city, other = make_organisation(), make_organisation()
    join(db, organisation=city)
    people = [make_person() for _ in range(3)]
    people[0].organisation, people[1].organisation = city, other
    db.flush()

    assert [queries.is_member(person, TODAY) for person in people] == [True, False, False]


def test_a_membership_that_ended_does_not_hide_one_that_runs(db):
    ada = make_person()
    join(db, person=ada, ended=date(2021, 1, 1))
    join(db, person=ada, began=date(2022, 1, 1))

    assert queries.is_member(ada, TODAY)


@pytest.mark.usefixtures("db")
def test_people_are_found_by_the_folded_address_proved_or_not():
    ada = make_person("ada@amt.example", proved=False)

    assert (queries.person_with_key("ada@amt.example"), queries.person_with_key("Ada@amt.example")) == (ada, None)
