"""What stays of an event: links, files, a recording, minutes. Every change raises the event's version."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from ...ground.database import change_rows, db
from ...ground.documents import Upload, store_document
from ...ground.files import File
from ...ground.full_text import want_text
from ...ground.text import search_key
from .. import queries
from ..errors import MaterialChangedMeanwhile, TooManyMaterials
from ..models import Event, Material, MaterialKind, MaterialViewers
from . import seats

MOST = 50


@dataclass(frozen=True, kw_only=True)
class MaterialChange:
    """A material as it shall be; what does not belong to its kind is left aside."""

    title: str
    viewers: MaterialViewers
    url: str = ""
    text: str = ""


def add_material(
    event: Event, kind: MaterialKind, wish: MaterialChange, *, upload: Upload | None = None, at: datetime
) -> Material:
    """One more thing to look up. The same thing sent twice stands there once.

    Raises TooManyMaterials, and DocumentRefused for a file that we do not take.
    """
    seats.hold(event)
    standing = queries.materials(event)
    if same := next((one for one in standing if _is_same(one, kind, wish, upload)), None):
        return same
    if len(standing) >= MOST:
        raise TooManyMaterials(MOST)
    file = store_document(upload.content, name=upload.name, at=at) if upload else None
    material = Material(
        event_id=event.id,
        kind=kind,
        title=wish.title or (file.name if file else ""),
        url=wish.url,
        text=wish.text,
        file_id=file.id if file else None,
        viewers=wish.viewers,
        search_text=search_key(f"{wish.title or (file.name if file else '')}\n{wish.text}"),
        made_at=at,
    )
    db.session.add(material)
    if file:
        want_text(file, at=at)
    _show_change(event, at=at)
    return material


def _is_same(standing: Material, kind: MaterialKind, wish: MaterialChange, upload: Upload | None) -> bool:
    title = wish.title or (upload.name if upload else "")
    wanted = (kind, title, wish.url, wish.text, wish.viewers)
    if (standing.kind, standing.title, standing.url, standing.text, standing.viewers) != wanted:
        return False
    return upload is None or (standing.file is not None and standing.file.content == upload.content)


def change_material(material: Material, event: Event, change: MaterialChange, *, version: int, at: datetime) -> None:
    """Change what is said and who may see it.

    Raises MaterialChangedMeanwhile if it is no longer at this version (guarantee G20); then nothing has changed.
    """
    seats.hold(event)
    db.session.refresh(material)
    if material.version != version:
        raise MaterialChangedMeanwhile
    material.title, material.viewers = change.title, change.viewers
    if material.kind in {MaterialKind.LINK, MaterialKind.RECORDING}:
        material.url = change.url
    if material.kind == MaterialKind.MINUTES:
        material.text = change.text
    material.search_text = search_key(f"{material.title}\n{material.text}")
    _show_change(event, at=at)


def remove_material(event: Event, number: int, *, at: datetime) -> None:
    """Take something away, its file too. Twice is harmless."""
    seats.hold(event)
    material = db.session.scalars(
        select(Material).where(Material.id == number, Material.event_id == event.id)
    ).one_or_none()
    if material is None:
        return
    file_id = material.file_id
    db.session.delete(material)
    db.session.flush()
    if file_id and not db.session.scalar(select(func.count()).where(Material.file_id == file_id)):
        change_rows(delete(File).where(File.id == file_id))
    _show_change(event, at=at)


def _show_change(event: Event, *, at: datetime) -> None:
    event.changed_at = at
    db.session.flush()
