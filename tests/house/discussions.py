"""A discussion in the world of the laws: a post with a file that everybody may read, and two that wait."""

from datetime import datetime

from nextevents.ground.database import db
from nextevents.ground.text import search_key
from nextevents.ground.tokens import pair
from nextevents.mailing.models import ListKind, MailingList, Moderation, Post, PostFile, Posting, PostState, Readers
from nextevents.newsroom.messages_to_keepers import PURPOSE
from nextevents.people.models import Person
from tests.factories import make_file

SLUG = "gespraech"
#: Waits for the office, so nobody else may see it.
HELD = "Kanarie-Beitrag"


def fill(office: Person, rows: dict[str, int], numbers: dict[str, int], *, at: datetime) -> None:
    """The list of the office, its posts, and the numbers that addresses are made of."""
    one = MailingList(
        slug=SLUG, name="Gespräch", kind=ListKind.DISCUSSION, archive=Readers.EVERYBODY,
        posting=Posting.SUBSCRIBERS, moderation=Moderation.EVERYBODY, made_at=at,
    )  # fmt: skip
    db.session.add(one)
    db.session.flush()
    read = _post(one, "Frage an alle", PostState.ACCEPTED, at)
    read.files.append(PostFile(file=make_file(name="plan.pdf")))
    waits, decided = (_post(one, f"{HELD} {number}", PostState.HELD, at) for number in range(2))
    db.session.flush()
    rows[PURPOSE] = pair(waits.id, office.id)
    numbers |= {"post": read.id, "post_file": read.files[0].id, "held": decided.id}


def _post(one: MailingList, subject: str, state: PostState, at: datetime) -> Post:
    post = Post(
        list_id=one.id, author_name="Kim Probe", author_address="kim@kanarie-verteiler.example", subject=subject,
        message_id=f"<{subject.replace(' ', '-')}@kanarie-verteiler.example>", received_at=at, state=state,
        text=subject, reason="" if state == PostState.ACCEPTED else "Jeder Beitrag wird angesehen.",
        search_text=search_key(subject), told_at=at, passed_on_at=at if state == PostState.ACCEPTED else None,
    )  # fmt: skip
    db.session.add(post)
    db.session.flush()
    return post
