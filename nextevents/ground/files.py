"""Files that people upload: kept in the database, so that every web host has them and a backup is whole.

What is stored was checked: pictures are drawn anew from their pixels, so no script and no place of taking survives;
documents are kept as they are and only ever handed out as downloads (bad inputs 58 to 63).
"""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, deferred, mapped_column

from .database import NUMBERS_NEVER_COME_AGAIN, Model


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
