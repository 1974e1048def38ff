"""What the worker does for circles."""

import pytest

from nextevents.communities.tasks import look_for_files, read_files
from nextevents.ground import full_text
from nextevents.ground.full_text import texts_in, want_text
from tests.factories import make_file

pytestmark = pytest.mark.usefixtures("at_noon")


def waiting_file(content: bytes, noon):
    """A text file that nobody has read."""
    file = make_file(content, name="a.txt")
    file.content_type = "text/plain"
    want_text(file, at=noon)
    return file


@pytest.mark.parametrize("task", [read_files, look_for_files])
def test_all_files_that_wait_are_read_by_bell_and_without(db, noon, task):
    files = [waiting_file(f"Text {number}".encode(), noon) for number in range(3)]
    db.commit()
    task()

    assert texts_in(one.id for one in files) == {one.id: f"Text {number}" for number, one in enumerate(files)}


def test_a_file_over_which_reading_fails_keeps_no_other_waiting(db, noon, monkeypatch):
    """The failing one is tried again when its lease is over."""
    bad, good = waiting_file(b"kaputt", noon), waiting_file(b"heil", noon)
    db.commit()
    read = full_text.text_in

    def stumble(unread: full_text.Unread) -> str:
        if unread.number == bad.id:
            raise OSError
        return read(unread)

    monkeypatch.setattr(full_text, "text_in", stumble)
    for _ in range(2):
        try:
            read_files()
        except OSError:
            db.rollback()

    assert texts_in([bad.id, good.id]) == {good.id: "heil"}
