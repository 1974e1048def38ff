"""The public doors to lists: the same answer for everybody, nothing on a GET, RFC 8058 to the letter."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from nextevents.ground.database import db as database
from nextevents.ground.mail_addresses import address_of
from nextevents.ground.tokens import pair, token_for
from nextevents.mailing import queries, services
from nextevents.mailing.addresses import unsubscribe_token
from nextevents.mailing.messages_of_lists import SUBSCRIPTION, awakening_token
from nextevents.mailing.models import (
    Consent,
    EarlierListSlug,
    Joining,
    ListKind,
    Mailbox,
    Message,
    Subscription,
    Suppression,
)
from nextevents.mailing.services import Declaration
from tests.factories import make_mailing_list, make_person
from tests.house.visitors import bare, page_of, text_of
from tests.mailing.reading import posted

pytestmark = pytest.mark.usefixtures("at_noon")
ADA = "ada@stadt.example"
WORDS = Declaration(text="Ja.", language="de", form_url="http://localhost/", was_ticked=True)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
FORM = {"email": ADA, "agrees": "y"}


@pytest.fixture
def one(db):
    mailing_list = make_mailing_list("rundbrief", name="Rundbrief", kind=ListKind.NEWSLETTER, purpose="Neues.")
    services.choose_topics(mailing_list, ["Daten", "Recht"])
    return mailing_list


@pytest.fixture
def mailbox(one, noon):
    services.subscribe_proved(one, address_of(ADA), WORDS, by="signed_in", name="Ada", at=noon)
    return queries.mailbox_with_key(ADA)


def state(one):
    database.session.expire_all()
    return database.session.scalars(select(Subscription.state).where(Subscription.list_id == one.id)).one_or_none()


def sent(noon):
    database.session.execute(update(Message).values(sent_at=noon, state="sent"))
    database.session.commit()


def leaving(one, mailbox):
    return f"/verteiler/abmelden/{unsubscribe_token(one.id, mailbox.id)}/"


# Coming


def test_the_box_is_not_ticked_and_its_label_is_what_is_stored(client, one):
    page = page_of(client.get("/newsletter/"))
    box = page.select_one("input[name=agrees]")
    label = page.select_one(f"label[for={box['id']}]").text

    client.send("/newsletter/", FORM)

    consent = database.session.scalars(select(Consent)).one()
    assert not box.has_attr("checked")
    assert (consent.text, consent.form_url) == (label, "http://localhost/newsletter/")


def test_without_the_tick_nothing_is_asked(client, one):
    answer = client.send("/newsletter/", {"email": ADA})

    assert answer.status_code == 422
    assert "Bitte setzen Sie das Häkchen" in text_of(answer)
    assert database.session.scalars(select(Consent)).all() == []


def test_the_answer_is_the_same_for_known_unknown_and_silent_addresses(client, one, mailbox, noon):
    services.suppress(address_of("still@stadt.example"), "erased", at=noon)
    database.session.commit()

    answers = [
        client.send("/verteiler/rundbrief/", FORM | {"email": address})
        for address in (ADA, "neu@stadt.example", "still@stadt.example")
    ]

    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {(303, "/verteiler/angefragt/")}
    assert len({bare(client.get("/verteiler/angefragt/")) for _answer in answers}) == 1
    assert {mail.row.recipient for mail in posted()} == {ADA, "neu@stadt.example"}


def test_the_mailed_page_changes_nothing_when_seen_and_begins_it_when_pressed(client, one, noon, at_noon):
    client.send("/newsletter/", FORM | {"topics": [str(one.topics[0].id)]})
    link = posted()[0].text.split("http://localhost", 1)[1].split()[0]
    sent(noon)
    at_noon.move_to(noon + timedelta(minutes=2), tick=False)

    for method in (client.get, client.head):
        assert method(link).status_code == 200
        assert state(one) == "requested"
    assert client.send(link).status_code == 303

    assert state(one) == "active"
    assert "Bestätigt" in text_of(client.get(link))
    subscription = database.session.scalars(select(Subscription)).one()
    assert [topic.name for topic in subscription.topics] == ["Daten"]


def test_whoever_is_too_quick_must_tick_a_box_that_a_machine_does_not(client, one, noon):
    client.send("/newsletter/", FORM)
    link = posted()[0].text.split("http://localhost", 1)[1].split()[0]
    sent(noon)

    first, without, ticked = client.send(link), client.send(link), client.send(link, {"is_sure": "y"})

    assert [answer.status_code for answer in (first, without, ticked)] == [200, 422, 303]
    assert state(one) == "active"


def test_a_damaged_link_meets_a_friendly_page_that_knows_nothing(client, one, mailbox):
    pages = [
        client.get(f"/verteiler/{what}/{token}/")
        for what in ("bestaetigen", "abmelden", "einstellungen", "adresse")
        for token in ("A" * 32, "kurz", token_for(SUBSCRIPTION, 4711)[:20], token_for("unsubscribe", pair(99, 99)))
    ]

    assert {page.status_code for page in pages} == {404}
    assert len({bare(page, *(page.request.path for page in pages)) for page in pages}) == 1
    assert "Dieser Link ist nicht vollständig" in text_of(pages[0])


def test_whoever_is_signed_in_needs_one_click_and_no_mail(signed_in, one):
    ada = make_person(ADA, name="Ada")

    answer = signed_in(ada).send("/verteiler/rundbrief/", {})

    assert answer.status_code == 303
    assert (state(one), posted()) == ("active", [])
    consent = database.session.scalars(select(Consent)).one()
    assert (consent.confirmed_by, consent.was_ticked) == ("signed_in", False)
    assert consent.text in text_of(signed_in(make_person()).get("/verteiler/rundbrief/"))


def test_internal_lists_are_seen_only_by_those_on_them(signed_in, client, one, noon):
    make_mailing_list("vorstand", name="Vorstand", joining=Joining.INVITED)
    ada, eve = make_person(ADA), make_person()
    inner = queries.list_with_slug("vorstand")
    services.put_on_list(inner, services.mailbox_for(ADA, at=noon), at=noon)
    database.session.commit()

    assert [browser.get("/verteiler/vorstand/").status_code for browser in (client, signed_in(eve))] == [404, 404]
    assert signed_in(ada).get("/verteiler/vorstand/").status_code == 200
    assert "Vorstand" in text_of(signed_in(ada).get("/verteiler/"))
    assert "Vorstand" not in text_of(client.get("/verteiler/"))
    assert client.send("/verteiler/vorstand/", FORM).status_code == 404


def test_addresses_of_the_old_site_lead_on(client, one):
    database.session.add(EarlierListSlug(slug="next-news", list_id=one.id))
    database.session.commit()

    answer = client.get("/verteiler/next-news/")

    assert (answer.status_code, answer.headers["Location"]) == (301, "/verteiler/rundbrief/")


# Leaving


def test_a_mail_program_leaves_with_one_request_and_may_repeat_it(client, one, mailbox):
    """RFC 8058: no cookie, no token of a form, no redirect, from wherever the provider is."""
    path = leaving(one, mailbox)
    for number in range(2):
        answer = client.post(path, data=ONE_CLICK, headers={"Origin": "https://mail.example"})
        assert (number, answer.status_code, state(one)) == (number, 200, "ended")
    multipart = client.post(path, data=ONE_CLICK, content_type="multipart/form-data")
    assert multipart.status_code == 200
    consent = database.session.scalars(select(Consent)).one()
    assert consent.withdrawn_by == "one_click"


def test_nothing_else_leaves(client, one, mailbox):
    path = leaving(one, mailbox)

    assert [client.get(path).status_code, client.head(path).status_code] == [200, 200]
    assert client.post(path, data={}).status_code == 400
    assert client.post(path, data={"List-Unsubscribe": "Two-Clicks"}).status_code == 400
    assert state(one) == "active"


def test_a_token_leaves_its_own_list_only(client, one, mailbox, noon):
    other = make_mailing_list()
    services.subscribe_proved(other, address_of(ADA), WORDS, by="signed_in", at=noon)
    database.session.commit()
    token = unsubscribe_token(other.id, mailbox.id)
    altered = ("B" if token[-1] == "A" else "A").join([token[:-1], ""])

    client.post(f"/verteiler/abmelden/{altered}/", data=ONE_CLICK)
    client.post(f"/verteiler/abmelden/{token_for('preferences', mailbox.id)}/", data=ONE_CLICK)
    assert (state(one), state(other)) == ("active", "active")
    client.post(f"/verteiler/abmelden/{token}/", data=ONE_CLICK)
    assert (state(one), state(other)) == ("active", "ended")


@pytest.mark.parametrize("damage", [".", "=3D", "="])
def test_what_mail_programs_hang_onto_a_token_does_no_harm(client, one, mailbox, damage):
    """Bad input 78."""
    path = leaving(one, mailbox)

    assert client.get(f"{path}{damage}").headers["Location"] == path
    assert client.get(f"{path[:-1]}{damage}/").status_code == 200
    assert client.post(f"{path[:-1]}{damage}/", data=ONE_CLICK).status_code == 200
    assert state(one) == "ended"


def test_links_are_short_and_survive_rewriting(one, mailbox):
    """Rule M-40."""
    assert len(f"http://termine.next-ev.example{leaving(one, mailbox)}") <= 200
    assert leaving(one, mailbox).replace("/", "").replace("-", "").replace("_", "").isalnum()


def test_the_button_on_the_page_leaves_and_a_second_one_comes_back(client, one, mailbox):
    path = leaving(one, mailbox)
    left = client.send(path, ONE_CLICK)
    assert (left.status_code, state(one)) == (200, "ended")
    assert "Sie bekommen keine Mails von „Rundbrief“ mehr." in text_of(left)
    form = page_of(left).select_one("main form")

    assert client.send(form["action"]).status_code == 303
    assert state(one) == "active"


def test_links_in_mails_of_a_list_that_became_part_of_another_leave_that_one(client, one, mailbox, noon):
    path, other = leaving(one, mailbox), make_mailing_list("neu", name="Neu")
    services.merge_lists(one, other, at=noon)
    database.session.commit()
    assert state(other) == "active"

    client.post(path, data=ONE_CLICK)

    assert state(other) == "ended"
    assert client.get("/verteiler/rundbrief/").headers["Location"] == "/verteiler/neu/"


def test_a_suspended_mailbox_is_woken_by_its_own_mail_only(client, one, mailbox, noon):
    services.suspend(mailbox, "Voll.", at=noon)
    database.session.commit()
    token, older = awakening_token(mailbox), token_for("awakening", pair(mailbox.id, 1))

    assert client.get(f"/verteiler/adresse/{older}/").status_code == 404
    assert client.send(f"/verteiler/adresse/{older}/").status_code == 404
    assert client.get(f"/verteiler/adresse/{token}/").status_code == 200
    database.session.expire_all()
    assert database.session.scalars(select(Mailbox.suspended_at)).one() == noon
    assert client.send(f"/verteiler/adresse/{token}/").status_code == 303
    assert database.session.scalars(select(Mailbox.suspended_at)).one() is None


def test_nobody_learns_from_the_database_who_wants_nothing(one, noon):
    services.suppress(address_of(ADA), "erased", at=noon)

    assert ADA not in str(database.session.scalars(select(Suppression.fingerprint)).all())
