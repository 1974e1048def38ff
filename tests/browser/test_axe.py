"""Every kind of page and mail: axe-core, narrow and with large letters, in both lights; duties and KERN's taboos."""

import pytest
from playwright.sync_api import Page

from tests.browser.axe import sticking_out, violations
from tests.browser.pages import STOPS
from tests.browser.scene import KINDS
from tests.browser.visiting import Visitors

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
DUTIES = ["/impressum/", "/datenschutz/", "/barrierefreiheit/", "/barrierefreiheit/#melden"]
ALL = ()
#: Of all rules, only these see colours, and besides these only those see where things lie.
COLOURS = ("color-contrast", "link-in-text-block")
WHERE_THINGS_LIE = (*COLOURS, "target-size", "scrollable-region-focusable", "css-orientation-lock")
LARGE_LETTERS = "document.documentElement.style.fontSize = '32px'"


def complaints(page: Page) -> dict[str, list[str]]:
    """What is wrong with a page, by circumstance."""
    found = {}
    for circumstance, size, light, rules in (
        ("wide", WIDE, "light", ALL),
        ("narrow", NARROW, "light", WHERE_THINGS_LIE),
        ("narrow", NARROW, "dark", COLOURS),
    ):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=light, reduced_motion="reduce")
        found[f"{circumstance}, {light}"] = violations(page, rules)
        found[f"{circumstance}, sideways"] = sticking_out(page)
    page.evaluate(LARGE_LETTERS)
    found["narrow, large letters"] = sticking_out(page)
    page.set_viewport_size(WIDE)
    found["wide, large letters"] = sticking_out(page)
    return {circumstance: what for circumstance, what in found.items() if what}


@pytest.mark.parametrize("name", STOPS)
def test_everybody_can_use(visitors, scene, name):
    stop = STOPS[name]
    page = visitors.arrive_as(stop.actor, reduced_motion="reduce")
    stop.open(page, scene)

    assert complaints(page) == {}
    links = page.locator("footer nav a").evaluate_all("(all) => all.map((one) => one.getAttribute('href'))")
    assert links[-len(DUTIES) :] == DUTIES
    assert page.locator("h1").count() == 1
    assert not {word for word in ("kern-kopfzeile", "kern-dropdown") if word in page.content()}


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_can_read_the_mail(visitors, scene, kind):
    page = visitors.arrive(reduced_motion="reduce")
    page.set_content(page.request.get(f"/demo/postausgang/{scene.mails[kind]}/html").text())

    assert complaints(page) == {}


def test_what_is_wrong_is_found(visitors, live):
    page = visitors.arrive(reduced_motion="reduce")
    page.goto("/")
    page.evaluate("document.querySelector('main').innerHTML = '<p>blass</p><img src=\"data:,\"><h1>breit</h1>'")
    page.evaluate("document.querySelector('main p').style.color = '#999'")
    page.evaluate("document.querySelector('main h1').style.width = '500px'")

    found = complaints(page)

    assert {one.split(":")[0] for one in found["wide, light"]} >= {"color-contrast", "image-alt"}
    assert found["narrow, sideways"]


def test_what_must_not_happen_in_a_browser_is_noted(browser, live):
    visitors = Visitors(browser, live.url, {})
    page = visitors.arrive()
    page.goto("/")
    page.evaluate("document.head.append(Object.assign(document.createElement('style'), {textContent: 'p {top: 0}'}))")
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:1/picture.png'}))")
    page.evaluate("setTimeout(() => { throw new Error('astray') })")
    page.context.add_cookies([{"name": "tracker", "value": "1", "url": live.url}])
    page.wait_for_timeout(300)

    words = " ".join(visitors.leave())

    assert "style-src 'self'" in words
    assert "img-src 'self'" in words
    assert "astray" in words
    assert "'tracker'" in words
