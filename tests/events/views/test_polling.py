"""Voting: by the link of all, and by one's own."""

from datetime import datetime

import pytest
from sqlalchemy import select

from nextevents.events.messages_to_voters import poll_href, voter_href
from nextevents.events.models import Stage, Vote, Voter, VotesShown, Wish
from tests import factories
from tests.factories import make_community, make_event, make_person, make_registration, make_voter
from tests.house.visitors import page_of, text_of
from tests.mailing.reading import posted

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture
def poll(db):
    return factories.make_poll(make_community("chatbot", name="Chatbot"), title="Wann treffen wir uns?")


@pytest.fixture
def here(app, poll):
    with app.test_request_context():
        return poll_href(poll)


def own(app, voter):
    with app.test_request_context():
        return voter_href(voter)


def wishes(poll, *said, **others):
    return {f"wish_{one.id}": wish for one, wish in zip(poll.options, said, strict=False)} | {"name": "Ada"} | others


def votes(db):
    db.expire_all()
    found = db.execute(select(Voter.name, Vote.wish).join(Voter).order_by(Vote.option_id, Voter.id))
    return [tuple(row) for row in found]


def test_nothing_is_chosen_beforehand_and_each_time_is_a_group_with_a_name(client, here):
    page = page_of(client.get(here))

    assert page.select("input[type=radio][checked]") == []
    legends = [one.get_text(strip=True) for one in page.select(".poll-times legend")]
    assert legends == [
        "Dienstag, 8. Dezember 2026, 14 bis 15 Uhr (MEZ)",
        "Mittwoch, 9. Dezember 2026, 10 bis 11 Uhr (MEZ)",
    ]


def test_whoever_has_the_link_votes_by_name_and_may_change_it(client, poll, here, db):
    answer = client.send(here, wishes(poll, "yes", "if_need_be"))
    assert "/umfrage/stimme/" in answer.location
    assert votes(db) == [("Ada", Wish.YES), ("Ada", Wish.IF_NEED_BE)]

    page = page_of(client.get(answer.location))
    assert [one["value"] for one in page.select("input[type=radio][checked]")] == ["yes", "if_need_be"]
    client.send(answer.location, wishes(poll, "no", "no", name="Ada B."))

    assert votes(db) == [("Ada B.", Wish.NO), ("Ada B.", Wish.NO)]


def test_whoever_leaves_an_address_gets_the_link_by_mail_only(client, poll, here, db):
    answer = client.send(here, wishes(poll, "yes", email="ada@x.example"))

    assert answer.location == here
    assert "haben wir Ihnen geschickt" in text_of(client.get(here))
    assert [mail.row.recipient for mail in posted("poll_voted")] == ["ada@x.example"]
    assert votes(db) == [("Ada", Wish.YES)]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": ""}, "Bitte geben Sie Ihren Namen an."),
        ({"name": "\u202e"}, "Zeichen, die man nicht sehen kann"),
        ({"name": "x" * 121}, "Höchstens 120 Zeichen"),
        ({"email": "keine Adresse"}, "Adresse"),
        ({"email": "termine@next.example"}, "Adresse"),
        ({"comment": "x" * 501}, "Höchstens 500 Zeichen"),
        ({"first": "maybe"}, "Bitte wählen Sie eine der Möglichkeiten."),
        ({"first": ["yes", "no"]}, "Dieses Feld kam mehrfach an."),
        ({"first": ""}, "Bitte antworten Sie auf mindestens einen Vorschlag."),
    ],
)
def test_a_vote_that_cannot_be_is_refused_beside_the_field(client, poll, here, db, fields, problem):
    typed = wishes(poll, "yes") | fields
    if "first" in typed:
        typed[f"wish_{poll.options[0].id}"] = typed.pop("first")

    answer = client.send(here, typed)

    assert answer.status_code == 422
    assert problem in text_of(answer)
    assert votes(db) == []


def test_whoever_is_signed_in_needs_no_address_and_sees_own_clashes(signed_in, poll, here, db):
    person = make_person("ada@stadt.example", name="Ada Beispiel")
    make_registration(make_event(title="Mein Termin", starts=datetime(2026, 12, 8, 14, 30)), person)
    browser = signed_in(person)
    page = page_of(browser.get(here))
    said = " ".join(page.main.stripped_strings)
    assert "Sie sind dann angemeldet: „Mein Termin“." in said
    assert page.find("input", attrs={"name": "email"}) is None
    assert page.find("input", attrs={"name": "name"})["value"] == "Ada Beispiel"

    browser.send(here, wishes(poll, "no", "yes"))

    assert db.scalars(select(Voter.person_id)).all() == [person.id]
    assert "/umfrage/stimme/" in browser.get(here).location


def test_what_else_takes_place_is_said_beside_each_time(client, here):
    make_event(title="Anderes Treffen", starts=datetime(2026, 12, 8, 14, 30))
    make_event(title="Frühstück", starts=datetime(2026, 12, 9, 7))
    make_event(title="Geheim", starts=datetime(2026, 12, 9, 10), stage=Stage.DRAFT)

    said = text_of(client.get(here))

    assert "Zur selben Zeit: „Anderes Treffen“." in said
    assert "Am selben Tag: „Frühstück“." in said
    assert "Geheim" not in said


@pytest.mark.parametrize(
    ("shown", "is_seen"),
    [
        (VotesShown.EVERYBODY, (True, True, True)),
        (VotesShown.VOTERS, (False, False, True)),
        (VotesShown.ORGANISERS, (False, False, False)),
    ],
)
def test_votes_are_shown_to_whom_the_poll_says(app, client, poll, here, shown, is_seen):
    poll.votes_shown = shown
    mine = own(app, make_voter(poll, "bo@x.example", name="Bo"))
    client.send(here, wishes(poll, "yes", name="Zoe Sichtbar"))

    seen = ["Zoe Sichtbar" in text_of(client.get(page)) for page in (here, mine)]
    client.send(mine, wishes(poll, "yes", name="Bo"))

    assert (*seen, "Zoe Sichtbar" in text_of(client.get(mine))) == is_seen


def test_after_the_deadline_the_page_says_so_kindly_and_takes_nothing(client, poll, here, db, at_noon):
    at_noon.move_to(poll.closes_at, tick=False)

    answer = client.send(here, wishes(poll, "yes"), follow_redirects=True)

    assert "leider schon beendet" in text_of(answer)
    page = page_of(client.get(here))
    assert "Diese Umfrage ist beendet." in " ".join(page.main.stripped_strings)
    assert page.main.find("form", class_="poll") is None
    assert votes(db) == []


def test_a_chosen_time_is_led_to(client, poll, here, db):
    event = make_event(slug="treffen")
    poll.event, poll.closed_at = event, poll.made_at
    db.flush()

    page = page_of(client.get(here))

    assert "Der Termin steht: Mittwoch, 2. Dezember 2026" in " ".join(page.main.stripped_strings)
    assert page.main.find("a", href="/veranstaltungen/treffen/")


def test_a_damaged_link_and_one_for_something_else_lead_nowhere(app, client, poll, here):
    mine = own(app, make_voter(poll))

    assert client.get(f"{here[:-3]}xx/").status_code == 404
    assert client.get(here.replace("/umfrage/", "/umfrage/stimme/")).status_code == 404
    assert client.get(mine.replace("/umfrage/stimme/", "/umfrage/")).status_code == 404


@pytest.mark.parametrize("name", ["<script>x</script>", "{{7*7}}", "O'Neill", "Nguyễn", "=HYPERLINK(1)"])
def test_an_unusual_name_is_shown_as_it_is(client, poll, here, name):
    client.send(here, wishes(poll, "yes", name=name))

    assert name in text_of(client.get(here))
