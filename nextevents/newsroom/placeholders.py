"""The few words in braces that become something else for each reader. Anything else in braces stays as it is.

They are replaced once, in what was made of the writer's text, by places that are filled in when the mail is printed
(mailing.forms): what is filled in is never looked at again, and is escaped in HTML (bad inputs 6 and 7).
"""

import re
from typing import TypeVar

from ..mailing.forms import place

NAME = "name"
#: What people may write, and the place that stands for it.
PLACES = {NAME: "name"}

Written = TypeVar("Written", bound=str)

_IN_BRACES = re.compile(r"\{\s*([^{}\n]{1,40}?)\s*\}")


def with_places(written: Written, *, has_name: bool = True) -> Written:
    """The text with places for the reader's values; without a name, its placeholder goes with the blank before it."""
    if has_name:
        return written.replace("{name}", place(PLACES[NAME]))  # type: ignore[return-value]  # Markup stays Markup
    return written.replace(" {name}", "").replace("{name}", "")  # type: ignore[return-value]  # the same


def without_places(written: Written) -> Written:
    """The text for everybody: no name."""
    return with_places(written, has_name=False)


def uses_name(written: str) -> bool:
    """Whether readers are called by their names."""
    return "{name}" in written


def unknown_placeholders(written: str) -> list[str]:
    """What looks like a placeholder and is none, each once, in order."""
    found = (match[0] for match in _IN_BRACES.finditer(written) if match[0] != "{name}")
    return list(dict.fromkeys(found))
