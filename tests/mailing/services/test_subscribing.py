"""Coming onto a list: asked for by anybody, begun by the mailbox's owner, with a proof of each step (L-01 to L-06)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from nextevents.ground.database import db as database
from nextevents.ground.errors import OwnAddressRefused
from nextevents.ground.mail_addresses import address_of
from nextevents.mailing import queries
from nextevents.mailing.errors import ListClosed, NobodySubscribes
from nextevents.mailing.models import Consent, Mailbox, Message, Subscription, SubscriptionState, Suppression
from nextevents.mailing.services import (
    Answer,
    Declaration,
    ask_to_subscribe,
    close_list,
    confirm,
    forget_unconfirmed,
    is_suppressed,
    leave_list,
    lift_suppression,
    mailbox_for,
    subscribe_proved,
    suppress,
    suspend,
    wake,
    words_of_consent,
)
from tests.factories import make_mailing_list
from tests.mailing.reading import posted

pytestmark = pytest.mark.usefixtures("db")
ADA = "Ada@Stadt.example"


def shown(one, language="de"):
    return Declaration(
        text=words_of_consent(one, language),
        language=language,
        form_url="http://localhost/newsletter/",
        was_ticked=True,
    )


def asked(one, *, at, address=ADA, **more):
    return ask_to_subscribe(one, address_of(address), shown(one), at=at, **more)


def handed_over(*, at):
    database.session.execute(update(Message).values(sent_at=at, state="sent"))


def state_of(one, address=ADA):
    mailbox = queries.mailbox_with_key(address.casefold())
    found = queries.subscription(one, mailbox) if mailbox else None
    return found.state if found else None


def test_the_request_is_stored_with_all_that_proves_it_and_nothing_begins(noon):
    one = make_mailing_list(name="NExT-Newsletter", purpose="Einmal im Monat.")

    consent = asked(one, at=noon, name="Ada")

    [mail] = posted()
    assert (consent.address, consent.was_ticked, consent.form_url) == (ADA, True, "http://localhost/newsletter/")
    assert consent.text == (
        "Ja, ich möchte Mails von „NExT-Newsletter“ bekommen. Einmal im Monat. "
        "Ich kann das jederzeit ändern oder beenden, mit einem Klick in jeder Mail."
    )
    assert (consent.text_version, consent.language, consent.source.value) == ("2026-1", "de", "self")
    assert (consent.requested_at, consent.confirmed_at, consent.withdrawn_at) == (noon, None, None)
    assert (consent.mail_id, consent.mail_version) == (mail.row.message_id, "2026-1")
    assert mail.row.recipient == "Ada@stadt.example"
    assert state_of(one) == SubscriptionState.REQUESTED


def test_the_button_begins_it_and_notes_when_the_mail_was_handed_over(noon):
    one = make_mailing_list()
    consent = asked(one, at=noon)
    handed_over(at=noon + timedelta(seconds=5))

    answer = confirm(consent, is_sure=False, at=noon + timedelta(minutes=10))

    assert answer == Answer.CONFIRMED
    assert (consent.confirmed_by, consent.mailed_at) == ("button", noon + timedelta(seconds=5))
    assert state_of(one) == SubscriptionState.ACTIVE
    assert confirm(consent, is_sure=False, at=noon + timedelta(days=9)) == Answer.CONFIRMED
    assert consent.confirmed_at == noon + timedelta(minutes=10)


@pytest.mark.parametrize("seconds", [0, 59])
def test_whoever_presses_within_a_minute_is_asked_again_and_that_is_noted(noon, seconds):
    one = make_mailing_list()
    consent = asked(one, at=noon)
    handed_over(at=noon)
    soon = noon + timedelta(seconds=seconds)

    assert confirm(consent, is_sure=False, at=soon) == Answer.DOUBTFUL
    assert (consent.confirmed_at, consent.confirmed_by, state_of(one)) == (None, "doubtful", "requested")
    assert confirm(consent, is_sure=True, at=soon) == Answer.CONFIRMED
    assert (consent.confirmed_by, state_of(one)) == ("button_and_tick", "active")


def test_a_mail_that_was_not_handed_over_yet_cannot_be_answered_by_its_reader(noon):
    one = make_mailing_list()
    consent = asked(one, at=noon)

    assert confirm(consent, is_sure=False, at=noon + timedelta(hours=1)) == Answer.DOUBTFUL


def test_the_link_is_good_for_seven_days(noon):
    one = make_mailing_list()
    consent = asked(one, at=noon)
    handed_over(at=noon)

    assert confirm(consent, is_sure=True, at=noon + timedelta(days=7, seconds=1)) == Answer.TOO_LATE
    assert state_of(one) == SubscriptionState.REQUESTED


def test_an_address_gets_one_mail_a_day_whatever_it_is_entered_for_and_its_link_shows_all(noon):
    first, second = make_mailing_list(), make_mailing_list()

    one = asked(first, at=noon)
    other = asked(second, at=noon + timedelta(hours=1))
    again = asked(first, at=noon + timedelta(hours=2), address="ADA@stadt.example")

    assert len(posted("confirm_subscription")) == 1
    assert again.id == one.id
    assert other.mail_id == one.mail_id
    waiting = queries.waiting_requests(one.mailbox_id, since=noon - timedelta(days=7))
    assert [each.id for each in waiting] == [one.id, other.id]
    asked(second, at=noon + timedelta(hours=26))
    assert len(posted("confirm_subscription")) == 2


def test_whoever_is_on_it_is_told_so_once_a_day_and_no_second_consent_is_written(noon):
    one = make_mailing_list()
    subscribe_proved(one, address_of(ADA), shown(one), by="signed_in", at=noon)

    assert asked(one, at=noon) is None
    assert asked(one, at=noon + timedelta(hours=1)) is None

    assert [mail.kind for mail in posted()] == ["already_subscribed"]
    assert len(database.session.scalars(select(Consent)).all()) == 1


def test_nobody_comes_onto_what_is_closed_or_follows_from_a_rule(noon):
    closed, ruled = make_mailing_list(), make_mailing_list(rule="members")
    close_list(closed, at=noon)

    with pytest.raises(ListClosed):
        asked(closed, at=noon)
    with pytest.raises(NobodySubscribes):
        asked(ruled, at=noon)
    assert posted() == []


@pytest.mark.parametrize("local_part", ["rundbrief", "RUNDBRIEF", "rundbrief+owner"])
def test_the_address_of_a_list_is_refused_because_it_would_go_in_circles(app, noon, local_part):
    """Bad input 28."""
    one = make_mailing_list("rundbrief")

    with pytest.raises(OwnAddressRefused):
        asked(one, at=noon, address=f"{local_part}@{app.config['LIST_DOMAIN']}")
    asked(one, at=noon, address=f"andere@{app.config['LIST_DOMAIN']}")
    assert [mail.row.recipient for mail in posted()] == [f"andere@{app.config['LIST_DOMAIN']}"]


def test_an_address_whose_mail_came_back_is_taken_and_works_again_once_confirmed(noon):
    """Bad input 29."""
    one = make_mailing_list()
    mailbox = mailbox_for(ADA, at=noon)
    suspend(mailbox, "Das Postfach gibt es nicht.", at=noon)

    consent = asked(one, at=noon)
    assert mailbox.suspended_at == noon
    handed_over(at=noon)
    confirm(consent, is_sure=False, at=noon + timedelta(hours=1))

    assert (mailbox.suspended_at, mailbox.suspended_because) == (None, "")


def test_an_address_that_wants_nothing_gets_nothing_whoever_asks(noon):
    one = make_mailing_list()
    suppress(address_of(ADA), "erased", at=noon)

    assert asked(one, at=noon) is None
    assert posted() == []
    assert database.session.scalars(select(Mailbox)).all() == []
    stored = database.session.scalars(select(Suppression.fingerprint)).one()
    assert "ada" not in stored
    assert len(stored) == 64


def test_suppressing_takes_off_all_lists_and_only_the_owner_undoes_it(noon):
    one = make_mailing_list()
    subscribe_proved(one, address_of(ADA), shown(one), by="signed_in", at=noon)
    mailbox = queries.mailbox_with_key("ada@stadt.example")

    suppress(address_of(ADA), "complaint", at=noon)
    wake(mailbox)

    assert (state_of(one), mailbox.suspended_at) == ("ended", noon)
    consent = database.session.scalars(select(Consent)).one()
    assert (consent.withdrawn_at, consent.withdrawn_by) == (noon, "complaint")
    subscribe_proved(one, address_of(ADA), shown(one), by="signed_in", at=noon)
    assert (state_of(one), mailbox.suspended_at, is_suppressed(address_of(ADA))) == ("active", None, False)


def test_a_suppression_is_known_under_the_key_of_before(app, noon, monkeypatch):
    suppress(address_of(ADA), "office", at=noon)
    monkeypatch.setitem(app.config, "SECRET_KEY_FALLBACKS", [app.config["SECRET_KEY"]])
    monkeypatch.setitem(app.config, "SECRET_KEY", "a new key of the tests, long enough to be taken")

    assert is_suppressed(address_of(ADA))
    lift_suppression(address_of(ADA))
    assert not is_suppressed(address_of(ADA))


def test_a_new_mailbox_of_somebody_who_wants_nothing_is_silent_from_the_start(noon):
    suppress(address_of(ADA), "import", at=noon)

    assert mailbox_for(ADA, at=noon).suspended_at == noon


def test_what_nobody_confirms_is_gone_within_fourteen_days(noon):
    one, other = make_mailing_list(), make_mailing_list()
    asked(one, at=noon)
    stays = asked(other, at=noon, address="bo@stadt.example")
    handed_over(at=noon)
    confirm(stays, is_sure=False, at=noon + timedelta(hours=1))

    assert forget_unconfirmed(at=noon + timedelta(days=12)) == 0
    assert forget_unconfirmed(at=noon + timedelta(days=14)) == 3

    assert [mailbox.address for mailbox in database.session.scalars(select(Mailbox))] == ["bo@stadt.example"]
    assert [each.id for each in database.session.scalars(select(Consent))] == [stays.id]
    assert len(database.session.scalars(select(Subscription)).all()) == 1


def test_a_mailbox_that_a_mail_names_stays_so_that_its_links_work(noon):
    ruled = make_mailing_list(rule="members")
    mailbox = mailbox_for(ADA, at=noon - timedelta(days=30))
    asked(make_mailing_list(), at=noon, address="bo@stadt.example")
    database.session.execute(update(Message).values(list_id=ruled.id, mailbox_id=mailbox.id))

    forget_unconfirmed(at=noon + timedelta(days=30))

    assert queries.mailbox(mailbox.id) is not None


def test_leaving_and_asking_anew_needs_a_new_confirmation(noon):
    one = make_mailing_list()
    subscribe_proved(one, address_of(ADA), shown(one), by="signed_in", at=noon)
    leave_list(one, queries.mailbox_with_key("ada@stadt.example"), by="page", at=noon)

    asked(one, at=noon + timedelta(days=2))

    assert state_of(one) == SubscriptionState.REQUESTED
