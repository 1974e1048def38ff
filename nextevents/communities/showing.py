"""Documents and results in words for people."""

from collections.abc import Callable

from flask_babel import format_date
from flask_babel import gettext as _

from .models import Document, DocumentKind, Result, Viewers


def viewers_word(viewers: Viewers) -> str:
    """Who may see a document."""
    return {
        Viewers.EVERYBODY: _("alle"),
        Viewers.SIGNED_IN: _("alle mit einem Konto hier"),
        Viewers.COMMUNITY: _("wer zur Community gehört"),
    }[viewers]


def document_label(document: Document, size_label: Callable[[int], str]) -> str:
    """What follows a click: the kind of file and its size, a note, or that it leads elsewhere."""
    if document.file:
        return f"{document.file.name.rpartition('.')[2].upper()}, {size_label(document.file.size)}"
    return _("Link") if document.kind == DocumentKind.LINK else _("Notiz")


def citation(result: Result, address: str) -> str:
    """A result as one quotes it: authors, year, title, who published it, where it stands."""
    year = str(result.published_on.year) if result.published_on else _("unveröffentlicht")
    authors = result.authors or result.community.full_name
    return f"{authors} ({year}): {result.title}. {result.community.full_name}, NExT e. V. {address}"


def published_label(result: Result) -> str:
    """The day on which it was published, or is meant to be."""
    return format_date(result.published_on, "long") if result.published_on else _("noch nicht veröffentlicht")
