"""Files that people upload: kept in the database, so that every web host has them and a backup is whole.

What is stored was checked: pictures are drawn anew from their pixels, so no script and no place of taking survives;
documents are kept as they are and only ever handed out as downloads (bad inputs 58 to 63).
"""

import io
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Response
from flask_babel import gettext as _
from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, deferred, mapped_column

from .database import NUMBERS_NEVER_COME_AGAIN, Model, db
from .errors import Refusal
from .space import require_room

if TYPE_CHECKING:
    from PIL.Image import Image

#: A picture may have so many pixels; more would take more memory than a process has (bad input 59).
MOST_PIXELS = 30_000_000
PICTURE_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
YEAR = 31_536_000


class File(Model):
    """An uploaded file; its content is read only when it is handed out."""

    __tablename__ = "file"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: As shown to people; never a path.
    name: Mapped[str]
    content_type: Mapped[str]
    #: Bytes.
    size: Mapped[int]
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))
    made_at: Mapped[datetime]

    __table_args__ = (NUMBERS_NEVER_COME_AGAIN,)


class FileRefused(Refusal):
    """What was uploaded is not what it should be, or too large."""


def store_picture(content: bytes, *, name: str, longest_edge: int, at: datetime) -> File:
    """A picture drawn anew from its pixels as WebP, at most so many pixels wide or high, without what was noted in it.

    Raises FileRefused for anything but PNG, JPEG, WebP and GIF, of which the first frame is taken (bad inputs 58, 59),
    and DiskNearlyFull.
    """
    require_room()
    file = _stored(_redrawn(content, longest_edge), name=name, content_type="image/webp", at=at)
    db.session.add(file)
    db.session.flush()
    return file


def _stored(content: bytes, *, name: str, content_type: str, at: datetime) -> File:
    return File(name=name, content_type=content_type, size=len(content), content=content, made_at=at)


def _redrawn(content: bytes, longest_edge: int) -> bytes:
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415 - 10 MB that most requests do not need

    try:
        with Image.open(io.BytesIO(content), formats=PICTURE_FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise FileRefused(
                    _("Dieses Bild ist zu groß. Bitte verkleinern Sie es auf höchstens 5.000 Punkte je Seite.")
                )
            upright = ImageOps.exif_transpose(picture)
            has_holes = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
            drawn: Image.Image = upright.convert("RGBA" if has_holes else "RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise FileRefused(_("Das ist kein Bild, das wir lesen können. Bitte nehmen Sie PNG, JPEG oder WebP.")) from None
    drawn.thumbnail((longest_edge, longest_edge))
    return _as_webp(drawn)


def _as_webp(picture: "Image") -> bytes:
    written = io.BytesIO()
    picture.save(written, "WEBP", quality=82, method=4)
    return written.getvalue()


def picture_response(file: File, *, is_public: bool) -> Response:
    """A picture as an answer. Its number never stands for another one, so it may be kept for a year."""
    response = Response(file.content, mimetype=file.content_type)
    response.headers["Cache-Control"] = f"{'public' if is_public else 'private'}, max-age={YEAR}, immutable"
    return response
