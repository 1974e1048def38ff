"""A circle's desk: what waits, what it says of itself, who leads it, joint meetings, whose turn it is."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from nextevents.communities import queries as communities
from nextevents.communities.models import Kind
from nextevents.events import queries as events
from nextevents.events.errors import AlreadyOver, NotYourTurn
from nextevents.events.models import Stage, State, Turn
from nextevents.events.services import hand_over_turn, publish_event, remind_hosts
from nextevents.ground.database import db as database
from nextevents.mailing.models import Message
from nextevents.people.addresses import address_of
from tests.factories import (
    make_belonging,
    make_community,
    make_event,
    make_lead,
    make_person,
    make_poll,
    make_registration,
    make_voter,
)
from tests.house.visitors import page_of, text_of
from tests.mailing.reading import posted

pytestmark = pytest.mark.usefixtures("at_noon")

DESK = "/verwalten/communities/chatbot/"


@pytest.mark.parametrize("page", ["", "angaben/", "leitung/", "reihum/"])
def test_only_its_leads_and_the_office_see_it(client, signed_in, lead, page):
    neighbour = make_person()
    make_lead(neighbour, make_community())

    assert client.get(DESK + page).status_code == 303
    assert signed_in(neighbour).get(DESK + page).status_code == 404
    assert lead.get(DESK + page).status_code == 200
    assert signed_in(make_person(office=True)).get(DESK + page).status_code == 200


def test_what_waits_is_said_and_nobodys_address(lead, community, noon):
    event = make_event(title="Mit Anfrage", communities=(community,), dial_in="", starts=datetime(2026, 11, 25, 14))
    make_registration(event, state=State.REQUESTED)
    make_event(title="Noch Entwurf", stage=Stage.DRAFT, communities=(community,), starts=datetime(2027, 11, 25, 14))
    shown, hidden = make_person(name="Zeig Mich"), make_person(name="Zeig Nicht")
    for person in (shown, hidden):
        make_belonging(person, community)
        make_registration(event, person).is_shown = person is shown
    database.session.flush()

    answer = lead.get(DESK)

    said = text_of(answer)
    for words in (
        "1 Anfrage",
        "Der Zugang zur Videokonferenz fehlt",
        "Entwurf, noch nicht veröffentlicht",
        "Zeig Mich",
    ):
        assert words in said
    assert "Zeig Nicht" not in said
    assert shown.address not in answer.text


def test_when_no_date_stands_in_three_months_it_says_so(lead):
    assert "In den nächsten drei Monaten steht kein Termin" in text_of(lead.get(DESK))


def test_a_poll_in_which_half_are_silent_shortly_before_its_end_waits_for_the_leads(lead, community, noon):
    def polled(title, *, hours, voted, silent, **values):
        poll = make_poll(community, title=title, closes_at=noon + timedelta(hours=hours), **values)
        for number in range(voted + silent):
            make_voter(poll).voted_at = noon if number < voted else None
        make_voter(poll, name="Ungefragt").asked_at = None

    polled("Halb still", hours=47, voted=2, silent=2)
    polled("Eine fehlt", hours=1, voted=0, silent=1)
    polled("Fast alle da", hours=47, voted=3, silent=2)
    polled("Noch lange", hours=49, voted=0, silent=4)
    polled("Nur Fremde", hours=1, voted=0, silent=0)
    polled("Beendet", hours=1, voted=0, silent=4, closed_at=noon)
    database.session.flush()

    page = page_of(lead.get(DESK))

    waiting = [" ".join(one.get_text().split()) for one in page.select("section[aria-labelledby=wartet] li")]
    one_of_one, two_of_four = "1 von 1 gefragten Personen hat", "2 von 4 gefragten Personen haben"
    still = "noch nicht abgestimmt"
    assert waiting[:2] == [
        f"{one_of_one} {still}: Eine fehlt, läuft bis Samstag, 21. November 2026, 14 Uhr",
        f"{two_of_four} {still}: Halb still, läuft bis Montag, 23. November 2026, 12 Uhr",
    ]
    assert not any("abgestimmt" in one for one in waiting[2:])


def test_what_a_circle_says_of_itself_is_changed_and_not_overwritten(lead, community):
    version = str(community.version)
    form = {"version": version, "summary": "Neu", "description": "", "dial_in": "https://x.example"}

    assert lead.send(f"{DESK}angaben/", form).location == DESK
    database.session.expire_all()
    assert (community.summary, community.dial_in, community.invites) == ("Neu", "https://x.example", False)
    late = lead.send(f"{DESK}angaben/", form | {"summary": "Später"})
    assert late.status_code == 409
    assert "Inzwischen hat jemand anders" in text_of(late)


def test_a_workshop_has_a_goal_and_an_end(lead, community):
    community.kind = Kind.WORKSHOP
    database.session.flush()
    form = {"version": str(community.version), "summary": "x", "goal": "Ein Leitfaden", "ends_on": "2027-01-31"}

    lead.send(f"{DESK}angaben/", form)

    database.session.expire_all()
    assert (community.goal, str(community.ends_on)) == ("Ein Leitfaden", "2027-01-31")
    assert "Ein Leitfaden" in text_of(lead.get("/communities/chatbot/"))


def test_leads_are_appointed_and_released_and_the_last_one_stays(lead, community):
    bob = make_person("bob@stadt.example", name="Bob")

    assert lead.send(f"{DESK}leitung/", {"email": "nobody@stadt.example"}).status_code == 422
    assert lead.send(f"{DESK}leitung/", {"email": "bob@stadt.example"}).status_code == 303
    assert "Bob" in text_of(lead.get(f"{DESK}leitung/"))
    assert lead.send(f"{DESK}leitung/{bob.id}/entlassen", {}).status_code == 303
    number = communities.lead_numbers(community)[0]
    lead.send(f"{DESK}leitung/{number}/entlassen", {})
    assert communities.lead_numbers(community) == [number]


def test_the_leading_is_handed_over_with_a_tick(lead, community):
    bob = make_person("bob@stadt.example", name="Bob")

    assert lead.send(f"{DESK}leitung/abgeben", {"abgeben-email": bob.address}).status_code == 422
    answer = lead.send(f"{DESK}leitung/abgeben", {"abgeben-email": bob.address, "abgeben-is_meant": "y"})

    assert answer.location == "/communities/chatbot/"
    assert communities.lead_numbers(community) == [bob.id]
    assert lead.get(DESK).status_code == 404


# Joint meetings


def test_a_meeting_of_two_circles_is_asked_for_and_agreed(lead, community, signed_in, noon):
    other, member = make_community("ethik", name="Ethik"), make_person("member@stadt.example")
    their_lead = make_person("eva@stadt.example")
    make_lead(their_lead, other)
    make_belonging(member, other)
    event = make_event(title="Zusammen", slug="zusammen", communities=(community,))
    theirs = signed_in(their_lead)

    lead.send("/veranstaltungen/zusammen/verwalten/community/fragen", {"community": str(other.id)})
    assert "Zusammen" in text_of(theirs.get("/verwalten/communities/ethik/"))
    answer = theirs.send(f"/verwalten/communities/ethik/gemeinsam/{event.id}/zusagen", {})

    assert answer.location == "/verwalten/communities/ethik/"
    database.session.expire_all()
    assert sorted(one.slug for one in event.communities) == ["chatbot", "ethik"]
    assert [mail.row.recipient for mail in posted("called")] == ["member@stadt.example"]
    assert theirs.send(f"/verwalten/communities/ethik/gemeinsam/{event.id}/zusagen", {}).status_code == 303
    assert theirs.get("/veranstaltungen/zusammen/verwalten/").status_code == 200


def test_a_circle_can_decline_and_a_question_be_taken_back(lead, community, signed_in):
    other, their_lead = make_community("ethik", name="Ethik"), make_person()
    make_lead(their_lead, other)
    event = make_event(slug="zusammen", communities=(community,))
    theirs = signed_in(their_lead)
    desk = "/veranstaltungen/zusammen/verwalten/community/"
    lead.send(f"{desk}fragen", {"community": str(other.id)})

    theirs.send(f"/verwalten/communities/ethik/gemeinsam/{event.id}/ablehnen", {})
    assert "hat abgelehnt" in text_of(lead.get(desk))
    assert lead.send(f"{desk}fragen/{other.id}/zuruecknehmen", {}).status_code == 303
    assert events.joint_requests_of(event) == []
    assert theirs.send(f"/verwalten/communities/ethik/gemeinsam/{event.id}/zusagen", {}).status_code == 404


def test_nobody_agrees_for_a_circle_that_was_not_asked(signed_in, community):
    own = make_community("ethik")
    person = make_person()
    make_lead(person, own)
    event = make_event(communities=(community,))

    assert signed_in(person).send(f"/verwalten/communities/ethik/gemeinsam/{event.id}/zusagen", {}).status_code == 404


# Calling


def test_invitations_on_their_way_are_shown_stopped_and_sent_again(lead, community, noon):
    make_belonging(make_person("ada@stadt.example"), community)
    event = make_event(slug="treffen", stage=Stage.DRAFT, communities=(community,))
    publish_event(event, at=noon)
    desk = "/veranstaltungen/treffen/verwalten/community/"

    assert "1 Einladung ist noch unterwegs." in text_of(lead.get(desk))
    lead.send(f"{desk}anhalten", {})
    assert posted("called") == []
    said = text_of(lead.get(desk))
    assert "1 Person ist noch nicht eingeladen." in said
    assert "Seit 21.11.2026 13:00 wird zu diesem Termin niemand eingeladen" in said
    assert "sind angehalten" in text_of(lead.get("/veranstaltungen/treffen/verwalten/"))
    lead.send(f"{desk}einladen", {})
    assert [mail.row.recipient for mail in posted("called")] == ["ada@stadt.example"]
    assert "niemand eingeladen" not in text_of(lead.get(desk))


def test_whom_a_later_registration_invites_and_when_is_said_before_and_after_publishing(lead, community, noon):
    make_belonging(make_person("ada@stadt.example"), community)
    opens_at = noon + timedelta(days=2)
    make_event(slug="treffen", stage=Stage.DRAFT, communities=(community,), opens_at=opens_at)
    desk, when = "/veranstaltungen/treffen/verwalten/", "Montag, 23. November 2026, 13 Uhr"

    for page in (desk, f"{desk}angaben/"):
        assert f"Sobald die Anmeldung öffnet, {when}, bekommt 1 Person" in text_of(lead.get(page))
    lead.send(f"{desk}veroeffentlichen", {})
    assert f"sobald die Anmeldung öffnet: {when}" in text_of(lead.get(f"{desk}community/"))
    lead.send(f"{desk}community/anhalten", {})
    said = text_of(lead.get(f"{desk}community/"))
    assert ("Einladungen angehalten" in said, "sobald die Anmeldung" in said) == (True, False)
    lead.send(f"{desk}community/einladen", {})
    assert f"sobald die Anmeldung öffnet: {when}" in text_of(lead.get(f"{desk}community/"))
    assert posted("called") == []


# Whose turn it is


def test_a_host_gets_the_rights_for_that_month_and_is_reminded_once(lead, community, signed_in, noon):
    host, later = make_person("host@stadt.example", name="Gast"), make_person("later@stadt.example")
    event = make_event(slug="dezember", communities=(community,), starts=datetime(2026, 12, 2, 14))
    form = {"month": "2026-12-01", "host": host.address}

    assert lead.send(f"{DESK}reihum/", form | {"host": "nobody@stadt.example"}).status_code == 422
    assert lead.send(f"{DESK}reihum/", form).status_code == 303
    assert signed_in(host).get("/veranstaltungen/dezember/verwalten/").status_code == 200
    assert [remind_hosts(at=noon), remind_hosts(at=noon)] == [1, 0]
    assert [mail.row.recipient for mail in posted("your_turn")] == [host.address]

    lead.send(f"{DESK}reihum/", form | {"host": later.address})
    database.session.expire_all()
    assert [one.id for one in event.organisers] == [later.id]
    assert signed_in(host).get("/veranstaltungen/dezember/verwalten/").status_code == 404
    assert remind_hosts(at=noon) == 1


def test_a_host_hands_over_the_own_turn_with_the_rights_and_a_word(lead, community, signed_in, noon):
    host, taker = make_person("host@stadt.example", name="Gast"), make_person("taker@stadt.example", name="Ivo")
    event = make_event(slug="dezember", communities=(community,), starts=datetime(2026, 12, 2, 14))
    lead.send(f"{DESK}reihum/", {"month": "2026-12-01", "host": host.address})
    browser, path = signed_in(host), f"/verwalten/reihum/{database.session.scalars(select(Turn.id)).one()}/"
    assert "Termin an jemand anders übergeben" in text_of(browser.get("/veranstaltungen/dezember/verwalten/"))
    assert "Sie sind dran:" in text_of(browser.get("/verwalten/"))

    for problem, address in (("kennen wir niemanden", "nobody@stadt.example"), ("Ihre eigene", host.address)):
        answer = browser.send(path, {"email": address})
        assert (answer.status_code, problem in text_of(answer)) == (422, True)
    assert browser.send(path, {"email": taker.address, "note": "Bin im Urlaub.\nDanke!"}).status_code == 303

    database.session.expire_all()
    assert [one.id for one in event.organisers] == [taker.id]
    assert browser.get(path).status_code == 404
    assert signed_in(taker).get(path).status_code == 200
    (mail,) = posted("turn_handed")
    assert mail.row.recipient == taker.address
    assert "Bin im Urlaub." in mail.text
    assert remind_hosts(at=noon) == 0


def test_a_turn_is_not_handed_over_once_the_date_has_begun_or_by_whoever_has_it_no_longer(lead, community, noon):
    host, taker = make_person("host@stadt.example"), make_person("taker@stadt.example")
    event = make_event(communities=(community,), starts=datetime(2026, 12, 2, 14))
    lead.send(f"{DESK}reihum/", {"month": "2026-12-01", "host": host.address})
    turn, address = database.session.scalars(select(Turn)).one(), address_of(taker.address)

    with pytest.raises(AlreadyOver):
        hand_over_turn(turn, address, by=host, at=event.starts_at)
    with pytest.raises(NotYourTurn):
        hand_over_turn(turn, address, by=taker, at=noon)
    assert (turn.person_id, posted("turn_handed")) == (host.id, [])


def test_a_date_that_comes_later_is_found_and_a_turn_can_be_dropped(lead, community, noon):
    host = make_person("host@stadt.example", name="Gast")
    lead.send(f"{DESK}reihum/", {"month": "2027-03-01", "host": host.address})
    assert remind_hosts(at=noon) == 0
    event = make_event(communities=(community,), starts=datetime(2027, 3, 17, 14))

    remind_hosts(at=noon)

    database.session.expire_all()
    assert [one.id for one in event.organisers] == [host.id]
    number = database.session.scalars(select(Turn.id)).one()
    lead.send(f"{DESK}reihum/{number}/streichen", {})
    database.session.expire_all()
    assert (event.organisers, database.session.scalars(select(Turn)).all()) == ([], [])
    assert database.session.scalars(select(Message).where(Message.kind == "your_turn")).all() == []
