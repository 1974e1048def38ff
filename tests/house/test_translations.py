"""English is complete: every text has a translation with the same places, and no German is left on English pages."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup
from sqlalchemy import update

import nextevents
from nextevents.ground.database import db as database
from nextevents.people.models import Person
from tests.factories import NOON
from tests.house.matrix import MAILS_ALONE, READING
from tests.house.visitors import page_of
from tests.house.walks import on_one_database
from tests.house.world import OFFICE, PARTICIPANT, STRANGER, every_kind_of_mail

PACKAGE = Path(nextevents.__file__).parent
PROJECT = PACKAGE.parent / "pyproject.toml"
CATALOGUE = PACKAGE / "translations" / "en" / "LC_MESSAGES" / "messages.po"
PLACE = re.compile(r"%\(\w+\)[a-z]|%[sd]")
#: Words that no German text does without, and that are no English ones.
GERMAN = re.compile(
    r"\b(und|oder|nicht|kein|keine|mit|für|der|das|den|dem|des|ist|sind|wird|werden|ein|eine|einen|einer|Sie|Ihre?n?|wir"
    r"|auf|bei|beim|zum|zur|von|vom|nach|noch|schon|wenn|dass|sich|nur|auch|als|Uhr|bis|Termine?|Anmeldung|Januar|März"
    r"|Mai|Juni|Juli|Oktober|Dezember|Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag)\b"
)
#: What organisers and people have written, in whatever language they like, and names.
NOT_OURS = re.compile(
    r"Drei Städte berichten\.|Worum es geht\.|Kanarie\S*(?: \S+)?|Rathaus|Volles Treffen|Offenes Treffen"
    r"|Treffen (?:mit Angebot|vor Ort)|Abgesagtes Treffen|Vergangenes Treffen|Mitgliedertreffen|Browser von \w+"
    r"|Netzwerk: Experten für die digitale Transformation der Verwaltung"
    r"|Wir sind\W+oben\W*|Wir sind$|Ausgabe im Dezember|Jeder Beitrag wird angesehen\.|Das Postfach ist voll\."
    r"|Aus der Runde|das gibt es Neues\.|für die Praxis\.|Ein \*\*Papier\*\* für die Praxis\."
    r"|Thema für \w+\??|Wann im Dezember\??|Anmeldung bestätigt:"
    r"|Mira Sommerfeld|Tarek Winterberg|Jona Lindental"
)


#: Kinds that may go to addresses of which nobody knows the language; those mails are German.
TO_STRANGERS = {"poll_asked", "poll_reminder", "poll_voted", "poll_decided", "confirm_belonging", "invitation"}
TO_STRANGERS |= {"invitation_reminder"}


def texts() -> dict[str | tuple[str, str], str]:
    """Every text in code and templates, with the file that it stands in."""
    mappings = tomllib.loads(PROJECT.read_text())["tool"]["babel"]["mappings"]
    options = {
        mapping["pattern"]: {name: value for name, value in mapping.items() if name not in {"pattern", "method"}}
        for mapping in mappings
    }
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    found = extract_from_dir(PACKAGE, methods, options, keywords=DEFAULT_KEYWORDS | {"lazy_gettext": None})
    return {text: name for name, _line, text, _comments, _context in found}


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def translations(message: Message) -> list[str]:
    """The translation, or one for each number."""
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_the_extraction_finds_the_texts_of_code_and_templates():
    found = texts()

    assert len(found) > 400
    assert found["Gespeichert."].endswith(".py")
    assert found["Zum Inhalt springen"] == "templates/base.html"


def test_every_text_is_translated_and_no_translation_is_a_guess(catalogue):
    messages = {text: catalogue.get(text if isinstance(text, str) else text[0]) for text in texts()}

    assert [text for text, message in messages.items() if message is None] == []
    assert [text for text, message in messages.items() if message.fuzzy] == []
    assert [text for text, message in messages.items() if not all(translations(message))] == []


def test_translations_have_the_same_places(catalogue):
    different = []
    for message in catalogue:
        if isinstance(message.id, str):
            is_different = set(PLACE.findall(message.string)) != set(PLACE.findall(message.id))
        else:  # one of a thing may do without its number
            one, many = (set(PLACE.findall(text)) for text in translations(message))
            wanted = {place for original in message.id for place in PLACE.findall(original)}
            is_different = many != wanted or not wanted - {"%(num)s"} <= one <= wanted
        different += [message.id] if message.id and is_different else []

    assert different == []


def test_the_catalogue_holds_no_text_that_is_not_used_any_more(catalogue):
    used = {text if isinstance(text, str) else text[0] for text in texts()}
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogue if message.id}

    assert known - used == set()


def left_german(texts: Iterable[str]) -> list[str]:
    """Those of these texts that hold German words of ours."""
    return sorted({text for text in texts if GERMAN.search(NOT_OURS.sub("", text))})


@on_one_database
@pytest.mark.parametrize("actor", [STRANGER, PARTICIPANT, OFFICE])
def test_english_pages_hold_no_german(standing, actor):
    visitor = standing.visitor(actor)
    with visitor.session_transaction() as session:
        session["language"] = "en"
    in_their_own_language = MAILS_ALONE | {"demo.mail", "demo.outbox", "newsroom.issue"}
    paths = [
        case.path(standing)
        for case in READING
        if case.answers[actor] != 404 and case.endpoint not in in_their_own_language
    ]
    left = {}
    for path in [*paths, "/gibt-es-nicht/"]:
        answer = visitor.get(path)
        if answer.mimetype != "text/html" or answer.location:
            continue
        page = page_of(answer)
        assert page.html["lang"] == "en"
        for tag in page.select("[lang=de], script, pre, option"):
            tag.decompose()
        attributes = [
            tag.get(name, "")
            for name in ("aria-label", "title", "placeholder", "alt")
            for tag in page.select(f"[{name}]")
        ]
        if german := left_german([*page.stripped_strings, *attributes]):
            left[path] = german

    assert left == {}


def test_english_mails_hold_no_german(house):
    database.session.execute(update(Person).values(language="en").execution_options(synchronize_session=False))
    database.session.commit()
    database.session.expire_all()
    to_known = [mail for mail in every_kind_of_mail(house.world, NOON) if mail.kind not in TO_STRANGERS]
    forms = [mail.form for mail in to_known]

    left = {}
    for form in forms:
        if german := left_german([form.subject, form.text, *BeautifulSoup(form.html, "html.parser").stripped_strings]):
            left[form.subject] = german

    assert {form.language for form in forms} == {"en"}
    assert left == {}
