"""axe-core in a page, and what it does not measure: whether anything sticks out."""

from collections.abc import Collection
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "assets" / "node_modules" / "axe-core" / "axe.min.js"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
ALL = ()
#: Of all rules, only the first two see colours, and only these see where things lie.
WHERE_THINGS_LIE = (
    "color-contrast",
    "link-in-text-block",
    "target-size",
    "scrollable-region-focusable",
    "css-orientation-lock",
)
LARGE_LETTERS = "document.documentElement.style.fontSize = '32px'"

_RUN = """
async (rules) => {
  // Colours that have just been changed are not there before the next frame.
  for (let quiet = 0; quiet < 2; ) {
    await new Promise(requestAnimationFrame);
    quiet = document.getAnimations().length ? 0 : quiet + 1;
  }
  const options = {iframes: false, preload: false, resultTypes: ['violations']};
  if (rules.length) options.runOnly = {type: 'rule', values: rules};
  else options.rules = {'target-size': {enabled: true}};
  const {violations} = await axe.run(document, options);
  return violations.flatMap(({id, nodes}) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
}
"""
_STICKING_OUT = """
() => {
  const seen = document.documentElement.clientWidth;
  const excess = document.documentElement.scrollWidth - seen;
  if (excess <= 0) return [];
  const scrolls = (one) => getComputedStyle(one).overflowX !== 'visible';
  const isCut = (one) => one && one !== document.body && (scrolls(one) || isCut(one.parentElement));
  const sticksOut = (one) => one.getBoundingClientRect().right > seen + 1 && !isCut(one.parentElement);
  const out = [...document.body.querySelectorAll('*')].filter(sticksOut);
  return [`${excess} px wider than ${seen}`, ...out.slice(-3).map((one) => one.outerHTML.slice(0, 200))];
}
"""


@cache
def _axe() -> str:
    return AXE.read_text()


def violations(page: Page, rules: Collection[str] = ()) -> list[str]:
    """What axe-core finds wrong with the page as it stands, by these of its rules or by all."""
    page.wait_for_load_state()
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())
    found: list[str] = page.evaluate(_RUN, list(rules))
    return found


def sticking_out(page: Page) -> list[str]:
    """By how much one would have to scroll sideways, and what is to blame."""
    page.wait_for_load_state()
    found: list[str] = page.evaluate(_STICKING_OUT)
    return found


def complaints(page: Page) -> dict[str, list[str]]:
    """What is wrong with a page, by circumstance."""
    found = {}
    for circumstance, size, light, rules in (
        ("wide", WIDE, "light", ALL),
        ("narrow", NARROW, "dark", WHERE_THINGS_LIE),
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
