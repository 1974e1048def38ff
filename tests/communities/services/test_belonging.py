"""Joining, choosing, leaving; who leads."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from nextevents.communities import queries
from nextevents.communities.errors import CommunityClosed
from nextevents.communities.models import Belonging
from nextevents.communities.services import Parts, choose_parts, join, leave
from nextevents.ground.database import db as database
from tests.factories import make_community, make_person
from tests.mailing.reading import posted

pytestmark = pytest.mark.usefixtures("db")


def test_whoever_joins_gets_all_parts_but_the_standing_yes_and_one_mail(noon):
    circle, ada = make_community(), make_person()

    first = join(circle, ada, at=noon)
    again = join(circle, ada, at=noon + timedelta(minutes=1))

    assert again.id == first.id
    assert (first.gets_mail, first.gets_invitations, first.is_in_feed, first.always_comes) == (True, True, True, False)
    assert [(mail.kind, mail.row.recipient) for mail in posted()] == [("joined", ada.address)]


def test_nobody_joins_what_has_ended(noon):
    circle, ada = make_community(), make_person()
    circle.ended_on = date(2026, 11, 20)

    with pytest.raises(CommunityClosed):
        join(circle, ada, at=noon)

    assert database.session.scalars(select(Belonging)).all() == []


def test_one_part_can_be_left_and_then_all_of_it_and_one_can_come_back(noon):
    circle, ada = make_community(), make_person()
    belonging = join(circle, ada, at=noon)

    choose_parts(belonging, Parts(gets_mail=False, always_comes=True), at=noon)
    chosen = queries.belonging_of(ada, circle)
    assert (chosen.gets_mail, chosen.gets_invitations, chosen.always_comes) == (False, True, True)

    leave(chosen, at=noon)
    assert queries.belonging(circle.id, ada.id) is None
    join(circle, ada, at=noon + timedelta(days=1))
    assert [mail.kind for mail in posted()] == ["joined", "joined"]
