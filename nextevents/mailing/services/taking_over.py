"""What becomes of each line of a roster, a portion at a time.

With a proof people are on the list at once; without one they are asked (rule L-06). Whoever has left the list or wants
nothing at all stays so, whatever the roster says. What the roster itself says of that is kept, so that no later one
brings them back; only what people have asked for here stands against it.

That mail came back elsewhere is no wish, and no proof that it would here (rules M-08 and M-11): such a mailbox rests,
for everybody to see, until its owner or the office says that it is right (rule M-12).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import Row, insert, select, update

from ...ground.database import change_rows, db, insert_many_unless_there
from ...ground.errors import Refusal
from ...ground.mail_addresses import Address, address_of
from ..models import (
    Consent,
    Delivery,
    ListImport,
    ListKind,
    Mailbox,
    MailingList,
    Source,
    Subscription,
    SubscriptionState,
)
from ..rosters import Entry, Standing
from .consenting import TEXT_VERSION, Declaration, note_withdrawal, words_of_consent
from .mailboxes import enter_mailboxes, left_among, refuse_own, suppress, suppressed_among, suspend
from .subscribing import ask_to_subscribe

ADDED, ASKED, THERE, LEFT, SILENT, WRONG, TWICE = "added", "asked", "there", "left", "silent", "wrong", "twice"
#: What the roster says of people who are not wanted on the list, or are on it by their own wish here.
ELSEWHERE, BLOCKED, STAYS = "elsewhere", "blocked", "stays"
#: Mail came back elsewhere, and there is no proof: they are not even asked.
UNREACHABLE = "unreachable"
#: In place of an outcome, of those who were taken over: how mail comes to them, or that it has to be tried first.
COLLECTED, PAUSED, RESTS = "collected", "paused", "rests"

#: A line, what became of it, and a word more if there is one.
Outcome = tuple[Entry, str, str]


def take_over(handed_in: ListImport, portion: Sequence[Entry], *, at: datetime) -> list[Outcome]:
    """Put on the list, ask, or keep away the people of these lines; gives what became of each, in their order."""
    fresh, outcomes = _told_apart(portion)
    silent = suppressed_among(list(fresh))
    has_left = dict.fromkeys(left_among(handed_in.list_id, list(fresh)), SubscriptionState.ENDED)
    standing = has_left | _standing(handed_in.list_id, list(fresh))
    unwanted, wanted, there = [], [], []
    for key, (entry, address) in fresh.items():
        if key in silent:
            outcomes.append((entry, SILENT, ""))
        elif entry.is_unwanted:
            unwanted.append((entry, address))
        elif standing.get(key) == SubscriptionState.ENDED:
            outcomes.append((entry, LEFT, ""))
        elif key in standing:
            there.append((entry, address))
        else:
            wanted.append((entry, address))
    outcomes += _keep_away(handed_in, unwanted, at=at)
    proved = [(entry, address) for entry, address in wanted if _is_proved(handed_in, entry)]
    _add(handed_in, proved, at=at)
    resting = dict.fromkeys(_let_rest([*there, *proved], at=at), RESTS)
    outcomes += [(entry, THERE, resting.get(address.key, "")) for entry, address in there]
    outcomes += [(entry, ADDED, resting.get(address.key) or _way_of(handed_in, entry)) for entry, address in proved]
    asked = [(entry, address) for entry, address in wanted if not _is_proved(handed_in, entry)]
    outcomes += [_ask(handed_in, entry, address, at=at) for entry, address in asked]
    return sorted(outcomes, key=lambda outcome: outcome[0].line)


def _told_apart(portion: Sequence[Entry]) -> tuple[dict[str, tuple[Entry, Address]], list[Outcome]]:
    """The people of these lines by address key; and the lines that say nothing more.

    Of several lines about one person the first counts, unless a later one says that they do not want it, or that
    nothing reaches them.
    """
    fresh: dict[str, tuple[Entry, Address]] = {}
    outcomes: list[Outcome] = []
    for entry in portion:
        try:
            address = _address(entry)
        except Refusal as refusal:
            outcomes.append((entry, WRONG, str(refusal)))
            continue
        earlier = fresh.get(address.key)
        if earlier and earlier[0].weight >= entry.weight:
            outcomes.append((entry, TWICE, ""))
        else:
            fresh[address.key] = (entry, address)
            outcomes += [(earlier[0], TWICE, "")] if earlier else []
    return fresh, outcomes


def _is_proved(handed_in: ListImport, entry: Entry) -> bool:
    """Whether this person's consent is proved; what was never confirmed elsewhere no word of the office proves."""
    return bool(entry.proof or handed_in.evidence) and entry.standing != Standing.UNCONFIRMED


def _address(entry: Entry) -> Address:
    if entry.problem:
        raise Refusal(entry.problem)
    address = address_of(entry.address)
    refuse_own(address)
    return address


def _standing(list_id: int, keys: Sequence[str]) -> dict[str, SubscriptionState]:
    """Who of them is on the list or has left it, by address key."""
    rows = db.session.execute(
        select(Mailbox.address_key, Subscription.state)
        .join(Mailbox, Mailbox.id == Subscription.mailbox_id)
        .where(Subscription.list_id == list_id, Mailbox.address_key.in_(keys))
        .where(Subscription.state != SubscriptionState.REQUESTED)
    )
    return dict(rows.all())


def _ask(handed_in: ListImport, entry: Entry, address: Address, *, at: datetime) -> Outcome:
    if entry.standing == Standing.UNREACHABLE:
        return entry, UNREACHABLE, ""
    one = handed_in.mailing_list
    declaration = Declaration(
        text=words_of_consent(one, "de"),
        language="de",
        form_url="",
        was_ticked=False,
        source=Source.IMPORT,
        reason=f"{handed_in.file_name}, {handed_in.made_by}",
    )
    try:
        consent = ask_to_subscribe(one, address, declaration, name=entry.name, at=at)
    except Refusal as refusal:
        return entry, WRONG, str(refusal)
    if consent is not None:
        of_both = (Subscription.list_id == one.id, Subscription.mailbox_id == consent.mailbox_id)
        change_rows(update(Subscription).where(*of_both).values(delivery=_delivery(one, entry)))
    return entry, ASKED, _way_of(handed_in, entry)


def _delivery(one: MailingList, entry: Entry) -> Delivery:
    """How it comes: as the roster says; collected only if this list has posts to collect."""
    has_posts = one.kind == ListKind.DISCUSSION
    return Delivery.EACH if entry.delivery == Delivery.DAILY and not has_posts else entry.delivery


def _way_of(handed_in: ListImport, entry: Entry) -> str:
    """The word of the report for how it comes; empty for each mail by itself."""
    return {Delivery.DAILY: COLLECTED, Delivery.PAUSED: PAUSED}.get(_delivery(handed_in.mailing_list, entry), "")


def _let_rest(people: Sequence[tuple[Entry, Address]], *, at: datetime) -> set[str]:
    """Suspend the mailboxes to which mail came back elsewhere; gives the address keys of those that rest.

    Not of those who have asked for something here: to them our own mail has come.
    """
    unreachable = [address.key for entry, address in people if entry.standing == Standing.UNREACHABLE]
    reached = {key for _list_id, key in _on_lists_by_own_wish(unreachable)}
    mailboxes = db.session.scalars(select(Mailbox).where(Mailbox.address_key.in_(set(unreachable) - reached))).all()
    for mailbox in mailboxes:
        with force_locale(mailbox.language):
            suspend(mailbox, _("Im früheren System kamen Mails an diese Adresse zurück."), at=at)
    return {mailbox.address_key for mailbox in mailboxes}


def _keep_away(handed_in: ListImport, unwanted: Sequence[tuple[Entry, Address]], *, at: datetime) -> list[Outcome]:
    """Remember who has left the list elsewhere, and who gets no mail at all; not of those who asked for it here."""
    if not unwanted:
        return []
    by_key = {address.key: (entry, address) for entry, address in unwanted}
    own_wish = _on_lists_by_own_wish(list(by_key))
    staying = {key for list_id, key in own_wish if list_id == handed_in.list_id}
    leaving = [(number, key) for number, key in _entered(unwanted, at=at) if key not in staying]
    rows = [_row_of_leaver(handed_in, by_key[key][0], number, at=at) for number, key in leaving]
    if rows:
        insert_many_unless_there(Subscription, rows)
        _take_off(handed_in, rows, at=at)
    asked_here = {key for _list_id, key in own_wish}
    blocked = {key for _number, key in leaving if by_key[key][0].standing == Standing.BLOCKED} - asked_here
    for key in sorted(blocked):
        suppress(by_key[key][1], "import", at=at)
    words = dict.fromkeys(staying, STAYS) | dict.fromkeys(blocked, BLOCKED)
    return [(entry, words.get(key, ELSEWHERE), "") for key, (entry, _address) in by_key.items()]


def _row_of_leaver(handed_in: ListImport, entry: Entry, mailbox_id: int, *, at: datetime) -> dict[str, Any]:
    return {
        "list_id": handed_in.list_id,
        "mailbox_id": mailbox_id,
        "state": SubscriptionState.ENDED,
        "delivery": Delivery.EACH,
        "made_at": at,
        "ended_at": at,
        "ended_by": f"elsewhere: {entry.status} ({handed_in.file_name}:{entry.line})",
        "digested_until": 0,
    }


def _take_off(handed_in: ListImport, rows: Sequence[Mapping[str, Any]], *, at: datetime) -> None:
    """Take off the list whom an earlier roster had put on it."""
    of_list = (Subscription.list_id == handed_in.list_id, Subscription.state == SubscriptionState.ACTIVE)
    by_mailbox = {row["mailbox_id"]: row["ended_by"] for row in rows}
    on_it = select(Subscription.mailbox_id).where(*of_list, Subscription.mailbox_id.in_(by_mailbox))
    for mailbox_id in db.session.scalars(on_it).all():
        ended = {"state": SubscriptionState.ENDED, "ended_at": at, "ended_by": by_mailbox[mailbox_id]}
        change_rows(update(Subscription).where(*of_list, Subscription.mailbox_id == mailbox_id).values(**ended))
        note_withdrawal(mailbox_id=mailbox_id, list_id=handed_in.list_id, by=by_mailbox[mailbox_id], at=at)


def _on_lists_by_own_wish(keys: Sequence[str]) -> set[tuple[int, str]]:
    """Who of them is on which list because they asked here: (list number, address key); not by a roster alone."""
    consents = (
        select(Consent.id)
        .where(Consent.list_id == Subscription.list_id, Consent.mailbox_id == Subscription.mailbox_id)
        .where(Consent.confirmed_at.is_not(None), Consent.withdrawn_at.is_(None))
    )
    rows = db.session.execute(
        select(Subscription.list_id, Mailbox.address_key)
        .join(Mailbox, Mailbox.id == Subscription.mailbox_id)
        .where(Mailbox.address_key.in_(keys), Subscription.state == SubscriptionState.ACTIVE)
        .where(consents.where(Consent.source != Source.IMPORT).exists() | ~consents.exists())
    )
    return {(list_id, key) for list_id, key in rows}


def _entered(people: Sequence[tuple[Entry, Address]], *, at: datetime) -> Sequence[Row[int, str]]:
    """The mailboxes of these lines, made where there is none: (number, address key) of each."""
    enter_mailboxes(((address, entry.name, "de") for entry, address in people), at=at)
    keys = [address.key for _entry, address in people]
    return db.session.execute(select(Mailbox.id, Mailbox.address_key).where(Mailbox.address_key.in_(keys))).all()


def _add(handed_in: ListImport, proved: Sequence[tuple[Entry, Address]], *, at: datetime) -> None:
    """Put people on the list whose consent is proved; in a few statements for all."""
    if not proved:
        return
    by_key = {address.key: (entry, address) for entry, address in proved}
    found = _entered(proved, at=at)
    subscriptions = [
        {
            "list_id": handed_in.list_id,
            "mailbox_id": mailbox_id,
            "state": SubscriptionState.ACTIVE,
            "delivery": _delivery(handed_in.mailing_list, by_key[key][0]),
            "made_at": at,
            "began_at": at,
            "ended_by": "",
            "digested_until": 0,
        }
        for mailbox_id, key in found
    ]
    insert_many_unless_there(Subscription, subscriptions)
    was_waiting = (
        Subscription.list_id == handed_in.list_id,
        Subscription.mailbox_id.in_([mailbox_id for mailbox_id, _key in found]),
        Subscription.state == SubscriptionState.REQUESTED,
    )
    change_rows(update(Subscription).where(*was_waiting).values(state=SubscriptionState.ACTIVE, began_at=at))
    words = words_of_consent(handed_in.mailing_list, "de")
    consents = [
        {
            "list_id": handed_in.list_id,
            "mailbox_id": mailbox_id,
            "address": by_key[key][1].typed,
            "text": words,
            "text_version": TEXT_VERSION,
            "language": "de",
            "form_url": "",
            "was_ticked": False,
            "requested_at": at,
            "mail_id": "",
            "mail_version": "",
            "confirmed_at": at,
            "confirmed_by": "import",
            "source": Source.IMPORT,
            "reason": _reason(handed_in, by_key[key][0]),
            "withdrawn_by": "",
        }
        for mailbox_id, key in found
    ]
    db.session.execute(insert(Consent), consents)


def _reason(handed_in: ListImport, entry: Entry) -> str:
    parts = (handed_in.evidence, entry.proof, f"{handed_in.file_name}:{entry.line}, {handed_in.made_by}")
    return "; ".join(part for part in parts if part)
