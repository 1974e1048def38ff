"""What lies in a circle's library, as it stands in a list for one reader."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from ..communities import rules
from ..communities import showing as words
from ..communities.models import Community, Document, DocumentKind, Viewers
from ..events import queries as events
from ..events import showing
from ..events.models import Event, Material, MaterialKind, MaterialViewers
from ..ground.full_text import texts_in
from ..ground.markdown import as_text
from ..ground.text import excerpt
from ..people.models import Person


@dataclass(frozen=True)
class Entry:
    """Something in a library as it stands in a list."""

    title: str
    href: str
    #: What follows a click, such as "PDF, 1,2 MB".
    about: str
    made_at: datetime
    #: Who sees it, if not everybody does.
    seen_by: str
    #: The meeting that it stays of.
    event: Event | None
    #: The part of its text where the words stand, in pieces, each with whether it is one of the words.
    pieces: list[tuple[str, bool]]


def entries(
    community: Community, person: Person | None, asked: str = "", *, limit: int, offset: int = 0
) -> list[Entry]:
    """What somebody may see of a circle's library, newest first; only what holds all the words asked for."""
    readers = rules.viewers_for(person, community)
    found = events.library(community, person, readers, asked, limit=limit, offset=offset)
    texts = texts_in(one.file_id for one in found if one.file_id) if asked else {}
    runs = rules.runs(person, community)
    return [
        _document_entry(one, community, asked, texts)
        if isinstance(one, Document)
        else _material_entry(one, asked, texts, runs=runs)
        for one in found
    ]


def _document_entry(document: Document, community: Community, asked: str, texts: dict[int, str]) -> Entry:
    href = {
        DocumentKind.FILE: url_for("communities.document_file", slug=community.slug, number=document.id),
        DocumentKind.NOTE: url_for("communities.note", slug=community.slug, number=document.id),
        DocumentKind.LINK: document.url,
    }[document.kind]
    seen_by = "" if document.viewers == Viewers.EVERYBODY else words.viewers_word(document.viewers)
    about = words.document_label(document, showing.size_label)
    pieces = _pieces(document, asked, texts)
    return Entry(document.title, href, about, document.made_at, seen_by, None, pieces)


def _material_entry(material: Material, asked: str, texts: dict[int, str], *, runs: bool) -> Entry:
    event, href = material.event, material.url
    if material.file_id:
        href = url_for("events.material", slug=event.slug, number=material.id)
    elif material.kind == MaterialKind.MINUTES and runs:
        href = url_for("desk.edit_material", slug=event.slug, number=material.id)
    elif material.kind == MaterialKind.MINUTES:
        href = url_for("events.show", slug=event.slug) + "#unterlagen"
    seen_by = "" if material.viewers == MaterialViewers.EVERYBODY else showing.viewers_word(material.viewers)
    about = showing.material_label(material)
    return Entry(material.title, href, about, material.made_at, seen_by, event, _pieces(material, asked, texts))


def _pieces(one: Document | Material, asked: str, texts: dict[int, str]) -> list[tuple[str, bool]]:
    if not asked:
        return []
    text = texts.get(one.file_id or 0) or " ".join(as_text(one.text).split())
    return excerpt(text, asked.split())
