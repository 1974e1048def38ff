"""The pages of an event's desk, by the step of its story to which they belong."""

from dataclasses import dataclass

from flask import current_app, request, url_for
from flask_babel import gettext as _

from ..events import queries as events
from ..events.models import Audience, Event

#: What hangs on the page of an event's form, at addresses of its own.
_PARTS_OF_EDIT = frozenset(
    {
        "desk.set_picture",
        "desk.remove_picture",
        "desk.add_partner",
        "desk.remove_partner",
        "desk.publish",
        "desk.postpone",
        "desk.cancel",
    }
)


@dataclass(frozen=True)
class Page:
    """A link to a page; current if it, or a page below it, is open."""

    label: str
    href: str
    is_current: bool


@dataclass(frozen=True)
class Step:
    """A step of an event's story: a link to the first of its pages, and its pages."""

    label: str
    href: str
    is_current: bool
    pages: list[Page]


def desk_steps(event: Event) -> list[Step]:
    """The way through an event's desk: its overview, then making, filling, running and closing it."""
    open_page = _open_page(event)
    steps = (_step(label, pages, event, open_page) for label, pages in _story().items())
    return [step for step in steps if step]


def _story() -> dict[str, dict[str, str]]:
    return {
        _("Überblick"): {"desk.overview": _("Überblick")},
        _("Anlegen"): {
            "desk.edit": _("Angaben"),
            "desk.questions": _("Fragen"),
            "desk.reminders": _("Erinnerungen"),
            "desk.series": _("Serie"),
        },
        _("Füllen"): {
            "desk.participants": _("Teilnehmende"),
            "desk.approvals": _("Anfragen"),
            "desk.waiting_list": _("Warteliste"),
            "desk.invitations": _("Einladungen"),
            "desk.calling": _("Community"),
            "desk.announcements": _("Nachrichten"),
        },
        _("Durchführen"): {"desk.check_in": _("Einlass"), "desk.conference": _("Videokonferenz")},
        _("Abschließen"): {"desk.closing": _("Abschluss"), "desk.figures": _("Zahlen")},
    }


def _step(label: str, pages: dict[str, str], event: Event, open_page: str) -> Step | None:
    shown = {
        page: word
        for page, word in pages.items()
        if page in current_app.view_functions and _is_of_use(page, event, open_page)
    }
    if not shown:
        return None
    links = [Page(word, url_for(page, slug=event.slug), page == open_page) for page, word in shown.items()]
    return Step(label, links[0].href, open_page in shown, links)


def _open_page(event: Event) -> str:
    """The page that is open, or below which the open one lies; its address says so."""
    if request.endpoint in _PARTS_OF_EDIT:
        return "desk.edit"
    pages = [page for step in _story().values() for page in step if page in current_app.view_functions]
    above = [page for page in pages if request.path.startswith(url_for(page, slug=event.slug))]
    return max(above, key=lambda page: len(url_for(page, slug=event.slug)), default="")


def _is_of_use(page: str, event: Event, open_page: str) -> bool:
    """Whether there is anything to do on a page that most events do not need."""
    if page == open_page:
        return True
    if page == "desk.series":
        return event.series_id is not None
    if page == "desk.conference":
        return event.has_room
    if page == "desk.approvals":
        return event.needs_approval or event.audience == Audience.PUBLIC_SECTOR or events.has_requests(event)
    if page == "desk.calling":
        return bool(event.communities)
    return page != "desk.waiting_list" or event.capacity is not None
