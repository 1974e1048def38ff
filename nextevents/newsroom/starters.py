"""What a new campaign begins with."""

from dataclasses import dataclass
from datetime import date

from flask_babel import format_date
from flask_babel import gettext as _

from ..ground import clock
from ..mailing.models import ListKind, MailingList
from . import rules
from .blocks import Block, Board, Events, OwnEvents, Results, Text

EMPTY, MONTH = "leer", "monat"


@dataclass(frozen=True)
class Start:
    """Subject and blocks of a new draft."""

    subject: str = ""
    blocks: tuple[Block, ...] = ()


def empty() -> Start:
    """A greeting, and room to write."""
    return Start("", (Text(text=_("Guten Tag {name},")),))


def coming_month(one: MailingList, today: date) -> Start:
    """What comes in the next weeks, with what was published; a newsletter has the reader's own events in it too."""
    month = format_date(_next_month(today), "MMMM")
    opening = Text(text=_("Guten Tag {name},\n\nhier ist, was in den nächsten Wochen ansteht."))
    number = rules.community_number(one)
    if number is not None:
        return Start(_("Unsere Termine im %(month)s", month=month), (opening, Events(communities=(number,), weeks=8)))
    blocks: tuple[Block, ...] = (opening, Events(weeks=6), Results(weeks=8))
    if one.kind == ListKind.NEWSLETTER:
        blocks = (opening, Board(heading=_("Aus dem Vorstand")), OwnEvents(weeks=6), Events(weeks=6), Results(weeks=8))
    return Start(_("NExT im %(month)s", month=month), blocks)


def _next_month(today: date) -> date:
    """The month that is coming, or the one that has just begun."""
    if today.day <= 7:  # noqa: PLR2004 - in its first week a month is still the coming one
        return today.replace(day=1)
    return date(today.year + today.month // 12, today.month % 12 + 1, 1)


def start_named(name: str, one: MailingList) -> Start:
    """The start that was chosen; an empty one for any other word."""
    return coming_month(one, clock.local(clock.now()).date()) if name == MONTH else empty()
