"""Proving an address: a link and a six-digit code in one mail (rules A-01 to A-05)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from ...ground.database import change_rows, db
from ...ground.tokens import is_code_for
from ..addresses import Address
from ..errors import ProofFailed, TooManyCodes
from ..models import Proof, Purpose

WRONG_CODES = 5
OLDEST = timedelta(days=2)


@dataclass(frozen=True)
class Terms:
    """How long a proof can be given, and how many mails an address gets for it."""

    lifetime: timedelta
    #: So many mails in such a time at the most.
    limits: tuple[tuple[int, timedelta], ...]
    #: Whether mails count that were answered: whoever has just confirmed one registration may make the next.
    counts_used: bool = True


TERMS = {
    Purpose.SIGN_IN: Terms(timedelta(minutes=10), ((3, timedelta(minutes=15)), (10, timedelta(days=1)))),
    Purpose.REGISTRATION: Terms(
        timedelta(hours=24), ((1, timedelta(hours=1)), (3, timedelta(days=1))), counts_used=False
    ),
    Purpose.BELONGING: Terms(timedelta(hours=24), ((1, timedelta(hours=1)), (3, timedelta(days=1))), counts_used=False),
}


def ask_for_proof(purpose: Purpose, address: Address, *, at: datetime) -> Proof | None:
    """A new attempt, whose mail is then to be posted; None if the address has had enough mails for now."""
    terms = TERMS[purpose]
    if not _may_be_written_to(purpose, address.key, terms, at):
        return None
    proof = Proof(
        purpose=purpose,
        typed_address=address.typed,
        address_key=address.key,
        made_at=at,
        expires_at=at + terms.lifetime,
    )
    db.session.add(proof)
    db.session.flush()
    return proof


def _may_be_written_to(purpose: Purpose, address_key: str, terms: Terms, at: datetime) -> bool:
    counts = [func.count().filter(Proof.made_at > at - period) for _, period in terms.limits]
    mailed = [Proof.address_key == address_key, Proof.purpose == purpose, Proof.made_at > at - OLDEST]
    if not terms.counts_used:
        mailed.append(Proof.used_at.is_(None))
    found = db.session.execute(select(*counts).where(*mailed)).one()
    return all(count < most for count, (most, _) in zip(found, terms.limits, strict=True))


def living_proof(purpose: Purpose, address_key: str, *, at: datetime) -> Proof | None:
    """The newest attempt for an address that can still be used."""
    return db.session.scalars(
        select(Proof)
        .where(Proof.address_key == address_key, Proof.purpose == purpose, Proof.made_at > at - OLDEST)
        .where(Proof.expires_at > at, Proof.used_at.is_(None), Proof.wrong_codes < WRONG_CODES)
        .order_by(Proof.id.desc())
        .limit(1)
    ).first()


def asked_proof(purpose: Purpose, numbers: Sequence[int], code: str) -> Proof | None:
    """Of the attempts that one browser asked for, the one whose code was typed; the newest if none fits.

    An older code is good until a newer one is used (rule A-03). Five wrong ones end all of them.
    """
    asked = db.session.scalars(
        select(Proof).where(Proof.id.in_(numbers), Proof.purpose == purpose).order_by(Proof.id.desc())
    ).all()
    newest = next(iter(asked), None)
    if newest is None or newest.wrong_codes >= WRONG_CODES:
        return newest
    return next((proof for proof in asked if is_code_for(purpose, proof.id, code)), newest)


def use_proof(proof: Proof, *, code: str | None, at: datetime) -> ProofFailed | None:
    """Use an attempt up, with the code unless the asking browser itself presses the button.

    Returns what is wrong, if anything, instead of raising: the count of wrong codes must be committed. Of many
    who use it at once, one succeeds; older attempts for the same address end with it.
    """
    if proof.wrong_codes >= WRONG_CODES:
        return TooManyCodes()
    if proof.used_at or proof.expires_at <= at:
        return ProofFailed()
    if code is not None and not is_code_for(proof.purpose, proof.id, code):
        return _count_wrong_code(proof)
    is_unused = (Proof.id == proof.id, Proof.used_at.is_(None), Proof.wrong_codes < WRONG_CODES)
    if not change_rows(update(Proof).where(*is_unused).values(used_at=at)):
        return ProofFailed()
    is_older = (Proof.address_key == proof.address_key, Proof.purpose == proof.purpose, Proof.id < proof.id)
    change_rows(update(Proof).where(*is_older, Proof.used_at.is_(None)).values(used_at=at))
    return None


def _count_wrong_code(proof: Proof) -> ProofFailed:
    count = db.session.scalar(
        update(Proof)
        .where(Proof.id == proof.id)
        .values(wrong_codes=Proof.wrong_codes + 1)
        .returning(Proof.wrong_codes)
        .execution_options(synchronize_session=False)
    )
    return TooManyCodes() if (count or 0) >= WRONG_CODES else ProofFailed()


def forget_old_proofs(*, at: datetime) -> None:
    """Delete attempts that no limit counts any more."""
    change_rows(delete(Proof).where(Proof.made_at < at - OLDEST))
