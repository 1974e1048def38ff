"""Issues that are for subscribers: read by whoever is on the list, signed in or by the link in their own mail."""

import re
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from nextevents.mailing import queries as lists
from nextevents.mailing.addresses import links_of, reading_token
from nextevents.mailing.forms import Press, Sender
from nextevents.mailing.models import Campaign, CampaignState, Form, Joining, Message, Readers, SubscriptionState
from nextevents.newsroom import queries, services, tasks
from nextevents.newsroom.blocks import Picture, Text
from tests.factories import NOON, make_file, make_person
from tests.house.visitors import text_of
from tests.mailing.campaigns import make_mailbox, make_newsletter, subscribe
from tests.newsroom.drafts import make_draft, make_writer

ARCHIVE = "/verteiler/intern/archiv/"


@pytest.fixture
def internal(db, at_noon):
    one = make_newsletter("intern", name="Nur für uns", archive=Readers.SUBSCRIBERS)
    subscribe(one, make_mailbox("ada@stadt.example"))
    return one


@pytest.fixture
def sent(db, internal) -> Campaign:
    writer = make_writer()
    picture = Picture(file_id=make_file().id, alt="Ein Plan")
    draft = make_draft(Text(text="Streng geheim"), picture, mailing_list=internal, by=writer)
    services.send_test(draft, to=writer, at=NOON)
    services.release(draft, by=writer, count=1, version=draft.version, at=NOON)
    db.commit()
    tasks.expand_campaigns()
    return db.scalars(select(Campaign)).one()


def link_in_mail(db, kind: str) -> str:
    message = db.scalars(select(Message).where(Message.kind == kind)).one()
    links = links_of(message.list_id, message.mailbox_id)
    press = Press(db.get(Form, message.form_key), Sender("a@next.example", "NExT", "b@next.example"))
    content = press.print(
        to=message.recipient, message_id=message.message_id, date=NOON, values=message.values, links=links
    )
    text = message_from_bytes(content, policy=default).get_body(["plain"]).get_content()
    return re.search(r"http://localhost(/newsletter/[^\s#]+/lesen/[^\s#]+/)", text)[1]


def pages_of(db, sent: Campaign) -> list[str]:
    picture = next(block["file_id"] for block in sent.blocks if block["kind"] == "picture")
    return [f"/newsletter/{sent.slug}/", f"/newsletter/{sent.slug}/bilder/{picture}", ARCHIVE]


def answers(visitor, pages) -> list[int]:
    return [visitor.get(page).status_code for page in pages]


def test_strangers_sign_in_and_only_subscribers_and_keepers_read(db, sent, client, signed_in):
    ada, eve = signed_in(make_person("ada@stadt.example")), signed_in(make_person("eve@stadt.example"))
    kim = signed_in(make_person("kim@next.example", office=True))
    pages = pages_of(db, sent)

    assert answers(client, pages) == [303, 303, 303]
    assert client.get(pages[0]).location == f"/konto/anmelden/?next={pages[0]}"
    assert [answers(one, pages) for one in (ada, eve, kim)] == [[200] * 3, [404] * 3, [200] * 3]
    archive = ada.get(ARCHIVE)
    assert sent.subject in text_of(archive)
    assert "Nur wer darauf steht" in text_of(archive)
    assert "noindex" in archive.text
    assert "nichts gefunden" in text_of(ada.get(f"{ARCHIVE}?q=gibtsnicht"))
    assert "private" in ada.get(pages[1]).headers["Cache-Control"]
    assert ada.get(pages[0]).headers["Cache-Control"] == "no-store"


def test_what_is_released_can_be_read_once_it_is_set_in_type_and_no_moment_before(db, internal, client):
    internal.archive, writer = Readers.EVERYBODY, make_writer()
    draft = make_draft(Text(text="Streng geheim"), mailing_list=internal, by=writer)
    services.send_test(draft, to=writer, at=NOON)
    services.release(draft, by=writer, count=1, version=draft.version, at=NOON)
    db.commit()
    pages, page = (
        ("/newsletter/archiv/", "/newsletter/atom.xml", "/verteiler/intern/atom.xml"),
        f"/newsletter/{draft.slug}/",
    )

    for word, answer in (("before", 404), ("after", 200)):
        assert draft.state == CampaignState.SENDING
        assert client.get(page).status_code == answer, word
        assert {page in client.get(one).text for one in pages} == {answer == 200}
        services.set_in_type(draft, at=NOON)
        db.commit()


@pytest.mark.parametrize("kind", ["campaign", "campaign_test"])
def test_the_link_in_ones_own_mail_opens_the_issue_and_its_archive_without_an_account(db, sent, client, kind):
    if kind == "campaign_test":
        subscribe(sent.mailing_list, lists.mailbox_with_key("buero@next.example"))
        db.commit()
    link, pages = link_in_mail(db, kind), pages_of(db, sent)

    answer = client.get(link)

    assert answer.location == pages[0]  # the address that may be passed on holds no key
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert answers(client, pages) == [200, 200, 200]


def test_the_link_opens_one_list_for_one_who_is_still_on_it(db, app, internal, sent):
    other = make_newsletter("anderes", archive=Readers.SUBSCRIBERS)
    subscription = subscribe(other, make_mailbox("bo@stadt.example"))
    ada = lists.mailbox_with_key("ada@stadt.example")
    db.commit()
    page = f"/newsletter/{sent.slug}/"
    for token in (reading_token(other.id, subscription.mailbox_id), "x" * 32, reading_token(other.id, ada.id)):
        visitor = app.test_client()
        assert visitor.get(f"{page}lesen/{token}/").status_code == 303
        assert answers(visitor, [page, "/verteiler/anderes/archiv/"]) == [303, 303]

    reader = app.test_client()
    reader.get(f"{page}lesen/{reading_token(internal.id, ada.id)}/")
    assert answers(reader, [page, ARCHIVE, "/verteiler/anderes/archiv/"]) == [200, 200, 303]
    lists.subscription(internal, ada).state = SubscriptionState.ENDED
    db.commit()
    assert answers(reader, [page, ARCHIVE]) == [303, 303]


def test_nobody_hears_of_an_internal_lists_archive_and_what_is_for_everybody_stays_so(db, internal, sent, client):
    internal.joining = Joining.INVITED
    db.commit()
    assert client.get(ARCHIVE).status_code == 404

    internal.archive = Readers.EVERYBODY
    db.commit()
    page = client.get(f"/newsletter/{sent.slug}/")
    assert (page.status_code, "Streng geheim" in page.text) == (200, True)
    assert client.get(ARCHIVE).location == "/newsletter/archiv/?verteiler=intern"
    assert [one.id for one in queries.public_issues(limit=9)] == [sent.id]
