"""What circles write to people: joining, leading."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from ..ground.tokens import code_for, pair, token_for
from ..mailing.messages import absolute, draft
from ..mailing.services import Mail
from ..people.addresses import Address
from ..people.models import Person, Proof
from .models import Community

#: What the tokens of belongings are made for; another word than people.models.Purpose has for its proofs.
MINE = "mine"
NOTE = "note_to_leads"
LONG = timedelta(days=5)


@dataclass(frozen=True)
class ComingDate:
    """A date of a circle that stands already, as a mail names it: the time in words, the address absolute."""

    title: str
    when: str
    href: str


def token_of(community_id: int, person_id: int) -> str:
    """The token by which somebody changes what they want of a circle, without signing in."""
    return token_for(MINE, pair(community_id, person_id))


def joining_url(community: Community) -> str:
    """The page on which one joins a circle."""
    return absolute(url_for("belonging.begin", slug=community.slug))


def mine_href(community: Community, person: Person) -> str:
    """The page on which somebody changes what they want of a circle, or leaves it."""
    return url_for("belonging.mine", token=token_of(community.id, person.id))


def confirm_belonging(community: Community, address: Address, proof: Proof, *, language: str) -> Mail:
    """Ask whoever has this address whether they want to join. Holds nothing that the asker typed."""
    with force_locale(language):
        subject = _("Bitte bestätigen: %(title)s", title=community.full_name)
    form = draft(
        ("confirm_belonging", community.id, community.version),
        "communities/messages/confirm_belonging",
        language=language,
        subject=subject,
        community=community,
    )
    link = url_for("belonging.confirm", slug=community.slug, token=token_for(proof.purpose, proof.id))
    return Mail(
        kind="confirm_belonging",
        subject=f"proof:{proof.id}",
        recipient=address.routed,
        form=form,
        values={"confirm": absolute(link), "code": code_for(proof.purpose, proof.id)},
        priority=1,
        expires_at=proof.expires_at,
        has_secrets=True,
    )


def joined(community: Community, person: Person, coming: Sequence[ComingDate] = (), *, at: datetime) -> Mail:
    """You belong to it now, what that means, what comes next, and how to change it."""
    with force_locale(person.language):
        subject = _("Willkommen: %(title)s", title=community.full_name)
    form = draft(
        ("joined", community.id, community.version, *coming),
        "communities/messages/joined",
        language=person.language,
        subject=subject,
        community=community,
        coming=[(f"{one.when}, {one.title}", one.href) for one in coming],
    )
    return Mail(
        kind="joined",
        subject=f"belonging:{community.id}:{person.id}",
        revision=int(at.timestamp()),
        recipient=person.address,
        form=form,
        values={"name": person.name, "mine": absolute(mine_href(community, person))},
        expires_at=at + LONG,
    )


def appointed(community: Community, person: Person, by: Person, *, at: datetime) -> Mail:
    """You lead a circle now, and where that is done."""
    with force_locale(person.language):
        subject = _("Sie leiten jetzt: %(title)s", title=community.full_name)
    form = draft(
        ("appointed", community.id, community.version),
        "communities/messages/appointed",
        language=person.language,
        subject=subject,
        community=community,
    )
    return Mail(
        kind="appointed",
        subject=f"lead:{community.id}:{person.id}",
        revision=int(at.timestamp()),
        recipient=person.address,
        form=form,
        values={"name": person.name, "by": by.name},
        expires_at=at + LONG,
    )


def note_to_leads(
    community: Community, lead: Person, note: dict[str, str], *, reply_to: str, nonce: str, at: datetime
) -> Mail:
    """What somebody asks the leads of a circle: who it is, and the words, filled in as they came.

    An answer goes to whoever asks, past us.
    """
    with force_locale(lead.language):
        subject = _("Frage an %(title)s", title=community.full_name)
    form = draft(
        ("note_to_leads", community.id, community.version),
        "communities/messages/note_to_leads",
        language=lead.language,
        subject=subject,
        community=community,
    )
    return Mail(
        kind=NOTE,
        subject=f"note:{nonce}",
        recipient=lead.address,
        form=form,
        values={"name": lead.name, "reply_to": reply_to, **note},
        expires_at=at + LONG,
    )


def asked_to_close(community: Community, lead: Person, *, closes_on: date, at: datetime) -> Mail:
    """The end of a workshop is near, and what happens if nobody says otherwise; it closes after that day."""
    with force_locale(lead.language):
        subject = _("Endet bald: %(title)s", title=community.full_name)
    form = draft(
        ("asked_to_close", community.id, community.version),
        "communities/messages/asked_to_close",
        language=lead.language,
        subject=subject,
        community=community,
        closes_on=closes_on,
    )
    return Mail(
        kind="asked_to_close",
        subject=f"closing:{community.id}",
        revision=closes_on.toordinal(),
        recipient=lead.address,
        form=form,
        values={"name": lead.name},
        expires_at=at + LONG,
    )
