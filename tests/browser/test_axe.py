"""Every kind of page and mail: axe-core, narrow and with large letters, in both lights; duties and KERN's taboos."""

import pytest

from tests.browser.axe import WIDE, complaints
from tests.browser.pages import STOPS, STRANGER
from tests.browser.scene import KINDS
from tests.browser.visiting import Visitors

DUTIES = ["/impressum/", "/datenschutz/", "/barrierefreiheit/", "/barrierefreiheit/#melden"]


@pytest.fixture(scope="module")
def regulars(browser, live):
    """Who looks at page after page, each in a browser that stays; strangers come as if for the first time."""
    visitors, pages = Visitors(browser, live), {}

    def page_of(actor):
        if actor not in pages:
            pages[actor] = visitors.arrive_as(actor, reduced_motion="reduce")
        page = pages[actor]
        page.set_viewport_size(WIDE)
        if not actor:
            page.context.clear_cookies()
        return page

    yield page_of
    assert visitors.leave() == []


@pytest.mark.parametrize("name", STOPS)
def test_everybody_can_use(regulars, scene, name):
    stop = STOPS[name]
    page = regulars(stop.actor)
    stop.open(page, scene)

    assert complaints(page) == {}
    links = page.locator("footer nav a").evaluate_all("(all) => all.map((one) => one.getAttribute('href'))")
    assert links[-len(DUTIES) :] == DUTIES
    assert page.locator("h1").count() == 1
    assert not {word for word in ("kern-kopfzeile", "kern-dropdown") if word in page.content()}


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_can_read_the_mail(regulars, scene, kind):
    page = regulars(STRANGER)
    page.goto("about:blank")
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
    visitors = Visitors(browser, live)
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
