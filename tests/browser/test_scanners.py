"""Link scanners with a browser: one follows every link of every mail, one also sends every form as it finds it."""

import re
from collections.abc import Iterator
from contextlib import suppress
from email.message import EmailMessage

import pytest
from playwright.sync_api import Error, Page, expect

from nextevents.ground.database import Model
from tests.browser.live import Live
from tests.browser.scene import KINDS, STATES, Scene
from tests.browser.scene_of_the_rest import Rest
from tests.browser.visiting import code_in_mail, new_address, open_mail, press_link, register

#: Long enough for a script that presses a button by itself.
PAUSE = 150
#: What the worker writes meanwhile, and no page.
BY_THE_WORKER = frozenset(
    {"kept_mail", "form", "destination", "campaign", "campaign_form", "reminder_rule", "planned_reminder"}
    | {"file_text", "bounce"}
)
#: What one button without a question may change, because nobody is harmed and everything can be taken back (M-39):
#: who is on a list, with the note of it, and the number under which a certificate can be looked up once it is fetched.
REVERSIBLE = frozenset({"subscription", "mailbox", "consent", "certificate"})
#: Of messages the worker writes how they fare.
MESSAGES = "SELECT id, kind, recipient FROM message"

#: Where buttons of pages behind mails lead.
WITH_BUTTONS = (
    "/anmeldung/bestaetigen/",
    "/konto/anmelden/",
    "/absagen",
    "/annehmen",
    "/ablehnen",
    "/doch-dabei",
    "/verteiler/bestaetigen/",
    "/verteiler/abmelden/",
    "/verteiler/einstellungen/",
    "/verteiler/adresse/",
    "/redaktion/beitraege/",
    "/einladung/",
    "/umfrage/",
)


def facts(live: Live) -> dict[str, set[tuple]]:
    """Every row that a scanner could have made, changed or taken away, by its table."""
    tables = [table.name for table in Model.metadata.sorted_tables if table.name not in BY_THE_WORKER]
    questions = {name: f'SELECT * FROM "{name}"' for name in tables} | {"message": MESSAGES}  # noqa: S608 - our own names
    return {name: set(live.rows(question)) for name, question in questions.items()}


def changed_since(before: dict[str, set[tuple]], live: Live) -> dict[str, set[tuple]]:
    """The rows that were not so before, or are not there any more, by their tables."""
    return {name: changed for name, rows in facts(live).items() if (changed := rows ^ before[name])}


def subscriptions(live: Live) -> set[tuple]:
    """Who is on which list."""
    return set(live.rows("SELECT list_id, mailbox_id FROM subscription WHERE state = 'active'"))


def agreements(live: Live) -> set[tuple]:
    """What people have agreed to, and when."""
    return set(live.rows("SELECT id, confirmed_at FROM consent WHERE confirmed_at IS NOT NULL"))


def links_in(mail: EmailMessage) -> tuple[set[str], set[str]]:
    """The addresses in a mail: in its HTML, and in its text."""
    html, text = (str(mail.get_body((kind,)).get_content()) for kind in ("html", "plain"))
    return set(re.findall(r'href="([^"]+)"', html)), set(re.findall(r"https?://[^\s)]+", text))


def forms(page: Page) -> Iterator[tuple[str, int]]:
    """Where each button of the page sends its form, and which one it is."""
    buttons = page.locator("form[method=post] button")
    for number in range(buttons.count()):
        button = buttons.nth(number)
        if not button.is_visible():
            continue
        yield str(button.get_attribute("formaction") or button.evaluate("(one) => one.form.action")), number


def visit(page: Page, url: str) -> None:
    """Open it and wait; files come as downloads, which browsers call an error."""
    with suppress(Error):
        page.goto(url)
    page.wait_for_timeout(PAUSE)
    page.locator("details").evaluate_all("(folds) => folds.forEach((one) => { one.open = true; })")


@pytest.fixture(scope="module")
def rest(live: Live, scene: Scene) -> Rest:
    """The mails of all other kinds."""
    return Rest(live, scene)


@pytest.fixture
def mailed(scene: Scene, rest: Rest) -> list[str]:
    """Every address of ours in mails of every kind, be it in HTML or in text; of alike pages of the rest, one each."""
    everywhere = set().union(*(links for kind in KINDS for links in links_in(scene.mail(kind))))
    elsewhere = set().union(*(links for mail in rest.mails for links in links_in(mail)))
    pages = {page_of(url) for url in everywhere}
    everywhere.update({page: url for url in sorted(elsewhere) if (page := page_of(url)) not in pages}.values())
    found = sorted(url for url in everywhere if url.startswith(scene.live.url))
    for token in (scene.proofs["sign_in"], scene.proofs["confirm_address"], *_managed(scene)):
        assert any(token in url for url in found)
    return found


def page_of(url: str) -> str:
    """Which page it is, whoever it is for: the address without its token."""
    return re.sub(r"/[\w.-]{20,}", "/…", url)


def _managed(scene: Scene) -> list[str]:
    """The tokens that mails link to; the question for the address and a cancelled event need none."""
    return [scene.registrations[kind] for kind in STATES if kind not in {"confirm_address", "event_cancelled"}]


def test_a_scanner_that_follows_every_link_and_sends_every_form_confirms_and_cancels_nothing(
    visitors, live, scene, mailed
):
    robot, found, sent = visitors.arrive(), {}, set()
    before, subscribed, agreed = facts(live), subscriptions(live), agreements(live)

    for url in mailed:
        visit(robot, url)
        found[url] = [target for target, _ in forms(robot)]
    assert changed_since(before, live) == {}
    _expect_stranger(robot)

    for url, targets in found.items():
        for target in targets:
            if "/verteiler/bestaetigen/" in target:
                scene.deliver_again("confirm_subscription")  # robots are there at once
            if target not in sent and send(robot, url, target):
                sent.add(target)
    assert changed_since(before, live).keys() <= REVERSIBLE
    assert agreements(live) <= agreed
    assert subscriptions(live) < subscribed  # to leave takes one button, and can be taken back for a day
    _expect_stranger(robot)
    assert [path for path in WITH_BUTTONS if path not in " ".join(sent)] == []


def send(robot: Page, url: str, target: str) -> bool:
    """Send the form of a page that goes there; False if it is not offered any more."""
    visit(robot, url)
    number = next((number for there, number in forms(robot) if there == target), None)
    if number is None:
        return False
    robot.locator("form[method=post] button").nth(number).click()
    robot.wait_for_timeout(PAUSE)
    return True


def _expect_stranger(robot: Page) -> None:
    robot.goto("/konto/")
    expect(robot).to_have_url(re.compile("/konto/anmelden/"))


def test_whoever_reads_the_mail_still_can_after_the_scanners(visitors, live, scene, mailed):
    robot = visitors.arrive()
    url = next(one for one in mailed if scene.proofs["confirm_address"] in one)
    visit(robot, url)
    robot.locator("main form button").click()
    before = facts(live)

    reader = visitors.arrive()
    reader.goto(url)
    expect(reader.get_by_label("Code aus der Mail")).to_be_visible()
    expect(reader.get_by_role("button", name="Anmeldung bestätigen")).to_be_enabled()

    assert changed_since(before, live) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_of_a_mail_leads_wherever_its_html_does(scene, kind):
    in_html, in_text = links_in(scene.mail(kind))

    assert {url for url in in_html if not url.startswith("mailto:")} == in_text


def test_what_a_scanner_may_not_do_would_be_noticed(visitors, live):
    address, reader = new_address(), visitors.arrive()
    register(visitors.arrive(), live.slug("app-elf-gemeinden"), address)
    open_mail(reader, address, "Bitte bestätigen: ")
    code = code_in_mail(reader)
    before = facts(live)

    press_link(reader, "Anmeldung bestätigen")
    assert changed_since(before, live) == {}
    reader.get_by_label("Code aus der Mail").fill(code)
    reader.get_by_role("button", name="Anmeldung bestätigen").click()
    expect(reader.get_by_text("Sie sind angemeldet.")).to_be_visible()

    assert {"registration", "proof", "message"} <= changed_since(before, live).keys()
