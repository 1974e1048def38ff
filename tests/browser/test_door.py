"""The door in a browser: with JavaScript and without, without a connection, and through a camera."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import segno
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from nextevents.events import codes
from nextevents.events.messages import REGISTRATION
from nextevents.events.models import Place
from nextevents.ground.tokens import token_for
from tests.browser.live import ADDRESSES, Live, wait_for
from tests.browser.pages import OFFICE
from tests.factories import make_event, make_person, make_registration
from tests.services import chromium

NAMES = ("Ada Anders", "Bo Beispiel", "Çelik Conrad")
WIDTH, HEIGHT = 640, 480


class Door:
    """An event that has begun, and who is registered."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.slug = f"einlass-{uuid.uuid4().hex[:8]}"
        self.path = f"/veranstaltungen/{self.slug}/verwalten/einlass/"
        starts = (datetime.now(UTC) - timedelta(minutes=10)).replace(tzinfo=None, microsecond=0)
        with live.door():
            event = make_event(slug=self.slug, title="Szene: Einlass", place=Place.HYBRID, capacity=None)
            event.set_time(starts, starts + timedelta(hours=2), "UTC")
            made = [make_registration(event, make_person(name=name)) for name in NAMES]
            self.codes = [codes.code_of(one) for one in made]
            self.own_pages = [f"/anmeldung/{token_for(REGISTRATION, one.id)}/" for one in made]

    def attended(self) -> list[str]:
        """Who is there, as the database knows."""
        rows = self.live.rows(
            "SELECT r.name FROM registration r JOIN event e ON e.id = r.event_id"
            " WHERE e.slug = :slug AND r.state = 'attended' ORDER BY r.name",
            slug=self.slug,
        )
        return [name for (name,) in rows]

    def scans(self) -> int:
        """How many notes of devices were taken over."""
        ((count,),) = self.live.rows(
            "SELECT count(*) FROM scan s JOIN registration r ON r.id = s.registration_id"
            " JOIN event e ON e.id = r.event_id WHERE e.slug = :slug",
            slug=self.slug,
        )
        return int(count)


@pytest.fixture
def door(live: Live) -> Door:
    """An event of one's own."""
    return Door(live)


@pytest.fixture
def device(live: Live, browser: Browser) -> Iterator[BrowserContext]:
    """A phone at the door, signed in; not under watch, because a lost connection is an error to browsers."""
    context = browser.new_context(base_url=live.url, locale="de-DE", viewport={"width": 360, "height": 800})
    context.add_cookies([live.cookie_of(ADDRESSES[OFFICE])])
    yield context
    context.close()


def press(page: Page, name: str, label: str = "Ist da") -> None:
    page.locator(".door-person", has_text=name).get_by_role("button", name=label).click()


def state_of(page: Page, name: str):
    return page.locator(".door-person", has_text=name).locator(".door-state")


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_somebody_is_found_checked_in_once_and_taken_back(visitors, door, javascript):
    page = visitors.arrive_as(OFFICE, javascript=javascript, width=360)
    page.goto(door.path)

    page.get_by_label("Name, Adresse oder Code").fill("celik" if javascript else "Çelik")
    if not javascript:
        page.get_by_role("button", name="Suchen").click()
    expect(page.locator(".door-person:visible")).to_have_count(1)
    press(page, "Çelik Conrad")
    expect(page.get_by_text("Çelik Conrad ist da.")).to_be_visible()
    expect(state_of(page, "Çelik Conrad")).to_contain_text("da seit")
    wait_for(lambda: door.attended() == ["Çelik Conrad"], "the check-in")
    page.reload()
    press(page, "Çelik Conrad", "Zurücknehmen")
    wait_for(lambda: door.attended() == [], "the undoing")


def test_somebody_without_a_registration_comes_in(visitors, door):
    page = visitors.arrive_as(OFFICE)
    page.goto(door.path)

    page.get_by_text("Ohne Anmeldung gekommen").click()
    page.get_by_label("Name", exact=True).fill("Gast Spontan")
    page.get_by_label("E-Mail-Adresse").fill(f"{uuid.uuid4().hex}@musterhafen.example")
    page.get_by_role("button", name="Eintragen").click()

    expect(page.get_by_text("Gast Spontan ist da.")).to_be_visible()
    assert door.attended() == ["Gast Spontan"]


def test_a_lost_connection_loses_nothing_and_doubles_nothing(door, device):
    page = device.new_page()
    page.goto(door.path)
    expect(page.locator("[data-people] .door-person")).to_have_count(3)
    page.wait_for_load_state("networkidle")
    device.set_offline(True)

    press(page, "Ada Anders")
    expect(page.get_by_text("1 Eintrag wartet auf Verbindung.")).to_be_visible()
    page.get_by_label("Name, Adresse oder Code").fill("bo")
    press(page, "Bo Beispiel")
    expect(page.get_by_text("2 Einträge warten auf Verbindung.")).to_be_visible()
    page.get_by_label("Name, Adresse oder Code").fill(door.codes[0])
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ada Anders ist schon da")).to_be_visible()
    press(page, "Bo Beispiel", "Zurücknehmen")
    expect(page.get_by_text("1 Eintrag wartet auf Verbindung.")).to_be_visible()
    assert door.attended() == []

    device.set_offline(False)
    expect(page.get_by_text("Alles ist übertragen.")).to_be_visible()
    assert (door.attended(), door.scans()) == (["Ada Anders"], 1)


def test_what_waits_outlives_the_page_and_a_lost_answer(door, device):
    page = device.new_page()
    page.goto(door.path)
    page.wait_for_load_state("networkidle")
    page.route("**/abgleich", lambda route: (route.fetch(), route.abort()))
    press(page, "Ada Anders")
    wait_for(lambda: door.attended() == ["Ada Anders"], "the check-in")
    expect(page.get_by_text("1 Eintrag wartet auf Verbindung.")).to_be_visible()
    page.close()

    again = device.new_page()
    again.goto(door.path)
    wait_for(lambda: again.evaluate("localStorage.length") == 0, "the notes to be taken over")
    assert (door.attended(), door.scans()) == (["Ada Anders"], 1)


def test_a_code_is_read_by_the_camera(live, browser, door, tmp_path):
    with browser.browser_type.launch(
        executable_path=chromium.find(),
        args=[
            "--no-sandbox",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={_film(door.codes[1], tmp_path)}",
        ],
    ) as seeing:
        page = seeing.new_context(base_url=live.url, locale="de-DE").new_page()
        page.context.add_cookies([live.cookie_of(ADDRESSES[OFFICE])])
        page.goto(door.path)
        page.wait_for_load_state("networkidle")
        page.get_by_role("button", name="Codes mit der Kamera lesen").click()

        expect(page.get_by_text("Bo Beispiel ist da.")).to_be_visible()
        wait_for(lambda: door.attended() == ["Bo Beispiel"], "the check-in")


def _film(text: str, folder: Path) -> Path:
    """A camera's picture of a code, as YUV4MPEG2."""
    written = BytesIO()
    segno.make_qr(text, error="m").save(written, kind="png", scale=8, border=4)
    picture = Image.new("L", (WIDTH, HEIGHT), 200)
    code = Image.open(BytesIO(written.getvalue())).convert("L")
    picture.paste(code, ((WIDTH - code.width) // 2, (HEIGHT - code.height) // 2))
    frame = b"FRAME\n" + picture.tobytes() + bytes([128]) * (WIDTH * HEIGHT // 2)
    film = folder / "kamera.y4m"
    film.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 5)
    return film


def test_a_participant_shows_the_code_on_the_phone(visitors, door):
    page = visitors.arrive(width=360)
    page.goto(door.own_pages[0])

    picture = page.get_by_role("img", name="QR-Code für den Einlass von Ada Anders")
    expect(picture).to_be_visible()
    assert picture.evaluate("one => one.complete && one.naturalWidth > 0")


def test_one_s_own_door_to_the_conference_leads_on_to_another_site(live, device, door):
    conference = live.url.replace("127.0.0.1", "localhost") + "/impressum/"
    live.change(
        "UPDATE event SET counts_joining = true, dial_in = :there, version = version + 1 WHERE slug = :slug",
        there=conference,
        slug=door.slug,
    )
    page = device.new_page()
    page.goto(door.own_pages[2])

    page.get_by_role("link", name="Zur Videokonferenz").click()
    expect(page.get_by_text("vermerken wir Ihre Teilnahme mit der Uhrzeit")).to_be_visible()
    page.get_by_role("button", name="Teilnehmen").click()

    page.wait_for_url(conference)
    assert door.attended() == ["Çelik Conrad"]
