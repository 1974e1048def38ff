"""Papers of the desk: name badges."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template
from flask_babel import gettext as _

from ..events.models import Event, Photos
from ..ground.papers import as_pdf
from .columns import photos_word

#: Two columns of five.
ON_A_PAGE = 10
#: More take longer than somebody should wait for an answer: 200 are about a second.
IN_A_FILE = 200


@dataclass(frozen=True)
class Badge:
    """What stands on one badge."""

    name: str
    body: str
    #: One chosen answer; empty for none.
    line: str
    #: None where the event does not ask about photos.
    photos: Photos | None


def badge_parts(count: int) -> list[tuple[str, str]]:
    """The files that so many badges take: their numbers, and which badges they hold."""
    starts = range(0, count, IN_A_FILE)
    return [
        (str(number), _("%(first)s bis %(last)s", first=start + 1, last=min(start + IN_A_FILE, count)))
        for number, start in enumerate(starts, 1)
    ]


def badges(event: Event, made: Sequence[Badge]) -> bytes:
    """The badges as PDF/UA, ten on a page."""
    return as_pdf(badges_page(event, made), render_template("desk/papers/badges.css"))


def badges_page(event: Event, made: Sequence[Badge]) -> str:
    """The same as HTML."""
    pages = [made[start : start + ON_A_PAGE] for start in range(0, len(made), ON_A_PAGE)]
    return render_template("desk/papers/badges.html", event=event, pages=pages, photos_word=photos_word)
