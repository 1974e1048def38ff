"""Posts as they reach everybody on a list, collected ones, and what authors are answered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _

from .addresses import list_address, list_headers, named_address
from .forms import FormDraft, place
from .messages import absolute, set_in_type
from .models import MailingList, Post, PostFile, Readers, Replies, Stream
from .services.posting import Mail

LANGUAGES = ("de", "en")
KIND, KIND_DIGEST, KIND_WAITS, KIND_REJECTED, KIND_LEAVE, KIND_OWNER = (
    "post", "digest", "post_waits", "post_rejected", "how_to_leave", "to_keepers",
)  # fmt: skip
_LONG = timedelta(days=5)
#: So much of a post stands in a digest that leads on to it, and so much text in a whole one: mail programs cut longer
#: mails off, some from 100 KB on.
BEGINNING, MOST_SIGNS = 2_000, 80_000


def forms_of_post(post: Post, entity: bytes | None) -> dict[str, FormDraft]:
    """The mail in each language; what its author has sealed is passed on as it is (rules M-16 to M-18, M-21)."""
    one = post.mailing_list
    headers = list_headers(one, Stream.LIST) | _own_headers(post, one)
    subject = subject_of(post, one)
    if entity is not None:
        sealed = FormDraft(
            language="de", subject=subject, text="", html="", stream=Stream.LIST, headers=headers, entity=entity
        )
        return dict.fromkeys(LANGUAGES, sealed)
    return {language: _set(post, one, language, subject, headers) for language in LANGUAGES}


def _own_headers(post: Post, one: MailingList) -> dict[str, str]:
    """Nobody's address but the author's, who wants to be answered; the author's Message-ID stays."""
    here = list_address(one.slug)
    to_author = named_address(post.author_name, post.author_address)
    headers = {
        "From": named_address(author_shown(post, one), here),
        "To": here,
        "Reply-To": here if one.replies == Replies.LIST else to_author,
        "X-Loop": here,
        "Message-ID": post.message_id,
    }
    if references := post.in_reply_to.split():
        headers |= {"In-Reply-To": references[-1], "References": " ".join(references)}
    return headers


def author_shown(post: Post, one: MailingList) -> str:
    """Who writes, as everybody on the list sees it."""
    return f"{post.author_name or post.author_address.partition('@')[0]} über {one.name}"


def subject_of(post: Post, one: MailingList) -> str:
    """The author's subject behind the list's name, once."""
    mark = f"[{one.slug}]"
    return post.subject if mark in post.subject else f"{mark} {post.subject}"


def _set(post: Post, one: MailingList, language: str, subject: str, headers: dict[str, str]) -> FormDraft:
    draft = set_in_type(
        "mailing/messages/post",
        language=language,
        subject=subject,
        mailing_list=one,
        post=post,
        file_address=file_address,
        archive=archive_address(one, post),
        goes_to_list=one.replies == Replies.LIST,
    )
    return replace(draft, subject=subject, stream=Stream.LIST, headers=headers)


def archive_address(one: MailingList, post: Post | None = None) -> str:
    """Where a list, or one conversation of it, can be read; empty if nowhere."""
    if one.archive == Readers.NOBODY:
        return ""
    page = _opened(one, f"{post.id}/" if post else "")
    return f"{page}#beitrag-{post.id}" if post else page


def file_address(one: MailingList, file: PostFile) -> str:
    """Where an attached file is handed out."""
    return _opened(one, f"datei/{file.id}")


def _opened(one: MailingList, path: str) -> str:
    """The address of a part of a list's archive; where not everybody may read it, each has a link of their own."""
    archive = absolute(f"/verteiler/{one.slug}/archiv/")
    return archive + path if one.is_read_by_all else f"{archive}lesen/{place('reading_token')}/{path}"


def forms_of_digest(one: MailingList, posts: Sequence[Post], *, has_more: bool = False) -> dict[str, FormDraft]:
    """Several posts in one mail, in each language; its subject says so if more of them come in the next one."""
    headers = list_headers(one, Stream.LIST) | {
        "To": list_address(one.slug), "X-Loop": list_address(one.slug), "Auto-Submitted": "auto-generated",
    }  # fmt: skip
    longest = _longest(posts, has_archive=bool(archive_address(one)))
    forms = {}
    for language in LANGUAGES:
        with force_locale(language):
            news = (
                _("Neues im Verteiler: %(count)s Beiträge, weitere folgen", count=len(posts))
                if has_more
                else _("Neues im Verteiler: %(count)s Beiträge", count=len(posts))
            )
            subject = f"[{one.slug}] {news}"
        draft = set_in_type(
            "mailing/messages/digest",
            language=language,
            subject=subject,
            mailing_list=one,
            posts=posts,
            archive_address=archive_address,
            file_address=file_address,
            owner=list_address(one.slug, "owner"),
            longest=longest,
        )
        forms[language] = replace(draft, stream=Stream.LIST, headers=headers)
    return forms


def _longest(posts: Sequence[Post], *, has_archive: bool) -> int:
    """How many signs of each post stand in a digest: where it can be read in full, a beginning; else what there is.

    Of digests that would become too long, only the longest posts are cut.
    """
    if has_archive:
        return BEGINNING
    room, lengths = MOST_SIGNS, sorted(len(post.text) for post in posts)
    for position, length in enumerate(lengths):
        share = room // (len(lengths) - position)
        if length > share:
            return share
        room -= length
    return MOST_SIGNS


def post_waits(one: MailingList, post: Post, *, language: str = "de", at: datetime) -> Mail:
    """Your post waits for a keeper."""
    with force_locale(language):
        subject = _("Ihr Beitrag wartet: %(title)s", title=post.subject)
        lines = [
            _("Ihr Beitrag an „%(name)s“ ist angekommen.", name=one.name),
            _("Bevor er an alle geht, sieht ihn jemand an, der den Verteiler betreut. Sie müssen nichts weiter tun."),
        ]
    letter = _Letter(KIND_WAITS, f"post:{post.id}", language, subject, tuple(lines))
    return _automatic(_mail(letter, post.author_address, at=at))


def post_rejected(post: Post, *, language: str = "de", at: datetime) -> Mail:
    """A keeper has sent your post back, and says why."""
    one = post.mailing_list
    with force_locale(language):
        subject = _("Ihr Beitrag wurde nicht verteilt: %(title)s", title=post.subject)
        said = _("wer den Verteiler „%(name)s“ betreut, hat Ihren Beitrag nicht verteilt:", name=one.name)
    letter = _Letter(KIND_REJECTED, f"post:{post.id}", language, subject, (said, post.reason))
    return replace(_mail(letter, post.author_address, at=at), values={"reply_to": list_address(one.slug, "owner")})


def how_to_leave(one: MailingList, address: str, link: str, *, language: str = "de", at: datetime) -> Mail:
    """Somebody wants to leave by mail, and nothing proves who: a link does."""
    with force_locale(language):
        subject = _("Abbestellen: %(title)s", title=one.name)
        lines = [_("mit diesem Link bekommen Sie keine Mails von „%(name)s“ mehr:", name=one.name)]
    letter = _Letter(KIND_LEAVE, f"list:{one.id}", language, subject, tuple(lines), link)
    return replace(_automatic(_mail(letter, address, at=at)), revision=int(at.timestamp()))


def to_keepers(
    one: MailingList, keeper: str, written: tuple[str, str, str], number: int, *, language: str = "de", at: datetime
) -> Mail:
    """Somebody wrote to whoever looks after a list: (author, subject, text) of the mail with that number."""
    author, title, text = written
    with force_locale(language):
        subject = _("An die Betreuung von „%(name)s“: %(title)s", name=one.name, title=title)
        lines = [_("%(author)s schreibt an alle, die den Verteiler betreuen:", author=author), text]
    letter = _Letter(KIND_OWNER, f"inbound:{number}", language, subject, tuple(lines))
    return replace(_mail(letter, keeper, at=at), values={"reply_to": author})


@dataclass(frozen=True)
class _Letter:
    """A short letter to one person."""

    kind: str
    about: str
    language: str
    subject: str
    lines: tuple[str, ...]
    link: str = ""


def _mail(letter: _Letter, recipient: str, *, at: datetime) -> Mail:
    draft = set_in_type(
        "mailing/messages/answer",
        language=letter.language,
        subject=letter.subject,
        lines=letter.lines,
        link=letter.link,
    )
    return Mail(kind=letter.kind, subject=letter.about, recipient=recipient, form=draft, expires_at=at + _LONG)


def _automatic(mail: Mail) -> Mail:
    """It says that a program has written it, and nobody is told if it cannot be delivered (rule M-22)."""
    form = replace(mail.form, headers={"Auto-Submitted": "auto-replied"})
    return replace(mail, form=form, values={"is_answer": True})
