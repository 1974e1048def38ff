"""Who leads a circle: appointed, handed over, released. There is always somebody (race-free under the circle's row)."""

from datetime import datetime, timedelta
from secrets import token_urlsafe

from sqlalchemy import delete

from ...ground.database import change_rows, db, insert_unless_there
from ...mailing import queries as mailing
from ...mailing.services import post, post_all
from ...people import queries as people
from ...people.addresses import Address
from ...people.models import Person
from .. import messages, queries
from ..errors import LastLead, NobodyKnown, TooManyQuestions
from ..models import Community, Lead
from .belonging import join

#: Leads are volunteers: on a day they get no more questions than this.
MOST_NOTES_A_DAY = 20


def hold(community: Community) -> None:
    """Let nobody else change this circle until the transaction ends, and see it as it is now."""
    db.session.refresh(community, with_for_update=True)


def appoint(community: Community, address: Address, *, by: Person, at: datetime) -> Person:
    """Make whoever has this address lead a circle, and tell them; they belong to it too. Twice is harmless.

    Raises NobodyKnown for an address that nobody has proved.
    """
    person = people.person_with_key(address.key)
    if person is None or person.proved_at is None:
        raise NobodyKnown
    hold(community)
    values = {"community_id": community.id, "person_id": person.id}
    made = db.session.scalars(insert_unless_there(Lead).returning(Lead.person_id), [values]).first()
    if made is not None:
        db.session.expire(community, ["leads"])
        join(community, person, at=at)
        post(messages.appointed(community, person, by, at=at), at=at)
    return person


def release(community: Community, person_id: int) -> None:
    """Take the leading of a circle from somebody; they still belong to it. Twice is harmless.

    Raises LastLead if nobody would be left.
    """
    hold(community)
    leads = set(queries.lead_numbers(community))
    if person_id not in leads:
        return
    if len(leads) == 1:
        raise LastLead
    change_rows(delete(Lead).where(Lead.community_id == community.id, Lead.person_id == person_id))
    db.session.expire(community, ["leads"])


def ask_leads(community: Community, address: Address, *, sender: str, text: str, nonce: str, at: datetime) -> None:
    """Hand a question on to all leads of a circle. The same form sent twice is one question (guarantee G5).

    Raises TooManyQuestions.
    """
    leads, nonce = queries.leads_of(community), nonce or token_urlsafe(12)
    day_ago = at - timedelta(days=1)
    if any(mailing.times_written(messages.NOTE, one.address, since=day_ago) >= MOST_NOTES_A_DAY for one in leads):
        raise TooManyQuestions
    note = {"sender": sender, "address": address.typed, "text": text}
    post_all(
        (messages.note_to_leads(community, one, note, reply_to=address.routed, nonce=nonce, at=at) for one in leads),
        at=at,
    )


def hand_over(community: Community, giver: Person, address: Address, *, at: datetime) -> Person:
    """Let somebody else lead in one's place. Raises NobodyKnown; then nothing has changed."""
    taker = appoint(community, address, by=giver, at=at)
    if taker.id != giver.id:
        release(community, giver.id)
    return taker
