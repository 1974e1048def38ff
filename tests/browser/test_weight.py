"""What a first visit costs, and what happens where less motion is wished, on paper, and with forced colours."""

import gzip
import re
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, Response, expect

MOST_REQUESTS, MOST_BYTES = 6, 120_000
EVENT_REQUESTS, EVENT_BYTES = 5, 50_000

PUBLIC = (
    "/",
    "/veranstaltungen/",
    "/veranstaltungen/?jahr=2022",
    "/veranstaltungen/?ansicht=monat",
    "/communities/",
    "/communities/chatbot-community/",
    "/konto/anmelden/",
    "/barrierefreiheit/",
)


def first_visit(page: Page, path: str) -> dict[str, int]:
    """The addresses that a first visit asks for, and the compressed bytes of each.

    Pages are compressed by whatever stands in front of us, files are so already. The icon counts, whether this browser
    asks for it or not.
    """
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright marks what it calls
    page.goto(path, wait_until="networkidle")
    weights = {}
    for answer in answers:
        is_page = answer.headers["content-type"].startswith("text/html")
        body = answer.body()
        weights[answer.url] = len(gzip.compress(body)) if is_page else answer.request.sizes()["responseBodySize"]
    icon = urljoin(page.url, page.locator("link[rel=icon]").get_attribute("href") or "")
    return {icon: len(gzip.compress(page.request.get(icon).body()))} | weights


@pytest.mark.parametrize("path", PUBLIC)
def test_a_first_visit_is_light(visitors, path):
    weights = first_visit(visitors.arrive(), path)

    assert len(weights) <= MOST_REQUESTS
    assert sum(weights.values()) <= MOST_BYTES


@pytest.mark.parametrize("topic", ["app-elf-gemeinden", "nextcamp-15", "sprachmodelle-buergeramt"])
def test_the_page_of_an_event_is_lighter_still(visitors, live, topic):
    weights = first_visit(visitors.arrive(), f"/veranstaltungen/{live.slug(topic)}/")
    without_fonts = [size for url, size in weights.items() if not url.endswith(".woff2")]

    assert len(weights) <= MOST_REQUESTS
    assert len(without_fonts) <= EVENT_REQUESTS
    assert sum(without_fonts) <= EVENT_BYTES


def test_a_second_visit_asks_for_the_page_alone(visitors):
    page = visitors.arrive()
    page.goto("/", wait_until="networkidle")
    page.goto("/veranstaltungen/", wait_until="networkidle")

    fetched = "performance.getEntriesByType('resource').filter((one) => one.transferSize).map((one) => one.name)"
    assert page.evaluate(fetched) == []


_MOVING = """
() => [...document.querySelectorAll('*')].flatMap((one) => ['', '::before', '::after'].map((part) => {
  const style = getComputedStyle(one, part || null);
  const durations = `${style.transitionDuration},${style.animationDuration}`.split(',').map(parseFloat);
  const moves = style.transitionProperty !== 'none' && Math.max(...durations) > 0.001;
  return moves || style.scrollBehavior === 'smooth' ? one.localName + part : '';
})).filter(Boolean)
"""


def test_nothing_moves_where_less_motion_is_wished(visitors):
    still, lively = visitors.arrive(reduced_motion="reduce"), visitors.arrive(reduced_motion="no-preference")
    for page in (still, lively):
        page.goto("/veranstaltungen/")

    still.get_by_role("link").nth(4).hover()
    still.get_by_text("Suchen und filtern").click()

    assert still.evaluate(_MOVING) == []
    assert still.evaluate("document.getAnimations().length") == 0
    assert lively.evaluate(_MOVING) != []


_NOT_FOR_PAPER = ".site-nav, .site-self, .demo-bar, .site-foot nav, .skip-link, #anmeldung"


def test_an_event_can_be_read_on_paper(visitors, live):
    page = visitors.arrive()
    page.goto(f"/veranstaltungen/{live.slug('app-elf-gemeinden')}/")
    page.set_viewport_size({"width": 794, "height": 1123})  # A4
    for light in ("light", "dark"):
        page.emulate_media(media="print", color_scheme=light)
        assert _colours(page) == {"ink": "rgb(0, 0, 0)", "paper": "rgb(255, 255, 255)"}

    for part in page.locator(_NOT_FOR_PAPER).all():
        expect(part).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text(re.compile(r"\d+ von 80 frei"))).to_be_visible()
    expect(page.get_by_role("heading", name="Ablauf")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.pdf(format="A4").count(b"/Type /Page\n") <= 2


def _colours(page: Page) -> dict[str, str]:
    found: dict[str, str] = page.evaluate(
        "() => ({ink: getComputedStyle(document.querySelector('h1')).color,"
        " paper: getComputedStyle(document.body).backgroundColor})"
    )
    return found


def test_what_is_folded_is_printed_too(visitors):
    page = visitors.arrive()
    page.goto("/communities/chatbot-community/")
    expect(page.get_by_role("link", name="NExTcommunity: Chatbot").first).to_be_hidden()

    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.get_by_role("link", name="NExTcommunity: Chatbot").first).to_be_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")

    expect(page.get_by_role("link", name="NExTcommunity: Chatbot").first).to_be_hidden()


def test_states_can_be_told_apart_where_colours_are_forced(visitors):
    page = visitors.arrive(forced_colors="active")
    page.goto("/veranstaltungen/")

    borders = page.locator(".state, .chip").evaluate_all("(all) => all.map((one) => getComputedStyle(one).borderStyle)")

    assert set(borders) == {"solid"}
