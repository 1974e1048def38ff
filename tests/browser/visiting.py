"""Visitors: browsers without a past, what may not happen in them, and what visitors do again and again."""

import re
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit

import icalendar
from markupsafe import escape
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, expect

from tests.browser.live import ADDRESSES, Live, wait_for

#: Patient, because the machine may be busy with other tests.
PATIENCE = 20_000
OWN_COOKIES = {"next"}
#: Nobody is asked for these: data stands in the page, and Chromium shows a PDF by pages of its own.
OF_THE_BROWSER = {"data", "chrome", "chrome-extension"}
#: What Chromium says about a page that is refused on purpose.
REFUSED = "Failed to load resource: the server responded with a status of 4"

expect.set_options(timeout=PATIENCE)


@dataclass
class Watch:
    """What a browser noted that may never happen: other hosts, errors, broken policies, cookies that are not ours."""

    url: str
    context: BrowserContext
    requests: list[str] = field(default_factory=list)
    errors: list[ConsoleMessage] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    def begin(self) -> "Watch":
        """Look on from here."""
        self.context.on("request", self._note_request)
        self.context.on("response", self._note_response)
        self.context.on("console", self._note_message)
        self.context.on("weberror", lambda error: self.exceptions.append(str(error.error)))
        return self

    def _note_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _note_response(self, response: Response) -> None:
        if response.request.is_navigation_request() and response.status >= 400:
            self.refused.add(urldefrag(response.url).url)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.errors.append(message)

    def _was_refused_on_purpose(self, url: str) -> bool:
        """Where one was led; and the picture that Chromium asks for beside what names none, such as a PDF."""
        return urldefrag(url).url in {*self.refused, f"{self.url}/favicon.ico"}

    def complaints(self) -> list[str]:
        """Everything that should not have been."""
        hosts = [
            url for url in self.requests if urlsplit(url).scheme not in OF_THE_BROWSER and not url.startswith(self.url)
        ]
        said = [
            f"{message.text} ({message.location['url']})"
            for message in self.errors
            if not (message.text.startswith(REFUSED) and self._was_refused_on_purpose(message.location["url"]))
        ]
        cookies = self.context.cookies()
        return [
            *(f"asked elsewhere: {url}" for url in hosts),
            *(f"console: {text}" for text in said),
            *(f"exception: {text}" for text in self.exceptions),
            *(f"cookie: {cookie}" for cookie in cookies if not _is_own(cookie)),
        ]


def _is_own(cookie: Any) -> bool:
    return cookie["name"] in OWN_COOKIES and cookie["httpOnly"] and cookie["sameSite"] == "Lax"


class Visitors:
    """Browsers without a past at one instance, each under watch."""

    def __init__(self, browser: Browser, live: Live) -> None:
        self._browser = browser
        self._live = live
        self._watches: list[Watch] = []

    def arrive(self, *, javascript: bool = True, width: int = 1280, **options: Any) -> Page:
        """A page of a new visitor, still empty."""
        context = self._browser.new_context(
            base_url=self._live.url,
            java_script_enabled=javascript,
            locale="de-DE",
            viewport={"width": width, "height": 900},
            **options,
        )
        context.set_default_timeout(PATIENCE)
        self._watches.append(Watch(self._live.url, context).begin())
        return context.new_page()

    def arrive_as(self, name: str, **options: Any) -> Page:
        """A page of somebody of the demo, who has just signed in; of a stranger without a name."""
        page = self.arrive(**options)
        if name:
            page.context.add_cookies([self._live.cookie_of(ADDRESSES[name])])
        return page

    def leave(self) -> list[str]:
        """Close all; gives what was wrong."""
        complaints = [complaint for watch in self._watches for complaint in watch.complaints()]
        for watch in self._watches:
            watch.context.close()
        self._watches.clear()
        return complaints


def new_address(domain: str = "musterhafen.example") -> str:
    """An address that nobody has used, at a body that the demo knows."""
    return f"kim.{uuid.uuid4().hex[:12]}@{domain}"


def become(page: Page, name: str) -> None:
    """Sign in as somebody of the demo."""
    page.goto("/demo/")
    page.locator(".card", has=page.get_by_role("heading", name=name)).get_by_role("button").click()
    expect(page.get_by_role("link", name="Mein Konto")).to_be_visible()


def fill_in(page: Page, address: str, name: str = "Kim Probe") -> None:
    """Fill in the form of an event."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("Dienstliche E-Mail-Adresse").fill(address)


def register(page: Page, slug: str, address: str, name: str = "Kim Probe") -> None:
    """Register for an event; leaves the page that asks for the code."""
    page.goto(f"/veranstaltungen/{slug}/")
    fill_in(page, address, name)
    page.locator("#anmeldung").get_by_role("button").click()
    expect(page).to_have_title(re.compile("Fast geschafft"))


def open_mail(page: Page, address: str, subject: str) -> None:
    """Open the newest mail to an address whose subject begins so, as soon as it is there."""
    outbox = f"/demo/postausgang/?an={address}"
    link = re.compile(rf'href="(/demo/postausgang/\d+/)">{re.escape(escape(subject))}')
    found = wait_for(lambda: link.search(page.request.get(outbox).text()), f"a mail to {address}: {subject}", every=0.2)
    assert found
    page.goto(found[1])
    expect(page.get_by_role("heading", level=1)).to_contain_text(subject)


def press_link(page: Page, label: str) -> None:
    """Press a link of the mail that is open, and wait for where it leads."""
    with page.expect_navigation():
        page.locator(".panel").get_by_role("link", name=label).click()


def code_in_mail(page: Page) -> str:
    """The code in the mail that is open."""
    found = re.search(r"^ *(\d{6})$", text_of_mail(page), re.MULTILINE)
    assert found
    return found[1]


def text_of_mail(page: Page) -> str:
    """The plain text of the mail that is open."""
    return page.locator("details", has_text="Nur-Text-Fassung").locator("code").text_content() or ""


def calendar_in_mail(page: Page) -> bytes:
    """The calendar file that hangs on the mail that is open."""
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile(r"\.ics")).click()
    return Path(download.value.path()).read_bytes()


def entry_in(ics: bytes) -> icalendar.Event:
    """The one event of a calendar."""
    (entry,) = icalendar.Calendar.from_ical(ics).events
    return entry
