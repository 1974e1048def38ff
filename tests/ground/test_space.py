"""Room on the disk: files are refused early, and only files (guarantee G18)."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from nextevents.ground.documents import store_document
from nextevents.ground.space import DiskNearlyFull, require_room

pytestmark = pytest.mark.usefixtures("speaking")


@pytest.fixture
def speaking(app, db):
    with app.test_request_context("/"):
        yield


@pytest.fixture
def free(app, monkeypatch):
    """Says how many megabytes are free, by folder; gives the folders that were looked at."""
    asked = []

    def so_much(megabytes):
        def usage(place):
            asked.append(Path(place))
            return SimpleNamespace(free=megabytes * 1_000_000)

        monkeypatch.setattr(shutil, "disk_usage", usage)
        return asked

    monkeypatch.setitem(app.config, "KEEP_FREE_MB", 200)
    return so_much


def test_with_enough_room_files_are_taken_and_just_below_they_are_not(free, noon):
    free(200)
    assert store_document(b"x", name="a.txt", at=noon).id

    free(199)
    with pytest.raises(DiskNearlyFull, match="kaum noch Platz"):
        store_document(b"x", name="a.txt", at=noon)


def test_the_disks_of_the_data_folder_and_of_the_embedded_database_count(app, free, monkeypatch, tmp_path):
    asked = free(10_000)
    (tmp_path / "data").mkdir()
    monkeypatch.setitem(app.config, "DATA", tmp_path / "data" / "not" / "there" / "yet")
    monkeypatch.setitem(app.config, "SQLALCHEMY_DATABASE_URI", f"sqlite:///{tmp_path / 'next.db'}")

    require_room()

    assert sorted(asked) == [tmp_path, tmp_path / "data"]


def test_a_database_elsewhere_is_not_looked_at(app, free, monkeypatch, tmp_path):
    asked = free(10_000)
    monkeypatch.setitem(app.config, "DATA", tmp_path)
    monkeypatch.setitem(app.config, "SQLALCHEMY_DATABASE_URI", "postgresql+psycopg://next@db.example/next")

    require_room()

    assert asked == [tmp_path]
