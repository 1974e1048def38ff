"""Taking over a roster from elsewhere: previewed first, then by the worker in portions, each line with its outcome.

With a proof people are on the list at once; without one they are asked (rule L-06). Whoever has left the list or wants
nothing at all stays so, whatever the roster says. What the roster itself says of that is kept: a later one may not.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update

from ...ground.database import after_commit, change_rows, db, insert_many_unless_there
from ...ground.errors import Refusal
from ...ground.mail_addresses import Address, address_of
from ...ground.queue import bell
from ..errors import NoRoster
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
from ..rosters import Entry, entries
from .consenting import TEXT_VERSION, Declaration, words_of_consent
from .mailboxes import enter_mailboxes, refuse_own, suppress, suppressed_among
from .subscribing import ask_to_subscribe, refuse_if_shut

TAKE_IMPORTS = "mailing.take_imports"
PORTION = 1000
#: So many lines with something wrong are kept for the report.
MOST_PROBLEMS = 500
ADDED, ASKED, THERE, LEFT, SILENT, WRONG, TWICE = "added", "asked", "there", "left", "silent", "wrong", "twice"


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
    outcomes = _take(handed_in, portion, at=at)
    counts, problems = dict(handed_in.counts), list(handed_in.problems)
    for entry, outcome, words in outcomes:
        counts[outcome] = counts.get(outcome, 0) + 1
        if outcome not in {ADDED, ASKED} and len(problems) < MOST_PROBLEMS:
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


def _take(handed_in: ListImport, portion: Sequence[Entry], *, at: datetime) -> list[tuple[Entry, str, str]]:
    outcomes: list[tuple[Entry, str, str]] = []
    fresh: dict[str, tuple[Entry, Address]] = {}
    for entry in portion:
        try:
            address = _address(entry)
        except Refusal as refusal:
            outcomes.append((entry, WRONG, str(refusal)))
            continue
        if address.key in fresh:
            outcomes.append((entry, TWICE, ""))
        else:
            fresh[address.key] = (entry, address)
    silent, standing = suppressed_among(list(fresh)), _standing(handed_in.list_id, list(fresh))
    wanted = []
    for key, (entry, address) in fresh.items():
        outcome = _refused(entry, key in silent, standing.get(key))
        if outcome:
            outcomes.append((entry, outcome, ""))
        else:
            wanted.append((entry, address))
    unwanted = [
        (entry, address)
        for key, (entry, address) in fresh.items()
        if entry.is_unwanted and key not in silent and standing.get(key) != SubscriptionState.ACTIVE
    ]
    _keep_away(handed_in, unwanted, at=at)
    proved = [(entry, address) for entry, address in wanted if handed_in.evidence or entry.proof]
    _add(handed_in, proved, at=at)
    outcomes += [(entry, ADDED, "") for entry, _address in proved]
    for entry, address in wanted:
        if not (handed_in.evidence or entry.proof):
            outcomes.append(_ask(handed_in, entry, address, at=at))
    return outcomes


def _address(entry: Entry) -> Address:
    if entry.problem:
        raise Refusal(entry.problem)
    address = address_of(entry.address)
    refuse_own(address)
    return address


def _standing(list_id: int, keys: Sequence[str]) -> dict[str, SubscriptionState]:
    rows = db.session.execute(
        select(Mailbox.address_key, Subscription.state)
        .join(Mailbox, Mailbox.id == Subscription.mailbox_id)
        .where(Subscription.list_id == list_id, Mailbox.address_key.in_(keys))
    )
    return dict(rows.all())


def _refused(entry: Entry, is_silent: bool, state: SubscriptionState | None) -> str:  # noqa: FBT001 - one of three looks
    if is_silent:
        return SILENT
    if entry.is_unwanted or state == SubscriptionState.ENDED:
        return LEFT
    return THERE if state == SubscriptionState.ACTIVE else ""


def _ask(handed_in: ListImport, entry: Entry, address: Address, *, at: datetime) -> tuple[Entry, str, str]:
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
    return entry, ASKED, ""


def _delivery(one: MailingList, entry: Entry) -> Delivery:
    """How it comes: collected if the roster says so and this list has posts to collect."""
    return Delivery.DAILY if entry.is_collected and one.kind == ListKind.DISCUSSION else Delivery.EACH


def _keep_away(handed_in: ListImport, unwanted: Sequence[tuple[Entry, Address]], *, at: datetime) -> None:
    """Remember who has left the list elsewhere, and who wants nothing of any; not of those who are on one here."""
    if not unwanted:
        return
    rows = [
        {
            "list_id": handed_in.list_id,
            "mailbox_id": mailbox_id,
            "state": SubscriptionState.ENDED,
            "delivery": Delivery.EACH,
            "made_at": at,
            "ended_at": at,
            "ended_by": "elsewhere",
            "digested_until": 0,
        }
        for mailbox_id, _key in _entered(unwanted, at=at)
    ]
    insert_many_unless_there(Subscription, rows)
    blocked = {address.key: address for entry, address in unwanted if entry.is_blocked}
    on_one_here = (
        select(Mailbox.address_key)
        .join(Subscription, Subscription.mailbox_id == Mailbox.id)
        .where(Mailbox.address_key.in_(blocked), Subscription.state == SubscriptionState.ACTIVE)
    )
    for key in blocked.keys() - set(db.session.scalars(on_one_here)):
        suppress(blocked[key], "import", at=at)


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
