"""Certificates on paper: long words break, and what is checked stays together."""

import io
from datetime import UTC, datetime

import pypdf
import pytest

from nextevents.events import papers
from nextevents.events.models import Certificate
from tests.factories import make_community, make_event

WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def german(app, db):
    with app.test_request_context():
        yield


def pages_of(name="Ada Beispiel", body="Stadt Musterhafen", **event):
    made = Certificate(code="KXQ7-M2PD-9RTV", name=name, organisation_name=body, issued_at=AT)
    made.event = make_event(**event)
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(papers.certificate(made))).pages]


def test_an_ordinary_certificate_is_one_page():
    (page,) = pages_of(communities=(make_community(name="Chatbot"),))

    for words in ("Ada Beispiel", "Stadt Musterhafen", "1 Stunde 30 Minuten", "Chatbot, NExT e. V.", "KXQ7-M2PD-9RTV"):
        assert words in page


def test_long_names_and_titles_fit_on_one_page():
    name = "Dr. h. c. Friederike-Annemarie Freifrau von und zu Löwenstein-Wertheim-Rosenberg"

    assert len(pages_of(name, f"{WORD} " * 2, title=f"{WORD} und noch viel mehr")) == 1


def test_a_word_without_end_breaks_and_the_code_stays_with_its_sentence():
    pages = pages_of("x" * 300, "y" * 300, title="z" * 200)

    assert max(len(line) for page in pages for line in page.splitlines()) < 120
    (checked,) = [page for page in pages if "KXQ7-M2PD-9RTV" in page]
    assert "Diese Bescheinigung gilt ohne Unterschrift." in checked.replace("\n", " ")


def test_without_a_circle_the_association_stands_there_alone():
    (page,) = pages_of()

    assert page.splitlines()[page.splitlines().index("Veranstaltet von") + 1] == "NExT e. V."
