"""Changing and calling off events, and who hears of it."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from nextevents.events.errors import CapacityBelowTaken, ChangedMeanwhile, SlugStays, SlugTaken
from nextevents.events.models import Audience, Format, Place, Stage, State, WaitingMode
from nextevents.events.services import (
    EventChange,
    Request,
    cancel_event,
    change_slug,
    postpone_event,
    publish_event,
    register,
)
from nextevents.events.services import make_event as make_new_event
from nextevents.ground.clock import NoSuchLocalTimeError
from nextevents.mailing.models import Message
from tests.events.changing import changed_to
from tests.factories import make_community, make_event, make_person, make_registration
from tests.mailing.reading import posted


def told(db):
    return [(row.kind, row.recipient) for row in db.scalars(select(Message).order_by(Message.id))]


def test_a_new_time_is_told_to_all_who_have_the_entry_and_to_nobody_else(db, noon):
    event = make_event(capacity=2)
    confirmed = make_registration(event)
    waiting = make_registration(event, state=State.WAITING)
    make_registration(event, state=State.UNCONFIRMED)
    make_registration(event, state=State.CANCELLED)

    changed = changed_to(event, starts_local=datetime(2026, 12, 3, 14), ends_local=datetime(2026, 12, 3, 15), at=noon)

    assert changed == {"starts_local", "ends_local"}
    assert told(db) == [("event_changed", confirmed.person.address), ("event_changed", waiting.person.address)]
    assert event.sequence == 1


def test_a_new_text_is_told_only_if_asked_for(db, noon):
    event = make_event()
    make_registration(event)

    changed_to(event, description="Neu", at=noon)
    assert told(db) == []
    changed_to(event, description="Noch neuer", tells_text_changes=True, at=noon)
    assert len(told(db)) == 1


def test_saving_what_stands_changes_and_tells_nothing(db, noon):
    event = make_event()
    make_registration(event)
    version = event.version

    assert changed_to(event, at=noon) == frozenset()
    assert (event.version, event.sequence, told(db)) == (version, 0, [])


def test_nobody_is_told_of_a_change_to_an_event_that_is_over(db, noon):
    event = make_event(starts=datetime(2026, 11, 2, 14))
    make_registration(event)

    changed_to(event, dial_in="https://konferenz.next.example/neu", at=noon)

    assert told(db) == []


def test_fewer_seats_than_are_taken_are_refused(db, noon):
    event = make_event(capacity=3)
    make_registration(event)
    make_registration(event)

    with pytest.raises(CapacityBelowTaken) as refusal:
        changed_to(event, capacity=1, at=noon)

    assert refusal.value.taken == 2


def test_more_seats_go_to_those_who_wait_longest(db, noon):
    event = make_event(capacity=1)
    make_registration(event)
    late = make_registration(event, state=State.WAITING, made_at=noon)
    early = make_registration(event, state=State.WAITING, made_at=noon - timedelta(hours=2))
    middle = make_registration(event, state=State.WAITING, made_at=noon - timedelta(hours=1))

    changed_to(event, capacity=3, at=noon)

    assert (early.state, middle.state, late.state) == (State.CONFIRMED, State.CONFIRMED, State.WAITING)


def test_whoever_saves_an_older_version_is_refused(db, noon):
    event = make_event()
    opened_at = event.version
    changed_to(event, title="Von jemand anderem", at=noon)

    with pytest.raises(ChangedMeanwhile):
        changed_to(event, title="Von mir", version=opened_at, at=noon)

    assert event.title == "Von jemand anderem"


def test_calling_off_is_told_once_however_often_it_is_done(db, noon):
    event = make_event()
    registration = make_registration(event)

    cancel_event(event, at=noon)
    cancel_event(event, at=noon)

    assert event.stage == Stage.CANCELLED
    assert told(db) == [("event_cancelled", registration.person.address)]


# What is told to whom


@pytest.mark.parametrize(
    ("changes", "asked", "is_told"),
    [
        ({"title": "Neu"}, False, True),
        ({"summary": "Neu"}, False, False),
        ({"summary": "Neu"}, True, True),
        ({"description": "Neu"}, True, True),
        ({"place": Place.IN_PRESENCE, "address": "Rathaus", "dial_in": ""}, False, True),
        ({"dial_in": "https://konferenz.next.example/neu"}, False, True),
        ({"capacity": 90}, True, False),
        ({"audience": Audience.MEMBERS}, True, False),
        ({"waiting_mode": WaitingMode.OFFER, "offer_hours": 3}, True, False),
        ({"website": "https://a.example"}, True, False),
        ({"format": Format.PANEL}, True, False),
    ],
    ids=str,
)
def test_time_place_and_title_are_always_told_texts_if_asked_for_and_the_rest_never(db, noon, changes, asked, is_told):
    event = make_event()
    make_registration(event)

    changed = changed_to(event, at=noon, tells_text_changes=asked, **changes)

    assert changed == set(changes)
    assert (len(told(db)), event.sequence) == ((1, 1) if is_told else (0, 0))


def test_several_changes_at_once_are_one_mail_and_two_changes_are_two(db, noon):
    event = make_event()
    make_registration(event)
    later = event.starts_local + timedelta(days=1)

    changed_to(event, title="Neu", starts_local=later, ends_local=later + timedelta(hours=1), at=noon)
    changed_to(event, title="Noch neuer", at=noon)

    assert ([kind for kind, _ in told(db)], event.sequence) == (["event_changed", "event_changed"], 2)
    assert [mail.subject for mail in posted()] == ["Geändert: Neu", "Aktualisiert: Noch neuer"]


def test_people_with_an_offer_hear_of_a_change_too(db, noon):
    event = make_event()
    registration = make_registration(event, state=State.OFFERED)

    changed_to(event, dial_in="https://konferenz.next.example/neu", at=noon)

    assert told(db) == [("event_changed", registration.person.address)]


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.CANCELLED])
def test_nobody_hears_of_changes_to_what_is_not_public_or_called_off(db, noon, stage):
    event = make_event(stage=stage)
    make_registration(event)

    changed_to(event, title="Neu", at=noon)

    assert (told(db), event.title) == ([], "Neu")


def test_a_date_that_is_put_back_into_the_future_is_told(db, noon):
    event = make_event(starts=datetime(2026, 11, 2, 14))
    make_registration(event)

    changed_to(event, starts_local=datetime(2026, 12, 2, 14), ends_local=datetime(2026, 12, 2, 15), at=noon)

    assert [kind for kind, _ in told(db)] == ["event_changed"]


def test_each_reader_is_told_in_their_own_language(db, noon):
    event = make_event()
    for language in ("de", "en"):
        make_registration(event, make_person(language=language))

    changed_to(event, title="Neu", at=noon)

    assert [mail.row.form.language for mail in posted()] == ["de", "en"]


# What is kept


def test_a_change_is_found_by_searching_and_dated(db, noon):
    event = make_event()

    changed_to(event, title="ÜBERGANG", summary="Größer", description="**Denken**", at=noon)

    assert event.search_text == "übergang\ngrösser\n**denken**"
    assert event.changed_at == noon


def test_an_hour_that_does_not_exist_changes_nothing(db, noon):
    event = make_event()
    make_registration(event)

    with pytest.raises(NoSuchLocalTimeError):
        changed_to(event, starts_local=datetime(2027, 3, 28, 2, 30), ends_local=datetime(2027, 3, 28, 4), at=noon)

    db.expire_all()
    assert (event.starts_local, told(db)) == (datetime(2026, 12, 2, 14), [])


def test_each_change_raises_the_version_once(db, noon):
    event = make_event()
    first = event.version
    changed_to(event, title="Neu", at=noon)
    changed_to(event, capacity=90, at=noon)

    assert event.version == first + 2


def test_of_two_who_save_from_the_same_page_the_second_is_refused_even_after_a_registration(db, noon):
    event = make_event()
    opened_at = event.version
    register(event, make_person(), Request(name="Ada", is_proved=True), at=noon)

    changed_to(event, title="Von mir", version=opened_at, at=noon)
    with pytest.raises(ChangedMeanwhile):
        changed_to(event, title="Von dir", version=opened_at, at=noon)


# Seats


def test_no_limit_any_more_lets_everybody_in(db, noon):
    event = make_event(capacity=1)
    make_registration(event)
    waiting = [make_registration(event, state=State.WAITING) for _ in range(3)]

    changed_to(event, capacity=None, at=noon)

    assert [one.state for one in waiting] == 3 * [State.CONFIRMED]
    assert [kind for kind, _ in told(db)] == 3 * ["moved_up"]


def test_more_seats_are_offered_where_seats_are_offered(db, noon):
    event = make_event(capacity=1, waiting_mode=WaitingMode.OFFER)
    make_registration(event)
    waiting = [make_registration(event, state=State.WAITING) for _ in range(2)]

    changed_to(event, capacity=2, at=noon)

    assert [one.state for one in waiting] == [State.OFFERED, State.WAITING]


def test_exactly_as_many_seats_as_are_taken_are_fine(db, noon):
    event = make_event(capacity=3)
    make_registration(event)

    assert changed_to(event, capacity=1, at=noon) == {"capacity"}


def test_who_moves_up_with_a_change_of_time_gets_the_new_time_only(db, noon):
    event = make_event(capacity=1)
    make_registration(event)
    make_registration(event, state=State.WAITING)
    later = event.starts_local + timedelta(days=1)

    changed_to(event, capacity=2, starts_local=later, ends_local=later + timedelta(hours=1), at=noon)

    mails = [mail for mail in posted() if mail.kind == "moved_up"]
    assert [b"DTSTART;TZID=Europe/Berlin:20261203T140000" in mail.calendar for mail in mails] == [True]


# Publishing and calling off


def test_a_new_event_is_a_draft_until_it_is_published(db, noon):
    community = make_community()
    change = EventChange(
        title="Übergang",
        summary="",
        description="",
        format=Format.WORKSHOP,
        starts_local=datetime(2027, 1, 12, 9),
        ends_local=datetime(2027, 1, 12, 10),
        place=Place.VIRTUAL,
    )

    event = make_new_event("uebergang", change, [community], source="here", at=noon)
    assert (event.stage, event.seats_taken, event.communities) == (Stage.DRAFT, 0, [community])
    publish_event(event, at=noon + timedelta(hours=1))

    assert (event.stage, event.changed_at, event.search_text) == (
        Stage.PUBLISHED,
        noon + timedelta(hours=1),
        "übergang\n\n",
    )


def test_what_was_called_off_does_not_come_back_by_publishing(db, noon):
    event = make_event()
    cancel_event(event, at=noon)

    publish_event(event, at=noon)

    assert event.stage == Stage.CANCELLED


@pytest.mark.parametrize(
    ("stage", "starts"), [(Stage.DRAFT, datetime(2026, 12, 2, 14)), (Stage.PUBLISHED, datetime(2026, 11, 2))]
)
def test_calling_off_a_draft_or_what_is_over_is_told_to_nobody(db, noon, stage, starts):
    event = make_event(stage=stage, starts=starts)
    make_registration(event)

    cancel_event(event, at=noon)

    assert (event.stage, told(db)) == (Stage.CANCELLED, [])


def test_a_postponed_event_takes_its_entries_back_and_keeps_its_people(db, noon):
    event = make_event(capacity=1)
    confirmed = make_registration(event)
    waiting = make_registration(event, state=State.WAITING)

    postpone_event(event, at=noon)
    postpone_event(event, at=noon)

    assert told(db) == [("event_postponed", confirmed.person.address), ("event_postponed", waiting.person.address)]
    assert "METHOD:CANCEL" in posted()[0].calendar.decode()
    assert (event.stage, confirmed.state, waiting.state) == (Stage.POSTPONED, State.CONFIRMED, State.WAITING)
    assert not event.is_open(noon)


def test_a_new_time_ends_a_postponement_and_invites_anew_with_a_higher_number(db, noon):
    event = make_event()
    make_registration(event)
    postpone_event(event, at=noon)

    changed_to(event, starts_local=datetime(2027, 1, 13, 14), ends_local=datetime(2027, 1, 13, 15), at=noon)

    assert event.stage == Stage.PUBLISHED
    cancelled, invited = (mail.calendar.decode() for mail in posted())
    assert "METHOD:REQUEST" in invited
    assert ("SEQUENCE:1" in cancelled, "SEQUENCE:2" in invited) == (True, True)


def test_other_circles_change_the_event_and_nobody_is_mailed(db, noon):
    event = make_event(communities=(make_community("eins"),))
    make_registration(event)
    other = make_community("zwei")

    assert changed_to(event, communities=[other], at=noon) == {"communities"}
    assert (event.communities, told(db)) == ([other], [])


# What organisers say about it

WORDS = "Der Saal ist überschwemmt.\n\nWir melden uns <bald> & mit {name}."


@pytest.mark.parametrize(("end", "kind"), [(cancel_event, "event_cancelled"), (postpone_event, "event_postponed")])
def test_what_organisers_say_stands_in_the_mails_as_they_typed_it(db, noon, end, kind):
    event = make_event()
    make_registration(event)

    end(event, WORDS, at=noon)

    (mail,) = posted(kind)
    assert event.notice == WORDS
    assert "Die Veranstalter schreiben dazu:" in mail.text
    assert "  Der Saal ist überschwemmt.\n\n  Wir melden uns <bald> & mit {name}." in mail.text
    assert "<p>Wir melden uns &lt;bald&gt; &amp; mit {name}.</p>" in re.sub(r' style="[^"]*"', "", mail.html)


def test_without_a_word_of_theirs_the_mail_does_not_announce_one(db, noon):
    event = make_event()
    make_registration(event)

    cancel_event(event, at=noon)

    (mail,) = posted("event_cancelled")
    assert "schreiben dazu" not in mail.text + mail.html


def test_a_new_time_takes_back_what_was_said_about_the_old_one(db, noon):
    event = make_event()
    make_registration(event)
    postpone_event(event, WORDS, at=noon)

    changed_to(event, starts_local=datetime(2026, 12, 9, 14), ends_local=datetime(2026, 12, 9, 15), at=noon)

    assert (event.stage, event.notice) == (Stage.PUBLISHED, "")
    assert "Saal" not in posted("event_changed")[0].text


def test_other_changes_leave_it(db, noon):
    event = make_event()
    postpone_event(event, WORDS, at=noon)

    changed_to(event, summary="Neu", at=noon)

    assert (event.stage, event.notice) == (Stage.POSTPONED, WORDS)


def test_what_is_called_off_after_all_says_what_was_said_last(db, noon):
    event = make_event()
    postpone_event(event, WORDS, at=noon)

    cancel_event(event, "Es wird nichts mehr.", at=noon)
    cancel_event(event, "Noch einmal.", at=noon)

    assert event.notice == "Es wird nichts mehr."


# Its address


def test_a_draft_gets_another_address(db, noon):
    event = make_event(slug="alt", stage=Stage.DRAFT)
    version = event.version

    assert change_slug(event, "neu", at=noon)
    assert (event.slug, event.version) == ("neu", version + 1)
    assert not change_slug(event, "neu", at=noon)
    assert event.version == version + 1


def test_an_address_that_is_taken_is_refused_and_nothing_else_is_lost(db, noon):
    make_event(slug="neu")
    event = make_event(slug="alt", stage=Stage.DRAFT)
    changed_to(event, title="Titel", at=noon)

    with pytest.raises(SlugTaken):
        change_slug(event, "neu", at=noon)

    db.flush()
    assert (event.slug, event.title) == ("alt", "Titel")


@pytest.mark.parametrize("stage", [Stage.PUBLISHED, Stage.POSTPONED, Stage.CANCELLED])
def test_an_address_that_people_have_stays(db, noon, stage):
    event = make_event(slug="alt", stage=stage)

    with pytest.raises(SlugStays):
        change_slug(event, "neu", at=noon)

    assert event.slug == "alt"
