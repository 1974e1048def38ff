"""Files and feeds over the web: stable, cheap to ask again, private where they are (rules C-41 to C-46)."""

import re
from datetime import timedelta

import icalendar
import pytest
from sqlalchemy import select

from nextevents.events.models import Call, CallAnswer, Stage, State
from nextevents.events.services import cancel_event
from nextevents.people.models import Feed
from nextevents.people.services import make_feed, revoke_feed, token_of_feed
from tests.events.changing import changed_to
from tests.factories import NOON, make_belonging, make_community, make_event, make_person, make_registration
from tests.services.ical_judges import judge

pytestmark = pytest.mark.usefixtures("at_noon")

FILE, FEED, CIRCLE = "/veranstaltungen/ki/termin.ics", "/kalender.ics", "/communities/chatbot-community/kalender.ics"


@pytest.fixture
def world(db):
    """A date of a circle with a participant, who has a feed of her own; gives all addresses of calendars."""
    del db
    circle = make_community("chatbot-community", name="Chatbot")
    event = make_event(slug="ki", communities=(circle,))
    ada = make_person("ada@stadt.example", name="Ada Beispiel")
    make_registration(event, ada)
    own = f"/kalender/{token_of_feed(make_feed(ada, at=NOON))}.ics"
    return event, ada, (FILE, FEED, CIRCLE, own)


def titles(answer):
    return [str(entry["SUMMARY"]) for entry in icalendar.Calendar.from_ical(answer.data).events]


def test_every_calendar_is_one_that_no_judge_complains_of(client, world):
    _, _, paths = world
    for path in paths:
        answer = client.get(path)

        assert (answer.status_code, answer.content_type) == (200, "text/calendar; charset=utf-8")
        assert judge(answer.data) == []
        assert titles(answer) == ["Sprachmodelle im Bürgeramt"]
        assert b"METHOD:PUBLISH" in answer.data


def test_no_calendar_names_anybody_but_the_organiser(client, world):
    _, _, paths = world
    for path in paths:
        ics = client.get(path).data
        assert set(re.findall(rb"[\w.+-]+@[\w.-]+", ics)) == {b"termine@next.example"}
        assert b"Ada" not in ics


def test_asking_again_costs_nothing_as_long_as_nothing_changes(client, world):
    _, _, paths = world
    for path in paths:
        first = client.get(path)
        second = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        many = client.get(path, headers={"If-None-Match": f'"x", {first.headers["ETag"]}'})

        assert re.fullmatch('"[0-9a-f]{32}"', first.headers["ETag"])
        assert (second.status_code, second.data, many.status_code) == (304, b"", 304)
        assert second.headers["ETag"] == first.headers["ETag"]
        assert first.headers["Cache-Control"] == "private, max-age=900"
        assert client.get(path).data == first.data


def test_a_change_gives_everybody_another_calendar_at_once(client, world):
    event, _, paths = world
    before = {path: client.get(path) for path in paths}
    changed_to(event, title="Sprachmodelle überall", at=NOON)

    for path in paths:
        answer = client.get(path, headers={"If-None-Match": before[path].headers["ETag"]})
        assert (answer.status_code, titles(answer)) == (200, ["Sprachmodelle überall"])
        assert answer.headers["ETag"] != before[path].headers["ETag"]


def test_head_says_the_same_without_the_body(client, world):
    _, _, paths = world
    for path in paths:
        full, head = client.get(path), client.head(path)

        assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", full.headers["ETag"])
        assert head.headers["Content-Type"] == full.headers["Content-Type"]


def test_what_was_called_off_says_so_in_every_calendar(client, world):
    event, _, paths = world
    cancel_event(event, at=NOON)

    for path in paths:
        (entry,) = icalendar.Calendar.from_ical(client.get(path).data).events
        assert entry["STATUS"] == "CANCELLED"


def test_a_file_is_saved_under_the_dates_name(client, world):
    assert client.get(FILE).headers["Content-Disposition"] == 'attachment; filename="ki.ics"'


def test_feeds_say_whose_they_are_and_never_their_secret_address(client, world):
    _, _, paths = world
    names = [str(icalendar.Calendar.from_ical(client.get(path).data)["NAME"]) for path in paths]
    own = paths[-1]

    assert names == ["Sprachmodelle im Bürgeramt", "NExT", "NExTcommunity Chatbot", "Meine NExT-Termine"]
    assert own.split("/")[-1].removesuffix(".ics").encode() not in client.get(own).data


@pytest.mark.parametrize("path", ["/communities/unknown/kalender.ics", "/veranstaltungen/unknown/termin.ics"])
def test_what_there_is_not_has_no_calendar(client, path):
    assert client.get(path).status_code == 404


# One's own


def test_ones_own_feed_has_the_way_in_where_one_is_confirmed_and_tells_nobody_where_it_was_read(client, world):
    _, ada, (_, feed, _, own) = world
    make_registration(
        make_event(title="Warten", dial_in="https://konferenz.next.example/geheim"), ada, state=State.WAITING
    )

    answer = client.get(own)

    assert (b"/sprachmodelle" in answer.data, b"geheim" in answer.data) == (True, False)
    assert b"konferenz" not in client.get(feed).data
    assert (answer.headers["Referrer-Policy"], answer.headers["X-Robots-Tag"]) == ("no-referrer", "noindex")


def test_who_moves_up_gets_the_way_in_with_the_next_look(client, db, world):
    _, ada, (*_, own) = world
    registration = make_registration(
        make_event(dial_in="https://konferenz.next.example/geheim"), ada, state=State.WAITING
    )
    before = client.get(own)

    registration.state = State.CONFIRMED
    db.flush()
    after = client.get(own, headers={"If-None-Match": before.headers["ETag"]})

    assert (after.status_code, b"geheim" in before.data, b"geheim" in after.data) == (200, False, True)


def test_a_revoked_wrong_or_foreign_address_leads_nowhere(client, db, world):
    _, ada, (*_, own) = world
    with_other_sign = own.removesuffix(".ics")[:-1] + ("A" if not own.endswith("A.ics") else "B") + ".ics"
    assert client.get(own).status_code == 200

    revoke_feed(ada, db.scalar(select(Feed.id)))

    answers = [client.get(path) for path in (own, with_other_sign, "/kalender/x.ics", f"/kalender/{32 * 'A'}.ics")]
    assert [answer.status_code for answer in answers] == 4 * [404]
    assert client.head(own).status_code == 404


def test_a_feed_without_invitations_leaves_out_what_was_mailed(client, world):
    _, ada, _ = world
    make_registration(make_event(title="Teilgenommen"), ada, state=State.ATTENDED)
    token = token_of_feed(make_feed(ada, only_without_invitation=True, at=NOON))

    assert titles(client.get(f"/kalender/{token}.ics")) == ["Teilgenommen"]


def test_what_is_long_over_drops_out_by_itself(client, world, at_noon):
    _, _, (_, feed, _, own) = world
    at_noon.shift(timedelta(days=60))
    assert [titles(client.get(path)) for path in (feed, own)] == 2 * [["Sprachmodelle im Bürgeramt"]]

    at_noon.shift(timedelta(days=30))
    assert [titles(client.get(path)) for path in (feed, own)] == [[], []]


def test_public_calendars_are_german_for_everybody_and_ones_own_as_one_reads(app, client, world, db):
    _, ada, (file, _, _, own) = world
    english = app.test_client()
    english.send("/sprache", {"language": "en"})
    assert english.get(file).data == client.get(file).data
    assert b"LABEL=Zugang zur Videokonferenz" in client.get(own).data.replace(b"\r\n ", b"")

    ada.language = "en"
    db.flush()
    assert b"LABEL=Zugang" not in client.get(own).data.replace(b"\r\n ", b"")


# The meetings of one's circles


def test_meetings_of_ones_circles_are_tentative_and_leave_the_time_free_until_one_registers(client, db):
    ada, circle = make_person(), make_community()
    make_belonging(ada, circle)
    meeting = make_event(title="Treffen", communities=(circle,))
    make_event(title="Entwurf", stage=Stage.DRAFT, communities=(circle,))
    make_event(title="Anderswo")
    path = f"/kalender/{token_of_feed(make_feed(ada, at=NOON))}.ics"

    def entries():
        found = icalendar.Calendar.from_ical(client.get(path).data).events
        return [(str(one["SUMMARY"]), str(one["STATUS"]), str(one.get("TRANSP", "OPAQUE"))) for one in found]

    assert entries() == [("Treffen", "TENTATIVE", "TRANSPARENT")]
    assert meeting.dial_in not in client.get(path).text

    make_registration(meeting, ada)
    assert entries() == [("Treffen", "CONFIRMED", "OPAQUE")]


def test_a_declined_meeting_and_an_unwanted_circle_stand_in_no_feed(client, db):
    ada, circle = make_person(), make_community()
    belonging = make_belonging(ada, circle)
    meeting = make_event(communities=(circle,))
    path = f"/kalender/{token_of_feed(make_feed(ada, at=NOON))}.ics"
    assert b"VEVENT" in client.get(path).data

    belonging.is_in_feed = False
    db.flush()
    assert b"VEVENT" not in client.get(path).data

    belonging.is_in_feed = True
    db.add(Call(event_id=meeting.id, person_id=ada.id, called_at=NOON, answer=CallAnswer.DECLINED))
    db.flush()
    assert b"VEVENT" not in client.get(path).data
