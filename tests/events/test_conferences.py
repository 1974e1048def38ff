"""Rooms at a BigBlueButton: made when needed, entered under a name, ended; and a server that fails in every way."""

import threading
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask_babel import Babel

from nextevents.events import conferences
from nextevents.events.conferences import BigBlueButton, Room, new_key, read_answer
from nextevents.events.errors import RoomUnavailable
from tests.services.bigbluebutton import FAULTS, SECRET, Server

ROOM = Room("4f1d", "Bots & Ämter: was tun?", "https://termine.next.example/veranstaltungen/bots/")


@pytest.fixture
def app():
    """Something to log to; rooms need no database."""
    application = Flask("rooms")
    Babel(application, default_locale="de")
    return application


@pytest.fixture
def server():
    with Server() as running:
        yield running


@pytest.fixture
def bbb(app, server):
    """The product's side of it."""
    with app.app_context():
        yield BigBlueButton(server.url, SECRET)


def test_the_first_person_makes_the_room_and_everybody_gets_in_by_their_name(bbb, server):
    guest = server.enter(bbb.way_in(ROOM, "Ada & Bo, Änderungsstelle", is_moderator=False))
    lead = server.enter(bbb.way_in(ROOM, "Lea", is_moderator=True))

    assert (guest, lead) == (("Ada & Bo, Änderungsstelle", "VIEWER"), ("Lea", "MODERATOR"))
    assert [call for call, _parameters in server.asked] == ["create"]


def test_nothing_is_recorded_and_no_name_is_told_but_that_of_whoever_enters(bbb, server):
    way = bbb.way_in(ROOM, "Ada", is_moderator=False)

    ((_call, asked),) = server.asked
    assert {name: asked[name] for name in ("record", "autoStartRecording", "allowStartStopRecording")} == {
        "record": "false",
        "autoStartRecording": "false",
        "allowStartStopRecording": "false",
    }
    assert (asked["name"], asked["meetingID"], asked["logoutURL"]) == (ROOM.title, ROOM.key, ROOM.leads_back_to)
    assert "Ada" not in str(server.asked)
    assert SECRET not in way + str(server.asked)
    assert set(parse_qs(urlsplit(way).query)) == {
        "fullName",
        "meetingID",
        "role",
        "password",
        "redirect",
        "errorRedirectUrl",
        "checksum",
    }


def test_asking_for_a_room_that_is_there_is_harmless_for_other_processes_and_after_a_restart(app, bbb, server):
    bbb.way_in(ROOM, "Ada", is_moderator=False)
    other = BigBlueButton(server.url.rstrip("/") + "/api", SECRET)

    with app.app_context():
        assert server.enter(other.way_in(ROOM, "Bo", is_moderator=False)) == ("Bo", "VIEWER")
    assert len(server.meetings) == 1


def test_whoever_changes_an_address_does_not_become_moderator(bbb, server):
    way = bbb.way_in(ROOM, "Ada", is_moderator=False)

    assert server.enter(way.replace("role=VIEWER", "role=MODERATOR")) is None
    assert server.enter(way)


def test_a_room_runs_while_somebody_is_in_it_and_is_ended_for_all(bbb, server):
    way = bbb.way_in(ROOM, "Ada", is_moderator=False)
    assert not bbb.is_running(ROOM.key)
    server.enter(way)
    assert bbb.is_running(ROOM.key)

    bbb.end(ROOM.key)
    bbb.end(ROOM.key)

    assert not bbb.is_running(ROOM.key)
    assert server.enter(bbb.way_in(ROOM, "Bo", is_moderator=False)), "a room that was ended is made anew"


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_answer_is_a_refusal(bbb, server, fault):
    server.fault = fault

    with pytest.raises(RoomUnavailable):
        bbb.way_in(ROOM, "Ada", is_moderator=False)
    with pytest.raises(RoomUnavailable):
        bbb.is_running(ROOM.key)

    server.fault = ""
    assert server.enter(bbb.way_in(ROOM, "Ada", is_moderator=False)), "and what failed is tried again"


@pytest.mark.parametrize("fault", ["hang", "drip", "hang up"])
def test_nobody_waits_long_for_a_server_that_does_not_answer(bbb, server, fault, monkeypatch):
    monkeypatch.setattr(conferences, "PATIENCE", 0.5)
    server.fault, began = fault, time.perf_counter()

    with pytest.raises(RoomUnavailable):
        bbb.is_running(ROOM.key)

    assert time.perf_counter() - began < 3


def test_a_server_that_is_not_there_is_a_refusal(app):
    with app.app_context(), pytest.raises(RoomUnavailable):
        BigBlueButton("http://127.0.0.1:9/bigbluebutton/", SECRET).is_running(ROOM.key)


def test_another_secret_is_a_refusal(app, server):
    with app.app_context(), pytest.raises(RoomUnavailable):
        BigBlueButton(server.url, "another secret").way_in(ROOM, "Ada", is_moderator=False)
    assert server.meetings == {}


def test_only_two_ask_at_a_time_and_the_others_are_told_to_come_again(app, bbb, server, monkeypatch):
    monkeypatch.setattr(conferences, "PATIENCE", 4.0)
    server.fault = "hang"
    refused = []

    def ask():
        began = time.perf_counter()
        with app.app_context(), pytest.raises(RoomUnavailable):
            bbb.is_running(ROOM.key)
        refused.append(time.perf_counter() - began)

    people = [threading.Thread(target=ask) for _ in range(8)]
    for one in people:
        one.start()
    for one in people:
        one.join()

    assert sum(waited > 3 for waited in refused) == conferences.AT_ONCE
    assert sum(waited < 3 for waited in refused) == 8 - conferences.AT_ONCE


def test_an_answer_is_read_as_the_texts_of_its_children():
    body = (
        b"<response><returncode>SUC</returncode>\n<a><b>deep</b></a><message>Caf\xc3\xa9 &amp; Tee</message></response>"
    )

    assert read_answer(body) == {"returncode": "SUC", "message": "Café & Tee"}


def test_keys_are_never_alike():
    assert len({new_key() for _ in range(1000)}) == 1000
