"""The newsletter's box while registering: a wish, asked about by mail once the address is proved (rule L-05)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.events.services import Choices, Request, change_answers, confirm_registrations, register
from nextevents.ground.database import db as database
from nextevents.ground.mail_addresses import address_of
from nextevents.mailing.models import Consent, Joining, ListKind, MailingList, Subscription
from nextevents.mailing.services import Declaration, subscribe_proved
from tests.factories import make_event, make_mailing_list, make_person
from tests.mailing.reading import posted

pytestmark = pytest.mark.usefixtures("db")
WORDS = Declaration(text="Ja.", language="de", form_url="", was_ticked=True)


def signed_up(person, *, at, ticked=True, proved=True):
    wish = Request(name=person.name, is_proved=proved, choices=Choices(wants_newsletter=ticked))
    return register(make_event(asks_newsletter=True), person, wish, at=at)


@pytest.fixture
def newsletter():
    return make_mailing_list("newsletter", kind=ListKind.NEWSLETTER)


def test_the_tick_is_asked_about_in_a_mail_of_its_own_and_begins_nothing(newsletter, noon):
    registration = signed_up(make_person(), at=noon)

    consent = database.session.scalars(select(Consent)).one()
    assert [mail.kind for mail in posted()] == ["registered", "confirm_subscription"]
    assert consent.text.startswith(
        "Ich möchte den Newsletter „Verteiler newsletter“ bekommen. Wir merken uns den Wunsch."
    )
    assert consent.form_url == f"http://localhost/veranstaltungen/{registration.event.slug}/"
    assert (consent.was_ticked, consent.confirmed_at) == (True, None)
    assert database.session.scalars(select(Subscription.state)).all() == ["requested"]


def test_it_is_the_oldest_open_one_of_the_office_that_the_page_names(client, newsletter, noon, at_noon):
    """Neither the first by name or place, nor a circle's, an internal one or one that is filled by a rule."""
    earlier, kind = noon - timedelta(days=1), ListKind.NEWSLETTER
    make_mailing_list("aaa", kind=kind, position=-1, made_at=noon + timedelta(days=1))
    make_mailing_list("circle", kind=kind, subject="community:1", made_at=earlier)
    make_mailing_list("internal", kind=kind, joining=Joining.INVITED, made_at=earlier)
    make_mailing_list("filled", kind=kind, rule="members", made_at=earlier)
    make_mailing_list("closed", kind=kind, closed_at=noon, made_at=earlier)
    make_mailing_list("other", made_at=earlier)
    event = make_event(asks_newsletter=True)
    page = f"/veranstaltungen/{event.slug}/"

    signed_up(make_person(), at=noon)
    asked = database.session.scalars(select(MailingList.slug).join(Subscription)).all()
    assert asked == ["newsletter"]
    assert "Ich möchte den Newsletter „Verteiler newsletter“ bekommen." in client.get(page).text
    assert "Verteiler newsletter" in client.get("/newsletter/").text

    newsletter.closed_at = noon
    database.session.flush()
    assert "Ich möchte den Newsletter „Verteiler aaa“ bekommen." in client.get(page).text


def test_nothing_is_asked_before_the_address_is_proved(newsletter, noon):
    person = make_person(proved=False)
    signed_up(person, at=noon, proved=False)
    assert posted("confirm_subscription") == []

    confirm_registrations(person, at=noon + timedelta(hours=1))

    assert len(posted("confirm_subscription")) == 1


@pytest.mark.parametrize("why", ["not ticked", "on it already", "no newsletter"])
def test_nobody_is_asked_without_need(newsletter, noon, why):
    person = make_person()
    if why == "on it already":
        subscribe_proved(newsletter, address_of(person.address), WORDS, by="signed_in", at=noon)
    if why == "no newsletter":
        newsletter.closed_at = noon

    signed_up(person, at=noon, ticked=why != "not ticked")

    assert [mail.kind for mail in posted()] == ["registered"]


def test_who_ticks_it_later_is_asked_then(newsletter, noon):
    registration = signed_up(make_person(), at=noon, ticked=False)

    change_answers(registration, {}, Choices(wants_newsletter=True), at=noon)

    assert len(posted("confirm_subscription")) == 1


def test_saving_it_again_asks_nobody_again(newsletter, noon):
    registration = signed_up(make_person(), at=noon)

    change_answers(registration, {}, Choices(wants_newsletter=True), at=noon + timedelta(hours=1))

    assert len(posted("confirm_subscription")) == 1
    assert len(database.session.scalars(select(Consent)).all()) == 1
