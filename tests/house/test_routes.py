"""Who may use what: every route, every kind of visitor, every class of object."""

import re
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from http import HTTPStatus

import pytest
from flask import Blueprint, Flask, abort
from sqlalchemy import delete, select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from nextevents import app as application
from nextevents.app import create_app
from nextevents.communities.models import Lead
from nextevents.desk.blueprint import host_in_turn, leads, leads_of_circle, organisers
from nextevents.events.messages import REGISTRATION, TRANSFER
from nextevents.events.messages_to_many import INVITATION
from nextevents.events.messages_to_voters import POLL, VOTER
from nextevents.events.models import Event
from nextevents.ground import clock
from nextevents.ground.database import db as database
from nextevents.ground.database import transaction
from nextevents.ground.web import UndeclaredRouteError, audience_of, everyone, office, signed_in
from nextevents.mailing.showing import SHUT_IN
from nextevents.newsroom.blueprint import keepers_of_post, writers, writers_of_campaign
from nextevents.people.models import FEED, BrowserSession, Feed, Person, Purpose
from nextevents.people.services import begin_session
from tests.conftest import settings_for
from tests.factories import NOON
from tests.house.listening import changes, statements
from tests.house.matrix import MAILS_ALONE, NUMBERED, READING, WRITING
from tests.house.visitors import Visitor, bare
from tests.house.walks import each_actor_somewhere, on_one_database, walk
from tests.house.world import (
    ACTORS,
    LEAD,
    NEIGHBOUR,
    NO_SUCH_NUMBER,
    OFFICE,
    OTHER,
    PARTICIPANT,
    STRANGER,
    House,
)

SAFE = {"GET", "HEAD", "OPTIONS"}
EVIL = "https://evil.example"

#: What a browser is told with every answer, and why nothing inline can run.
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "script-src": "'self'",
    "style-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}

#: Doors to what people have uploaded.
FILES = (
    "communities.document_file",
    "desk.answer_file",
    "desk.material_file",
    "events.material",
    "events.own_material",
    "newsroom.post_file",
    "site.publication_file",
)


def test_every_route_says_who_may_use_it(standing):
    known = {everyone, signed_in, office, organisers, leads, leads_of_circle}
    known |= {host_in_turn, keepers_of_post, writers, writers_of_campaign}
    for app in standing.apps:
        audiences = {endpoint: audience_of(view) for endpoint, view in app.view_functions.items()}
        assert {endpoint for endpoint, audience in audiences.items() if audience not in known} == set()


def test_every_door_of_the_desk_asks_whether_one_organises_what_is_in_its_path(standing):
    wanted = {
        rule.endpoint: organisers
        for rule in standing.with_demo.url_map.iter_rules()
        if rule.endpoint.startswith("desk.") and rule.rule.startswith("/veranstaltungen/<slug>/verwalten/")
    }
    assert len(wanted) > 60

    assert {endpoint: audience_of(standing.with_demo.view_functions[endpoint]) for endpoint in wanted} == wanted


def test_every_door_of_the_newsroom_asks_whether_one_writes_to_the_list_in_its_path(standing):
    wanted = {
        rule.endpoint: writers_of_campaign
        for rule in standing.with_demo.url_map.iter_rules()
        if rule.rule.startswith("/redaktion/<int:number>/")
    }
    assert len(wanted) > 15

    assert {endpoint: audience_of(standing.with_demo.view_functions[endpoint]) for endpoint in wanted} == wanted


def test_a_route_that_does_not_say_who_may_use_it_keeps_the_application_from_being_built(monkeypatch, tmp_path):
    planted = Blueprint("planted", __name__)
    planted.add_url_rule("/versteckt", "door", lambda: "")
    monkeypatch.setattr(application.office, "bp", planted)

    with pytest.raises(UndeclaredRouteError, match=r"planted\.door"):
        create_app(settings_for(tmp_path, "sqlite://"))


def test_every_route_stands_in_the_matrix(standing):
    routes = {
        (rule.endpoint, method)
        for rule in standing.with_demo.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert {(case.endpoint, case.method) for case in (*READING, *WRITING)} == routes


def test_without_the_demo_none_of_its_routes_exists(standing):
    assert [
        rule for rule in standing.without_demo.url_map.iter_rules() if "demo" in f"{rule.endpoint}{rule.rule}"
    ] == []
    assert standing.without_demo.config["DEMO"] is False
    assert _doors(standing.without_demo) == {
        door: audience for door, audience in _doors(standing.with_demo).items() if not door[1].startswith("demo.")
    }
    standing.forget()  # pages are kept for the process, which elsewhere is one instance
    assert "/demo/" not in standing.visitor(demo=False).get("/").text


def _doors(app):
    return {
        (rule.rule, rule.endpoint): audience_of(app.view_functions[rule.endpoint]) for rule in app.url_map.iter_rules()
    }


@each_actor_somewhere
def test_reading_is_answered_as_the_matrix_says_writes_nothing_and_begins_nothing_that_could_write(standing, actor):
    way = walk(standing, actor)
    wrong = [
        (str(case), case.values(standing), answer.status_code, case.answers[actor])
        for case, answer in way.answers
        if answer.status_code != case.answers[actor]
    ]

    assert wrong == []
    assert any(statement.startswith("SELECT") for statement in way.heard)
    assert changes(way.heard) == []


@pytest.mark.parametrize(("standing", "actor"), [("sqlite", STRANGER), ("postgresql", OFFICE)], indirect=["standing"])
def test_asking_for_the_head_alone_is_answered_as_the_matrix_says_and_writes_nothing(standing, actor):
    way = walk(standing, actor, "HEAD")
    wrong = [
        (str(case), case.values(standing), answer.status_code, case.answers[actor])
        for case, answer in way.answers
        if answer.status_code != case.answers[actor] or answer.data
    ]

    assert wrong == []
    assert changes(way.heard) == []


def test_the_ear_that_hears_no_writing_hears_it_where_there_is_some(standing):
    """The control of the tests above: a form that writes is heard, its beginning too."""
    with statements() as heard, nullcontext(standing.visitor(PARTICIPANT)) as visitor:
        visitor.send("/konto/name", {"name": "Kanarie-Participant", "organisation": "Kanarie-Amt Participant"})
        visitor.send("/konto/kalender")

    verbs = {statement.split(maxsplit=1)[0] for statement in changes(heard)}
    assert {"BEGIN", "INSERT"} <= verbs


@on_one_database
@pytest.mark.parametrize("actor", ACTORS)
def test_without_the_demo_its_doors_are_not_there(standing, actor):
    visitor = standing.visitor(actor, demo=False)
    reading, writing = ([case for case in cases if case.endpoint.startswith("demo.")] for cases in (READING, WRITING))
    assert min(len(reading), len(writing)) > 0

    answers = [visitor.get(case.path(standing)) for case in reading]
    answers += [visitor.send(case.path(standing), case.fields(standing)) for case in writing]
    assert {answer.status_code for answer in answers} == {404}


@each_actor_somewhere
def test_writing_is_answered_as_the_matrix_says(standing, actor):
    wrong = []
    for case in WRITING:
        with standing.undone():
            answer = standing.visitor(actor).send(case.path(standing), case.fields(standing))
        if answer.status_code != case.answers[actor]:
            wrong.append((str(case), case.values(standing), answer.status_code, case.answers[actor]))

    assert wrong == []


@each_actor_somewhere
def test_what_is_not_ones_own_looks_like_what_is_not_there(standing, actor):
    """Same status, same page: nobody learns that there is something."""
    different = []
    for case in (*READING, *WRITING):
        if not case.like or case.opens_for(actor):
            continue
        there, absent = case.path(standing), case.path(standing, **case.like)
        one, other = standing.visitor(actor), standing.visitor(actor)
        if case.method == "GET":
            first, second = one.get(there), other.get(absent)
        else:
            with standing.undone():
                fields = case.fields(standing)
                first, second = one.send(there, fields), other.send(absent, fields)
        if (first.status, bare(first, there), sorted(first.headers.keys())) != (
            second.status,
            bare(second, absent),
            sorted(second.headers.keys()),
        ):
            different.append(str(case))

    assert different == []


@pytest.mark.parametrize("actor", [PARTICIPANT, NEIGHBOUR])
def test_whoever_organises_something_else_or_nothing_sees_no_difference_between_there_and_not(standing, actor):
    visitor = standing.visitor(actor)
    for there, absent in (
        ("/veranstaltungen/offen/verwalten/angaben/", "/veranstaltungen/gibt-es-nicht/verwalten/angaben/"),
        ("/veranstaltungen/offen/verwalten/teilnehmende/", "/veranstaltungen/gibt-es-nicht/verwalten/teilnehmende/"),
        ("/buero/postausgang/", "/buero/gibt-es-nicht/"),
    ):
        first, second = visitor.get(there), visitor.get(absent)
        assert (first.status_code, bare(first, there)) == (second.status_code, bare(second, absent))


def test_a_link_made_for_one_thing_opens_no_other(standing):
    """Each kind of token at each kind of door, all of them with a number that every kind of row has."""
    doors = {
        "events.own_feed": FEED,
        "events.manage": REGISTRATION,
        "events.confirm": Purpose.REGISTRATION,
        "events.invitation": INVITATION,
        "events.transfer": TRANSFER,
        "events.poll": POLL,
        "events.vote": VOTER,
        "people.enter": Purpose.SIGN_IN,
    }
    rows = {
        FEED: 1,
        REGISTRATION: 1,
        INVITATION: 1,
        TRANSFER: 1,
        POLL: 1,
        VOTER: 1,
        Purpose.REGISTRATION: standing.world.proofs[Purpose.REGISTRATION],
    }
    rows[Purpose.SIGN_IN] = standing.world.proofs[Purpose.SIGN_IN]
    visitor = standing.visitor()
    opened = {
        (door, purpose)
        for door in doors
        for purpose in rows
        for number in sorted(set(rows.values()))
        if visitor.get(standing.path(door, token=standing.token(purpose, number))).status_code == 200
    }

    assert opened == set(doors.items())


#: Of each such door the first case, which is the one that it is for.
WITH_NUMBERS = {str(case): case for case in reversed((*READING, *WRITING)) if case.endpoint in NUMBERED}


@pytest.mark.parametrize("case", WITH_NUMBERS.values(), ids=WITH_NUMBERS)
def test_what_hangs_on_another_event_is_answered_like_what_is_not_there_and_stays(house, case):
    """The lead, at the own event's desk, with the number of something at the neighbour's."""
    visitor, slug, part = house.visitor(LEAD), "offen", NUMBERED[case.endpoint]
    values = case.values(house) | {"slug": slug}
    foreign, absent = (
        house.path(case.endpoint, **values | {"number": number})
        for number in (house.world.parts[part, "nebenan"], NO_SUCH_NUMBER)
    )
    fields = case.fields(house)
    with statements() as heard:
        first, second = (
            visitor.get(path) if case.method == "GET" else visitor.send(path, fields) for path in (foreign, absent)
        )

    assert (first.status, bare(first, foreign)) == (second.status, bare(second, absent))
    assert first.status_code >= 300
    assert [statement for statement in changes(heard) if not statement.startswith("BEGIN")] == []


def test_every_door_of_the_desk_with_a_number_is_tried_with_a_foreign_one(standing):
    doors = {
        rule.endpoint
        for rule in standing.with_demo.url_map.iter_rules()
        if rule.rule.startswith("/veranstaltungen/<slug>/verwalten/") and "number" in rule.arguments
    }

    assert doors == set(NUMBERED)


@pytest.mark.parametrize("kind", ["feeds", "sessions"])
def test_numbers_of_others_do_nothing_and_are_answered_like_numbers_that_nobody_has(house, kind):
    paths = {"feeds": "/konto/kalender/{}/widerrufen", "sessions": "/konto/sitzungen/{}/beenden"}
    rows = {"feeds": select(Feed.id), "sessions": select(BrowserSession.id)}[kind].order_by("id")
    before = list(database.session.scalars(rows))
    foreign = house.visitor(PARTICIPANT).send(paths[kind].format(getattr(house.world, kind)[OTHER]))
    absent = house.visitor(PARTICIPANT).send(paths[kind].format(NO_SUCH_NUMBER))

    assert (foreign.status, foreign.location) == (absent.status, absent.location)
    assert list(database.session.scalars(rows)) == before

    own = getattr(house.world, kind)[PARTICIPANT]
    house.visitor(PARTICIPANT).send(paths[kind].format(own))
    assert list(database.session.scalars(rows)) == [number for number in before if number != own]


def test_who_no_longer_leads_the_circle_loses_its_desk_at_once(house):
    visitor = house.visitor(LEAD)
    assert visitor.get("/veranstaltungen/offen/verwalten/").status_code == 200

    database.session.execute(delete(Lead).where(Lead.person_id == house.world.people[LEAD]))
    database.session.commit()

    assert [visitor.get(path).status_code for path in ("/veranstaltungen/offen/verwalten/", "/verwalten/")] == [
        404,
        404,
    ]


def test_a_guest_at_the_desk_runs_that_one_date_and_no_other(house):
    visitor = house.visitor(OTHER)
    assert visitor.get("/verwalten/").status_code == 404

    event = database.session.scalars(select(Event).where(Event.slug == "nebenan")).one()
    event.organisers = [database.session.get_one(Person, house.world.people[OTHER])]
    database.session.commit()

    paths = ("/verwalten/", "/veranstaltungen/nebenan/verwalten/", "/veranstaltungen/offen/verwalten/")
    assert [visitor.get(path).status_code for path in paths] == [200, 200, 404]


def test_who_loses_the_role_of_the_office_loses_its_pages_at_once(house):
    visitor = house.visitor(OFFICE)
    assert visitor.get("/buero/").status_code == 200

    database.session.get_one(Person, house.world.people[OFFICE]).is_office = False
    database.session.commit()

    assert visitor.get("/buero/").status_code == 404


def policy_of(answer) -> dict[str, str]:
    directives = (part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in directives}


#: Forms whose answers here, without a token, are all the same page.
ONE_OF_EACH_ROOM = {case.endpoint.partition(".")[0]: case for case in WRITING}.values()


@on_one_database
def test_every_answer_has_the_security_headers_and_a_policy_without_anything_inline(standing):
    answers = []
    for actor in (STRANGER, OFFICE):
        visitor = standing.visitor(actor)
        answers += [
            (str(case), answer) for case, answer in walk(standing, actor).answers if case.endpoint not in MAILS_ALONE
        ]
        answers += [(str(case), visitor.post(case.path(standing))) for case in ONE_OF_EACH_ROOM]
    visitor = standing.visitor(STRANGER)
    answers += [
        ("no such page", visitor.get("/gibt-es-nicht")),
        ("wrong method", visitor.delete("/")),
        ("wrong host", visitor.get("/", base_url=EVIL)),
        ("too large", visitor.post("/konto/anmelden/", data={"email": "x" * 600_000})),
        (
            "not changed",
            visitor.get("/kalender.ics", headers={"If-None-Match": visitor.get("/kalender.ics").headers["ETag"]}),
        ),
        ("which methods", visitor.options("/")),
    ]
    answers += [(f"static {name}", visitor.get(f"/static/{name}")) for name in sorted(static_files())]
    answers.append(("static absent", visitor.get("/static/gibt-es-nicht.css")))

    lacking = [
        (what, answer.status_code)
        for what, answer in answers
        if {name: answer.headers.get(name) for name in SECURITY_HEADERS} != SECURITY_HEADERS
        or policy_of(answer) != policy_for(what, answer)
        or answer.headers.get("Referrer-Policy") not in {"same-origin", "no-referrer"}
    ]
    assert lacking == []
    assert {answer.status_code for _, answer in answers} == {200, 301, 303, 304, 400, 404, 405, 413, 422}


def policy_for(what: str, answer: TestResponse) -> dict[str, str]:
    """What people have uploaded may do nothing; the door to a video conference leads on to another site."""
    if what in {f"GET {door}" for door in FILES} and answer.headers.get("Content-Disposition", "").startswith("attach"):
        return {"default-src": "'none'", "sandbox": ""}
    return (
        POLICY | {"form-action": "'self' https: http:"}
        if what in {"GET events.joining", "GET events.room"} and answer.status_code == 200
        else POLICY
    )


def static_files() -> list[str]:
    return [path.name for path in application.STATIC.iterdir() if path.suffix not in {".gz", ".br"}]


def test_the_mail_in_its_frame_has_a_stricter_policy_of_its_own(standing):
    answer = standing.visitor().get(f"/demo/postausgang/{standing.world.kept_mail}/html")

    assert answer.headers["Content-Security-Policy"] == SHUT_IN
    assert policy_of(answer) == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "frame-ancestors": "'self'",
        "sandbox": "",
    }
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.fixture(scope="module")
def broken_app(tmp_path_factory) -> Flask:
    """An application with pages that fail in every way."""
    folder = tmp_path_factory.mktemp("broken")
    app = create_app(settings_for(folder, f"sqlite:///{folder / 'broken.db'}"))
    app.test_client_class = Visitor

    def fail(code: int) -> str:
        if code == HTTPStatus.INTERNAL_SERVER_ERROR:
            raise RuntimeError("Kanarie-Fehler")
        if code == HTTPStatus.SERVICE_UNAVAILABLE:
            raise OperationalError("SELECT Kanarie-Fehler", {}, Exception("Kanarie-Fehler"))
        return abort(code)

    app.add_url_rule("/kaputt/<int:code>", "broken", fail)
    return app


@pytest.mark.parametrize("code", [400, 403, 404, 405, 413, 415, 429, 500, 503])
def test_an_error_has_the_security_headers_and_a_page_that_tells_nothing_of_the_inside(broken_app, code):
    answer = broken_app.test_client().get(f"/kaputt/{code}")

    assert answer.status_code == code
    assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert policy_of(answer) == POLICY
    assert re.findall(r"Kanarie|Traceback|Error\b|SELECT|sqlalchemy", answer.text) == []
    assert "<h1>" in answer.text


FOREIGN = {
    "no token": ({}, {}),
    "a token of another browser": ({"csrf_token": "foreign"}, {}),
    "a token that was altered": ({"csrf_token": "altered"}, {}),
    "another origin": ({"csrf_token": "own"}, {"Origin": EVIL}),
    "an origin that is none": ({"csrf_token": "own"}, {"Origin": "http://["}),
    "another port": ({"csrf_token": "own"}, {"Origin": "http://localhost:81"}),
    "another site by the browser's word": ({"csrf_token": "own"}, {"Sec-Fetch-Site": "cross-site"}),
    "a sister site": ({"csrf_token": "own"}, {"Sec-Fetch-Site": "same-site"}),
}


EVERYWHERE = ("no token", "another origin")


def foreign_to(door: int) -> list[str]:
    """How a door is tried: without what each of the two guards asks for, and in one of the other ways, in turn."""
    others = [what for what in FOREIGN if what not in EVERYWHERE]
    return [*EVERYWHERE, others[door % len(others)]]


#: Mail programs press this one for their readers, with a signed token in its path and nothing else (RFC 8058, A-10).
TAKEN_FROM_ELSEWHERE = {"lists.leave_at_once"}


@on_one_database
@pytest.mark.parametrize("actor", [STRANGER, OFFICE])
def test_a_form_from_elsewhere_is_refused_everywhere(standing, actor):
    visitor = standing.visitor(actor)
    own = visitor.form_token()
    tokens = {"own": own, "foreign": standing.visitor(actor).form_token(), "altered": own[:-4] + "AAAA"}
    wrong = []
    with statements() as heard:
        for door, case in enumerate(case for case in WRITING if case.endpoint not in TAKEN_FROM_ELSEWHERE):
            for what in foreign_to(door):
                fields, headers = FOREIGN[what]
                data = case.fields(standing) | {name: tokens[value] for name, value in fields.items()}
                answer = visitor.post(case.path(standing), data=data, headers=headers)
                if answer.status_code != 400:
                    wrong.append((str(case), what, answer.status_code))

    assert wrong == []
    assert [
        statement for statement in changes(heard) if statement != "BEGIN" and "BEGIN IMMEDIATE" not in statement
    ] == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_our_own_form_is_taken_by_field_and_by_header(standing, headers):
    visitor = standing.visitor()
    token = visitor.form_token()

    by_field = visitor.post("/anmeldung/organisation", data={"csrf_token": token}, headers=headers)
    by_header = visitor.post("/anmeldung/organisation", data={}, headers={**headers, "X-CSRFToken": token})

    assert (by_field.status_code, by_header.status_code) == (200, 200)


def test_a_stale_form_shows_again_what_was_typed_but_not_to_another_site(standing):
    visitor = standing.visitor()
    typed = {"csrf_token": "stale", "name": "Ada <b>", "email": "ada@stadt.example"}

    own = visitor.post("/veranstaltungen/offen/anmeldung", data=typed)
    foreign = visitor.post("/veranstaltungen/offen/anmeldung", data=typed, headers={"Origin": EVIL})

    assert (own.status_code, foreign.status_code) == (400, 400)
    assert 'name="email" value="ada@stadt.example"' in own.text
    assert "Ada &lt;b&gt;" in own.text
    assert "ada@stadt.example" not in foreign.text


@pytest.fixture
def https_app(standing: House, tmp_path) -> Iterator[Flask]:
    """The application as it runs behind TLS, on the same database."""
    url = standing.with_demo.config["SQLALCHEMY_DATABASE_URI"]
    app = create_app(settings_for(tmp_path, url, base_url="https://termine.example", demo=False))
    app.testing = True
    app.test_client_class = Visitor
    yield app
    with app.app_context():
        database.engine.dispose()


def test_the_cookie_is_bound_to_this_host_and_to_tls_and_out_of_reach_of_scripts(https_app):
    visitor = https_app.test_client()
    cookies = visitor.get("/", base_url="https://termine.example").headers.getlist("Set-Cookie")

    assert len(cookies) == 1
    name, *attributes = re.split(r"; ", cookies[0])
    assert name.startswith("__Host-next=")
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]


def test_behind_tls_every_answer_asks_for_tls_for_ever(https_app):
    visitor = https_app.test_client()
    told = {}
    for path in ("/", "/gibt-es-nicht", "/kalender.ics", "/konto/", "/static/manifest.json"):
        with visitor.get(path, base_url="https://termine.example") as answer:
            told[path] = answer.headers.get("Strict-Transport-Security")

    assert set(told.values()) == {"max-age=31536000; includeSubDomains"}, told


def test_the_cookie_tells_nothing_about_the_person(standing):
    visitor = standing.visitor(PARTICIPANT)
    visitor.get("/konto/")
    with visitor.session_transaction() as session:
        assert set(session) <= {"_user_id", "_fresh", "_permanent", "seen", "csrf_token"}


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/konto/").status_code == 200


def twin_of(visitor: Visitor, house: House) -> Visitor:
    """Another browser with a copy of the cookie."""
    twin = house.visitor()
    twin.set_cookie("next", visitor.get_cookie("next").value)
    return twin


def test_a_copied_cookie_is_dead_after_signing_out(house):
    visitor = house.visitor(PARTICIPANT)
    twin = twin_of(visitor, house)
    assert (is_in(visitor), is_in(twin)) == (True, True)

    visitor.send("/konto/abmelden/")

    assert (is_in(visitor), is_in(twin)) == (False, False)


def test_a_session_ended_from_another_browser_is_dead_at_once(house):
    visitor = house.visitor(PARTICIPANT)
    secret = house.in_app(_new_session, house.world.people[PARTICIPANT])
    elsewhere = house.app().test_client().sign_in(secret)
    assert (is_in(visitor), is_in(elsewhere)) == (True, True)

    visitor.send("/konto/sitzungen/andere-beenden")

    assert (is_in(visitor), is_in(elsewhere)) == (True, False)


def _new_session(person: int) -> str:
    with transaction():
        return begin_session(database.session.get_one(Person, person), browser="Firefox, Windows", at=clock.now())


LIVES = {
    "idle for nearly a fortnight": (PARTICIPANT, [timedelta(days=13, hours=23)], True),
    "idle for a fortnight": (PARTICIPANT, [timedelta(days=14, minutes=1)], False),
    "used every ten days": (PARTICIPANT, [timedelta(days=10), timedelta(days=20), timedelta(days=29)], True),
    "older than thirty days": (PARTICIPANT, [timedelta(days=days) for days in (10, 20, 29, 31)], False),
    "of the office, idle for nearly half an hour": (OFFICE, [timedelta(minutes=29)], True),
    "of the office, idle for half an hour": (OFFICE, [timedelta(minutes=31)], False),
    "of the office, used all day": (OFFICE, [timedelta(minutes=20 * n) for n in range(1, 24)], True),
    "of the office, older than eight hours": (OFFICE, [timedelta(minutes=20 * n) for n in range(1, 25)], False),
}


@pytest.mark.parametrize(("actor", "uses", "lives"), LIVES.values(), ids=LIVES)
def test_a_session_lives_as_long_as_its_owner_s_role_allows(house, world_clock, actor, uses, lives):
    visitor = house.visitor(actor)
    *earlier, last = uses
    for moment in earlier:
        world_clock.move_to(NOON + moment, tick=False)
        assert is_in(visitor)

    world_clock.move_to(NOON + last, tick=False)
    assert is_in(visitor) == lives


def test_a_stolen_cookie_without_a_row_opens_nothing(standing):
    visitor = standing.app().test_client().sign_in("a secret that nobody has")

    assert not is_in(visitor)
