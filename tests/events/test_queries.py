"""Reading events and registrations: what is listed, in which order, and when a kept page is another one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, event

from nextevents.communities.models import Kind
from nextevents.events import queries
from nextevents.events.models import Event, Format, Place, Stage, State
from nextevents.events.queries import EventFilter
from nextevents.events.services import Request, cancel_event, cancel_registration, register
from nextevents.ground.errors import NotFound
from nextevents.people.services import make_feed
from tests.events.changing import changed_to
from tests.factories import NOON, make_community, make_event, make_organisation, make_person, make_registration

TODAY = NOON.date()
WISH = Request(name="Ada Beispiel", is_proved=True)


@pytest.fixture(autouse=True)
def within(db):
    """Rows to read."""
    return db


@contextmanager
def counted() -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(*words: object) -> None:
        if "SAVEPOINT" not in str(words[2]):
            asked.append(str(words[2]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def titles(**chosen):
    return [one.title for one in queries.listed_events(EventFilter(**chosen), NOON, limit=50)]


def on(day, month=12, year=2026, hour=14):
    return datetime(year, month, day, hour)


# Lists


def test_what_comes_is_listed_in_order_from_what_is_going_on_to_the_last_and_without_drafts():
    make_event(title="over", starts=datetime(2026, 11, 21, 11), hours=2)  # to 13:00 in Berlin, which is noon in UTC
    make_event(title="going on", starts=datetime(2026, 11, 21, 11), hours=2.1)
    make_event(title="far", starts=on(1, 6, 2027))
    make_event(title="near", starts=on(22, 11))
    make_event(title="called off", starts=on(23, 11), stage=Stage.CANCELLED)
    make_event(title="draft", stage=Stage.DRAFT)

    assert titles() == ["going on", "near", "called off", "far"]
    assert "draft" in titles(with_drafts=True)


def test_events_at_the_same_time_keep_their_order_from_page_to_page():
    made = [make_event(title=f"{number}") for number in range(5)]

    pages = [queries.listed_events(EventFilter(), NOON, limit=2, offset=offset) for offset in (0, 2, 4)]

    assert [one for page in pages for one in page] == made


def test_filters_can_be_put_together():
    chatbot, ethics = make_community("chatbot"), make_community("ethik")
    make_event(title="a", communities=(chatbot,), place=Place.VIRTUAL)
    make_event(title="b", communities=(chatbot, ethics), place=Place.IN_PRESENCE, format=Format.WORKSHOP)
    make_event(title="c", communities=(ethics,), place=Place.IN_PRESENCE, starts=on(5, 1, 2027))

    assert titles(community="chatbot") == ["a", "b"]
    assert titles(community="ethik", place=Place.IN_PRESENCE) == ["b", "c"]
    assert titles(format=Format.WORKSHOP) == ["b"]
    assert titles(month=date(2027, 1, 1)) == ["c"]
    assert titles(community="ethik", month=date(2026, 12, 1), format=Format.WORKSHOP) == ["b"]
    assert titles(community="unknown") == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["100 % Übergang_KI", "Straße: c:\\neu"]),
        ("übergang", ["100 % Übergang_KI"]),
        ("ÜBERGANG ki", ["100 % Übergang_KI"]),
        ("STRASSE", ["Straße: c:\\neu"]),
        ("straße neu", ["Straße: c:\\neu"]),
        ("%", ["100 % Übergang_KI"]),
        ("_", ["100 % Übergang_KI"]),
        ("\\", ["Straße: c:\\neu"]),
        ("100%", []),
        ("u\u0308bergang", ["100 % Übergang_KI"]),
        ("' OR 1=1 --", []),
        ("übergang straße", []),
    ],
)
def test_every_word_is_looked_for_literally_in_any_case(words, found):
    for title in ("100 % Übergang_KI", "Straße: c:\\neu"):
        changed_to(make_event(), title=title, summary="", at=NOON)

    assert titles(words=words) == found


def test_the_archive_of_a_year_is_newest_first_and_ends_now():
    make_event(title="January", starts=datetime(2026, 1, 1), hours=1)
    make_event(title="New Year's Eve", starts=datetime(2025, 12, 31, 23, 59), hours=3)
    make_event(title="July", starts=datetime(2026, 7, 1))
    make_event(title="called off", starts=datetime(2026, 7, 2), stage=Stage.CANCELLED)
    make_event(title="to come")

    assert titles(year=2026) == ["called off", "July", "January"]
    assert titles(year=2025) == ["New Year's Eve"]
    assert queries.archive_years(NOON) == [2026, 2025]


def test_a_month_shows_all_its_days_the_past_ones_too():
    make_event(title="first", starts=datetime(2026, 11, 1))
    make_event(title="last", starts=datetime(2026, 11, 30, 23, 59))
    make_event(title="other", starts=datetime(2026, 12, 1))

    assert titles(month=date(2026, 11, 1)) == ["first", "last"]
    assert titles(month=date(2026, 12, 1)) == ["other"]
    assert titles(month=date(2026, 12, 1), year=2020) == ["other"]


def test_the_next_ones_are_those_that_take_place():
    make_event(title="called off", stage=Stage.CANCELLED)
    make_event(title="draft", stage=Stage.DRAFT)
    make_event(title="over", starts=datetime(2026, 11, 1))
    for day in (3, 2, 4):
        make_event(title=f"{day}", starts=on(day))

    assert [one.title for one in queries.next_events(NOON, limit=2)] == ["2", "3"]


def test_a_circle_has_its_coming_meetings_in_order_and_its_past_ones_newest_first():
    circle, other = make_community(), make_community(kind=Kind.WORKSHOP)
    for day in (1, 2):
        make_event(title=f"past {day}", starts=on(day, 11), communities=(circle,))
        make_event(title=f"next {day}", starts=on(day), communities=(circle, other))
    make_event(communities=(circle,), stage=Stage.DRAFT)
    make_event(title="called off", starts=on(3), communities=(circle,), stage=Stage.CANCELLED)
    make_event(communities=(other,))

    def meetings(*, is_past, limit=9):
        return [one.title for one in queries.meetings_of(circle, NOON, is_past=is_past, limit=limit)]

    assert (meetings(is_past=False), meetings(is_past=True)) == (
        ["next 1", "next 2", "called off"],
        ["past 2", "past 1"],
    )
    assert meetings(is_past=False, limit=1) == ["next 1"]
    assert queries.coming_counts(NOON) == {circle.id: 2, other.id: 3}


def test_a_list_asks_as_much_for_one_event_as_for_many(within):
    def questions():
        within.expunge_all()
        with counted() as asked:
            for one in queries.listed_events(EventFilter(), NOON, limit=50):
                assert len(one.communities) == 2
        return len(asked)

    make_event(communities=(make_community(), make_community()))
    few = questions()
    for _ in range(20):
        make_event(communities=(make_community(), make_community()))

    assert questions() == few == 2


# Keys of kept pages


def test_the_key_of_a_list_is_another_one_as_soon_as_anything_in_it_is_different():
    def key(at=NOON):
        return queries.list_key(EventFilter(), at, limit=10)

    keys = [key()]
    first = make_event(opens_at=NOON + timedelta(hours=1), closes_at=NOON + timedelta(hours=2))
    keys.append(key())
    changed_to(first, title="Neu", at=NOON)
    keys.append(key())
    register(first, make_person(), WISH, at=NOON + timedelta(hours=1))
    keys.append(key())
    keys += [key(NOON + timedelta(hours=hours)) for hours in (1, 2)]
    cancel_event(first, at=NOON)
    keys += [key(), key(first.ends_at)]

    assert len(set(keys)) == 7
    assert keys[0] == keys[-1]  # nothing to come any more, as in the beginning
    assert key() == key()


def test_the_key_of_a_page_is_another_one_as_soon_as_anything_on_it_is_different(within):
    circle = make_community()
    one = make_event(slug="ki", capacity=1, communities=(circle,))
    keys = [queries.page_key("ki")]

    def note():
        keys.append(queries.page_key("ki"))

    changed_to(one, description="Neu", at=NOON)
    note()
    circle.name = "Anders"
    within.flush()
    note()
    seated = register(one, make_person(), WISH, at=NOON)
    note()
    register(one, make_person(), WISH, at=NOON)
    note()
    cancel_registration(seated, at=NOON)
    note()
    cancel_event(one, at=NOON)
    note()

    assert len({str(key) for key in keys}) == 7
    assert queries.page_key("ki") == keys[-1]


@pytest.mark.parametrize("stage", [Stage.DRAFT, None])
def test_there_is_no_page_of_a_draft_or_of_nothing(stage):
    if stage:
        make_event(slug="ki", stage=stage)

    for find in (queries.page_key, queries.event_with_slug):
        with pytest.raises(NotFound):
            find("ki")


def test_the_office_finds_drafts():
    draft = make_event(slug="ki", stage=Stage.DRAFT)

    assert queries.event_with_slug("ki", with_drafts=True) == draft


# Feeds


@pytest.mark.parametrize(
    ("values", "is_shown"),
    [
        ({}, True),
        ({"stage": Stage.DRAFT}, False),
        ({"starts": datetime(2026, 9, 22, 1), "hours": 1}, True),
        ({"starts": datetime(2026, 9, 21, 23), "hours": 0.5}, False),
        ({"stage": Stage.CANCELLED, "changed_at": NOON - timedelta(days=29)}, True),
        ({"stage": Stage.CANCELLED, "changed_at": NOON - timedelta(days=31)}, False),
        ({"stage": Stage.CANCELLED, "starts": datetime(2026, 9, 1), "changed_at": NOON}, False),
        ({"starts": datetime(2030, 1, 1)}, True),
    ],
    ids=str,
)
def test_feeds_show_what_comes_sixty_days_back_and_what_was_called_off_within_thirty(values, is_shown):
    one = make_event(**values)

    assert list(queries.feed_events(None, TODAY)) == ([one] if is_shown else [])
    assert (queries.feed_key(None, TODAY) != "") == is_shown


def test_the_feed_of_a_circle_shows_its_own_dates():
    circle, other = make_community(), make_community()
    one, joint = make_event(communities=(circle,)), make_event(communities=(circle, other))
    make_event(communities=(other,))
    make_event()

    assert set(queries.feed_events(circle, TODAY)) == {one, joint}
    assert queries.feed_key(circle, TODAY) != queries.feed_key(other, TODAY) != queries.feed_key(None, TODAY)


def test_the_key_of_a_feed_is_another_one_when_its_bytes_are():
    one = make_event()
    keys = [queries.feed_key(None, TODAY)]
    changed_to(one, title="Neu", at=NOON)
    keys.append(queries.feed_key(None, TODAY))
    cancel_event(one, at=NOON)
    keys.append(queries.feed_key(None, TODAY))
    keys.append(queries.feed_key(None, TODAY + timedelta(days=31)))

    assert len(set(keys)) == 4


def test_a_persons_own_feed_shows_where_they_have_or_may_get_a_seat():
    ada = make_person()
    shown = [make_registration(make_event(), ada, state=state) for state in queries_states(is_shown=True)]
    for state in queries_states(is_shown=False):
        make_registration(make_event(), ada, state=state)
    make_registration(make_event(), make_person())

    feed, without = make_feed(ada, at=NOON), make_feed(ada, only_without_invitation=True, at=NOON)

    assert set(queries.own_feed_registrations(feed, TODAY)) == set(shown)
    assert [one.state for one in queries.own_feed_registrations(without, TODAY)] == [State.ATTENDED]


def queries_states(*, is_shown):
    shown = (State.CONFIRMED, State.WAITING, State.OFFERED, State.ATTENDED)
    return [state for state in State if (state in shown) == is_shown]


# Registrations


def test_own_registrations_are_the_coming_ones_in_order_and_the_past_ones_newest_first():
    ada = make_person()
    days = {"past 1": on(1, 11), "past 2": on(2, 11), "next 2": on(2), "next 1": on(1)}
    for title, starts in days.items():
        make_registration(make_event(title=title, starts=starts), ada)
    make_registration(make_event(title="left"), ada, state=State.CANCELLED)

    def own(*, is_past):
        return [one.event.title for one in queries.own_registrations(ada, NOON, is_past=is_past)]

    assert (own(is_past=False), own(is_past=True)) == (["next 1", "next 2"], ["past 2", "past 1"])


def test_the_waiting_list_is_in_order_of_time_and_then_of_number():
    one = make_event(capacity=1)
    made = [
        make_registration(one, state=State.WAITING, made_at=NOON + timedelta(minutes=minutes)) for minutes in (5, 1, 5)
    ]
    make_registration(make_event(), state=State.WAITING)

    assert [queries.waiting_position(registration) for registration in made] == [2, 1, 3]
    assert (queries.first_waiting(one), queries.waiting_count(one)) == (made[1], 3)


def test_a_registration_is_found_by_its_number_or_is_not_there():
    registration = make_registration(make_event())

    assert queries.registration(registration.id) == registration
    with pytest.raises(NotFound):
        queries.registration(registration.id + 1)


def test_whoever_has_the_entry_is_told():
    one = make_event()
    for state in State:
        make_registration(one, state=state)

    assert {registration.state for registration in queries.told_registrations(one)} == {
        State.CONFIRMED,
        State.WAITING,
        State.OFFERED,
    }


@pytest.fixture
def crowd(within):
    """Three participants with names and addresses to search for."""
    one = make_event()
    people = {
        "Änne Weiß": "aenne@stadt.example",
        "Bob_O'Neill 100%": "bob.x@amt.example",
        "Çelik Straßer": "CELIK@amt.example",
    }
    for name, address in people.items():
        make_registration(one, make_person(address.lower(), name=name))
    make_registration(make_event(), make_person(name="Änne Anderswo"))

    def found(words="", state=None):
        chosen = queries.participants(one, queries.Choice(words=words, state=state))
        return [registration.name for registration in within.scalars(chosen)]

    return found


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("änne", ["Änne Weiß"]),
        ("ÄNNE", ["Änne Weiß"]),
        ("Änne", ["Änne Weiß"]),
        ("weiß", ["Änne Weiß"]),
        ("Weiß", ["Änne Weiß"]),
        ("straßer", ["Çelik Straßer"]),
        ("çelik", ["Çelik Straßer"]),
        ("o'neill", ["Bob_O'Neill 100%"]),
        ("_", ["Bob_O'Neill 100%"]),
        ("%", ["Bob_O'Neill 100%"]),
        ("CELIK@", ["Çelik Straßer"]),
        ("amt.example", ["Bob_O'Neill 100%", "Çelik Straßer"]),
        ("nobody", []),
    ],
)
def test_participants_are_found_by_name_and_address_in_any_case(crowd, words, names):
    assert sorted(crowd(words)) == sorted(names)


def test_participants_are_listed_by_name_and_those_who_wait_in_their_order(within):
    one = make_event(capacity=2)
    for name in ("Bob", "Ada"):
        make_registration(one, make_person(name=name))
    for name, minutes in (("Zoe", 1), ("Carl", 2)):
        make_registration(one, make_person(name=name), state=State.WAITING, made_at=NOON + timedelta(minutes=minutes))

    def names(choice=None, **order):
        return [registration.name for registration in within.scalars(queries.participants(one, choice, **order))]

    assert names() == ["Ada", "Bob", "Carl", "Zoe"]
    assert names(is_falling=True) == ["Zoe", "Carl", "Bob", "Ada"]
    assert names(queries.Choice(state=State.WAITING), sort=queries.Sort.QUEUE) == ["Zoe", "Carl"]


def test_a_list_of_participants_asks_as_much_for_one_as_for_many(within):
    number = make_event(capacity=None).id

    def questions():
        within.expunge_all()
        with counted() as asked:
            for registration in within.scalars(queries.participants(within.get(Event, number))):
                assert registration.person.body
        return len(asked)

    def add(count):
        for _ in range(count):
            person = make_person()
            person.organisation = make_organisation()
            make_registration(within.get(Event, number), person)

    add(1)
    few = questions()
    add(10)
    assert questions() == few == 2


def test_registrations_are_counted_by_state_those_without_any_too():
    one = make_event()
    make_registration(one)
    make_registration(one, state=State.WAITING)

    assert queries.counts_by_state(one) == dict.fromkeys(State, 0) | {State.CONFIRMED: 1, State.WAITING: 1}
