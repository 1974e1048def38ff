"""What was found: the table of targets, how cost grows, and both as JSON."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.load import Load

FILE = Path(__file__).parents[1] / "var" / "bench.json"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table."""

    what: str
    target: str
    measured: str
    #: Ours as a share of what stands beside it, where the target is a share.
    ratio: float | None = None
    is_met: bool
    #: What the peers reached (pretix, Indico, Mailman), on another day and such a machine.
    peers: str
    #: The figures behind the sentence.
    figures: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Growth:
    """How the cost of something grows with what there is."""

    title: str
    columns: tuple[str, ...]
    lines: list[tuple[str, ...]] = field(default_factory=list)


@dataclass
class Report:
    """All that was found so far."""

    rows: list[Row] = field(default_factory=list)
    growths: list[Growth] = field(default_factory=list)
    #: The greatest share of one core that the load generator took.
    effort: float = 0.0

    def note_effort(self, runs: Iterable[Load]) -> None:
        """Remember how much the load generator took."""
        self.effort = max(self.effort, *(run.effort for run in runs))

    def show(self) -> None:
        """Print it all."""
        if self.rows:
            print("\n" + _table(("what", "target", "measured", "ratio", "met", "peers"), map(_cells, self.rows)))
        for growth in self.growths:
            print(f"\n{growth.title}\n" + _table(growth.columns, growth.lines))
        print(f"\nThe load generator took at most {self.effort:.0%} of one core.")

    def write(self) -> None:
        """Keep it as JSON, with what it was measured on."""
        FILE.parent.mkdir(exist_ok=True)
        machine = {"cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version()}
        at = datetime.now(UTC).isoformat(timespec="seconds")
        FILE.write_text(json.dumps({"at": at, "machine": machine, **asdict(self)}, ensure_ascii=False, indent=2) + "\n")


def _cells(row: Row) -> tuple[str, ...]:
    ratio = "" if row.ratio is None else f"{row.ratio:.1%}"
    return row.what, row.target, row.measured, ratio, "yes" if row.is_met else "NO", row.peers


def _table(head: Sequence[str], lines: Iterable[tuple[str, ...]]) -> str:
    cells = [tuple(head), *lines]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    cells.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )
