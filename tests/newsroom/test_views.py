"""The newsroom's doors: composing without JavaScript, two writers at once, the way to the inbox, the archive."""

import re
from datetime import timedelta
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import select, update

from nextevents.ground.database import db as database
from nextevents.mailing.models import Campaign, CampaignState, Message, Readers, State
from nextevents.newsroom import queries, services, tasks
from nextevents.newsroom.blocks import Events, Picture, Text, blocks_of
from nextevents.people.models import Level
from tests.desk.counting import counted
from tests.factories import (
    NOON,
    make_belonging,
    make_community,
    make_event,
    make_lead,
    make_organisation,
    make_person,
    make_registration,
)
from tests.house.campaigns import petrol
from tests.house.visitors import page_of, text_of
from tests.mailing.campaigns import expand, make_campaign, make_newsletter, release
from tests.newsroom.drafts import make_draft, make_reader, make_writer, settings

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def writer(db, at_noon):
    return make_writer()


@pytest.fixture
def newsletter(db):
    one = make_newsletter("neues", name="Neues von NExT", archive=Readers.EVERYBODY)
    make_reader(one, "ada@stadt.example")
    return one


@pytest.fixture
def browser(writer, signed_in):
    return signed_in(writer)


@pytest.fixture
def draft(newsletter, writer):
    return make_draft(Text(text="Hallo {name}"), mailing_list=newsletter, by=writer)


def fresh(draft) -> Campaign:
    return database.session.get(Campaign, draft.id, populate_existing=True)


def version(draft) -> str:
    return str(fresh(draft).version)


def test_a_month_s_newsletter_from_the_first_click_to_the_inbox(db, browser, newsletter, writer):
    make_event(title="Sprachmodelle im Bürgeramt")
    started = browser.send("/redaktion/neu/", {"to_list": newsletter.id, "begin_with": "monat"})
    campaign = db.scalars(select(Campaign)).one()
    assert started.location.endswith(f"/redaktion/{campaign.id}/")
    board = next(one for one in blocks_of(campaign) if one.kind == "board")
    text = {"text": "Danke.", "author": "Der Vorstand", "heading": "Aus dem Vorstand", "version": campaign.version}
    assert browser.send(f"/redaktion/{campaign.id}/bausteine/{board.id}/", text).status_code == 303

    assert "Sprachmodelle im Bürgeramt" in browser.get(f"/redaktion/{campaign.id}/vorschau/html").text
    browser.send(f"/redaktion/{campaign.id}/testmail", {})
    form = page_of(browser.get(f"/redaktion/{campaign.id}/senden/")).select_one("form[action$=freigeben]")
    typed = {one["name"]: one.get("value", "") for one in form.select("input[name]") if one.get("type") == "hidden"}
    sent = browser.send(form["action"], typed | {"when": "now", "is_meant": "y"})
    assert sent.location.endswith(f"/redaktion/{campaign.id}/stand/")
    db.commit()
    tasks.expand_campaigns()

    recipients = db.scalars(select(Message.recipient).where(Message.kind == "campaign")).all()
    assert recipients == ["ada@stadt.example"]
    assert "0 von 1 erledigt" in text_of(browser.get(f"/redaktion/{campaign.id}/stand/"))


def test_what_is_uncertain_is_told_apart_from_what_failed_and_leads_to_these_mails(db, browser, newsletter):
    issue = make_campaign(newsletter)
    for name in ("bo", "eve"):
        make_reader(newsletter, f"{name}@stadt.example")
    release(issue)
    expand(issue)
    for name, state in (("ada", State.UNCERTAIN), ("bo", State.FAILED), ("eve", State.UNCERTAIN)):
        db.execute(update(Message).where(Message.recipient == f"{name}@stadt.example").values(state=state))
    db.commit()
    page = f"/redaktion/{issue.id}/stand/"

    told = text_of(browser.get(page))

    assert "Bei 2 Mails ist ungewiss" in told
    assert "gescheitert 1 ungewiss 2" in told
    link = page_of(browser.get(page)).find("a", string="Ansehen und entscheiden")["href"]
    outbox = page_of(browser.get(link))
    assert [cell.text for cell in outbox.select("td .address")] == ["eve@stadt.example", "ada@stadt.example"]
    button = outbox.select_one("form[action$=erneut]")
    typed = {one["name"]: one["value"] for one in button.select("input[type=hidden]")}
    assert browser.send(button["action"], typed).location.endswith(link)


def test_two_who_write_in_the_same_block_see_both_versions(browser, draft, writer):
    block = blocks_of(draft)[0]
    seen = version(draft)
    path = f"/redaktion/{draft.id}/bausteine/{block.id}/"
    browser.send(path, {"text": "Ihre <b>Fassung</b>", "version": seen})
    late = browser.send(path, {"text": "Meine <i>Fassung</i>", "version": seen})

    assert late.status_code == 409
    assert [one.text for one in blocks_of(fresh(draft))] == ["Ihre <b>Fassung</b>"]
    page = page_of(late)
    assert "Ihre <b>Fassung</b>" in page.text
    assert page.select_one("textarea[name=text]").text.strip() == "Meine <i>Fassung</i>"
    assert page.find(["b", "i"]) is None
    again = browser.send(path, {"text": "Meine", "version": page.select_one("input[name=version]")["value"]})
    assert (again.status_code, blocks_of(fresh(draft))[0].text) == (303, "Meine")


def test_two_who_change_the_subject_see_both_versions(browser, draft):
    fields = {"language": "de", "version": version(draft)}
    browser.send(f"/redaktion/{draft.id}/angaben/", fields | {"subject": "Ihrer"})
    late = browser.send(f"/redaktion/{draft.id}/angaben/", fields | {"subject": "Meiner"})

    assert late.status_code == 409
    assert {"Ihrer", "Meiner"} <= {cell.text.strip() for cell in page_of(late).select("td .as-typed")}
    assert fresh(draft).subject == "Ihrer"


def test_an_earlier_version_is_compared_and_brought_back_with_whom_it_goes_to(browser, draft):
    state, city = make_organisation("Land Beispiel", level=Level.STATE), make_organisation("Stadt Beispiel")
    seen = queries.newest_version(fresh(draft)).version
    chosen = {"subject": "Later", "language": "en", "organisations": [state.id, city.id], "languages": "en"}
    browser.send(f"/redaktion/{draft.id}/angaben/", chosen | {"version": version(draft)})
    browser.send(f"/redaktion/{draft.id}/bausteine/", {"kind": "button", "version": version(draft)})

    page = page_of(browser.get(f"/redaktion/{draft.id}/fassungen/{seen}/"))
    rows = {
        row.th.get_text(strip=True): [cell.get_text(strip=True) for cell in row.select(".as-typed")]
        for row in page.select("tbody tr")
    }
    assert rows == {
        "Betreff": ["Neues im Dezember", "Later"],
        "Sprache, in der Sie schreiben": ["Deutsch", "Englisch"],
        "Nur Menschen dieser Organisationen": ["–", "Land Beispiel, Stadt Beispiel"],
        "Nur Menschen, die in dieser Sprache lesen": ["–", "Englisch"],
        "Bausteine": ["Text", "Text, Knopf"],
    }
    browser.send(f"/redaktion/{draft.id}/fassungen/{seen}/zurueck", {"version": version(draft)})
    assert (fresh(draft).language, fresh(draft).segment) == ("de", {})
    assert "dasselbe wie die jetzige" in text_of(browser.get(f"/redaktion/{draft.id}/fassungen/{seen}/"))


def test_several_bodies_and_events_are_chosen_and_who_is_counted_gets_it(db, browser, draft, newsletter, writer):
    bodies = [make_organisation(name) for name in ("Land", "Stadt", "Kreis")]
    events = [make_event(slug=f"termin-{number}") for number in range(3)]
    for number, (body, event) in enumerate([*zip(bodies, events, strict=True), (bodies[0], events[1])]):
        person = make_person(f"p{number}@amt.example", name=f"Person {number}")
        person.organisation = body
        make_registration(event, person)
        make_reader(newsletter, person)
    fields = {"subject": "Für einige", "language": "de", "version": version(draft)}
    fields |= {"organisations": [one.id for one in bodies[:2]], "events": [one.id for one in events[:2]]}
    assert browser.send(f"/redaktion/{draft.id}/angaben/", fields).status_code == 303

    ticked = page_of(browser.get(f"/redaktion/{draft.id}/angaben/")).select("[name=organisations], [name=events]")
    assert [one.has_attr("checked") for one in ticked] == [True, True, False] * 2
    page = text_of(browser.get(f"/redaktion/{draft.id}/senden/"))
    assert "Geht an 3 Personen" in page
    assert [name in page for name in ("Person 0", "Person 1", "Person 2", "Person 3")] == [True, True, False, True]
    send(draft, writer, count=3)
    recipients = db.scalars(select(Message.recipient).where(Message.kind == "campaign")).all()
    assert sorted(recipients) == ["p0@amt.example", "p1@amt.example", "p3@amt.example"]


def test_who_leads_keeps_what_the_office_has_chosen_though_it_is_not_offered(db, draft, signed_in):
    lead, circle, body = make_person("lead@x.example", name="Lea"), make_community("bots"), make_organisation("Land")
    make_lead(lead, circle)
    draft.mailing_list.subject, draft.segment = f"community:{circle.id}", {"organisations": [body.id]}
    make_organisation("Stadt")
    db.flush()
    page = page_of(signed_in(lead).get(f"/redaktion/{draft.id}/angaben/"))

    ticks = page.select("input[name=organisations]")
    assert [(one["value"], one.has_attr("checked")) for one in ticks] == [(str(body.id), True)]


def test_a_button_pressed_on_an_old_page_changes_nothing_and_says_so(browser, draft, writer):
    seen, name = version(draft), blocks_of(draft)[0].id
    services.describe(fresh(draft), settings("Inzwischen"), version=int(seen), by=writer, at=NOON)
    answer = browser.send(f"/redaktion/{draft.id}/bausteine/{name}/entfernen", {"version": seen}, follow_redirects=True)

    assert "inzwischen geändert" in text_of(answer)
    assert len(blocks_of(fresh(draft))) == 1


def test_a_picture_is_drawn_anew_described_and_shown(browser, draft):
    added = browser.send(f"/redaktion/{draft.id}/bausteine/", {"kind": "picture", "version": version(draft)})
    without = browser.send(added.location, {"alt": "Petrol", "version": version(draft)})
    assert (without.status_code, "Bitte wählen Sie ein Bild aus." in without.text) == (422, True)
    typed = {"alt": "Petrol", "caption": "", "version": version(draft), "picture": (BytesIO(petrol()), "bild.png")}
    assert browser.send(added.location, typed).status_code == 303

    block = next(one for one in blocks_of(fresh(draft)) if isinstance(one, Picture))
    shown = browser.get(f"/redaktion/{draft.id}/bilder/{block.file_id}")
    assert (shown.status_code, shown.mimetype, shown.headers["Cache-Control"][:7]) == (200, "image/webp", "private")
    typed["picture"], typed["version"] = (BytesIO(b"<svg onload=alert(1)>"), "bild.svg"), version(draft)
    assert browser.send(added.location, typed).status_code == 422


def test_a_block_is_seen_while_it_is_being_written_and_nothing_is_kept(browser, draft):
    path, before = f"/redaktion/{draft.id}/bausteine/{blocks_of(draft)[0].id}/", version(draft)
    page = page_of(browser.get(path))
    frame, button = page.select_one("iframe.mail-frame"), page.select_one("button[formaction]")
    assert (frame["src"], button["formaction"], button["formtarget"]) == (f"{path}vorschau",) * 2 + (frame["name"],)
    assert (frame.has_attr("sandbox"), button["form"]) == (True, page.select_one("textarea").find_parent("form")["id"])
    assert "Hallo Ada Beispiel" in browser.get(frame["src"]).text

    html = browser.send(f"{path}vorschau", {"text": "Neues **Wort** für {name} <script>", "look": "phone"})
    text = browser.send(f"{path}vorschau", {"text": "Neues **Wort** für {name} <script>", "look": "text"})
    none = browser.send(f"{path}vorschau", {"text": " "})
    assert (page_of(html).strong.text, "Ada Beispiel" in html.text, "<script>" in html.text) == ("Wort", True, False)
    assert (text.mimetype, "Neues Wort für Ada Beispiel <script>" in text.text) == ("text/plain", True)
    assert (none.status_code, none.mimetype, "Text: Bitte füllen" in none.text) == (422, "text/plain", True)
    for answer in (html, text, none):
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert (version(draft), [one.text for one in blocks_of(fresh(draft))]) == (before, ["Hallo {name}"])


def test_a_picture_is_seen_by_its_words_and_own_dates_as_somebody_sees_them(browser, draft, writer):
    mine, other = make_community("meine"), make_community("andere")
    for circle in (mine, other):
        make_event(slug=f"bei-{circle.slug}", title=f"Termin {circle.slug}", communities=(circle,))
    paths = []
    for kind in ("picture", "own_events"):
        added = browser.send(f"/redaktion/{draft.id}/bausteine/", {"kind": kind, "version": version(draft)})
        paths.append(f"{added.location}vorschau")

    assert "Noch ist nichts zu sehen" in browser.get(paths[0]).text
    assert "Petrol" in browser.send(paths[0], {"alt": "Petrol"}).text
    assert [f"Termin {one}" in browser.get(paths[1]).text for one in ("meine", "andere")] == [True, True]
    make_belonging(writer, mine)
    shown = browser.send(paths[1], {"weeks": "3"}).text
    assert [f"Termin {one}" in shown for one in ("meine", "andere")] == [True, False]


def test_the_preview_is_shut_in(browser, draft):
    answer = browser.get(f"/redaktion/{draft.id}/vorschau/html")

    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "Hallo Ada Beispiel" in answer.text
    assert page_of(browser.get(f"/redaktion/{draft.id}/vorschau/")).select_one("iframe.mail-frame").has_attr("sandbox")


def test_a_lead_sees_how_many_people_get_it_and_no_names(newsletter, signed_in, draft, browser):
    assert "a…@stadt.example" in browser.get(f"/redaktion/{draft.id}/senden/").text
    assert "ada@stadt.example" not in browser.get(f"/redaktion/{draft.id}/senden/").text


HOURS = {
    "no day": ({"on_day": "", "at_time": ""}, "Bitte geben Sie Tag und Uhrzeit an."),
    "over": ({"on_day": "2026-11-20", "at_time": "10:00"}, "schon vorbei"),
    "left out in spring": ({"on_day": "2027-03-28", "at_time": "02:30"}, "Meinen Sie 03:30?"),
    "twice in autumn": ({"on_day": "2027-10-31", "at_time": "02:30"}, "in dieser Nacht zweimal"),
    "no time at all": ({"on_day": "2026-12-01", "at_time": "25:99"}, "14:30"),
}


@pytest.mark.parametrize(("typed", "said"), HOURS.values(), ids=HOURS)
def test_a_time_that_does_not_come_is_refused(browser, draft, typed, said):
    services.send_test(fresh(draft), to=make_writer("zweite@next.example"), at=NOON)
    fields = {"count": "1", "is_meant": "y", "when": "later", "version": version(draft)}
    answer = browser.send(f"/redaktion/{draft.id}/freigeben", fields | typed)

    assert (answer.status_code, said in text_of(answer)) == (422, True)
    assert fresh(draft).state == CampaignState.DRAFT


def test_the_number_is_confirmed_and_another_one_is_asked_again(browser, draft, newsletter, writer):
    services.send_test(fresh(draft), to=writer, at=NOON)
    fields = {"when": "now", "is_meant": "y", "version": version(draft)}
    for count in ("7", "", "²", "99999999999"):
        answer = browser.send(f"/redaktion/{draft.id}/freigeben", fields | {"count": count})
        assert (answer.status_code, "Ja, an 1 Person senden." in text_of(answer)) == (422, True)
    assert browser.send(f"/redaktion/{draft.id}/freigeben", fields | {"count": "1"}).status_code == 303


def send(draft, writer, count=1):
    services.send_test(fresh(draft), to=writer, at=NOON)
    services.release(fresh(draft), by=writer, count=count, version=fresh(draft).version, at=NOON)
    database.session.commit()
    tasks.expand_campaigns()
    return fresh(draft)


def test_pause_resume_and_stop_are_a_button_each(browser, draft, writer):
    send(draft, writer)
    states, before = [], CampaignState.SENDING
    for deed in ("anhalten", "weiter", "abbrechen"):
        browser.send(f"/redaktion/{draft.id}/{deed}", {})
        states.append(now := fresh(draft).state)
        assert [is_loaded_anew(browser, draft, shown) for shown in (before, now)] == [True, False]
        before = now

    assert states == [CampaignState.PAUSED, CampaignState.SENDING, CampaignState.STOPPED]
    told = browser.send(f"/redaktion/{draft.id}/weiter", {}, follow_redirects=True)
    assert "einen anderen Stand" in text_of(told)


def is_loaded_anew(browser, draft, shown):
    """Whether a page that shows this state and looks again by itself is told to load everything."""
    look = browser.get(f"/redaktion/{draft.id}/stand/?stand={shown.value}", headers={"HX-Request": "true"})
    return look.headers.get("HX-Refresh") == "true"


def test_what_was_sent_stands_in_the_archive_without_anybody_s_name(client, draft, writer):
    sent = send(draft, writer)
    page = client.get(f"/newsletter/{sent.slug}/")

    assert page.status_code == 200
    assert "Hallo" in text_of(page)
    assert not re.search(r"\{name\}|Ada|Kim|@stadt|\ue000", page.text)
    found = client.get("/newsletter/archiv/?q=HALLO")
    assert sent.subject in text_of(found)
    assert "nichts gefunden" in text_of(client.get("/newsletter/archiv/?q=gibtsnicht"))


def test_drafts_and_lists_of_others_are_in_no_archive(client, draft, writer):
    assert client.get(f"/newsletter/{draft.slug}/").status_code == 404
    sent = send(draft, writer)
    for archive, answer in ((Readers.SUBSCRIBERS, 303), (Readers.NOBODY, 404)):
        sent.mailing_list.archive = archive
        database.session.flush()
        page = client.get(f"/newsletter/{sent.slug}/")
        assert page.status_code == answer
        assert sent.subject not in client.get("/newsletter/archiv/").text
        assert client.get("/verteiler/neues/atom.xml").status_code == 404
        assert sent.subject not in client.get("/newsletter/atom.xml").text


def test_the_feed_says_what_is_new_and_that_nothing_is(client, draft, writer):
    sent = send(draft, writer)
    for path in ("/newsletter/atom.xml", "/verteiler/neues/atom.xml"):
        answer = client.get(path)
        feed = ET.fromstring(answer.data)  # noqa: S314 - a feed of ours
        assert answer.mimetype == "application/atom+xml"
        assert [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")] == [sent.subject]
        assert feed.findtext(f"{ATOM}updated") == "2026-11-21T12:00:00Z"
        assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_page_of_the_archive_shows_what_was_sent_in_the_reader_s_language(client, newsletter, writer):
    make_event(title="Sprachmodelle im Bürgeramt")
    draft = make_draft(Text(text="Hallo"), Events(), mailing_list=newsletter, by=writer)
    sent = send(draft, writer)

    assert "Die nächsten Termine" in text_of(client.get(f"/newsletter/{sent.slug}/"))
    assert "Mittwoch, 2. Dezember 2026" in text_of(client.get(f"/newsletter/{sent.slug}/"))


def test_a_copy_of_another_list_s_campaign_keeps_no_segment(browser, draft, newsletter):
    other = make_newsletter("anderes")
    stored = fresh(draft)
    stored.segment = {"levels": ["state"]}
    database.session.flush()
    browser.send("/redaktion/neu/", {"to_list": other.id, "begin_with": str(draft.id)})
    browser.send("/redaktion/neu/", {"to_list": newsletter.id, "begin_with": str(draft.id)})

    copies = database.session.scalars(select(Campaign).where(Campaign.id != draft.id).order_by(Campaign.id)).all()
    assert [(one.list_id, one.segment) for one in copies] == [(other.id, {}), (newsletter.id, {"levels": ["state"]})]


def test_a_stranger_s_campaign_cannot_be_copied(browser, draft, newsletter):
    typed = {"to_list": newsletter.id, "begin_with": "99999"}
    assert browser.send("/redaktion/neu/", typed).status_code == 422


def test_the_overview_is_as_quick_with_many_as_with_one(browser, newsletter, writer):
    def asked():
        with counted() as statements:
            assert browser.get("/redaktion/").status_code == 200
        return len(statements)

    make_draft(mailing_list=newsletter, by=writer)
    few = asked()
    for number in range(20):
        make_draft(mailing_list=newsletter, by=writer, subject=f"Ausgabe {number}")
    assert asked() == few


def test_scheduled_ones_say_when_and_can_be_called_back(browser, draft, writer):
    services.send_test(fresh(draft), to=writer, at=NOON)
    services.release(
        fresh(draft), by=writer, count=1, version=fresh(draft).version, when=NOON + timedelta(days=1), at=NOON
    )
    page = browser.get(f"/redaktion/{draft.id}/senden/")
    assert "22.11.2026 13:00" in text_of(page)

    browser.send(f"/redaktion/{draft.id}/zurueckholen", {"version": version(draft)})
    assert fresh(draft).state == CampaignState.DRAFT
