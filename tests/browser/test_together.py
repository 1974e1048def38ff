"""What circles do with each other and with their people: meet jointly, take turns, found a new circle. On a phone."""

import re
import smtplib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from playwright.sync_api import expect

from nextevents.communities.models import Community, Kind
from nextevents.events.models import Event, State
from nextevents.events.services import remind_hosts
from tests.browser.live import ADDRESSES, Live, wait_for
from tests.browser.own_event import PHONE, circle_of, looked_at
from tests.browser.pages import LEAD, OFFICE, PARTICIPANT
from tests.browser.visiting import Visitors, calendar_in_mail, entry_in, new_address, open_mail, press_link
from tests.factories import make_event, make_person, make_registration
from tests.mailing.letters import OURS, calendar, mail, part

INBOX = "/buero/posteingang/"


def date_of(circle: Community, *, days: int) -> Event:
    """A date of the circle so many days from now."""
    starts = (datetime.now(UTC) + timedelta(days=days)).replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=None)
    event: Event = make_event(
        title=f"Treffen der {circle.name}", slug=f"treffen-{circle.slug}", communities=(circle,), starts=starts
    )
    return event


def test_a_lead_of_each_circle_agrees_to_a_joint_meeting(visitors: Visitors, live: Live) -> None:
    with live.door():
        here, there = circle_of(LEAD), circle_of(PARTICIPANT)
        event = date_of(here, days=40)
        path, name, other, slug = f"/veranstaltungen/{event.slug}/", here.name, there.name, there.slug
    asking = visitors.arrive_as(LEAD, width=PHONE, javascript=False)
    asked = visitors.arrive_as(PARTICIPANT, width=PHONE)

    asking.goto(f"{path}verwalten/community/")
    asking.get_by_label("Community", exact=True).select_option(label=f"NExTcommunity {other}")
    asking.get_by_role("button", name="Fragen").click()
    expect(asking.get_by_text("gefragt, noch keine Antwort")).to_be_visible()
    asked.goto(path)
    expect(asked.locator("main").get_by_role("link", name=re.compile(other))).to_have_count(0)

    asked.goto(f"/verwalten/communities/{slug}/")
    expect(asked.get_by_text("möchte diesen Termin gemeinsam mit Ihnen veranstalten.")).to_be_visible()
    looked_at(asked)
    asked.get_by_role("button", name=re.compile("^Zusagen")).click()
    expect(asked.get_by_text("Das ist jetzt auch ein Termin Ihrer Community.")).to_be_visible()

    asked.goto(path)
    for one in (name, other):
        expect(asked.locator("main").get_by_text(one).first).to_be_visible()
    asked.goto(f"{path}verwalten/")
    expect(asked.get_by_role("heading", name="Überblick")).to_be_visible()


def test_hosts_take_turns_and_the_rights_for_one_date_go_from_hand_to_hand(visitors: Visitors, live: Live) -> None:
    host = new_address()
    with live.door():
        circle = circle_of(LEAD, kind=Kind.SERIES)
        event = date_of(circle, days=5)
        desk, path, month = f"/verwalten/communities/{circle.slug}/reihum/", event.slug, event.starts_local
        make_person(host, name="Kim Gastgeberin")
    lead, mira = (visitors.arrive_as(one, width=PHONE) for one in (LEAD, PARTICIPANT))

    def give(address: str) -> None:
        lead.goto(desk)
        lead.get_by_label("Monat").select_option(value=f"{month:%Y-%m}-01")
        lead.locator("section.box").get_by_role("textbox").fill(address)
        lead.get_by_role("button", name="Eintragen").click()
        expect(lead.get_by_text("Eingetragen.")).to_be_visible()

    give(ADDRESSES[PARTICIPANT])
    looked_at(lead)
    mira.goto(f"/veranstaltungen/{path}/verwalten/angaben/")
    expect(mira.get_by_label("Titel")).to_be_visible()

    give(host)
    assert mira.goto(f"/veranstaltungen/{path}/verwalten/angaben/").status == 404
    with live.door():
        remind_hosts(at=datetime.now(UTC))
    reader = visitors.arrive(width=PHONE)
    open_mail(reader, host, "Sie sind dran: ")
    expect(reader.locator(".panel").get_by_role("link", name=re.compile("verwalten|Termin")).first).to_be_visible()


def test_a_date_becomes_a_community_and_whoever_was_there_says_yes(visitors: Visitors, live: Live) -> None:
    address, name = new_address(), f"Nachklang {uuid4().hex[:8]}"
    with live.door():
        event = date_of(circle_of(LEAD, kind=Kind.SERIES), days=-2)
        make_registration(event, make_person(address, name="Kim Dabei"), state=State.ATTENDED)
        desk = f"/veranstaltungen/{event.slug}/verwalten/abschluss/"
    lead, office = (visitors.arrive_as(one, width=PHONE) for one in (LEAD, OFFICE))

    lead.goto(desk)
    lead.get_by_role("link", name="Daraus eine Community machen").click()
    lead.get_by_label("Name").fill(name)
    lead.get_by_role("textbox", name=re.compile("Worum geht es")).fill("Weiter reden.")
    looked_at(lead)
    lead.get_by_role("button", name="Vorschlagen").click()
    expect(lead.get_by_text("Vorgeschlagen. Die Geschäftsstelle sieht es sich an.").first).to_be_visible()

    office.goto("/buero/communities/")
    looked_at(office)
    office.get_by_role("listitem").filter(has_text=name).get_by_role("button", name=re.compile("^Gründen")).click()
    expect(office.get_by_text("Gegründet. Alle, die dabei waren, werden gefragt")).to_be_visible()

    guest = visitors.arrive(width=PHONE)
    open_mail(guest, address, "Machen Sie mit? ")
    press_link(guest, "Ansehen und mitmachen")
    looked_at(guest)
    guest.get_by_label("Ja, ich mache mit.").check()
    guest.get_by_role("button", name="Mitmachen").click()
    expect(guest.get_by_text("Sie sind dabei.")).to_be_visible()
    expect(guest.get_by_role("heading", level=1)).to_have_text(f"NExTcommunity {name}")


def test_another_time_that_comes_by_mail_is_shown_to_the_lead_and_refused(visitors: Visitors, live: Live) -> None:
    address, name, at = new_address(), f"Kim {uuid4().hex[:8]}", datetime.now(UTC)
    with live.door():
        circle = circle_of(LEAD)
        event = date_of(circle, days=30)
        make_registration(event, make_person(address, name=name), made_at=at)
        desk, uid, title = f"/verwalten/communities/{circle.slug}/", event.uid, event.title
        later = f"{event.starts_at + timedelta(days=1):%Y%m%dT%H%M%SZ}"
    wish = (f"DTSTART:{later}", "COMMENT:Lieber einen Tag später.")
    proposal = part(calendar(uid, address, "TENTATIVE", at=at, method="COUNTER", more=wish))
    with smtplib.LMTP("127.0.0.1", live.mail_in, timeout=20) as border:
        border.sendmail(address, [OURS], mail(proposal, author=address, border=""))
    lead, office = (visitors.arrive_as(one, width=PHONE) for one in (LEAD, OFFICE))

    wait_for(lambda: name in office.request.get(INBOX).text(), "the proposal in the office's list")
    office.goto(INBOX)
    looked_at(office)
    arrived = office.locator("section.box", has_text=name)
    expect(arrived).to_contain_text("schlägt eine andere Zeit vor")
    arrived.get_by_role("button", name=re.compile("^Gilt")).click()
    expect(office.locator("section.box", has_text=name)).to_have_count(0)

    lead.goto(desk)
    waiting = lead.get_by_role("listitem").filter(has_text=f"{name} schlägt eine andere Zeit vor: ")
    expect(waiting).to_contain_text("„Lieber einen Tag später.“")
    looked_at(lead)
    waiting.get_by_role("button", name=re.compile("^Es bleibt bei der Zeit")).click()
    expect(lead.get_by_text("Die Person bekommt das als Mail und in den Kalender.")).to_be_visible()
    expect(waiting).to_have_count(0)

    reader = visitors.arrive(width=PHONE)
    open_mail(reader, address, f"Es bleibt bei der Zeit: {title}")
    answer = calendar_in_mail(reader)
    assert b"METHOD:DECLINECOUNTER" in answer
    assert str(entry_in(answer)["UID"]) == uid
    press_link(reader, "Zusagen oder absagen")
    expect(reader.get_by_text("Sie sind angemeldet.")).to_be_visible()


def test_the_office_renames_a_circle_lets_it_rest_merges_it_and_closes_what_is_left(
    visitors: Visitors, live: Live
) -> None:
    mark = uuid4().hex[:8]
    with live.door():
        small, large = circle_of(LEAD), circle_of(LEAD)
        date_of(small, days=50)
        first, second, goal = small.slug, large.slug, large.full_name
    name, slug = f"Neue Runde {mark}", f"neue-runde-{mark}"
    office, guest = visitors.arrive_as(OFFICE, width=PHONE), visitors.arrive(width=PHONE)

    def said(path: str, words: str) -> None:
        guest.goto(f"/communities/{path}/")
        expect(guest.locator("main")).to_contain_text(words)

    office.goto(f"/buero/communities/{first}/")
    looked_at(office)
    office.get_by_label("Name").fill(name)
    office.get_by_label("Adresse der Seite").fill(slug)
    office.get_by_role("button", name="Speichern").click()
    expect(office.get_by_text("Umbenannt. Die frühere Adresse führt weiter hierher.")).to_be_visible()
    said(first, name)
    expect(guest).to_have_url(re.compile(f"/communities/{slug}/$"))

    office.get_by_role("button", name="Macht Pause").click()
    expect(office.get_by_text("Die Community macht Pause.")).to_be_visible()
    said(slug, "macht gerade Pause")
    looked_at(guest)
    office.get_by_role("button", name="Es geht weiter").click()
    expect(office.get_by_role("button", name="Macht Pause")).to_be_visible()

    office.get_by_label("Wird Teil von").select_option(label=goal)
    office.get_by_label(re.compile("^Ja, zusammenlegen")).check()
    office.get_by_role("button", name="Zusammenlegen").click()
    expect(office.get_by_text("Zusammengelegt. Die frühere Adresse führt hierher.")).to_be_visible()
    for earlier in (first, slug):
        said(earlier, f"Treffen der Runde {first.removeprefix('runde-')}")
        expect(guest).to_have_url(re.compile(f"/communities/{second}/$"))

    office.get_by_role("button", name="Abschließen").click()
    expect(office.get_by_text("Abgeschlossen. Die Seiten bleiben.")).to_be_visible()
    looked_at(office)
    said(second, "Arbeit abgeschlossen")
    looked_at(guest)
