"""Mails as files beside the tests, one for each occasion and language: a changed word shows in review.

Recorded anew with `.venv/bin/pytest tests/events/test_messages.py tests/people/test_messages.py --snapshot-update`.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex

import nextevents
from tests.mailing.reading import Mail

CATALOGUES = Path(nextevents.__file__).parent / "translations"
#: German is what the texts are written in; others are there as soon as they have a catalogue.
LANGUAGES = ("de", *sorted(path.parts[-3] for path in CATALOGUES.glob("*/LC_MESSAGES/messages.po")))


class MailFiles(SingleFileSnapshotExtension):
    """One file for each mail, whatever database it was made with."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        """The name that the test gives."""
        del test_location
        return str(index)

    @classmethod
    def matches_test_location(cls, *, test_location: PyTestLocation, snapshot_location: str) -> bool:
        """Whether the file lies in the folder of that test's file."""
        return Path(snapshot_location).parent == Path(cls.dirname(test_location=test_location))

    def serialize(self, data: Any, **options: Any) -> str:
        """The words themselves."""
        del options
        return str(data)


#: Files are called as mails are, not as tests.
named_as_mails = pytest.mark.filterwarnings(r"ignore:\s*Can not relate snapshot name")


def as_file(mail: Mail, **masked: str) -> str:
    """What the receiver gets: headers, text, HTML without its looks, and the entry. Masked values differ each time."""
    headers = ("From", "To", "Date", "Subject", "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Language")
    pieces = ["\n".join(f"{name}: {mail.whole[name]}" for name in headers), mail.text, _without_looks(mail.html)]
    if mail.calendar:
        pieces.append(mail.calendar.decode().replace("\r\n", "\n"))
    whole = f"\n{78 * '─'}\n\n".join(piece.strip() + "\n" for piece in pieces)
    for name, value in masked.items():
        whole = whole.replace(value, f"<{name}>")
    return whole


def _without_looks(html: str) -> str:
    """Elements and words; of the attributes those that mean something."""
    html = re.sub(r"<style>.*?</style>\n?", "", html, flags=re.DOTALL)
    return re.sub(r' (?:style|class|width|align|valign|bgcolor|cellpadding|cellspacing|border)="[^"]*"', "", html)
