"""Rosters from elsewhere: handed in and previewed, then taken over by the worker in portions.

What becomes of each line is said in taking_over.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import ColumnElement, delete, func, select

from ...ground.database import after_commit, change_rows, db
from ...ground.queue import bell
from ..errors import NoRoster
from ..models import ListImport, MailingList
from ..rosters import Entry, entries
from .subscribing import refuse_if_shut
from .taking_over import ADDED, ASKED, take_over

TAKE_IMPORTS = "mailing.take_imports"
PORTION = 1000
#: So many lines with something wrong are kept for the report.
MOST_PROBLEMS = 500


def hand_in(one: MailingList, content: bytes, *, file_name: str, evidence: str, by: str, at: datetime) -> ListImport:
    """Keep a roster for the preview. Nothing is taken over yet.

    Raises ListClosed, NobodySubscribes, and NoRoster for what is no text.
    """
    refuse_if_shut(one)
    if b"\0" in content:
        raise NoRoster
    handed_in = ListImport(
        list_id=one.id, made_at=at, made_by=by, file_name=file_name[:200], content=content, evidence=evidence,
        done_until=0, counts={}, problems=[],
    )  # fmt: skip
    db.session.add(handed_in)
    db.session.flush()
    return handed_in


def begin_import(handed_in: ListImport, *, at: datetime) -> None:
    """Let the worker take a roster over. Twice is harmless."""
    handed_in.started_at = handed_in.started_at or at
    db.session.flush()
    after_commit(lambda: bell.ring(TAKE_IMPORTS))


def imports_to_take() -> Sequence[int]:
    """The numbers of the rosters that are not taken over to their end."""
    waiting = (ListImport.started_at.is_not(None), ListImport.ended_at.is_(None))
    return db.session.scalars(select(ListImport.id).where(*waiting).order_by(ListImport.id)).all()


def portions(content: bytes, *, done_until: int) -> Iterator[list[Entry]]:
    """The lines of a roster that are not done yet, a thousand at a time."""
    remaining = islice(entries(content), done_until, None)
    while portion := list(islice(remaining, PORTION)):
        yield portion


def take_portion(number: int, portion: Sequence[Entry], *, done_until: int, at: datetime) -> bool:
    """Take over one portion, and note how far one is. Returns False if somebody else has done it meanwhile."""
    chosen = select(ListImport).where(ListImport.id == number).with_for_update()
    handed_in = db.session.scalars(chosen.execution_options(populate_existing=True)).one()
    if handed_in.done_until != done_until or handed_in.ended_at:
        return False
    outcomes = take_over(handed_in, portion, at=at)
    counts, problems = dict(handed_in.counts), list(handed_in.problems)
    for entry, outcome, words in outcomes:
        counts[outcome] = counts.get(outcome, 0) + 1
        if (words or outcome not in {ADDED, ASKED}) and len(problems) < MOST_PROBLEMS:
            problems.append([str(entry.line), entry.address[:120], words or outcome])
    handed_in.counts, handed_in.problems = counts, problems
    handed_in.done_until = done_until + len(portion)
    db.session.flush()
    return True


def end_import(number: int, *, at: datetime) -> None:
    """Note that a roster is taken over, and forget the file."""
    handed_in = db.session.get(ListImport, number)
    if handed_in:
        handed_in.ended_at, handed_in.content = handed_in.ended_at or at, None
        db.session.flush()


#: A roster that was looked at and never taken over is kept so long.
UNBEGUN = timedelta(days=7)


def _is_left_lying(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return ListImport.started_at.is_(None), ListImport.made_at < at - UNBEGUN


def count_unbegun_imports(*, at: datetime) -> int:
    """How many rosters forget_unbegun_imports would delete."""
    return db.session.scalar(select(func.count(ListImport.id)).where(*_is_left_lying(at))) or 0


def forget_unbegun_imports(*, at: datetime) -> int:
    """Delete rosters with all their addresses that nobody has begun to take over within a week; returns how many."""
    old = select(ListImport.id).where(*_is_left_lying(at)).order_by(ListImport.id).limit(PORTION)
    return change_rows(delete(ListImport).where(ListImport.id.in_(old)))
