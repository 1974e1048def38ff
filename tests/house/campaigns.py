"""The newsroom in the world of the laws: a newsletter of the office, a draft of a circle."""

from datetime import timedelta
from io import BytesIO

from PIL import Image
from sqlalchemy import update

from nextevents.communities.models import Community
from nextevents.communities.services import its_list
from nextevents.ground.database import change_rows, db
from nextevents.mailing.models import Campaign, CampaignState, ListKind, MailingList, Readers
from nextevents.newsroom import rendering, services
from nextevents.newsroom.blocks import Events, Picture, Text, as_stored
from nextevents.people.models import Person
from tests.factories import NOON

#: Stands in a draft of the lead's circle, and in a draft of the office.
DRAFTED, OFFICES = "Kanarie-Aussendung", "Kanarie-Newsletter"
ISSUE = "ausgabe-im-november-k4w2"


def newsletter(office: Person) -> tuple[Campaign, Campaign]:
    """A newsletter that everybody may read: an issue that was sent, and a draft."""
    one = MailingList(
        slug="newsletter", name="NExT-Newsletter", kind=ListKind.NEWSLETTER, archive=Readers.EVERYBODY, made_at=NOON
    )
    db.session.add(one)
    db.session.flush()
    blocks = (Text(text="Guten Tag {name},\n\ndas gibt es Neues."), Events(weeks=4))
    sent = services.start(one, by=office, subject="Ausgabe im November", blocks=blocks, at=NOON - timedelta(days=9))
    sent.slug, sent.blocks = ISSUE, as_stored(rendering.frozen(sent, at=NOON))
    sent.state, sent.started_at, sent.ended_at, sent.expanded_until = CampaignState.SENT, NOON, NOON, None
    sent.search_text = rendering.search_text(sent)
    draft = services.start(one, by=office, subject="Ausgabe im Dezember", blocks=(Text(text=OFFICES),), at=NOON)
    db.session.flush()
    return sent, draft


def circles_draft(circle: Community, lead: Person) -> Campaign:
    """A draft for a circle's own list, with a text and a picture."""
    picture = services.store_block_picture(Picture(alt="Petrol"), petrol(), at=NOON)
    one = its_list.list_of(circle, at=NOON)
    draft = services.start(one, by=lead, subject="Aus der Runde", blocks=(Text(text=DRAFTED), picture), at=NOON)
    named = [row | {"id": name} for row, name in zip(draft.blocks, ("worte", "bild"), strict=True)]
    change_rows(update(Campaign).where(Campaign.id == draft.id).values(blocks=named))
    db.session.refresh(draft)
    return draft


def petrol() -> bytes:
    """A small picture."""
    written = BytesIO()
    Image.new("RGB", (40, 20), "#005b6b").save(written, "PNG")
    return written.getvalue()
