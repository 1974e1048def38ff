"""What workshops have made: written down, published on a day, changed, taken back."""

import time
from dataclasses import replace
from datetime import date
from threading import Event, Thread

import pytest
from sqlalchemy import func, select

from nextevents.communities import queries
from nextevents.communities.errors import ChangedMeanwhile, NotYetComplete
from nextevents.communities.models import Community, Kind, Result
from nextevents.communities.queries import ResultFilter
from nextevents.communities.services import ResultWish, add_result, change_result, remove_result
from nextevents.ground.database import db as database
from nextevents.ground.database import transaction
from nextevents.ground.documents import DocumentRefused, Upload
from nextevents.ground.files import File
from nextevents.ground.full_text import keep_text, want_text
from tests.factories import make_community, make_result

PDF = Upload(name="papier.pdf", content=b"%PDF-1.7")
DAY = date(2026, 11, 20)
WISH = ResultWish(title="Größe zählt", authors="Kim Probe", abstract="Ein **Papier**.", published_on=DAY)


@pytest.fixture
def workshop(db):
    return make_community("werkstatt", kind=Kind.WORKSHOP)


def test_it_gets_an_address_of_its_own_that_stays(workshop, noon):
    first = add_result(workshop, WISH, upload=PDF, at=noon)
    second = add_result(make_community(), WISH, upload=PDF, at=noon)
    change_result(first, replace(WISH, title="Anders"), version=1, at=noon)

    assert (first.slug, second.slug, first.title) == ("groesse-zaehlt", "groesse-zaehlt-2", "Anders")
    assert add_result(workshop, replace(WISH, title="✨"), upload=PDF, at=noon).slug == "werkstueck"


def test_workshops_that_name_a_result_alike_at_once_get_an_address_each(app, noon):
    """On the real database: the second one begins before the first one is committed."""
    with app.app_context():
        with transaction():
            numbers = [make_community(kind=Kind.WORKSHOP).id for _ in range(2)]
        database.session.remove()
    is_written, slugs = Event(), []

    def write(number: int, *, is_first: bool) -> None:
        with app.app_context():
            if not is_first:
                is_written.wait()
            with transaction():
                result = add_result(database.session.get_one(Community, number), WISH, upload=PDF, at=noon)
                if is_first:
                    is_written.set()
                    time.sleep(0.5)
                slugs.append(result.slug)
            database.session.remove()

    threads = [Thread(target=write, args=(number,), kwargs={"is_first": number == numbers[0]}) for number in numbers]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    with app.app_context():
        with transaction():
            for table in reversed(database.metadata.sorted_tables):
                database.session.execute(table.delete())
        database.session.remove()
    assert slugs == ["groesse-zaehlt", "groesse-zaehlt-2"]


def test_the_same_form_sent_twice_is_one_result(db, workshop, noon):
    assert add_result(workshop, WISH, upload=PDF, at=noon) is add_result(workshop, WISH, upload=PDF, at=noon)
    assert db.scalar(select(func.count()).select_from(File)) == 1


@pytest.mark.parametrize(
    ("wish", "upload"),
    [(replace(WISH, authors=""), PDF), (replace(WISH, abstract=""), PDF), (WISH, None)],
    ids=["authors", "abstract", "file"],
)
def test_what_is_not_complete_can_be_kept_but_not_published(workshop, noon, wish, upload):
    with pytest.raises(NotYetComplete):
        add_result(workshop, wish, upload=upload, at=noon)

    workshop_result = add_result(workshop, replace(wish, title="Später", published_on=None), upload=upload, at=noon)
    assert workshop_result.published_on is None


@pytest.mark.parametrize("name", ["papier.docx", "papier.txt", "papier.pdf.exe", "bild.png"])
def test_only_pdf_files_are_published(workshop, noon, name):
    with pytest.raises(DocumentRefused, match="Möglich sind PDF"):
        add_result(workshop, WISH, upload=Upload(name=name, content=b"Text"), at=noon)


def test_a_newer_file_replaces_the_one_that_stands_and_none_keeps_it(db, workshop, noon):
    result = add_result(workshop, WISH, upload=PDF, at=noon)
    change_result(result, WISH, version=1, at=noon)
    assert result.file.name == "papier.pdf"

    newer = Upload(name="neu.pdf", content=b"%PDF-1.7 neu")
    change_result(result, replace(WISH, published_on=None), upload=newer, version=result.version, at=noon)
    assert db.scalars(select(File.name)).all() == ["neu.pdf"]

    with pytest.raises(ChangedMeanwhile):
        change_result(result, WISH, version=1, at=noon)


def test_what_is_taken_away_takes_its_file_along(db, workshop, noon):
    result = add_result(workshop, WISH, upload=PDF, at=noon)
    remove_result(make_community(), result.id)
    for _ in range(2):
        assert db.scalars(select(Result.id)).all() in ([result.id], [])
        remove_result(workshop, result.id)

    assert (db.scalars(select(Result.id)).all(), db.scalars(select(File.id)).all()) == ([], [])


def found(on: date = DAY, **chosen: object) -> list[str]:
    """The titles of what is found."""
    return [one.title for one in queries.published_results(ResultFilter(**chosen), on, limit=9)]


def test_everybody_sees_it_from_its_day_on(workshop):
    make_result(workshop, title="Heute", published_on=DAY)
    make_result(workshop, title="Früher", published_on=date(2022, 2, 1))
    make_result(workshop, title="Morgen", published_on=date(2026, 11, 21))
    make_result(workshop, title="Nie")

    assert found() == ["Heute", "Früher"]
    assert found(date(2026, 11, 21)) == ["Morgen", "Heute", "Früher"]
    assert [one.title for one in queries.results_of(workshop)] == ["Nie", "Morgen", "Heute", "Früher"]
    assert list(queries.years_of_results(DAY)) == [2026, 2022]


def test_it_is_found_by_year_circle_and_words_in_its_file_too(workshop, noon):
    other = make_community("andere")
    paper = make_result(workshop, title="Straße und Größe", published_on=DAY)
    make_result(other, title="Cloud", published_on=date(2022, 2, 1))
    want_text(paper.file, at=noon)
    keep_text(paper.file_id, "Stichproben jede Woche")

    assert found(words="STRASSE") == ["Straße und Größe"]
    assert found(words="größe stichprobe") == ["Straße und Größe"]
    assert found(words="größe cloud") == found(words="100%") == found(words="_") == []
    assert found(year=2022) == found(community="andere") == ["Cloud"]
    assert found(year=2021) == found(community="gibt-es-nicht") == []
    assert [one.slug for one in queries.communities_with_results(DAY)] == ["andere", "werkstatt"]
