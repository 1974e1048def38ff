"""What it costs to be there: starting, memory, weight of what is installed, weight of a page."""

import gzip
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from bench import load, seed
from bench.plan import Plan
from bench.report import Report, Row
from bench.servers import ROOT, Ground, Instance, Web

PATHS = ("/", "/veranstaltungen/", "/veranstaltungen/treffen-7/", "/kalender.ics", "/communities/")
REQUESTS = 200
MEBIBYTE = 1 << 20
#: What every environment has, and what nothing needs once it is there.
TOOLS = ("pip", "setuptools")

_LINK = re.compile(r"<(?:link|script|img)\b[^>]*>")
_ADDRESS = re.compile(r'\b(?:href|src)="(/[^"]+)"')
#: What a browser loads for a link; fonts are not counted.
_LOADED = re.compile(r'\brel="(?:stylesheet|icon|manifest|modulepreload)"|<script|<img')


@dataclass(frozen=True)
class Memory:
    """Of one web worker, in MiB: all that is its own or shared, and its proportional share."""

    resident: float
    proportional: float


def measure(ground: Ground, plan: Plan, report: Report) -> None:
    """Start it, look at it, weigh it."""
    instance = ground.new_instance()
    seed.fill_with_events(instance, 200)
    report.rows.append(_start_row([_seconds_to_answer(instance) for _ in range(plan.rounds)]))
    with instance.served() as web:
        report.rows.append(_memory_row(_memory_after_requests(web)))
        report.rows.append(_weight_row(_loaded_by_browser(web)))
    if plan.installs:
        report.rows.append(_size_row(_installed()))


def _seconds_to_answer(instance: Instance) -> float:
    """From the start of the web server to the first answer of 200."""
    began = time.perf_counter()
    with instance.served() as web:
        return web.answered_at - began


def _memory_after_requests(web: Web) -> Memory:
    """The largest web worker, once each has answered about so many requests."""
    for path in PATHS:
        count = REQUESTS * len(web.workers) // len(PATHS)
        run = load.drive(web.port, load.times(load.get(web.port, path), count), at_once=4)
        assert set(run.statuses) == {200}, f"{path} answered {dict(run.statuses)}"
    return max((_memory_of(worker) for worker in web.workers), key=lambda one: one.resident)


def _memory_of(process: psutil.Process) -> Memory:
    found = process.memory_full_info()
    return Memory(found.rss / MEBIBYTE, getattr(found, "pss", found.uss) / MEBIBYTE)


def _loaded_by_browser(web: Web) -> dict[str, int]:
    """What the event page makes a browser load, each with its bytes under gzip."""
    path = "/veranstaltungen/treffen-7/"
    page = load.fetch(web.port, load.get(web.port, path)).body
    found = {path: len(gzip.compress(page, 6))}
    for tag in _LINK.findall(page.decode()):
        if _LOADED.search(tag) and (address := _ADDRESS.search(tag)):
            found[address[1]] = _bytes_of(web, address[1])
    return found


def _bytes_of(web: Web, path: str) -> int:
    answer = load.fetch(web.port, load.get(web.port, path, Accept_Encoding="gzip"))
    assert answer.status == 200, f"{path} answered {answer.status}"
    is_zipped = "gzip" in answer.headers("Content-Encoding")
    return len(answer.body if is_zipped else gzip.compress(answer.body, 6))


@dataclass(frozen=True)
class Installed:
    """A clean environment: MiB on the disk, those of pip and setuptools among them, and how many distributions."""

    size: float
    tools: float
    distributions: int


def _installed() -> Installed:
    """Install what production needs, and weigh it."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "venv"
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        lock = ROOT / "requirements" / "run.txt"
        pip = [str(place / "bin" / "python"), "-m", "pip"]
        subprocess.run([*pip, "install", "--quiet", "--quiet", "--require-hashes", "-r", str(lock)], check=True)
        tools = sum(_weight(folder) for name in TOOLS for folder in place.rglob(name))
        return Installed(_weight(place), tools, len(list(place.rglob("*.dist-info"))))


def _weight(folder: Path) -> float:
    """What a folder takes on the disk, in MiB."""
    return sum(file.lstat().st_blocks * 512 for file in folder.rglob("*")) / MEBIBYTE


def _start_row(seconds: list[float]) -> Row:
    return Row(
        what="from start to the first 200",
        target="1.5 s",
        measured=f"{median(seconds):.2f} s",
        is_met=median(seconds) <= 1.5,
        peers="pretix 7.2 s, Indico 9.3 s",
        figures={"seconds": seconds},
    )


def _memory_row(memory: Memory) -> Row:
    return Row(
        what=f"a web worker's memory after {REQUESTS} requests",
        target="100 MiB",
        measured=f"{memory.resident:.0f} MiB ({memory.proportional:.0f} PSS)",
        is_met=memory.resident <= 100,
        peers="pretix 257 MiB, Indico 238 MiB",
    )


def _weight_row(loaded: dict[str, int]) -> Row:
    total = sum(loaded.values())
    return Row(
        what="event page as a browser loads it, gzip, without fonts",
        target="50 kB, 5 requests",
        measured=f"{total / 1000:.1f} kB, {len(loaded)} requests",
        is_met=total <= 50_000 and len(loaded) <= 5,
        peers="pretix 274 kB, 10; Indico 2,225 kB, 34",
        figures=dict(loaded),
    )


def _size_row(installed: Installed) -> Row:
    return Row(
        what="installed size",
        target="150 MiB",
        measured=f"{installed.size:.0f} MiB, of which pip and setuptools {installed.tools:.0f}; "
        f"{installed.distributions} distributions",
        is_met=installed.size <= 150,
        peers="pretix 584 MiB, 137; Indico 677 MiB, 137",
    )
