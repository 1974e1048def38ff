"""The demo's content keeps the facts, the calendar and the names in order."""

import re
from collections import Counter
from datetime import date, time, timedelta
from importlib import resources
from typing import get_args

import pytest
from pypdf import PdfReader

from nextevents.demo import content
from nextevents.ground.holidays import is_meeting_day

DAYS_OF_LOADING = [
    date(2025, 12, 31),
    date(2026, 1, 31),
    date(2026, 3, 1),
    date(2026, 10, 20),
    date(2026, 12, 1),
    date(2028, 2, 29),
]
EVERY_DAY_OF_TWO_YEARS = [date(2027, 1, 1) + timedelta(days=days) for days in range(731)]
FACTS = resources.files("nextevents.demo").joinpath("content")
CIRCLES = {
    "mobile-apps": "Mobile Apps",
    "chatbot-community": "Chatbot",
    "robotic-process-automation": "Robotic Process Automation (RPA)",
    "interne-beratung": "Interne Beratung",
    "machine-learning-ki": "Machine Learning und KI (Künstliche Intelligenz)",
    "organisationsentwicklung": "Kollegiale Beratung (OE & Change)",
    "digitale-ethik": "Digitale Ethik",
    "test-und-qs": "Test & QS",
    "innovationsmanagement": "Innovationsmanagement",
    "4germany": "4Germany",
    "whats-next": "What's NExT?",
    "nextcamp": "NExTcamp",
    "nextpanel": "NExTpanel",
    "vertikale-integration": "Vertikale Integration",
    "ki-verordnung": "KI-Verordnung",
    "cloud": "Cloud",
    "digitale-projekte": "Digitale Projekte",
    "digitalethische-kompetenzen": "Denkimpuls „Digitalethische Kompetenzen“",
}


@pytest.fixture(params=DAYS_OF_LOADING, ids=str)
def today(request):
    return request.param


@pytest.fixture
def events():
    return content.coming_events(date(2026, 10, 20))


def only(events, **wanted: object):
    return [event for event in events if all(getattr(event, name) == value for name, value in wanted.items())]


# Communities


def test_every_circle_of_the_report_is_there_in_its_order_and_under_its_name():
    assert [(circle.slug, circle.name) for circle in content.communities()] == list(CIRCLES.items())


def test_kinds_are_those_that_the_report_tells():
    kinds = [circle.kind for circle in content.communities()]

    assert kinds == ["community"] * 10 + ["series", "camp", "panel"] + ["workshop"] * 5


def test_two_workshops_have_ended_on_the_last_day_of_a_month_in_2022():
    ended = {circle.slug: circle.ended_on for circle in content.communities() if circle.ended_on}

    assert ended == {
        "vertikale-integration": date(2022, 8, 31),
        "digitalethische-kompetenzen": date(2022, 6, 30),
    }


def test_a_circle_introduces_itself_in_one_line_and_a_few_paragraphs():
    for circle in content.communities():
        assert 40 <= len(circle.summary) <= 160, circle.slug
        assert 2 <= len(circle.description.strip().split("\n\n")) <= 4, circle.slug


def test_workshops_name_their_goal_and_their_result():
    for circle in content.communities():
        if circle.kind == "workshop":
            assert "**Ziel:**" in circle.description, circle.slug
            assert "**Werkstück:**" in circle.description, circle.slug


# Organisations


def test_sixty_bodies_of_all_levels_are_there():
    bodies = content.organisations()

    assert Counter(body.level for body in bodies) == {
        "federal": 12,
        "state": 12,
        "municipal": 24,
        "research": 6,
        "social_insurance": 2,
        "public_company": 2,
        "association": 1,
        "other": 1,
    }
    assert len({body.name for body in bodies}) == 60


def test_a_domain_belongs_to_one_body():
    domains = [domain for body in content.organisations() for domain in body.domains]

    assert len(domains) == len(set(domains))
    assert all(1 <= len(body.domains) <= 3 for body in content.organisations())


def test_some_sub_domains_belong_to_another_body_than_their_parent():
    owner = {domain: body.name for body in content.organisations() for domain in body.domains}
    strangers = {d for d in owner if (parent := d.partition(".")[2]) in owner and owner[parent] != owner[d]}

    assert {"stat.mittelland.example", "jobcenter.oberfelden.example", "stadtwerke.musterhafen.example"} <= strangers


def test_one_domain_is_written_with_an_umlaut():
    domains = [domain for body in content.organisations() for domain in body.domains]

    assert [domain for domain in domains if not domain.isascii()] == ["behörde-nordmark.example"]


# What is ahead


def test_no_event_lies_on_a_weekend_a_holiday_or_in_the_past(today):
    for event in content.coming_events(today):
        days = (event.ends_at.date() - event.starts_at.date()).days + 1

        assert event.starts_at.date() >= today + timedelta(days=3), event.slug
        assert event.ends_at > event.starts_at, event.slug
        assert all(is_meeting_day(event.starts_at.date() + timedelta(days=later)) for later in range(days)), event.slug


def test_holidays_are_those_of_the_calendar():
    free = [date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 14), date(2026, 5, 25), date(2028, 4, 17)]
    free += [date(2026, 5, 1), date(2025, 10, 3), date(2026, 12, 24), date(2027, 1, 1), date(2026, 10, 24)]

    assert [is_meeting_day(day) for day in free] == [False] * len(free)
    assert is_meeting_day(date(2026, 4, 2))
    assert is_meeting_day(date(2026, 12, 23))


def test_slugs_are_unique_and_carry_year_and_month(today):
    events = content.coming_events(today)

    assert len({event.slug for event in events}) == len(events)
    for event in events:
        assert re.fullmatch(rf"[a-z0-9]+(-[a-z0-9]+)*-{event.starts_at:%Y-%m}", event.slug)


def test_the_year_ahead_ends_within_thirteen_months(today):
    events = content.coming_events(today)

    assert events[-1].starts_at.date() < today + timedelta(days=400)
    assert list(events) == sorted(events, key=lambda event: (event.starts_at, event.slug))


def test_whatever_the_day_of_loading_three_events_lie_within_five_weeks_and_no_circle_meets_twice_a_day():
    for today in EVERY_DAY_OF_TWO_YEARS:
        events = content.coming_events(today)
        meetings = [(slug, event.starts_at.date()) for event in events for slug in event.communities]

        soon = [event for event in events if event.starts_at.date() <= today + timedelta(weeks=5)]
        assert len([event for event in soon if not event.cancelled]) >= 3, today
        assert len(meetings) == len(set(meetings)), today


def test_an_event_whose_day_is_too_close_moves_to_the_same_weekday_a_month_later():
    on_time = content.coming_events(date(2027, 2, 19))
    too_late = content.coming_events(date(2027, 2, 22))

    assert {"testdaten-2027-02": "2027-02-23 10:00:00"}.items() <= {e.slug: str(e.starts_at) for e in on_time}.items()
    assert {"testdaten-2027-03": "2027-03-23 10:00:00"}.items() <= {e.slug: str(e.starts_at) for e in too_late}.items()


def test_the_conference_is_named_after_its_half_of_the_year():
    from_autumn = only(content.coming_events(date(2026, 10, 20)), format="panel", place="hybrid")
    from_spring = only(content.coming_events(date(2027, 3, 20)), format="panel", place="hybrid")

    assert [event.title for event in from_autumn] == ["NExTpanel: Frühjahrskonferenz in Erfurt"]
    assert [event.title for event in from_spring] == ["NExTpanel: Herbstkonferenz in Erfurt"]


def test_every_community_meets_and_every_event_belongs_to_an_active_circle(events):
    active = {circle.slug for circle in content.communities() if not circle.ended_on}
    meeting = Counter(slug for event in events for slug in event.communities)

    assert meeting.keys() <= active
    assert all(meeting[circle.slug] >= 3 for circle in content.communities() if circle.kind == "community")


def test_two_meetings_are_joint_ones(events):
    assert {event.communities for event in events if len(event.communities) == 2} == {
        ("digitale-ethik", "machine-learning-ki"),
        ("test-und-qs", "robotic-process-automation"),
    }


def test_camp_panel_series_and_workshops_are_ahead(events):
    camp, series = only(events, format="camp")[0], only(events, format="whats_next")

    assert (camp.title, camp.capacity, camp.all_day, camp.place) == ("NExTcamp #15", 400, True, "virtual")
    assert len(series) == 1
    assert {event.communities for event in only(events, format="workshop")} == {("ki-verordnung",), ("cloud",)}
    assert [(event.audience, event.place) for event in only(events, format="panel")] == [
        ("members", "in_presence"),
        ("members", "hybrid"),
    ]


def test_the_conference_lasts_two_days(events):
    conference = only(events, format="panel", place="hybrid")[0]

    assert conference.ends_at.date() - conference.starts_at.date() == timedelta(days=1)
    assert conference.ends_at.time() == time(14)


def test_the_external_event_takes_its_registrations_elsewhere(events):
    assert [(e.communities, e.place, bool(e.website), e.registrations) for e in only(events, format="external")] == [
        ((), "in_presence", True, 0)
    ]
    assert only(events, registration="elsewhere") == only(events, format="external")


def test_one_event_is_full_one_has_three_seats_left_and_one_is_cancelled(events):
    limited = [event for event in events if event.capacity]

    assert [(e.slug, e.waiting) for e in limited if e.registrations == e.capacity] == [
        ("sprachmodelle-buergeramt-2026-11", 7)
    ]
    assert len([event for event in limited if event.capacity - event.registrations == 3]) == 1
    assert len(only(events, cancelled=True)) == 1
    assert all(event.registrations <= event.capacity for event in limited)


def test_an_event_says_where_it_is_and_how_to_get_in(events):
    for event in events:
        assert (event.address is None) == (event.place == "virtual"), event.slug
        assert (event.dial_in is None) == (event.place == "in_presence"), event.slug


def test_words_of_an_event_keep_their_length(events):
    for event in events:
        assert len(event.title) <= 90, event.slug
        assert len(event.summary) <= 220, event.slug
        assert 60 <= len(event.description.split()) <= 160, event.slug


def test_times_in_a_one_day_agenda_rise_from_start_to_end(events):
    for event in events:
        told = [time.fromisoformat(text) for text in re.findall(r"^- (\d\d:\d\d) Uhr", event.description, re.MULTILINE)]
        if told and event.starts_at.date() == event.ends_at.date():
            assert told == sorted(told), event.slug
            assert told[0] == event.starts_at.time(), event.slug
            assert told[-1] <= event.ends_at.time(), event.slug


def test_values_are_among_the_agreed_ones(events):
    for event in events:
        assert event.place in get_args(content.Place), event.slug
        assert event.audience in get_args(content.Audience), event.slug
        assert event.format in get_args(content.Format), event.slug
        assert event.waiting_mode in get_args(content.WaitingMode), event.slug


# People


def test_people_are_the_same_each_time_and_more_of_them_keep_the_first():
    assert content.people(50) == content.people(50) == content.people(200)[:50]
    assert content.people(50, seed=8) != content.people(50)


def test_addresses_are_unique_and_plain():
    addresses = [person.email for person in content.people(20_000)]

    assert len(set(addresses)) == 20_000
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*\d*@[a-zö.-]+\.example", text) for text in addresses)


def test_most_people_write_from_their_body_and_about_eight_in_a_hundred_from_an_unknown_one():
    domains = {body.name: body.domains for body in content.organisations()}
    people = content.people(5_000)
    known = [person for person in people if person.organisation in domains]

    assert all(person.email.partition("@")[2] in domains[person.organisation] for person in known)
    assert 0.06 < 1 - len(known) / len(people) < 0.10


def test_unknown_bodies_have_no_domain_at_or_below_a_known_one():
    known = [domain for body in content.organisations() for domain in body.domains]
    unknown = [domain for body in content.UNKNOWN_ORGANISATIONS for domain in body.domains]

    assert not [u for u in unknown for k in known if u == k or u.endswith(f".{k}") or k.endswith(f".{u}")]


def test_names_are_many_and_different():
    for file, number in {"given_names.txt": 120, "family_names.txt": 180}.items():
        names = FACTS.joinpath(file).read_text(encoding="utf-8").splitlines()
        assert len(names) == len(set(names)) == number


def test_no_address_of_page_or_mail_leads_outside_example():
    texts = [_text_of(file) for file in FACTS.iterdir()]
    addresses = [address for text in texts for address in re.findall(r"(?:https?://|@)([\wäöüß.-]+)", text)]
    domains = [domain for body in content.organisations() for domain in body.domains]

    assert addresses
    assert [address for address in addresses + domains if not address.endswith(".example")] == []


def _text_of(file):
    if not file.name.endswith(".pdf"):
        return file.read_text(encoding="utf-8")
    with file.open("rb") as content:
        return "\n".join(page.extract_text() for page in PdfReader(content).pages)
