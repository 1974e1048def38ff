"""What stands in uploaded files, so that they can be found by it. The row is the queue; workers read, never requests.

A PDF file is read by a program of its own, which can be stopped: pypdf is careful, but files are made by strangers.
"""

import math
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, select, update
from sqlalchemy.orm import Mapped, mapped_column, undefer

from .database import Model, after_commit, change_rows, db, insert_unless_there
from .documents import PDF
from .files import File
from .markdown import as_text
from .pdf_text import MOST_LETTERS
from .queue import bell
from .text import search_key

READ_FILES = "files.read"
MARKDOWN = "text/markdown"
#: Content types in which we can read.
READABLE = frozenset({PDF, "text/plain", MARKDOWN})
#: A file on which workers die so often is not read.
MOST_ATTEMPTS = 3
#: So many seconds of the processor a PDF file is worth, and twice as many of waiting.
SECONDS = 20
#: Whoever reads a file has it for so long.
LEASE = timedelta(minutes=2)

_BROKEN_WORD = re.compile(r"(?<=[a-zäöüß])[-\u00ad]\n(?=[a-zäöüß])")


class FileText(Model):
    """What stands in a file."""

    __tablename__ = "file_text"

    file_id: Mapped[int] = mapped_column(ForeignKey("file.id", ondelete="CASCADE"), primary_key=True)
    #: On one line, at most MOST_LETTERS.
    text: Mapped[str] = mapped_column(default="", deferred=True)
    #: The same, case-folded, for searching.
    search_text: Mapped[str] = mapped_column(default="", deferred=True)
    #: When a worker shall read it; None once that is done, or given up.
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True)
class Unread:
    """A file that is to be read now."""

    number: int
    content_type: str
    content: bytes


def want_text(file: File, *, at: datetime) -> None:
    """Have a file read by a worker, if it is of a kind that we can read. Twice is harmless."""
    if file.content_type not in READABLE:
        return
    values = {"file_id": file.id, "text": "", "search_text": "", "due_at": at, "attempts": 0}
    db.session.execute(insert_unless_there(FileText), [values])
    after_commit(lambda: bell.ring(READ_FILES))


def begin_reading(*, at: datetime) -> Unread | None:
    """The next file to read, which nobody else gets for the time of LEASE; None if there is none.

    To be committed before reading: that it was begun counts, so that a file on which workers die is given up.
    """
    change_rows(update(FileText).where(FileText.due_at <= at, FileText.attempts >= MOST_ATTEMPTS).values(due_at=None))
    waiting = select(FileText).where(FileText.due_at <= at).order_by(FileText.due_at, FileText.file_id).limit(1)
    waiting = waiting.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    row = db.session.scalars(waiting).first()
    if row is None:
        return None
    row.due_at, row.attempts = at + LEASE, row.attempts + 1
    db.session.flush()
    file = db.session.scalars(select(File).where(File.id == row.file_id).options(undefer(File.content))).one()
    return Unread(file.id, file.content_type, file.content)


def keep_text(number: int, text: str) -> None:
    """Keep what was read in a file. If the file has gone meanwhile, nothing happens."""
    shown = plain(text)
    values = {"text": shown, "search_text": search_key(shown), "due_at": None}
    change_rows(update(FileText).where(FileText.file_id == number).values(**values))


def text_in(unread: Unread) -> str:
    """What stands in a file, as far as it can be read within MOST_LETTERS and SECONDS. Opens no transaction."""
    if unread.content_type == PDF:
        return _text_in_pdf(unread.content)
    text = unread.content[: MOST_LETTERS * 4].decode(errors="replace")[:MOST_LETTERS]
    return as_text(text) if unread.content_type == MARKDOWN else text


def _text_in_pdf(content: bytes) -> str:
    command = [sys.executable, "-m", "nextevents.ground.pdf_text", str(math.ceil(SECONDS))]
    try:
        done = subprocess.run(  # noqa: S603 - a program of ours
            command, input=content, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS * 2, check=False
        )
    except subprocess.TimeoutExpired as error:
        return (error.stdout or b"").decode(errors="replace")
    return done.stdout.decode(errors="replace")


def plain(text: str) -> str:
    """Text on one line as people would type it: no ligatures, no divided words, nothing that a database refuses."""
    whole = _BROKEN_WORD.sub("", unicodedata.normalize("NFKC", text))
    readable = "".join(one if unicodedata.category(one)[0] != "C" else " " for one in whole.replace("\u00ad", ""))
    return unicodedata.normalize("NFC", " ".join(readable.split()))[:MOST_LETTERS]


def texts_in(numbers: Iterable[int]) -> dict[int, str]:
    """What stands in these files, by their numbers; those that hold nothing, or were not read yet, are left out."""
    chosen = select(FileText.file_id, FileText.text).where(FileText.file_id.in_(list(numbers)), FileText.text != "")
    return dict(db.session.execute(chosen).all())
