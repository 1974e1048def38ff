"""The one page with every kind of mail: nothing happens unless something was changed, and then at once."""

import pytest
from sqlalchemy import select

from nextevents.ground.database import db as database
from nextevents.ground.mail_addresses import address_of
from nextevents.mailing import queries, services
from nextevents.mailing.addresses import preferences_url
from nextevents.mailing.models import Consent, Delivery, ListKind, Subscription
from nextevents.mailing.services import Declaration
from tests.factories import make_belonging, make_community, make_mailing_list, make_person
from tests.house.visitors import page_of

pytestmark = pytest.mark.usefixtures("at_noon")
WORDS = Declaration(text="Ja.", language="de", form_url="", was_ticked=True)


@pytest.fixture
def scene(db, noon):
    ada, circle = make_person(), make_community("chatbot")
    make_belonging(ada, circle)
    talk = make_mailing_list("runde", kind=ListKind.DISCUSSION)
    services.subscribe_proved(talk, address_of(ada.address), WORDS, by="signed_in", at=noon)
    make_mailing_list("anderes", purpose="Anderes.")
    mailbox = queries.mailbox_with_key(ada.address_key)
    database.session.commit()
    return ada, talk, mailbox, preferences_url(mailbox.id).removeprefix("http://localhost")


def typed(client, path):
    """The form as a robot finds and sends it."""
    form = page_of(client.get(path)).select_one(f"form[action='{path}']")
    chosen = {one["name"]: one.find("option", selected=True)["value"] for one in form.select("select")}
    ticked = {one["name"]: "y" for one in form.select("input[type=checkbox]") if one.has_attr("checked")}
    return chosen | ticked


def rows():
    database.session.expire_all()
    chosen = select(Subscription.list_id, Subscription.state, Subscription.delivery).order_by(Subscription.list_id)
    return [tuple(row) for row in database.session.execute(chosen)]


def test_sending_the_page_as_it_stands_changes_nothing(client, scene):
    _ada, _talk, _mailbox, path = scene
    before, consents = rows(), len(database.session.scalars(select(Consent)).all())

    assert client.send(path, typed(client, path)).status_code == 303

    assert (rows(), len(database.session.scalars(select(Consent)).all())) == (before, consents)


def test_a_digest_another_list_and_leaving_are_chosen_on_one_page(client, scene):
    _ada, talk, _mailbox, path = scene
    other, circle = queries.list_with_slug("anderes"), queries.list_with_slug("chatbot")

    chosen = {f"list_{talk.id}": "weekly", f"list_{other.id}": "each", f"list_{circle.id}": "off"}
    assert client.send(path, typed(client, path) | chosen).status_code == 303

    found = {number: (state.value, delivery) for number, state, delivery in rows()}
    assert found[talk.id] == ("active", Delivery.WEEKLY)
    assert found[other.id] == ("active", Delivery.EACH)
    assert found[circle.id][0] == "ended"
    consent = database.session.scalars(select(Consent).where(Consent.list_id == other.id)).one()
    assert (consent.confirmed_by, "Anderes." in consent.text) == ("preferences", True)


def test_leaving_everything_needs_a_tick(client, scene):
    path = scene[3]
    assert client.send(f"{path}alles").status_code == 422
    assert {state.value for _list, state, _way in rows()} == {"active"}
    assert client.send(f"{path}alles", {"is_meant": "y"}).status_code == 303
    assert {state.value for _list, state, _way in rows()} == {"ended"}


def test_reminders_are_switched_off_and_on_and_a_robot_leaves_them_as_they_are(client, scene):
    ada, _talk, _mailbox, path = scene

    def send(**chosen):
        fields = typed(client, path) | chosen
        assert client.send(path, {name: value for name, value in fields.items() if value}).status_code == 303
        database.session.expire_all()
        return ada.gets_reminders

    assert [send(), send(gets_reminders=""), send(), send(gets_reminders="y")] == [True, False, False, True]


def test_whom_nobody_knows_as_a_person_has_no_reminders_to_choose(client, scene, noon):
    _ada, talk, _mailbox, _path = scene
    services.subscribe_proved(talk, address_of("leserin@stadt.example"), WORDS, by="signed_in", at=noon)
    mailbox = queries.mailbox_with_key("leserin@stadt.example")
    database.session.commit()

    page = client.get(preferences_url(mailbox.id).removeprefix("http://localhost")).text
    assert "gets_reminders" not in page


def test_what_lists_know_can_be_taken_along_and_forgotten_by_whoever_is_signed_in(client, signed_in, scene):
    ada, talk, mailbox, _path = scene
    assert client.get("/konto/mails/daten/").status_code == 303
    client = signed_in(ada)
    database.session.commit()

    taken = client.get("/konto/mails/daten/verteiler.json")
    assert "attachment" in taken.headers["Content-Disposition"]
    assert talk.name in [one["list"] for one in taken.json["subscriptions"]]
    assert "Ja." in [one["text"] for one in taken.json["consents"]]

    assert client.send("/konto/mails/daten/", {}).status_code == 422
    assert queries.mailbox(mailbox.id) is not None
    assert client.send("/konto/mails/daten/", {"is_meant": "y", "keep_away": "y"}).status_code == 303
    database.session.expire_all()
    assert queries.mailbox_with_key(ada.address_key) is None
    assert services.is_suppressed(address_of(ada.address))
    assert client.get("/konto/mails/daten/verteiler.json").json["subscriptions"] == []
