"""Who reads archives that are not for everybody: people on the list, signed in or by the link in a mail of theirs.

That link holds a token of its own, which opens nothing but the archive of one list. Following it is noted in the
session, so that the address in the browser holds no key and may be passed on.
"""

from flask import session

from ..ground.tokens import halves, number_in
from ..mailing import queries as lists
from ..mailing.addresses import READING
from ..mailing.models import ListKind, MailingList, Readers
from ..people.signing_in import person_or_none
from . import keeping

_OPENED, MOST_OPENED = "opened_lists", 20


def open_by_link(one: MailingList, token: str) -> None:
    """Note in the session whose link was followed; with a token of another list, or a broken one, nothing."""
    number = number_in(READING, token)
    if number is None:
        return
    list_id, mailbox_id = halves(number)
    found = lists.list_behind(list_id)
    if found is not None and found.id == one.id:
        others = {name: opened for name, opened in _opened().items() if name != str(one.id)}
        session[_OPENED] = dict([*others.items(), (str(one.id), mailbox_id)][-MOST_OPENED:])


def _opened() -> dict[str, int]:
    """By the list's number, the mailbox whose link was followed here."""
    found: dict[str, int] = session.get(_OPENED, {})
    return found


def may_read(one: MailingList) -> bool:
    """Whether whoever is there reads what was written to a list, as things stand: who has left reads no more."""
    if keeping.may_read_archive(person_or_none(), one):
        return True
    return one.archive == Readers.SUBSCRIBERS and _is_opened(one)


def may_open_files(one: MailingList) -> bool:
    """Whether they open what is attached to a list's posts: archive or not, whoever gets the mails that name it."""
    if may_read(one):
        return True
    person = person_or_none()
    is_reader = person is not None and lists.is_on(one, person.address_key)
    return one.kind == ListKind.DISCUSSION and (is_reader or _is_opened(one))


def _is_opened(one: MailingList) -> bool:
    """Whether a link was followed here in a mail of somebody who is on the list."""
    number = _opened().get(str(one.id))
    mailbox = lists.mailbox(number) if number else None
    return mailbox is not None and lists.is_on(one, mailbox.address_key)
