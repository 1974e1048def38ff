"""The terminal's door."""

import re
import socket
import stat
import sys
from collections import Counter
from importlib import resources

import dkim
import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from nextevents import commands
from nextevents.communities.models import Community, Lead
from nextevents.demo.personas import PERSONAS
from nextevents.events.models import Event, Registration, Stage, State
from nextevents.mailing.models import Message
from nextevents.mailing.signing import Signer
from nextevents.people import queries as people
from nextevents.people.models import Organisation, Person
from tests.factories import make_community, make_person
from tests.house.visitors import page_of

REPORT = resources.files("nextevents.demo").joinpath("content", "events-2022.csv")
HEADER = "Nr;Datum;Event;Format / Projekt;Ort\n"


@pytest.fixture
def say(app, db):
    """Types a command, on the test's database."""
    db.commit()
    runner: FlaskCliRunner = app.test_cli_runner()
    return lambda *words: runner.invoke(commands.main, [str(word) for word in words])


def count(db, model):
    return db.scalar(select(func.count()).select_from(model))


# import-events


def test_the_report_of_2022_is_brought_in_and_told_row_by_row(say, db):
    first, second = say("import-events", REPORT), say("import-events", REPORT)
    lines = first.output.splitlines()

    assert (first.exit_code, second.exit_code, count(db, Event)) == (0, 0, 31)
    assert (lines[0], lines[-1]) == (
        "Zeile 2: angelegt: NExTcommunity Machine Learning & KI",
        "31 angelegt, 0 schon da, 0 nicht lesbar",
    )
    assert second.output.splitlines()[-1] == "0 angelegt, 31 schon da, 0 nicht lesbar"


def test_a_row_that_cannot_be_read_is_told_and_the_rest_is_brought_in(say, db, tmp_path):
    table = tmp_path / "events.csv"
    table.write_bytes(
        f"{HEADER}1;31.02.22;Unmöglich;NExTcommunity;virtuell\n2;01.03.22;Möglich;NExTcommunity;virtuell\n".encode(
            "cp1252"
        )
    )

    said = say("import-events", table)

    assert said.exit_code == 1
    assert said.output.splitlines() == [
        "Zeile 2: nicht lesbar: Unmöglich (Den Tag „31.02.22“ gibt es nicht.)",
        "Zeile 3: angelegt: Möglich",
        "1 angelegt, 0 schon da, 1 nicht lesbar",
    ]
    assert db.scalars(select(Event.title)).all() == ["Möglich"]


@pytest.mark.parametrize("path", ["missing.csv", ""])
def test_a_file_that_is_not_there_is_said(say, tmp_path, path):
    assert say("import-events", tmp_path / path).exit_code == 2


# create-office


def test_an_address_becomes_one_of_the_office(say, db):
    said = say("create-office", " Jona@Next-Verein.example ")

    person = people.person_with_key("jona@next-verein.example")
    assert (said.exit_code, said.output) == (0, "Jona@next-verein.example gehört jetzt zur Geschäftsstelle.\n")
    assert (person.is_office, person.proved_at is not None) == (True, True)
    assert count(db, Person) == 1


def test_somebody_known_keeps_the_name_and_saying_it_twice_is_harmless(say, db):
    make_person("ada@stadt.example", name="Ada")
    db.commit()

    assert [say("create-office", "ADA@stadt.example").exit_code for _ in range(2)] == [0, 0]

    (person,) = db.scalars(select(Person))
    assert (person.name, person.is_office) == ("Ada", True)


@pytest.mark.parametrize("typed", ["ada", "", "termine@next.example", "a@b.example,c@d.example"])
def test_what_is_no_address_makes_nobody(say, db, typed):
    said = say("create-office", typed)

    assert (said.exit_code, count(db, Person)) == (1, 0)
    assert said.output.startswith(
        "Error: Das" if "next" not in typed else "Error: Diese Adresse gehört zu dieser Seite."
    )


# demo


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)  # browsers see it on both
def test_the_demo_fills_an_empty_database_with_a_world_in_which_everything_fits(say, db, client):
    said = say("demo")
    assert (said.exit_code, said.output) == (0, "Die Vorführdaten sind geladen.\n")
    db.expire_all()

    stages = Counter(db.scalars(select(Event.stage)))
    assert (stages[Stage.CANCELLED], stages[Stage.DRAFT], stages[Stage.PUBLISHED] > 60) == (1, 0, True)
    assert (count(db, Community), count(db, Organisation) >= 60, count(db, Person) >= 400) == (18, True, True)
    assert (count(db, Lead), count(db, Message)) == (1, 0)
    assert [people.person_with_key(one.email) is not None for one in PERSONAS] == 3 * [True]

    seats = db.execute(
        select(Event.id, Event.seats_taken, Event.capacity, func.count(Registration.id).filter(Registration.has_seat))
        .outerjoin(Registration, Registration.event_id == Event.id)
        .group_by(Event.id)
    ).all()
    assert [row for row in seats if row[1] != row[3]] == []
    waiting = db.scalars(select(Registration).where(Registration.state == State.WAITING)).all()
    assert waiting
    assert [one for one in waiting if one.event.seats_free != 0] == []
    for path in ("/", "/veranstaltungen/", "/veranstaltungen/?jahr=2022", "/communities/", "/kalender.ics"):
        assert client.get(path).status_code == 200
    assert len(page_of(client.get("/")).find_all(class_="agenda-row")) == 6


def test_a_database_in_which_there_is_something_already_is_left_alone(say, db):
    make_community("chatbot-community")
    db.commit()

    said = say("demo")

    assert (said.exit_code, said.output) == (1, "Error: Die Datenbank ist nicht leer.\n")
    assert (count(db, Community), count(db, Event), count(db, Person)) == (1, 0, 0)


# dkim-key


def test_a_key_is_made_for_its_owner_only_and_what_is_printed_verifies_what_it_signs(app, say, tmp_path, monkeypatch):
    folder = tmp_path / "dkim"
    monkeypatch.setitem(app.config, "DKIM_KEYS", folder)

    said = say("dkim-key", "next.example", "--selector", "s1")

    (file,) = folder.iterdir()
    assert (said.exit_code, str(file) in said.output) == (0, True)
    assert (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(file.stat().st_mode)) == (0o700, 0o600)
    name, pieces = re.search(r"^(\S+) TXT \( (.+) \)$", said.output, re.MULTILINE).groups()
    published = {name.encode(): "".join(re.findall(r'"([^"]{1,255})"', pieces)).encode()}
    mail = Signer(folder).signed(b"From: a@next.example\r\nSubject: x\r\n\r\nHallo\r\n", "next.example")
    assert dkim.verify(mail, dnsfunc=lambda asked, **_: published.get(asked))
    assert not dkim.verify(mail.replace(b"Hallo", b"Holla"), dnsfunc=lambda asked, **_: published.get(asked))


def test_a_key_that_is_there_is_not_overwritten_and_a_second_one_has_another_name(app, say, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "DKIM_KEYS", tmp_path)
    say("dkim-key", "next.example")
    (first,) = tmp_path.iterdir()
    content = first.read_bytes()

    again, other = say("dkim-key", "next.example"), say("dkim-key", "next.example", "--selector", "s2")

    assert (again.exit_code, "gibt es schon" in again.output, first.read_bytes()) == (1, True, content)
    assert (other.exit_code, len(list(tmp_path.iterdir()))) == (0, 2)
    assert say("dkim-key", "../x").exit_code == say("dkim-key", "next.example", "--selector", "a/b").exit_code == 1


# Others


def test_every_command_explains_itself(say):
    listed = say("--help")
    names = [line.split()[0] for line in listed.output.partition("Commands:")[2].strip().splitlines()]

    assert {"upgrade", "demo", "import-events", "create-office", "web", "worker", "run"} <= set(names)
    assert [name for name in names if say(name, "--help").exit_code] == []


def test_web_and_worker_are_programs_of_this_python(monkeypatch):
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("WEB_CONCURRENCY", "3")

    web, worker = commands._web_command(), commands._worker_command()  # noqa: SLF001 - what exec() is given

    assert web[:3] == [sys.executable, "-m", "gunicorn"]
    assert web[web.index("--bind") + 1] == "127.0.0.1:9000"
    assert web[web.index("--workers") + 1] == "3"
    assert worker[:3] == [sys.executable, "-m", "celery"]


def test_mail_comes_in_through_a_program_of_this_python_too():
    assert commands._mail_in_command() == [sys.executable, "-m", "nextevents.commands", "mail-in"]  # noqa: SLF001 - as above


def test_the_door_for_mail_takes_another_port_if_somebody_has_its_own():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = f"127.0.0.1:{other.getsockname()[1]}"

        given = commands._free_address(taken)  # noqa: SLF001 - what `run` tells it

    assert given.startswith("127.0.0.1:")
    assert given != taken
    assert commands._free_address(taken) == taken  # noqa: SLF001 - now it is free
