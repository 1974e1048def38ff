"""Reading communities, and who belongs to them."""

from datetime import date

import pytest

from nextevents.communities import queries
from nextevents.communities.models import Kind, Lead
from nextevents.ground.errors import NotFound
from tests.factories import make_belonging, make_community, make_person

pytestmark = pytest.mark.usefixtures("db")


def test_circles_come_in_their_order_and_then_by_name():
    made = [
        make_community(slug, name=name, position=position)
        for slug, name, position in (("c", "C", 1), ("a", "B", 2), ("b", "A", 2))
    ]

    assert queries.all_communities() == [made[0], made[2], made[1]]


def test_a_circle_is_found_by_its_address_or_is_not_there():
    circle = make_community("chatbot-community")

    assert queries.community_with_slug("chatbot-community") == circle
    with pytest.raises(NotFound):
        queries.community_with_slug("chatbot")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Kind.COMMUNITY, "NExTcommunity Cloud"),
        (Kind.WORKSHOP, "NExTwerkstatt Cloud"),
        (Kind.CAMP, "Cloud"),
        (Kind.SERIES, "Cloud"),
        (Kind.PANEL, "Cloud"),
    ],
)
def test_a_circle_is_called_with_what_it_is(kind, name):
    assert make_community(name="Cloud", kind=kind).full_name == name


@pytest.mark.parametrize(
    ("ended", "is_over"),
    [(None, False), (date(2026, 11, 20), True), (date(2026, 11, 21), False), (date(2027, 1, 1), False)],
)
def test_a_circle_is_over_after_its_last_day(ended, is_over):
    circle = make_community()
    circle.ended_on = ended

    assert queries.has_ended(circle, date(2026, 11, 21)) == is_over


def test_who_belongs_to_one_of_the_circles_or_leads_it_belongs(db):
    hosts, other = [make_community(), make_community()], make_community()
    member, lead, stranger = make_person(), make_person(), make_person()
    make_belonging(member, hosts[1])
    make_belonging(stranger, other)
    db.add(Lead(community_id=hosts[0].id, person_id=lead.id))
    db.flush()

    assert [queries.belongs_to_any(person, hosts) for person in (member, lead, stranger)] == [True, True, False]
    assert not queries.belongs_to_any(member, [])


def test_people_of_a_circle_are_counted():
    circle = make_community()
    for _ in range(3):
        make_belonging(make_person(), circle)

    assert (queries.count_belonging(circle), queries.count_belonging(make_community())) == (3, 0)


def test_the_fingerprint_is_another_one_when_any_circle_is(db):
    seen = {queries.fingerprint()}
    circle = make_community()
    seen.add(queries.fingerprint())
    circle.summary = "Neu"
    db.flush()
    seen.add(queries.fingerprint())
    make_community()
    seen.add(queries.fingerprint())

    assert (len(seen), "" in seen) == (4, True)
