"""The office and circles: founding, renaming, pausing, merging, closing."""

import pytest
from sqlalchemy import select

from nextevents.communities import queries
from nextevents.communities.models import Community
from nextevents.ground.database import db as database
from tests.factories import make_belonging, make_community, make_event, make_person
from tests.house.visitors import text_of
from tests.mailing.reading import posted

pytestmark = pytest.mark.usefixtures("at_noon")
PATH = "/buero/communities/"


@pytest.fixture
def desk(signed_in):
    """A browser of the office."""
    return signed_in(make_person("buero@next.example", name="Jona", office=True))


def test_a_circle_is_founded_with_its_first_lead(desk):
    lead = make_person("lea@stadt.example", name="Lea")
    form = {"name": "Neue Runde", "kind": "community", "summary": "Worum.", "lead": "lea@stadt.example"}

    answer = desk.send(PATH, form)

    assert answer.location == f"{PATH}neue-runde/"
    assert queries.leads(lead, queries.community_with_slug("neue-runde"))
    assert "appointed" in [mail.kind for mail in posted()]
    assert "Lea" in text_of(desk.get(PATH))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "füllen Sie dieses Feld aus"),
        ({"name": "Chatbot"}, "So heißt schon eine andere"),
        ({"lead": "nobody@stadt.example"}, "kennen wir niemanden"),
        ({"lead": "nobody@"}, "keine vollständige"),
    ],
)
def test_what_cannot_be_founded_leaves_nothing_behind(desk, wrong, said):
    make_community("chatbot", name="Chatbot")

    answer = desk.send(PATH, {"name": "Neue Runde", "kind": "community"} | wrong)

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert len(database.session.scalars(select(Community)).all()) == 1


def test_an_earlier_address_leads_on(desk, client):
    make_community("alt", name="Alt")

    assert desk.send(f"{PATH}alt/name", {"name": "Neu", "slug": "neu"}).location == f"{PATH}neu/"
    assert client.get("/communities/alt/").location == "/communities/neu/"


def test_a_circle_pauses_and_closes_and_goes_on(desk, client):
    make_community("runde", name="Runde")

    desk.send(f"{PATH}runde/pause", {})
    assert "macht gerade Pause" in text_of(client.get("/communities/runde/"))
    desk.send(f"{PATH}runde/schliessen", {})
    assert "Arbeit abgeschlossen" in text_of(client.get("/communities/runde/"))
    desk.send(f"{PATH}runde/weiter", {})
    said = text_of(client.get("/communities/runde/"))
    assert "Pause" not in said
    assert "abgeschlossen" not in said


def test_merging_must_be_meant_and_moves_everything(desk, client):
    source, target = make_community("alt", name="Alt"), make_community("neu", name="Neu")
    make_belonging(make_person(), source)
    make_event(title="Treffen", communities=(source,))
    form = {"target": str(target.id)}

    assert desk.send(f"{PATH}alt/zusammenlegen", form).status_code == 422
    assert desk.send(f"{PATH}alt/zusammenlegen", form | {"is_meant": "y"}).location == f"{PATH}neu/"
    assert client.get("/communities/alt/").location == "/communities/neu/"
    assert "Treffen" in text_of(client.get("/communities/neu/"))
