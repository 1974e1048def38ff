"""The archive: who may read it, threads, search, hostile words as text, files as downloads, the feed."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import product

import pytest
from sqlalchemy import select

from nextevents.mailing.addresses import links_of
from nextevents.mailing.forms import Press, Sender
from nextevents.mailing.messages_of_posts import archive_address, file_address
from nextevents.mailing.models import (
    Delivery,
    Form,
    Joining,
    Message,
    Post,
    PostFile,
    Posting,
    Readers,
    SubscriptionState,
)
from nextevents.newsroom import tasks
from nextevents.newsroom.own_pages import Behind, behind
from nextevents.newsroom.showing import letter_pieces
from tests.factories import NOON, make_person
from tests.house.visitors import text_of
from tests.mailing.campaigns import make_mailbox, make_newsletter, subscribe
from tests.mailing.discussions import ADA, arrives, letter, make_discussion
from tests.mailing.letters import BORDER

ARCHIVE = "/verteiler/austausch/archiv/"


@pytest.fixture
def austausch(db, app, time_machine, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_BORDER", BORDER)
    time_machine.move_to(NOON, tick=False)
    one = make_discussion(archive=Readers.EVERYBODY)
    subscribe(one, make_mailbox(ADA))
    arrives(letter("Wer kennt ÄMTER in Straßen?\nhttps://böse.example/x\n", files={"plan.pdf": b"%PDF-1.7 x"}))
    answer = {"In-Reply-To": "<1@stadt.example>"}
    arrives(letter("Ich.\n\n> Wer kennt\n", subject="Re: Frage an alle", message_id="<2@x.example>", headers=answer))
    arrives(letter("Etwas anderes", subject="Neues Thema", message_id="<3@x.example>"))
    return one


def first(db) -> Post:
    return db.scalars(select(Post).order_by(Post.id)).first()


@pytest.mark.parametrize(
    ("archive", "answers"),
    [
        (Readers.EVERYBODY, [200, 200, 200, 200]),
        (Readers.SUBSCRIBERS, [303, 404, 200, 200]),
        (Readers.NOBODY, [404, 404, 404, 200]),
    ],
)
def test_who_may_read_is_said_by_the_list(db, austausch, client, signed_in, archive, answers):
    austausch.archive = archive
    people = [make_person("eve@stadt.example"), make_person(ADA), make_person("kim@next.example", office=True)]
    file = db.scalars(select(PostFile)).one()
    db.commit()

    visitors = [client, *map(signed_in, people)]

    for page in (ARCHIVE, f"{ARCHIVE}{first(db).id}/", f"{ARCHIVE}?q=frage"):
        assert [one.get(page).status_code for one in visitors] == answers
    of_file = [one.get(f"{ARCHIVE}datei/{file.id}").status_code for one in visitors]
    assert of_file == (answers if archive != Readers.NOBODY else [303, 404, 200, 200])  # the mail names it


def test_answers_stand_in_one_thread(db, austausch, client):
    threads = text_of(client.get(ARCHIVE))
    assert "2 Beiträge" in threads
    assert threads.index("Neues Thema") < threads.index("Frage an alle")

    page = client.get(f"{ARCHIVE}{first(db).id}/")

    assert "Wer kennt ÄMTER" in page.text
    assert "Zitat" in page.text
    assert "Etwas anderes" not in page.text


@pytest.mark.parametrize(("words", "is_found"), [("ämter STRASSEN", True), ("%", False), ("ämter nichts", False)])
def test_words_are_found_whatever_their_case(austausch, client, words, is_found):
    assert ("Frage an alle" in client.get(ARCHIVE, query_string={"q": words}).text) is is_found


def test_what_strangers_write_is_text_and_leads_nowhere(db, austausch, client):
    evil = '<img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a> \u202egnp.exe\n'
    arrives(letter(evil, subject="<script>alert(1)</script>", message_id="<4@x.example>"))
    number = db.scalars(select(Post.id).order_by(Post.id.desc())).first()

    for page in (f"{ARCHIVE}{number}/", f"{ARCHIVE}{first(db).id}/", ARCHIVE, f"{ARCHIVE}?q=img"):
        main = client.get(page).text.partition("<main")[2].partition("</main>")[0]
        assert "<img" not in main
        assert "<script" not in main
        assert "javascript:" not in main.replace("&#34;javascript:", "")
        assert 'href="https://böse' not in main
        assert "\u202e" not in main


def test_files_are_only_ever_downloads(db, austausch, client):
    answer = client.get(f"{ARCHIVE}datei/{db.scalars(select(PostFile.id)).one()}")

    assert answer.data == b"%PDF-1.7 x"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert client.get(f"{ARCHIVE}datei/999999").status_code == 404


def test_what_waits_is_not_in_the_archive(db, austausch, client):
    arrives(letter("Geheim", subject="Gefälscht", message_id="<4@x.example>", proved=False, files={"a.pdf": b"%PDF-x"}))
    post = db.scalars(select(Post).order_by(Post.id.desc())).first()

    assert "Gefälscht" not in client.get(ARCHIVE).text
    assert "Gefälscht" not in client.get(f"{ARCHIVE}?q=geheim").text
    assert client.get(f"{ARCHIVE}{post.id}/").status_code == 404
    assert client.get(f"{ARCHIVE}datei/{post.files[0].id}").status_code == 404


def test_posts_of_one_list_are_not_found_under_another(db, austausch, client):
    make_discussion("andere", archive=Readers.EVERYBODY)
    db.commit()

    assert client.get(f"/verteiler/andere/archiv/{first(db).id}/").status_code == 404


def test_a_public_archive_has_a_feed_with_the_same_bytes(db, austausch, client):
    feed = client.get(f"{ARCHIVE}atom.xml")

    assert feed.content_type == "application/atom+xml; charset=utf-8"
    assert "Neues Thema" in feed.text
    assert client.get(f"{ARCHIVE}atom.xml", headers={"If-None-Match": feed.headers["ETag"]}).status_code == 304
    austausch.archive = Readers.SUBSCRIBERS
    db.commit()
    assert client.get(f"{ARCHIVE}atom.xml").status_code == 404


def test_a_newsletters_archive_is_that_of_its_issues(db, client):
    make_newsletter("neues", archive=Readers.EVERYBODY)
    db.commit()

    assert client.get("/verteiler/neues/archiv/").location == "/newsletter/archiv/?verteiler=neues"


def test_quoted_lines_are_pieces_of_their_own():
    assert letter_pieces("Hallo\n\n> alt\n>> älter\nneu\n") == [
        ("Hallo", False),
        ("> alt\n>> älter", True),
        ("neu", False),
    ]


def test_a_stranger_who_follows_a_link_signs_in_and_comes_back_unless_the_list_is_a_secret(db, austausch, client):
    austausch.archive = Readers.SUBSCRIBERS
    db.flush()
    pages = [ARCHIVE, f"{ARCHIVE}{first(db).id}/", f"{ARCHIVE}999999/"]
    asked = [client.get(page) for page in pages]
    assert [one.location for one in asked] == [f"/konto/anmelden/?next={page}" for page in pages]
    assert client.get(f"{ARCHIVE}atom.xml").status_code == 404

    austausch.joining = Joining.INVITED
    db.flush()
    assert [client.get(page).status_code for page in pages] == [404, 404, 404]


@pytest.mark.parametrize("joining", [Joining.EVERYBODY, Joining.INVITED])
def test_the_links_in_ones_own_mail_open_the_archive_and_the_files_without_an_account(
    db, austausch, app, time_machine, joining
):
    """Of single mails and of collected ones; who has left reads no more, and nobody reads another list."""
    austausch.joining, closed = joining, [303, 404][joining == Joining.INVITED]
    paul = subscribe(austausch, make_mailbox("paul@amt.example"), delivery=Delivery.DAILY)
    secret = make_discussion("geheim", archive=Readers.SUBSCRIBERS, joining=Joining.INVITED)
    for archive in (Readers.SUBSCRIBERS, Readers.NOBODY):
        austausch.archive = archive
        arrives(letter(message_id=f"<{archive}@x.example>", files={"plan.pdf": b"%PDF-1.7 x"}))
    austausch.archive = Readers.SUBSCRIBERS
    db.commit()
    time_machine.move_to(NOON + timedelta(hours=20), tick=False)
    tasks.send_digests()
    mails = db.scalars(select(Message).where(Message.kind.in_(["post", "digest"])).order_by(Message.id)).all()
    of_post, without_archive, of_digest = (links_in(db, one) for one in mails[-3:])

    assert [len(of_post), len(without_archive), len(of_digest)] == [2, 1, 9]
    for link in (*of_post, *without_archive, of_digest[-1], *of_digest[:2]):
        reader = app.test_client()
        page = re.sub(r"lesen/[^/]+/", "", link).partition("#")[0]
        assert reader.get(page).status_code == closed
        answer = reader.get(link)
        assert (answer.location, answer.headers["Cache-Control"]) == (page, "no-store")
        assert [reader.get(one).status_code for one in (page, ARCHIVE)] == [200, 200]
        assert reader.get(link.replace("austausch", "geheim")).status_code == 303
        assert reader.get(f"/verteiler/{secret.slug}/archiv/").status_code == 404

    austausch.archive = Readers.NOBODY
    db.commit()
    assert [reader.get(one).status_code for one in (page, ARCHIVE)] == [200, 404]  # the mail names the file
    paul.state = SubscriptionState.ENDED
    db.commit()
    assert reader.get(page).status_code == closed


def test_all_doors_agree_on_what_everybody_reads(db, austausch, client):
    """Whoever may write: the pages, what a link to them is known as, what mails and search engines are told."""
    post = first(db)
    pages = [ARCHIVE, f"{ARCHIVE}{post.id}/", f"{ARCHIVE}datei/{post.files[0].id}", f"{ARCHIVE}atom.xml"]
    for posting, archive in product(Posting, Readers):
        austausch.posting, austausch.archive = posting, archive
        db.commit()
        is_open = archive == Readers.EVERYBODY

        assert {client.get(one).status_code == 200 for one in pages} == {is_open}
        assert {behind(one) == Behind.PAGE for one in pages} == {is_open}
        assert (ARCHIVE in client.get("/verteiler/austausch/").text) is is_open
        assert ("index, follow" in client.get(ARCHIVE).text) is is_open
        assert archive_address(austausch, post).endswith(f"{pages[1]}#beitrag-{post.id}") is is_open
        assert file_address(austausch, post.files[0]).endswith(pages[2]) is is_open


def links_in(db, message: Message) -> list[str]:
    """The paths behind a mail's links to the archive, in order, each once."""
    links = links_of(message.list_id, message.mailbox_id)
    press = Press(db.get(Form, message.form_key), Sender("a@next.example", "NExT", "b@next.example"))
    content = press.print(
        to=message.recipient, message_id=message.message_id, date=NOON, values=message.values, links=links
    )
    mail = message_from_bytes(content, policy=default)
    found = [re.findall(r"http://localhost(/verteiler/[^\s\"]+/archiv/[^\s\"]+)", one) for one in bodies_of(mail)]
    assert set(found[0]) == set(found[1])
    return list(dict.fromkeys(found[0]))


def bodies_of(mail: EmailMessage) -> list[str]:
    return [mail.get_body([kind]).get_content() for kind in ("plain", "html")]
