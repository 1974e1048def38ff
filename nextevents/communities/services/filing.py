"""Files of circles: stored with their pictures drawn anew, read by a worker, and gone with what they belong to."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete

from ...ground.database import change_rows
from ...ground.documents import JPEG, PNG, TYPES, Upload, looked_through, store_document
from ...ground.files import File, store_picture
from ...ground.full_text import want_text

#: Pixels: enough to print a page.
LONGEST_EDGE = 2400


def store(upload: Upload, *, endings: Collection[str] = TYPES, at: datetime) -> File:
    """Keep a file, to be read soon. Raises DocumentRefused, FileRefused and DiskNearlyFull."""
    name, content_type = looked_through(upload.content, name=upload.name, endings=endings)
    if content_type in {PNG, JPEG}:
        shown = f"{name.rpartition('.')[0]}.webp"
        return store_picture(upload.content, name=shown, longest_edge=LONGEST_EDGE, at=at)
    file = store_document(upload.content, name=name, at=at)
    want_text(file, at=at)
    return file


def drop(file_id: int | None) -> None:
    """Forget a file that nothing refers to any more."""
    if file_id:
        change_rows(delete(File).where(File.id == file_id))
