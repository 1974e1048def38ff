"""The library of a circle: files, notes, links. Every change raises the document's version."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from ...ground.database import db
from ...ground.documents import Upload
from ...ground.files import File
from ...ground.markdown import as_text
from ...ground.text import search_key
from ...people.models import Person
from ..errors import ChangedMeanwhile, TooManyDocuments
from ..models import Community, Document, DocumentKind, Viewers
from . import filing
from .leading import hold

MOST = 500


@dataclass(frozen=True, kw_only=True)
class DocumentWish:
    """A document as it shall be; what does not belong to its kind is left aside."""

    #: Empty: the name of the file.
    title: str
    viewers: Viewers
    #: Markdown, of a note.
    text: str = ""
    #: Of a link.
    url: str = ""


def add_document(
    community: Community, wish: DocumentWish, *, upload: Upload | None = None, by: Person, at: datetime
) -> Document:
    """One more thing in the library. The same thing sent twice stands there once.

    Raises TooManyDocuments, and what filing.store() raises for a file that we do not take.
    """
    hold(community)
    if _count(community) >= MOST:
        raise TooManyDocuments(MOST)
    file = filing.store(upload, at=at) if upload else None
    title = wish.title or (file.name if file else "")
    if same := _same(community, wish, title, file):
        filing.drop(file.id if file else None)
        return same
    document = Document(
        community_id=community.id,
        title=title,
        text=wish.text,
        url=wish.url,
        file=file,
        viewers=wish.viewers,
        search_text=_search_text(title, wish.text, file),
        made_at=at,
        made_by_id=by.id,
    )
    db.session.add(document)
    db.session.flush()
    return document


def _count(community: Community) -> int:
    return db.session.scalar(select(func.count()).where(Document.community_id == community.id)) or 0


def _same(community: Community, wish: DocumentWish, title: str, file: File | None) -> Document | None:
    alike = select(Document).where(
        Document.community_id == community.id,
        Document.title == title,
        Document.text == wish.text,
        Document.url == wish.url,
        Document.viewers == wish.viewers,
    )
    if file is None:
        return db.session.scalars(alike.where(Document.file_id.is_(None))).first()
    of_size = alike.join(File).where(File.name == file.name, File.size == file.size, File.content == file.content)
    return db.session.scalars(of_size).first()


def _search_text(title: str, text: str, file: File | None) -> str:
    return search_key("\n".join((title, as_text(text), file.name if file else "")))


def change_document(
    document: Document, wish: DocumentWish, *, upload: Upload | None = None, version: int, at: datetime
) -> None:
    """Change what is said and who may see it, and put a newer file in the place of the one that stands.

    Raises ChangedMeanwhile if it is no longer at this version (guarantee G20), and what filing.store() raises.
    """
    hold(document.community)
    db.session.refresh(document)
    if document.version != version:
        raise ChangedMeanwhile
    earlier, kind = document.file_id, document.kind
    if upload and kind == DocumentKind.FILE:
        document.file = filing.store(upload, at=at)
    document.title = wish.title or (document.file.name if document.file else "")
    document.viewers = wish.viewers
    if kind == DocumentKind.LINK:
        document.url = wish.url
    if kind == DocumentKind.NOTE:
        document.text = wish.text
    document.search_text = _search_text(document.title, document.text, document.file)
    db.session.flush()
    if document.file_id != earlier:
        filing.drop(earlier)


def remove_document(community: Community, number: int) -> None:
    """Take something away, its file too. Twice is harmless."""
    hold(community)
    document = db.session.scalars(
        select(Document).where(Document.id == number, Document.community_id == community.id)
    ).one_or_none()
    if document is None:
        return
    file_id = document.file_id
    db.session.delete(document)
    db.session.flush()
    filing.drop(file_id)
