"""What workshops have made (Werkstücke): written down, changed, published on a day, taken back."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ...ground.database import db
from ...ground.documents import Upload
from ...ground.markdown import as_text
from ...ground.text import search_key, slug_of
from ..errors import ChangedMeanwhile, NotYetComplete
from ..models import Community, Result
from . import filing
from .leading import hold

ENDINGS = ("pdf",)


@dataclass(frozen=True, kw_only=True)
class ResultWish:
    """A result as it shall be."""

    title: str
    #: As they want to be named.
    authors: str = ""
    #: Markdown.
    abstract: str = ""
    #: From this day on everybody sees it; None: not yet.
    published_on: date | None = None


def add_result(community: Community, wish: ResultWish, *, upload: Upload | None = None, at: datetime) -> Result:
    """One more result, under an address made of its title. The same one sent twice stands there once.

    Raises NotYetComplete, and what filing.store() raises for a file that is no PDF.
    """
    hold(community)
    same = select(Result).where(
        Result.community_id == community.id, Result.title == wish.title, Result.abstract == wish.abstract
    )
    if standing := db.session.scalars(same).first():
        return standing
    while True:
        slug = _free_slug(wish.title)
        try:
            with db.session.begin_nested():
                result = Result(community_id=community.id, slug=slug)
                _write(result, wish, upload, at=at)
        except IntegrityError:
            if _free_slug(wish.title) == slug:
                raise
            continue  # another workshop has just taken it
        return result


def _free_slug(title: str) -> str:
    wanted = slug_of(title) or "werkstueck"
    taken = set(db.session.scalars(select(Result.slug).where(Result.slug.startswith(wanted, autoescape=True))))
    numbered = (f"{wanted}-{number}" if number > 1 else wanted for number in count(1))
    return next(slug for slug in numbered if slug not in taken)


def _write(result: Result, wish: ResultWish, upload: Upload | None, *, at: datetime) -> None:
    is_complete = wish.authors and wish.abstract and (upload or result.file_id)
    if wish.published_on and not is_complete:
        raise NotYetComplete
    earlier = result.file_id
    if upload:
        result.file = filing.store(upload, endings=ENDINGS, at=at)
    result.title, result.authors, result.abstract = wish.title, wish.authors, wish.abstract
    result.published_on = wish.published_on
    result.search_text = search_key("\n".join((wish.title, wish.authors, as_text(wish.abstract))))
    db.session.add(result)
    db.session.flush()
    if earlier and result.file_id != earlier:
        filing.drop(earlier)


def change_result(
    result: Result, wish: ResultWish, *, upload: Upload | None = None, version: int, at: datetime
) -> None:
    """Change a result; its address stays. Without a file the one that stands is kept.

    Raises ChangedMeanwhile if it is no longer at this version (guarantee G20), NotYetComplete, and what filing.store()
    raises.
    """
    hold(result.community)
    db.session.refresh(result)
    if result.version != version:
        raise ChangedMeanwhile
    _write(result, wish, upload, at=at)


def remove_result(community: Community, number: int) -> None:
    """Take a result away, its file too. Twice is harmless."""
    hold(community)
    result = db.session.scalars(
        select(Result).where(Result.id == number, Result.community_id == community.id)
    ).one_or_none()
    if result is None:
        return
    file_id = result.file_id
    db.session.delete(result)
    db.session.flush()
    filing.drop(file_id)
