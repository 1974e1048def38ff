"""Documents that people upload: known by their content, kept as they are, handed out as downloads.

What a browser would show as a page of ours, or run, is not taken; what is taken is never shown,
only saved (bad inputs 60 to 63).
"""

import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from unicodedata import category
from urllib.parse import quote

from flask import Response
from flask_babel import gettext as _

from .database import db
from .errors import Refusal
from .files import File
from .space import require_room

#: Bytes.
LARGEST = 10 * 1024 * 1024
NAME_LENGTH = 120

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
_MAGIC = {b"%PDF-": PDF, b"\x89PNG\r\n\x1a\n": PNG, b"\xff\xd8\xff": JPEG}
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_OFFICE = "application/vnd.openxmlformats-officedocument."
#: Content type by the ending of the name: what is written in a format must be called by it.
TYPES = {
    "pdf": PDF,
    "png": PNG,
    "jpg": JPEG,
    "jpeg": JPEG,
    "odt": f"{_OPEN_DOCUMENT}text",
    "odp": f"{_OPEN_DOCUMENT}presentation",
    "ods": f"{_OPEN_DOCUMENT}spreadsheet",
    "docx": f"{_OFFICE}wordprocessingml.document",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "txt": "text/plain",
    "md": "text/markdown",
}
#: The folder in which each of Microsoft's formats keeps its content.
_FOLDERS = {"word/": TYPES["docx"], "ppt/": TYPES["pptx"], "xl/": TYPES["xlsx"]}
ACCEPTED = ",".join(f".{ending}" for ending in TYPES)


class DocumentRefused(Refusal):
    """What was uploaded is too large, empty, or of no kind that we take."""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file as a browser sent it."""

    name: str
    content: bytes


def store_document(content: bytes, *, name: str, at: datetime) -> File:
    """A document as it came, under its name without paths and without letters that nobody can see.

    Raises DocumentRefused for what is empty, larger than LARGEST, of another kind, holds macros, or is not what its
    name says; and DiskNearlyFull.
    """
    shown, content_type = looked_through(content, name=name)
    file = File(name=shown, content_type=content_type, size=len(content), content=content, made_at=at)
    db.session.add(file)
    db.session.flush()
    return file


def looked_through(
    content: bytes, *, name: str, endings: Collection[str] = TYPES, largest: int = LARGEST
) -> tuple[str, str]:
    """The name under which a document would be kept, and its content type; only these endings, so many bytes.

    Raises DocumentRefused and DiskNearlyFull as store_document() does.
    """
    require_room()
    if not content:
        raise DocumentRefused(_("Diese Datei ist leer."))
    if len(content) > largest:
        size = largest // 1024 // 1024
        raise DocumentRefused(_("Diese Datei ist größer als %(size)s MB. Bitte verkleinern Sie sie.", size=size))
    shown = _plain_name(name)
    ending = shown.rpartition(".")[2].lower()
    if ending not in endings or not _is_really(TYPES[ending], content):
        kinds = ", ".join(dict.fromkeys(one.upper() for one in endings if one not in {"jpg", "md"}))
        raise DocumentRefused(_("Diese Art von Datei nehmen wir nicht. Möglich sind %(kinds)s.", kinds=kinds))
    return shown, TYPES[ending]


def _plain_name(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(one for one in last if category(one)[0] not in "CZ" or one == " ")
    stem, dot, ending = kept.strip(" .").rpartition(".")
    return f"{stem[: NAME_LENGTH - len(ending) - 1]}{dot}{ending}"


def _is_really(wanted: str, content: bytes) -> bool:
    if wanted.startswith("text/"):
        return _is_text(content)
    if wanted.startswith((_OPEN_DOCUMENT, _OFFICE)):
        return _type_of_archive(content) == wanted
    return next((found for magic, found in _MAGIC.items() if content.startswith(magic)), None) == wanted


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False


def _type_of_archive(content: bytes) -> str | None:
    """The kind of an office document; None for other archives and for what holds macros. Nothing is unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
            if any("vbaproject" in name.lower() for name in names):
                return None
            if names[:1] == ["mimetype"] and archive.getinfo("mimetype").file_size < NAME_LENGTH:
                return archive.read("mimetype").decode("ascii", "replace").strip()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return None
    if "[Content_Types].xml" not in names:
        return None
    return next((found for folder, found in _FOLDERS.items() if any(one.startswith(folder) for one in names)), None)


def download(file: File) -> Response:
    """A document to save: never shown within our pages, and powerless wherever it is opened from here."""
    response = Response(file.content, mimetype=file.content_type)
    plain = "".join(one if one.isascii() and (one.isalnum() or one in " ._-") else "_" for one in file.name)
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name)}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"
    return response
