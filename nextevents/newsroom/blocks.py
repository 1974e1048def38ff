"""What a campaign consists of: blocks, one under the other. Stored as JSON in Campaign.blocks."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar

from ..mailing.models import Campaign

#: More than these nobody reads.
MOST_BLOCKS = 40
Shown = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Block:
    """What all kinds have: a name of its own within the campaign, which links and forms go by."""

    kind: ClassVar[str] = ""
    id: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it yet."""
        return False


@dataclass(frozen=True, kw_only=True)
class Text(Block):
    """Words of one's own."""

    kind: ClassVar[str] = "text"
    #: Markdown.
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written."""
        return not self.text


@dataclass(frozen=True, kw_only=True)
class Picture(Block):
    """A picture; mails hold its description and a link to it, the web version shows it."""

    kind: ClassVar[str] = "picture"
    file_id: int = 0
    #: What it shows, for those who do not see it.
    alt: str = ""
    caption: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether none was uploaded."""
        return not self.file_id


@dataclass(frozen=True, kw_only=True)
class Button(Block):
    """One thing to do."""

    kind: ClassVar[str] = "button"
    label: str = ""
    url: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing or leads nowhere."""
        return not (self.label and self.url)


@dataclass(frozen=True, kw_only=True)
class Events(Block):
    """What comes in the next weeks, in chosen communities or in all."""

    kind: ClassVar[str] = "events"
    heading: str = ""
    #: Numbers; none means all.
    communities: tuple[int, ...] = ()
    weeks: int = 5
    #: What was sent, by language; empty until then.
    shown: Shown = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OwnEvents(Block):
    """What comes in the next weeks in the communities to which each reader belongs."""

    kind: ClassVar[str] = "own_events"
    heading: str = ""
    weeks: int = 5


@dataclass(frozen=True, kw_only=True)
class Results(Block):
    """What was published in the last weeks."""

    kind: ClassVar[str] = "results"
    heading: str = ""
    weeks: int = 8
    #: What was sent, by language; empty until then.
    shown: Shown = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Board(Block):
    """A word from the board, with who says it."""

    kind: ClassVar[str] = "board"
    heading: str = ""
    #: Markdown.
    text: str = ""
    author: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written."""
        return not self.text


KINDS: dict[str, type[Block]] = {one.kind: one for one in (Text, Events, OwnEvents, Results, Button, Picture, Board)}


def new_block(kind: str) -> Block:
    """An empty block of a kind, with a name of its own. Raises KeyError for kinds that there are not."""
    return replace(KINDS[kind](), id=secrets.token_hex(4))


def blocks_of(stored: Campaign | Sequence[Mapping[str, Any]]) -> list[Block]:
    """The blocks of a campaign, or of one of its versions, in order."""
    rows = stored.blocks if isinstance(stored, Campaign) else stored
    return [_block_of(row) for row in rows]


def _block_of(row: Mapping[str, Any]) -> Block:
    values: dict[str, Any] = {
        name: tuple(value) if name == "communities" else value for name, value in row.items() if name != "kind"
    }
    return KINDS[row["kind"]](**values)


def as_stored(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """Blocks as they are stored."""
    return [{"kind": one.kind, **asdict(one)} for one in blocks]


def as_copied(blocks: Iterable[Block]) -> list[Block]:
    """The same blocks for another campaign: names of their own, and nothing of what was shown then."""
    return [replace(one, id=secrets.token_hex(4), **({"shown": {}} if hasattr(one, "shown") else {})) for one in blocks]


def block_with_id(blocks: Iterable[Block], name: str) -> Block | None:
    """The block of that name."""
    return next((one for one in blocks if one.id == name), None)
