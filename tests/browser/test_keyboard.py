"""The main job with the keyboard alone: where the focus goes, that it can be seen, and in which order."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.live import wait_for
from tests.browser.visiting import new_address

FARTHEST = 120
_FOCUS = """
async () => {
  await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));  // scrolled by now
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const ring = (style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
    && !style.outlineColor.endsWith(', 0)');
  const [box] = one.getClientRects();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const top = document.elementFromPoint(x, y);
  const label = one.labels?.[0]?.textContent ?? one.getAttribute('aria-label') ?? one.textContent;
  return {
    tag: one.localName,
    name: label.replace(/\\s+/g, ' ').trim(),
    isRinged: [getComputedStyle(one), getComputedStyle(one, '::after')].some(ring),
    isInSight: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    isOnTop: top === one || one.contains(top) || [...(one.labels ?? [])].some((label) => label.contains(top)),
  };
}
"""


@dataclass(frozen=True)
class Focus:
    """Where the keyboard is."""

    tag: str
    name: str
    isRinged: bool  # noqa: N815 - as the page says it
    isInSight: bool  # noqa: N815
    isOnTop: bool  # noqa: N815


class Keyboard:
    """Somebody without a mouse, who sees where they are at every step."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def focus(self) -> Focus | None:
        """Where we are; fails if that cannot be seen."""
        found = self.page.evaluate(_FOCUS)
        if found is None:
            return None
        focus = Focus(**found)
        if focus.tag == "iframe":  # a mail in its frame, with a focus of its own
            return focus
        assert focus.isRinged, f"no ring around {focus}"
        assert focus.isInSight, f"out of sight: {focus}"
        assert focus.isOnTop, f"covered: {focus}"
        return focus

    def tab(self, key: str = "Tab") -> Focus | None:
        """One step on."""
        self.page.keyboard.press(key)
        return self.focus()

    def go_to(self, name: str, tag: str = "") -> Focus:
        """Step on until we are at something whose name begins so."""
        for _ in range(FARTHEST):
            focus = self.tab()
            if focus and focus.name.startswith(name) and focus.tag.startswith(tag):
                return focus
        raise AssertionError(f"no step leads to: {name}")

    def go_in(self, name: str) -> None:
        """Step on to a link and follow it."""
        self.go_to(name, "a")
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def type_in(self, name: str, text: str) -> None:
        """Step on to a field and fill it in."""
        self.go_to(name, "input")
        self.page.keyboard.type(text)


def test_the_main_job_with_the_keyboard_alone(visitors, live):
    page, address = visitors.arrive(reduced_motion="reduce"), new_address()
    keyboard, title = Keyboard(page), _title(live, "app-elf-gemeinden")
    page.goto("/")

    assert keyboard.tab().name == "Zum Inhalt springen"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "inhalt"
    keyboard.go_in("Termine ansehen")
    keyboard.go_in(title)
    keyboard.type_in("Name", "Kim Tastatur")
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    keyboard.focus()
    assert keyboard.tab().name.startswith("Dienstliche E-Mail-Adresse: ")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Dienstliche E-Mail-Adresse")).to_be_focused()
    keyboard.focus()
    page.keyboard.type(address)
    keyboard.tab()
    expect(page.get_by_text("Erkannt: Stadt Musterhafen")).to_be_visible()
    _press(keyboard, "Platz sichern", then="Fast geschafft")

    keyboard.go_in("In dieser Vorführung liegt die Mail im Postausgang.")
    _wait_for_mail(page, address)
    keyboard.go_in("Bitte bestätigen: ")
    keyboard.go_in("Anmeldung bestätigen")
    _press(keyboard, "Anmeldung bestätigen", then=title)
    expect(page.get_by_text("Sie sind angemeldet.")).to_be_visible()

    _press(keyboard, "Absagen", then=title)
    expect(page.locator(".error-summary")).to_be_focused()
    keyboard.go_to("Ja, ich sage ab", "a")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Ja, ich sage ab")).to_be_focused()
    keyboard.focus()
    page.keyboard.press("Space")
    _press(keyboard, "Absagen", then=title)
    expect(page.get_by_text("Sie sind nicht mehr angemeldet.")).to_be_visible()


def _title(live, topic: str) -> str:
    ((title,),) = live.rows("SELECT title FROM event WHERE slug = :slug", slug=live.slug(topic))
    return str(title)


def _press(keyboard: Keyboard, name: str, *, then: str) -> None:
    """Step on to a button and press it."""
    keyboard.go_to(name, "button")
    with keyboard.page.expect_navigation():
        keyboard.page.keyboard.press("Space")
    expect(keyboard.page.get_by_role("heading", level=1)).to_have_text(then)


def _wait_for_mail(page: Page, address: str) -> None:
    def look() -> bool:
        page.reload()
        return page.get_by_role("row").filter(has_text=address).is_visible()

    wait_for(look, f"a mail to {address}")


def test_signing_in_with_the_keyboard_alone(visitors):
    page, address = visitors.arrive(reduced_motion="reduce"), new_address()
    keyboard = Keyboard(page)
    page.goto("/konto/anmelden/")

    keyboard.go_to("E-Mail-Adresse", "input")
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    keyboard.type_in("E-Mail-Adresse", address)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    keyboard.type_in("Code aus der Mail", "123")
    page.keyboard.press("Enter")

    expect(page.locator(".error-summary")).to_be_focused()
    keyboard.focus()


def test_the_focus_goes_through_an_event_as_one_reads_it(visitors, live):
    page = visitors.arrive(reduced_motion="reduce")
    page.goto(f"/veranstaltungen/{live.slug('app-elf-gemeinden')}/")
    keyboard = Keyboard(page)

    steps = []
    while (focus := keyboard.tab()) and focus.name != (steps[0] if steps else ""):
        steps.append(focus.name)

    assert steps == [
        "Zum Inhalt springen",
        "Rundgang",
        "Postausgang",
        "NExT, zur Startseite",
        "Termine",
        "Communities",
        "English",
        *[step for step in steps if step in SIGNING_IN],
        "NExTcommunity Mobile Apps",
        "Als Kalenderdatei herunterladen",
        "Name",
        "Dienstliche E-Mail-Adresse",
        "Organisation (freiwillig)",
        "Platz sichern",
        "Newsletter",
        "Verteiler",
        "Veröffentlichungen",
        "Impressum",
        "Datenschutz",
        "Barrierefreiheit",
        "Barriere melden",
    ]


#: How the door to one's account may be called.
SIGNING_IN = ("Anmelden", "Mein Konto")


_STEPS = """
() => [...document.querySelectorAll('a[href], button, summary, input, select, textarea, [tabindex="0"]')]
  .filter((one) => one.type !== 'hidden' && one.checkVisibility())
"""
_STEP = f"() => ({_STEPS})().indexOf(document.activeElement)"


@pytest.mark.parametrize(
    ("path", "width"),
    [("/", 1280), ("/", 360), ("/veranstaltungen/?ansicht=monat", 360), ("/communities/", 1280), ("/demo/", 360)],
)
def test_the_focus_goes_once_through_everything_and_can_always_be_seen(visitors, path, width):
    page = visitors.arrive(width=width, reduced_motion="reduce")
    page.goto(path)
    keyboard, count = Keyboard(page), page.evaluate(f"() => ({_STEPS})().length")

    steps = []
    while keyboard.tab() and len(steps) <= count:
        steps.append(page.evaluate(_STEP))

    assert steps == list(range(count))


def test_a_focus_that_cannot_be_seen_is_noticed(visitors):
    page = visitors.arrive(reduced_motion="reduce")
    page.goto("/")
    page.evaluate("document.querySelector('.skip-link').style.outline = 'none'")

    with pytest.raises(AssertionError, match="no ring around"):
        Keyboard(page).tab()


def test_help_that_comes_by_itself_does_not_move_the_focus(visitors, live):
    page = visitors.arrive(reduced_motion="reduce")
    page.goto(f"/veranstaltungen/{live.slug('app-elf-gemeinden')}/")
    page.get_by_label("Dienstliche E-Mail-Adresse").fill("kim@unbekannt.example")

    with page.expect_response(re.compile("/anmeldung/organisation")):
        page.keyboard.press("Tab")
    expect(page.get_by_label("Organisation")).to_be_visible()

    expect(page.get_by_label("Organisation")).to_be_focused()
