"""Documents that people upload, at their edges; what is taken and refused, tests/desk/views/test_closing.py tries."""

import pytest

from nextevents.ground.documents import LARGEST, DocumentRefused, store_document

pytestmark = pytest.mark.usefixtures("speaking")


@pytest.fixture
def speaking(app, db):
    with app.test_request_context("/"):
        yield


def test_ten_megabytes_are_taken_and_one_byte_more_is_not(noon):
    assert store_document(b"x" * LARGEST, name="voll.txt", at=noon).size == LARGEST
    with pytest.raises(DocumentRefused, match="größer als 10 MB"):
        store_document(b"x" * (LARGEST + 1), name="voll.txt", at=noon)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("C:\\Ordner\\a.txt", "a.txt"), ("a\u202eb\u200b.txt", "ab.txt"), ("a\nb.txt", "ab.txt"), (" .a.txt. ", "a.txt")],
)
def test_names_lose_paths_and_what_nobody_can_see(noon, name, shown):
    assert store_document(b"x", name=name, at=noon).name == shown


@pytest.mark.parametrize("name", ["", ".", "/", "\\", "..."])
def test_a_name_without_an_ending_is_refused(noon, name):
    with pytest.raises(DocumentRefused):
        store_document(b"x", name=name, at=noon)
