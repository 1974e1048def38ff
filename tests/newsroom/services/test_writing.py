"""Writing a campaign: every saving stays, whoever was overtaken hears of it."""

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from nextevents.ground.errors import NotFound
from nextevents.ground.files import File
from nextevents.mailing.models import Campaign, CampaignState, CampaignVersion
from nextevents.newsroom import queries, services
from nextevents.newsroom.audience import Segment
from nextevents.newsroom.blocks import MOST_BLOCKS, Button, Events, Picture, Text, as_stored, blocks_of
from nextevents.newsroom.errors import ChangedMeanwhile, NotADraft, TooManyBlocks
from nextevents.newsroom.services import Settings
from tests.factories import NOON
from tests.newsroom.drafts import make_draft, make_writer, settings


@pytest.fixture
def writer(db):
    return make_writer()


@pytest.fixture
def draft(writer):
    return make_draft(Text(text="Eins"), Text(text="Zwei"), by=writer)


def texts(draft):
    return [block.text for block in blocks_of(draft)]


def test_a_block_is_added_changed_moved_and_removed_and_each_saving_stays(draft, writer):
    def doing():
        return {"version": draft.version, "by": writer, "at": NOON}

    added = services.add_block(draft, "text", **doing())
    services.change_block(draft, replace(added, text="Drei"), **doing())
    services.move_block(draft, added.id, down=False, **doing())
    assert texts(draft) == ["Eins", "Drei", "Zwei"]
    services.remove_block(draft, added.id, **doing())

    assert texts(draft) == ["Eins", "Zwei"]
    kept = [[row["text"] for row in one.blocks] for one in queries.versions_of(draft)]
    assert kept == [
        ["Eins", "Zwei"],
        ["Eins", "Drei", "Zwei"],
        ["Eins", "Zwei", "Drei"],
        ["Eins", "Zwei", ""],
        ["Eins", "Zwei"],
    ]


def test_at_the_ends_moving_changes_nothing(draft, writer):
    first, last = blocks_of(draft)
    before = draft.version

    services.move_block(draft, first.id, down=False, version=before, by=writer, at=NOON)
    services.move_block(draft, last.id, down=True, version=before, by=writer, at=NOON)

    assert (texts(draft), draft.version) == (["Eins", "Zwei"], before)


def test_an_earlier_version_comes_back_and_the_later_one_stays_too(draft, writer):
    first = queries.newest_version(draft).version
    english = Settings(subject="Anderer Betreff", language="en", segment=Segment(levels=("state",), events=(3, 4)))
    services.describe(draft, english, version=draft.version, by=writer, at=NOON)
    second = queries.newest_version(draft).version
    services.remove_block(draft, blocks_of(draft)[0].id, version=draft.version, by=writer, at=NOON)
    draft.segment = {**draft.segment, "confirmed": 7}

    services.restore(draft, first, version=draft.version, by=writer, at=NOON)
    was_first = (draft.subject, draft.language, Segment.of(draft), texts(draft))
    services.restore(draft, second, version=draft.version, by=writer, at=NOON)
    was_second = (draft.subject, draft.language, draft.segment, texts(draft))
    services.restore(draft, first, version=draft.version, by=writer, at=NOON)

    assert was_first == ("Neues im Dezember", "de", Segment(), ["Eins", "Zwei"])
    assert was_second == ("Anderer Betreff", "en", {"levels": ["state"], "events": [3, 4]}, ["Eins", "Zwei"])
    assert (draft.segment, draft.language) == ({}, "de")
    assert [one.subject for one in queries.versions_of(draft)] == [
        "Neues im Dezember", "Anderer Betreff", "Neues im Dezember",
        "Anderer Betreff", "Anderer Betreff", "Neues im Dezember",
    ]  # fmt: skip


DEEDS = {
    "describing": lambda draft, **doing: services.describe(draft, settings(), **doing),
    "adding": lambda draft, **doing: services.add_block(draft, "text", **doing),
    "changing": lambda draft, **doing: services.change_block(draft, replace(blocks_of(draft)[0], text="X"), **doing),
    "moving": lambda draft, **doing: services.move_block(draft, blocks_of(draft)[0].id, down=True, **doing),
    "removing": lambda draft, **doing: services.remove_block(draft, blocks_of(draft)[0].id, **doing),
    "restoring": lambda draft, **doing: services.restore(draft, 1, **doing),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_whoever_was_overtaken_changes_nothing(draft, writer, deed):
    before = draft.version
    services.describe(draft, settings("Jemand war schneller"), version=before, by=writer, at=NOON)
    stands = (draft.subject, draft.blocks, draft.version)

    with pytest.raises(ChangedMeanwhile):
        DEEDS[deed](draft, version=before, by=writer, at=NOON)

    assert (draft.subject, draft.blocks, draft.version) == stands


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("state", [state for state in CampaignState if state != CampaignState.DRAFT])
def test_what_is_no_draft_any_more_stays_as_it_is(db, draft, writer, deed, state):
    draft.state = state
    db.flush()
    stands = (draft.subject, draft.blocks, draft.version)

    with pytest.raises(NotADraft):
        DEEDS[deed](draft, version=draft.version, by=writer, at=NOON)

    assert (draft.subject, draft.blocks, draft.version) == stands


def test_kinds_and_blocks_that_are_not_there_are_not_found(draft, writer):
    doing = {"version": draft.version, "by": writer, "at": NOON}
    with pytest.raises(NotFound):
        services.add_block(draft, "script", **doing)
    with pytest.raises(NotFound):
        services.change_block(draft, Text(id="gibtsnicht", text="X"), **doing)
    with pytest.raises(NotFound):
        services.restore(draft, 999, **doing)


def test_a_mail_has_an_end(writer):
    draft = make_draft(*(Text(text="Noch einer") for _ in range(MOST_BLOCKS)), by=writer)
    with pytest.raises(TooManyBlocks):
        services.add_block(draft, "text", version=draft.version, by=writer, at=NOON)


def test_a_copy_has_names_of_its_own_and_nothing_of_what_was_shown_then(writer):
    shown = {"de": [{"title": "Damals"}]}
    first = make_draft(
        Events(weeks=3, communities=(7,), shown=shown), Button(label="Los", url="https://x.example"), by=writer
    )
    copy = services.start(first.mailing_list, by=writer, at=NOON, subject=first.subject, blocks=blocks_of(first))

    assert [one.id for one in blocks_of(copy)] != [one.id for one in blocks_of(first)]
    assert blocks_of(copy)[0] == Events(id=blocks_of(copy)[0].id, weeks=3, communities=(7,))
    assert copy.slug != first.slug


def picture() -> bytes:
    written = BytesIO()
    Image.new("RGB", (40, 20), "#005b6b").save(written, "PNG")
    return written.getvalue()


def test_a_thrown_away_draft_takes_its_pictures_along_but_for_those_that_a_copy_shows(db, writer):
    both, own = (services.store_block_picture(Picture(alt="Petrol"), picture(), at=NOON) for _ in range(2))
    draft = make_draft(both, own, by=writer)
    services.start(draft.mailing_list, by=writer, at=NOON, blocks=[both])

    services.discard(draft, version=draft.version)

    assert db.scalars(select(File.id)).all() == [both.file_id]
    assert db.scalars(select(Campaign.id).where(Campaign.id == draft.id)).all() == []
    assert db.scalars(select(CampaignVersion.version).where(CampaignVersion.campaign_id == draft.id)).all() == []


def test_blocks_are_read_as_they_were_stored():
    blocks = [
        Text(id="a", text="Wort"),
        Events(id="b", communities=(1, 2), weeks=4),
        Picture(id="c", file_id=3, alt="x"),
    ]

    assert blocks_of(as_stored(blocks)) == blocks
