"""What becomes of circles: founded, described, renamed, paused, merged, closed."""

from datetime import date

import pytest
from sqlalchemy import select

from nextevents.communities import queries
from nextevents.communities.errors import ChangedMeanwhile, NameTaken, NoOneself
from nextevents.communities.models import Belonging, Community, EarlierSlug, Kind
from nextevents.communities.services import (
    Description,
    Parts,
    choose_parts,
    close,
    describe,
    found,
    merge,
    pause,
    rename,
    reopen,
    resume,
)
from nextevents.events.services import move_meetings
from nextevents.ground.database import db as database
from tests.factories import NOON, make_belonging, make_community, make_event, make_lead, make_person

pytestmark = pytest.mark.usefixtures("db")
WORDS = Description(summary="Neu", description="", dial_in="https://x.example", invites=False)


def test_a_new_circle_stands_behind_all_others():
    make_community(position=7)

    assert found("neu", "Neu", Kind.COMMUNITY, at=NOON).position == 8


@pytest.mark.parametrize(
    ("slug", "name"), [("alt", "Anders"), ("anders", "ALT"), ("frueher", "Anders"), ("", "Anders")]
)
def test_names_and_addresses_are_taken_once_earlier_ones_included(slug, name):
    circle = make_community("alt", name="Alt")
    database.session.add(EarlierSlug(slug="frueher", community_id=circle.id))
    database.session.flush()

    with pytest.raises(NameTaken):
        found(slug, name, Kind.COMMUNITY, at=NOON)


def test_what_somebody_else_has_changed_meanwhile_is_not_overwritten():
    circle = make_community()
    version = circle.version
    describe(circle, WORDS, version=version)

    with pytest.raises(ChangedMeanwhile):
        describe(circle, WORDS, version=version)

    assert (circle.summary, circle.invites) == ("Neu", False)


def test_an_earlier_address_leads_on_and_can_be_had_back():
    circle = make_community("alt", name="Alt")

    rename(circle, "neu", "Neu", at=NOON)
    assert queries.community_that_had("alt").id == circle.id

    rename(circle, "alt", "Alt", at=NOON)
    assert queries.community_that_had("neu").id == circle.id
    assert queries.community_with_slug("alt").id == circle.id


def test_a_circle_pauses_goes_on_closes_and_opens_again(noon):
    circle = make_community()

    pause(circle, at=noon)
    assert circle.paused_at == noon
    resume(circle)
    close(circle, on=date(2026, 11, 20), at=NOON)
    assert (circle.paused_at, queries.has_ended(circle, date(2026, 11, 21))) == (None, True)
    reopen(circle, at=NOON)
    assert circle.ended_on is None


def test_merging_moves_people_leads_and_meetings_and_its_address_leads_on(noon):
    source, target = make_community("alt"), make_community("neu")
    both, only, lead = make_person(), make_person(), make_person()
    make_belonging(both, source)
    kept = make_belonging(both, target)
    choose_parts(kept, Parts(gets_mail=False), at=noon)
    make_belonging(only, source)
    make_lead(lead, source)
    joint, alone = make_event(communities=(source, target)), make_event(communities=(source,))

    move_meetings(source, target, at=noon)
    merge(source, target, at=NOON)

    database.session.expire_all()
    assert [one.slug for one in database.session.scalars(select(Community))] == ["neu"]
    assert queries.community_that_had("alt").id == target.id
    assert {one.person_id: one.gets_mail for one in database.session.scalars(select(Belonging))} == {
        both.id: False,
        only.id: True,
    }
    assert [one.id for one in queries.leads_of(target)] == [lead.id]
    assert [[one.slug for one in event.communities] for event in (joint, alone)] == [["neu"], ["neu"]]


def test_links_of_merged_circles_lead_to_the_last_one(noon):
    first, second, third = (make_community(slug) for slug in ("eins", "zwei", "drei"))
    numbers = [first.id, second.id, third.id]

    merge(first, second, at=NOON)
    rename(second, "eins", "Eins", at=NOON)
    merge(second, third, at=NOON)

    assert [queries.community_with_number(number).slug for number in numbers] == ["drei"] * 3
    assert [queries.community_at(slug).slug for slug in ("eins", "zwei", "drei")] == ["drei"] * 3


def test_the_number_of_a_merged_circle_is_never_given_again():
    target, source = make_community("neu"), make_community("alt")
    number = source.id

    merge(source, target, at=NOON)

    assert make_community("noch-eine").id > number


def test_a_circle_cannot_become_part_of_itself():
    circle = make_community()

    with pytest.raises(NoOneself):
        merge(circle, circle, at=NOON)
