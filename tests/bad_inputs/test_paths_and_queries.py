"""What stands in paths and queries (52, 57, 78)."""

from urllib.parse import quote

import pytest

from nextevents.ground.database import db as database
from tests.bad_inputs.forms import (
    REGISTRATION,
)
from tests.conftest import DATABASES
from tests.factories import make_event
from tests.house.visitors import page_of, text_of
from tests.house.world import OFFICE, PARTICIPANT, House

QUERIES = (
    "q=%",
    "q=_",
    "q=\\",
    "q=" + "%5C" * 50,
    "q=" + "(a%2B)%2B" * 20 + "$",
    "q=" + "x" * 10_000,
    "q=" + "a+" * 5_000,
    "q=%FC",
    "q=%ED%A0%80",
    "q=%F0%9F%91%A9",
    "q=a&q=b",
    "q[]=a",
    "q='%3B%20DROP%20TABLE%20event%3B--",
    "seite=0",
    "seite=-1",
    "seite=99999999999999999999",
    "seite=9999",
    "seite=\uff11",
    "seite=1e3",
    "jahr=2022",
    "jahr=9999",
    "jahr=0",
    "jahr=\uff12\uff10\uff12\uff12",
    "jahr=2099&seite=9999",
    "monat=2026-13",
    "monat=2026-00",
    "monat=2099-12",
    "monat=2000-01",
    "monat=٢٠٢٦-01",
    "monat=2026-01-01",
    "format=unsinn",
    "ort=unsinn",
    "community=unsinn",
    "community=" + "x" * 5_000,
    "ansicht=unsinn",
    "stand=unsinn",
    "stand=confirmed",
    "an=unsinn",
    "aussendung=unsinn",
    "aussendung=٣",
    "aussendung=" + "9" * 30,
    "next=//evil.example",
)
SEARCHES = (
    ("stranger", "/veranstaltungen/"),
    ("stranger", "/veranstaltungen/?ansicht=monat"),
    ("stranger", "/"),
    ("stranger", "/communities/"),
    ("stranger", "/demo/postausgang/"),
    ("office", "/buero/veranstaltungen/"),
    ("office", "/veranstaltungen/offen/verwalten/teilnehmende/"),
    ("office", "/buero/postausgang/"),
    ("office", "/buero/domains/"),
)


@pytest.mark.parametrize(("actor", "path"), SEARCHES)
def test_nothing_in_the_query_breaks_a_page(standing, actor, path):
    visitor = standing.visitor(actor)
    joiner = "&" if "?" in path else "?"
    turn = (SEARCHES.index((actor, path)) + DATABASES.index(standing.kind)) % 2
    # One database gets every other query at this page, the other database those between; at the next page in turn.
    answers = {
        query: visitor.get(f"{path}{joiner}{quote(query, safe='%=&+[]')}").status_code for query in QUERIES[turn::2]
    }

    assert {query: status for query, status in answers.items() if status != 200} == {}


@pytest.mark.parametrize(("actor", "path"), SEARCHES)
def test_a_zero_byte_in_the_query_finds_nothing_on_either_database(standing, actor, path):
    visitor = standing.visitor(actor)
    joiner = "&" if "?" in path else "?"
    names = ("q", "community", "format", "ort", "monat", "jahr", "stand", "an", "seite")

    assert {visitor.get(f"{path}{joiner}{name}=a%00b").status_code for name in names} == {404}


def test_signs_with_a_meaning_in_searches_are_looked_for_as_they_are(house):
    for title in ("100 % digital", "100 digital", "snake_case", "snakecase", "a\\b"):
        make_event(title=title)
    database.session.commit()
    visitor = house.visitor()

    def found(words: str) -> list[str]:
        page = page_of(visitor.get("/veranstaltungen/", query_string={"q": words}))
        return sorted(link.text for link in page.select("a.agenda-title"))

    assert found("%") == ["100 % digital"]
    assert found("_") == ["snake_case"]
    assert found("\\") == ["a\\b"]
    assert found("SNAKE") == ["snake_case", "snakecase"]


def token_paths(house: House) -> list[str]:
    """The pages behind tokens."""
    return [
        f"/anmeldung/{house.registration_token(PARTICIPANT, 'offen')}/",
        f"/kalender/{house.feed_token(PARTICIPANT)}.ics",
        *(
            f"/anmeldung/bestaetigen/{house.proof_token(purpose)}/"
            for purpose in house.world.proofs
            if purpose == "registration"
        ),
        *(f"/konto/anmelden/{house.proof_token(purpose)}/" for purpose in house.world.proofs if purpose == "sign_in"),
    ]


DAMAGES = {
    "78-truncated": (lambda token: token[:-1], 404),
    "78-longer": (lambda token: token + "A", 404),
    "78-altered": (lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"), 404),
    "78-another number": (lambda token: "B" + token[1:], 404),
    "78-other capitals": (str.swapcase, 404),
    "78-empty": (lambda _: "%20", 404),
    "78-signs": (lambda _: "%F0%9F%91%A9", 404),
    "78-not UTF-8": (lambda _: "%FF%FE", 404),
    "78-a zero byte": (lambda token: token[:-3] + "%00", 404),
    "78-ten thousand letters": (lambda token: token * 300, 404),
    "78-a full stop": (lambda token: token + ".", 200),
    "78-wrapping damage": (lambda token: token + "=3D", 200),
}  # fmt: skip


@pytest.mark.parametrize(("damage", "status"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_link_leads_to_a_friendly_page_that_tells_nothing(standing, damage, status):
    visitor = standing.visitor()
    for path in token_paths(standing):
        token = max(path.split("/"), key=len).removesuffix(".ics")
        answer = visitor.get(path.replace(token, damage(token)))
        assert (path, answer.status_code) == (path, status)
        if status == 404:
            assert "Mailprogramme brechen lange Links manchmal um" in text_of(answer)


NUMBERS = (str(2**31), str(2**63), "9" * 40, "-1", "1.5", "\uff11", "x")


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_that_no_row_can_have_leads_nowhere(standing, number):
    office, stranger = standing.visitor(OFFICE), standing.visitor()
    answers = [
        office.send(f"/konto/kalender/{number}/widerrufen"),
        office.send(f"/konto/sitzungen/{number}/beenden"),
        office.send(f"/buero/postausgang/{number}/erneut"),
        stranger.get(f"/demo/postausgang/{number}/"),
        stranger.get(f"/demo/postausgang/{number}/html"),
        stranger.get(f"/demo/postausgang/{standing.world.kept_mail}/{number}/termin.ics"),
    ]

    assert {answer.status_code for answer in answers} == {404}


@pytest.mark.parametrize(
    "slug", ["%00", "%FF", "..%2F..%2Fetc%2Fpasswd", "..", "x" * 5_000, "%27%3B--", "%F0%9F%91%A9", "%E2%80%AE"]
)
def test_a_slug_that_no_page_has_leads_nowhere(standing, slug):
    office, stranger = standing.visitor(OFFICE), standing.visitor()
    paths = (
        "/veranstaltungen/{}/",
        "/veranstaltungen/{}/termin.ics",
        "/communities/{}/",
        "/communities/{}/kalender.ics",
    )
    answers = [stranger.get(path.format(slug)) for path in paths]
    answers += [
        office.get(f"/veranstaltungen/{slug}/verwalten/angaben/"),
        office.get(f"/veranstaltungen/{slug}/verwalten/teilnehmende/"),
    ]
    answers += [stranger.send(f"/veranstaltungen/{slug}/anmeldung", REGISTRATION.fields)]

    assert {answer.status_code for answer in answers} <= {404, 308}


@pytest.mark.parametrize(
    "path", ["//evil.example/", "//evil.example/..", "/%5Cevil.example/", "/veranstaltungen", "/konto"]
)
def test_no_path_leads_to_another_site(standing, path):
    answer = standing.visitor().get(path)

    location = answer.headers.get("Location", "/")
    assert location.startswith(("http://localhost/", "/"))
    assert not location.startswith(("//", "/\\"))
