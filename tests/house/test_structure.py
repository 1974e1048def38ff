"""Laws that keep the parts together: bells and listeners, settings and their documents, templates, migrations."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from bs4 import BeautifulSoup
from sqlalchemy import Connection, func, inspect, select

from nextevents import settings as settings_module
from nextevents.communities.messages import MINE
from nextevents.events import messages
from nextevents.events.messages import REGISTRATION, TRANSFER
from nextevents.events.messages_to_circles import CALL
from nextevents.events.messages_to_many import INVITATION
from nextevents.events.messages_to_voters import POLL, VOTER
from nextevents.events.models import Event
from nextevents.ground.database import db as database
from nextevents.ground.queue import chores
from nextevents.mailing.services import post
from nextevents.mailing.tasks import deliver_due
from nextevents.people.models import FEED, Person, Purpose
from tests.factories import NOON, make_event, make_person, make_registration
from tests.house.listening import statements
from tests.house.walks import on_one_database, walk
from tests.house.world import LEAD, OFFICE, PARTICIPANT, STRANGER, House

ROOT = Path(settings_module.__file__).parent
OPERATING = ROOT.parent / "docs" / "operating.md"
#: The only code that may declare text to be markup.
MAKERS_OF_MARKUP = {"ground/markdown.py", "ground/rendered.py", "ground/structured.py", "mailing/messages.py"}


def sources(pattern: str = "*.py") -> Iterator[tuple[str, str]]:
    """The files of the package, by their path within it."""
    for path in sorted(ROOT.rglob(pattern)):
        if "static" not in path.parts:
            yield path.relative_to(ROOT).as_posix(), path.read_text()


def templates() -> Iterator[tuple[str, str]]:
    """All templates, comments taken out."""
    for kind in ("*.html", "*.txt"):
        for name, text in sources(kind):
            if "templates/" in name:
                yield name, re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)


def found_in(files: Iterator[tuple[str, str]], pattern: str) -> list[tuple[str, str]]:
    """Where a pattern stands."""
    return [(name, found) for name, text in files for found in re.findall(pattern, text)]


# ── Bells ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def names_rung() -> set[str]:
    """The names of the tasks that any code rings for."""
    rung = set()
    for name, text in sources():
        for call in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "ring":
                module = import_module("nextevents." + name.removesuffix(".py").replace("/", "."))
                rung.add(eval(ast.unparse(call.args[0]), vars(module)))  # noqa: S307 - our own source
    return rung


def open_every_door_for_tasks() -> None:
    for path in ROOT.glob("*/tasks.py"):
        import_module(f"nextevents.{path.parent.name}.tasks")


@on_one_database
def test_every_bell_has_a_listener(standing):
    open_every_door_for_tasks()
    celery = standing.with_demo.extensions["celery"]
    celery.finalize()

    rung = names_rung()
    assert len(rung) > 5
    assert rung <= set(celery.tasks)


def test_the_worker_opens_every_room_s_door_for_tasks():
    rooms = {path.parent.name for path in ROOT.glob("*/tasks.py")}
    tree = ast.parse((ROOT / "worker.py").read_text())
    imported = {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and any(alias.name == "tasks" for alias in node.names)
    }

    assert imported == rooms


def test_every_chore_comes_round_within_the_hour():
    open_every_door_for_tasks()

    assert {chore.name.rpartition(".")[2] for chore in chores} >= {"look_for_due", "pass_on_seats", "remind", "forget"}
    assert [chore.name for chore in chores if not 0 < chore.every <= 3600] == []


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def environment_names() -> set[str]:
    """Every name that any code reads from the environment."""
    read = r"environ(?:ment)?(?:\.get)?[(\[]\s*[\"']([A-Z_]+)[\"']"
    return {found for _, text in sources() for found in re.findall(read, text)}


def test_every_setting_is_documented_for_operators():
    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", OPERATING.read_text()))

    assert environment_names() >= {"DATABASE_URL", "SECRET_KEY", "WEB_CONCURRENCY"}
    assert environment_names() - documented == set()


def test_every_setting_says_its_environment_name_where_it_is_declared():
    text = (ROOT / "settings.py").read_text()
    declared = set(re.findall(r"#: ([A-Z_]+): ", text))

    assert declared <= environment_names()
    assert len(declared) == len(settings_module.Settings.__dataclass_fields__)


# ── Tokens ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_links_for_different_things_are_made_for_different_purposes():
    purposes = [
        FEED,
        REGISTRATION,
        TRANSFER,
        INVITATION,
        POLL,
        VOTER,
        MINE,
        CALL,
        *(purpose.value for purpose in Purpose),
    ]

    assert len(set(purposes)) == len(purposes)


# ── Templates ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_templates_hold_nothing_inline_that_the_policy_would_have_to_allow():
    pages = [(name, text) for name, text in templates() if "/messages/" not in name and "templates/mail/" not in name]

    assert found_in(iter(pages), r"\sstyle\s*=") == []
    assert found_in(iter(pages), r"\son[a-z]+\s*=\s*[\"']") == []
    assert found_in(iter(pages), r"hx-on|javascript:|<style") == []
    scripts = {tag for _, tag in found_in(iter(pages), r"<script[^>]*>")}
    ours = {f"<script src=\"{{{{ asset('{name}') }}}}\" defer>" for name in ("check_in.js", "site.js")}
    assert scripts == {'<script type="application/ld+json">', *ours}


def test_mails_hold_no_scripts_and_load_nothing():
    mails = [(name, text) for name, text in templates() if "/messages/" in name or "templates/mail/" in name]

    assert len(mails) > 20
    assert found_in(iter(mails), r"<script|<link|<img|<form|@import|url\(|\son[a-z]+\s*=\s*[\"']") == []


def test_only_the_components_know_the_classes_of_the_design_system():
    others = [
        (name, text) for name, text in templates() if not name.startswith(("templates/ui/", "templates/base.html"))
    ]

    assert found_in(iter(others), r"kern-[\w-]+") == []


def test_the_parts_of_the_design_system_that_are_not_ours_to_use_are_not_used():
    styles = ((path.name, path.read_text()) for path in (ROOT / "static").glob("*.css"))

    assert found_in(templates(), r"kern-kopfzeile|kern-dropdown") == []
    assert found_in(styles, r"kern-kopfzeile|kern-dropdown") == []


def test_no_text_is_declared_to_be_markup_but_where_it_is_reviewed():
    assert found_in(templates(), r"\|\s*safe\b|autoescape\s+false") == []
    assert {name for name, _ in found_in(sources(), r"\bMarkup\(")} == MAKERS_OF_MARKUP


@on_one_database
@pytest.mark.parametrize("actor", [STRANGER, PARTICIPANT, LEAD, OFFICE])
def test_pages_hold_nothing_inline_load_nothing_from_elsewhere_and_name_the_duties(standing, actor):
    duties = {"/impressum/", "/datenschutz/", "/barrierefreiheit/", "/barrierefreiheit/#melden"}
    wrong = []
    for case, page in walk(standing, actor).pages():
        wrong += [(str(case), what) for what in inline_in(page)]
        loaded = [tag.get("src") or tag.get("href") for tag in page.select("[src], link[href]:not([rel=canonical])")]
        wrong += [(str(case), address) for address in loaded if not address.startswith("/")]
        missing = duties - {link.get("href") for link in page.select("footer a")}
        wrong += [(str(case), missing)] if missing else []

    assert wrong == []


def inline_in(page: BeautifulSoup) -> Iterator[tuple[str, list[str]]]:
    """Scripts, styles and handlers that stand in the page itself, whatever wrote them."""
    for tag in page.select("*"):
        handlers = [name for name in tag.attrs if name == "style" or name.startswith(("on", "hx-on"))]
        is_inline = tag.name == "style" or (
            tag.name == "script" and not tag.get("src") and tag.get("type") != "application/ld+json"
        )
        if handlers or is_inline:
            yield tag.name, handlers


# ── Migrations ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_migrations_have_one_line_of_descent():
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    scripts = ScriptDirectory.from_config(config)

    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1
    assert all(not isinstance(revision.down_revision, tuple) for revision in scripts.walk_revisions())


@pytest.mark.filterwarnings("ignore:.*expression-based index")  # none of SQLite's can be compared
def test_the_migrated_database_is_what_the_models_say(standing):
    with standing.with_demo.app_context(), database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_compared})
        assert compare_metadata(context, database.metadata) == []


def test_the_migrated_database_keeps_the_references_that_the_models_say(standing):
    with standing.with_demo.app_context(), database.engine.connect() as connection:
        assert references_kept(connection) == references_declared()


def is_compared(_thing: object, _name: str | None, kind: str, *_others: object) -> bool:
    """All but references, which are compared on their own.

    SQLAlchemy takes what becomes of the row (ON DELETE) from SQLite's text of a table, and there finds only FOREIGN KEY
    clauses. ALTER TABLE can add a reference to SQLite's tables only as part of its column.
    """
    return kind != "foreign_key_constraint"


#: Table, column, the table and column it refers to, and what becomes of the row when that goes.
Reference = tuple[str, str, str, str, str]


def references_declared() -> set[Reference]:
    """Those of the models."""
    return {
        (table.name, key.parent.name, key.column.table.name, key.column.name, key.ondelete or "NO ACTION")
        for table in database.metadata.tables.values()
        for key in table.foreign_keys
    }


def references_kept(connection: Connection) -> set[Reference]:
    """Those that the database holds to."""
    if connection.dialect.name == "sqlite":
        asked = (
            'SELECT tables.name, "from", "table", "to", on_delete FROM sqlite_schema AS tables,'
            " pragma_foreign_key_list(tables.name) WHERE tables.type = 'table'"
        )
        return {tuple(row) for row in connection.exec_driver_sql(asked)}
    inspector = inspect(connection)
    return {
        (table, column, key["referred_table"], referred, key["options"].get("ondelete", "NO ACTION"))
        for table in inspector.get_table_names()
        for key in inspector.get_foreign_keys(table)
        for column, referred in zip(key["constrained_columns"], key["referred_columns"], strict=True)
    }


# ── Queries ──────────────────────────────────────────────────────────────────────────────────────────────────────────

LISTS = {
    "events": (STRANGER, "/veranstaltungen/"),
    "month": (STRANGER, "/veranstaltungen/?ansicht=monat&monat=2027-03"),
    "community": (STRANGER, "/communities/chatbot-community/"),
    "community feed": (STRANGER, "/communities/chatbot-community/kalender.ics"),
    "account": (LEAD, "/konto/"),
    "events of the office": (OFFICE, "/buero/veranstaltungen/"),
    "own events": (LEAD, "/verwalten/"),
    "participants": (OFFICE, "/veranstaltungen/vor-ort/verwalten/teilnehmende/"),
    "unknown domains": (OFFICE, "/buero/domains/"),
    "outbox": (OFFICE, "/buero/postausgang/"),
    "outbox of the demo": (STRANGER, "/demo/postausgang/"),
}


def test_a_list_asks_the_database_as_often_for_thirty_rows_as_for_one(house):
    add_rows(house, 1)
    short = {name: asked_by(house, *of) for name, of in LISTS.items()}
    add_rows(house, 29)
    long = {name: asked_by(house, *of) for name, of in LISTS.items()}

    assert {name: asked for name, (asked, _) in long.items()} == {name: asked for name, (asked, _) in short.items()}
    more = {name: rows_in(page) - rows_in(short[name][1]) for name, (_, page) in long.items()}
    assert more == dict.fromkeys(LISTS, 29)


def rows_in(page: str) -> int:
    """How many entries a page or file has."""
    return len(
        re.findall(r'<li class="agenda-row|class="month-entry|<tr class="kern-table__row|<form|BEGIN:VEVENT', page)
    )


def asked_by(house: House, actor: str, path: str) -> tuple[list[str], str]:
    """What a page asks the database, and the page."""
    house.forget()
    visitor = house.visitor(actor)
    with statements() as heard:
        answer = visitor.get(path)
    assert answer.status_code == 200
    return [without_values(statement) for statement in heard], answer.text


def without_values(statement: str) -> str:
    """The statement without its places for values, however many."""
    return re.sub(r"\((\?(, )?)+\)", "(…)", re.sub(r"%\(\w+\)s(::[A-Z]+)?", "?", statement))


def add_rows(house: House, count: int) -> None:
    """More events of a community, each attended by one new person and the lead, and their mails."""
    community = database.session.scalars(select(Event).where(Event.slug == "voll")).one().communities[0]
    lead = database.session.get_one(Person, house.world.people[LEAD])
    place = database.session.scalars(select(Event).where(Event.slug == "vor-ort")).one()
    for _ in range(count):
        event = make_event(
            title=f"Treffen {database.session.scalar(select(func.count(Event.id)))}",
            starts=(NOON + timedelta(days=105)).replace(tzinfo=None),
            communities=(community,),
        )
        newcomer = make_person(f"person@amt-{event.id}.example")
        newcomer.organisation_name = f"Amt {event.id}"
        post(messages.registered(make_registration(event, lead), at=NOON), at=NOON)
        make_registration(place, newcomer)
    database.session.commit()
    house.in_app(deliver_due.run)
    database.session.expire_all()
