"""Writing a campaign. Every saving stays as a version; whoever was overtaken hears of it (guarantee G20)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select

from ...ground.database import db
from ...ground.errors import NotFound
from ...ground.files import File, store_picture
from ...ground.text import slug_of
from ...mailing.models import Campaign, CampaignState, CampaignVersion, MailingList
from ...people.models import Person
from .. import queries
from ..audience import Segment
from ..blocks import MOST_BLOCKS, Block, Picture, as_copied, as_stored, block_with_id, blocks_of, new_block
from ..errors import ChangedMeanwhile, NotADraft, TooManyBlocks

#: Points. Mails are 640 wide; twice that is sharp on the web.
PICTURE_WIDTH = 1280


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a campaign is beside its blocks."""

    subject: str
    language: str
    segment: Segment


def start(
    one: MailingList,
    *,
    by: Person,
    at: datetime,
    subject: str = "",
    language: str = "de",
    blocks: Sequence[Block] = (),
    segment: Segment | None = None,
) -> Campaign:
    """A new draft for a list."""
    campaign = Campaign(
        mailing_list=one,
        slug=secrets.token_urlsafe(12).lower().replace("_", "-"),
        subject=subject,
        language=language,
        blocks=as_stored(as_copied(blocks)),
        segment=(segment or Segment()).as_stored(),
        made_at=at,
        made_by=by.address_key,
    )
    db.session.add(campaign)
    _keep(campaign, by=by, at=at)
    return campaign


def _open(campaign: Campaign, version: int) -> None:
    """Hold a draft to write in it. Raises ChangedMeanwhile if it is no longer at this version, and NotADraft."""
    db.session.refresh(campaign, with_for_update=True)
    if campaign.state != CampaignState.DRAFT:
        raise NotADraft
    if campaign.version != version:
        raise ChangedMeanwhile


def _keep(campaign: Campaign, *, by: Person, at: datetime) -> None:
    db.session.flush()
    kept = CampaignVersion(
        campaign_id=campaign.id,
        version=campaign.version,
        subject=campaign.subject,
        language=campaign.language,
        blocks=campaign.blocks,
        segment=Segment.of(campaign).as_stored(),
        saved_at=at,
        saved_by=by.address_key,
    )
    db.session.add(kept)
    db.session.flush()


def describe(campaign: Campaign, settings: Settings, *, version: int, by: Person, at: datetime) -> None:
    """Say what it is about, in which language, and whom it goes to. Raises ChangedMeanwhile and NotADraft."""
    _open(campaign, version)
    campaign.subject, campaign.language = settings.subject, settings.language
    campaign.segment = settings.segment.as_stored()
    if slug := slug_of(settings.subject)[:50]:
        campaign.slug = f"{slug}-{campaign.slug[-8:]}".replace("--", "-")
    _keep(campaign, by=by, at=at)


def _put(campaign: Campaign, blocks: Sequence[Block], *, by: Person, at: datetime) -> None:
    campaign.blocks = as_stored(blocks)
    _keep(campaign, by=by, at=at)


def add_block(campaign: Campaign, kind: str, *, version: int, by: Person, at: datetime) -> Block:
    """Put an empty block at the end. Raises ChangedMeanwhile, NotADraft, TooManyBlocks, and NotFound for no kind."""
    _open(campaign, version)
    blocks = blocks_of(campaign)
    if len(blocks) >= MOST_BLOCKS:
        raise TooManyBlocks
    try:
        added = new_block(kind)
    except KeyError:
        raise NotFound from None
    _put(campaign, [*blocks, added], by=by, at=at)
    return added


def change_block(campaign: Campaign, block: Block, *, version: int, by: Person, at: datetime) -> None:
    """Put a block in the place of the one with its name. Raises ChangedMeanwhile, NotADraft, NotFound."""
    _open(campaign, version)
    blocks = blocks_of(campaign)
    if not block_with_id(blocks, block.id):
        raise NotFound
    _put(campaign, [block if one.id == block.id else one for one in blocks], by=by, at=at)


def store_block_picture(picture: Picture, content: bytes, *, at: datetime) -> Picture:
    """The block with this picture, drawn anew. Raises FileRefused, DiskNearlyFull."""
    file = store_picture(content, name="bild.webp", longest_edge=PICTURE_WIDTH, at=at)
    return replace(picture, file_id=file.id)


def move_block(campaign: Campaign, name: str, *, down: bool, version: int, by: Person, at: datetime) -> None:
    """Change places with the block above or below; at the end nothing happens. Raises as change_block()."""
    _open(campaign, version)
    blocks = blocks_of(campaign)
    block = block_with_id(blocks, name)
    if block is None:
        raise NotFound
    here = blocks.index(block)
    there = here + (1 if down else -1)
    if not 0 <= there < len(blocks):
        return
    blocks[here], blocks[there] = blocks[there], blocks[here]
    _put(campaign, blocks, by=by, at=at)


def remove_block(campaign: Campaign, name: str, *, version: int, by: Person, at: datetime) -> None:
    """Take a block out; earlier versions keep it. Raises ChangedMeanwhile, NotADraft."""
    _open(campaign, version)
    _put(campaign, [one for one in blocks_of(campaign) if one.id != name], by=by, at=at)


def restore(campaign: Campaign, number: int, *, version: int, by: Person, at: datetime) -> None:
    """Make an earlier version the newest one: its words, its language, and whom it goes to.

    Raises ChangedMeanwhile, NotADraft, NotFound.
    """
    _open(campaign, version)
    earlier = queries.version(campaign, number)
    campaign.subject, campaign.language, campaign.blocks = earlier.subject, earlier.language, earlier.blocks
    campaign.segment = Segment.of(earlier).as_stored()
    _keep(campaign, by=by, at=at)


def discard(campaign: Campaign, *, version: int) -> None:
    """Throw a draft away, with its versions and pictures. Raises ChangedMeanwhile, NotADraft."""
    _open(campaign, version)
    pictures = _pictures_of(campaign)
    db.session.delete(campaign)
    db.session.flush()
    shown_elsewhere = _pictures_elsewhere(pictures)
    if gone := pictures - shown_elsewhere:
        db.session.execute(delete(File).where(File.id.in_(gone)).execution_options(synchronize_session=False))


def _pictures_of(campaign: Campaign) -> set[int]:
    rows = [campaign.blocks, *(one.blocks for one in queries.versions_of(campaign))]
    return {row["file_id"] for blocks in rows for row in blocks if row.get("file_id")}


def _pictures_elsewhere(numbers: set[int]) -> set[int]:
    """Those of the pictures that copies show too."""
    if not numbers:
        return set()
    stored = db.session.scalars(select(CampaignVersion.blocks))
    return {row["file_id"] for blocks in stored for row in blocks if row.get("file_id") in numbers}
