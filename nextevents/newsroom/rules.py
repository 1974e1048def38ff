"""Who may do what in the newsroom: pure predicates."""

import re

from ..communities import queries as communities
from ..mailing.models import Campaign, CampaignState, MailingList
from ..people.models import Person

_OF_COMMUNITY = re.compile(r"community:([0-9]{1,9})\Z")

#: From here on nobody writes in it any more.
LEFT = frozenset({CampaignState.SENDING, CampaignState.PAUSED, CampaignState.STOPPED, CampaignState.SENT})


def community_number(one: MailingList) -> int | None:
    """The number of the circle that a list belongs to, if it does."""
    found = _OF_COMMUNITY.match(one.subject)
    return int(found[1]) if found else None


def may_write_to(person: Person, one: MailingList) -> bool:
    """Whether somebody writes to a list: the office to all, leads to that of their circle."""
    if person.is_office:
        return True
    number = community_number(one)
    return number is not None and number in {circle.id for circle in communities.led_by(person)}


def may_release(person: Person, campaign: Campaign, last_writer: str) -> bool:
    """Whether somebody may say that it goes out; where the list wants two pairs of eyes, not who wrote last."""
    return not campaign.mailing_list.needs_second_pair or person.address_key != last_writer.casefold()
