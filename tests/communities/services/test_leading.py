"""Who leads a circle: appointed, handed over, released; never nobody."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from nextevents.communities import queries
from nextevents.communities.errors import LastLead, NobodyKnown, TooManyQuestions
from nextevents.communities.models import Community, Lead
from nextevents.communities.services import appoint, ask_leads, hand_over, release
from nextevents.ground.database import db as database
from nextevents.ground.database import transaction
from nextevents.people.addresses import address_of
from tests.factories import make_community, make_lead, make_person
from tests.mailing.reading import posted

ADDRESS = "ada@stadt.example"


def test_an_appointed_lead_belongs_and_is_told_once(db, noon):
    circle, ada, office = make_community(), make_person(ADDRESS), make_person(office=True)

    for _ in range(2):
        appoint(circle, address_of(ADDRESS), by=office, at=noon)

    assert queries.leads(ada, circle)
    assert queries.belonging(circle.id, ada.id)
    assert sorted(mail.kind for mail in posted()) == ["appointed", "joined"]


def test_whoever_has_never_proved_an_address_cannot_lead(db, noon):
    circle, office = make_community(), make_person(office=True)
    make_person(ADDRESS, proved=False)

    for address in (ADDRESS, "nobody@stadt.example"):
        with pytest.raises(NobodyKnown):
            appoint(circle, address_of(address), by=office, at=noon)


def test_the_last_lead_cannot_go_and_hands_over_instead(db, noon):
    circle, ada, bob = make_community(), make_person(ADDRESS), make_person("bob@stadt.example")
    make_lead(bob, circle)

    with pytest.raises(LastLead):
        release(circle, bob.id)
    hand_over(circle, bob, address_of(ADDRESS), at=noon)

    assert [one.id for one in queries.leads_of(circle)] == [ada.id]
    release(circle, bob.id)  # twice is harmless


def test_handing_over_to_oneself_changes_nothing(db, noon):
    circle, bob = make_community(), make_person("bob@stadt.example")
    make_lead(bob, circle)

    hand_over(circle, bob, address_of("bob@stadt.example"), at=noon)

    assert [one.id for one in queries.leads_of(circle)] == [bob.id]


def test_a_question_reaches_all_leads_once_and_shows_them_to_nobody(db, noon):
    circle = make_community()
    for name in ("a", "b"):
        make_lead(make_person(f"{name}@stadt.example"), circle)

    for _ in range(2):
        ask_leads(circle, address_of("eve@amt.example"), sender="Eve", text="Wann?\n\nUnd wo?", nonce="n1", at=noon)

    assert sorted(mail.row.recipient for mail in posted()) == ["a@stadt.example", "b@stadt.example"]
    for words in ("eve@amt.example", "Eve", "Wann?", "Und wo?"):
        assert words in posted()[0].text
    assert posted()[0].whole["Reply-To"] == "eve@amt.example"


def test_leads_get_no_more_than_twenty_questions_a_day(db, noon):
    circle, eve = make_community(), address_of("eve@amt.example")
    make_lead(make_person(), circle)
    for number in range(20):
        ask_leads(circle, eve, sender="Eve", text=f"{number}?", nonce="", at=noon)

    with pytest.raises(TooManyQuestions):
        ask_leads(circle, eve, sender="Eve", text="Und?", nonce="", at=noon)
    ask_leads(circle, eve, sender="Eve", text="Und?", nonce="", at=noon + timedelta(days=1))

    assert len(posted()) == 21


def test_two_leads_who_release_each_other_at_once_leave_one(app):
    """On the real database, each in a transaction of its own."""
    with app.app_context():
        with transaction():
            circle = make_community()
            people = [make_person(), make_person()]
            for one in people:
                make_lead(one, circle)
            number, persons = circle.id, [one.id for one in people]
        database.session.remove()
    starting, refused = Barrier(2), []

    def let_go(person: int) -> None:
        with app.app_context():
            starting.wait()
            try:
                with transaction():
                    release(database.session.get_one(Community, number), person)
            except LastLead:
                refused.append(person)
            database.session.remove()

    threads = [Thread(target=let_go, args=(person,)) for person in persons]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    with app.app_context():
        left = database.session.scalars(select(Lead.person_id).where(Lead.community_id == number)).all()
        with transaction():
            for table in reversed(database.metadata.sorted_tables):
                database.session.execute(table.delete())
        database.session.remove()
    assert left == refused
    assert len(left) == 1
