"""Signing in by mail: one answer for every address, the code where the browser is another one (A-01 to A-11)."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from nextevents.ground.tokens import token_for
from nextevents.mailing.models import Form, Message
from nextevents.people.models import BrowserSession, Person, Proof, Purpose
from tests.factories import make_person
from tests.house.visitors import bare, page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

SIGN_IN, CODE = "/konto/anmelden/", "/konto/anmelden/code/"
WRONG = "Der Code stimmt nicht oder ist abgelaufen."


@pytest.fixture
def other(app, client):
    """A browser that asked for nothing."""
    del client
    return app.test_client()


@pytest.fixture
def mailed(db):
    """Gives the path of the link and the code of the newest mail."""

    def newest() -> tuple[str, str]:
        db.expire_all()
        values = db.scalars(select(Message).where(Message.kind == "sign_in").order_by(Message.id.desc())).first().values
        return urlsplit(values["link"]).path, values["code"]

    return newest


def ask(client, address="ada@amt.example", **fields: object):
    return client.send(SIGN_IN, {"email": address} | fields)


def is_signed_in(client):
    return client.get("/konto/").status_code == 200


def test_who_asks_gets_link_and_code_and_enters_with_the_code(client, db, mailed):
    ada = make_person("ada@amt.example")

    asked = ask(client)
    entered = client.send(CODE, {"code": mailed()[1]})

    assert (asked.status_code, asked.location) == (303, CODE)
    assert (entered.status_code, entered.location) == (303, "/konto/")
    assert is_signed_in(client)
    (browser,) = db.scalars(select(BrowserSession))
    assert browser.person_id == ada.id


def test_the_link_s_page_says_who_will_be_signed_in_and_its_button_does_it(client, mailed):
    make_person("Ada@amt.example")
    ask(client)
    link, _ = mailed()

    page = client.get(link)
    assert "Anmelden als ada@amt.example auf diesem Gerät?" in text_of(page)
    assert page_of(page).find("input", {"name": "code"}) is None
    assert not is_signed_in(client)

    assert client.send(link).location == "/konto/"
    assert is_signed_in(client)


def test_in_another_browser_the_button_wants_the_code_too(client, other, mailed):
    make_person("ada@amt.example")
    ask(client)
    link, code = mailed()

    assert page_of(other.get(link)).find("input", {"name": "code"})
    assert other.send(link).status_code == 422
    assert other.send(link, {"code": "000000" if code != "000000" else "111111"}).status_code == 422
    assert not is_signed_in(other)

    assert other.send(link, {"code": f"{code[:3]} {code[3:]}"}).location == "/konto/"
    assert is_signed_in(other)
    assert not is_signed_in(client)


def test_the_code_alone_is_of_no_use_in_a_browser_that_did_not_ask(client, other, mailed):
    make_person("ada@amt.example")
    ask(client)

    answer = other.send(CODE, {"code": mailed()[1]})

    assert (answer.status_code, is_signed_in(other)) == (422, False)
    assert WRONG in text_of(answer)


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_a_link_changes_nothing_however_often(client, other, db, mailed, method):
    make_person("ada@amt.example")
    ask(client)
    link, _ = mailed()

    answers = [getattr(browser, method)(link) for browser in (client, other, client)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert db.scalars(select(Proof.used_at)).all() == [None]
    assert [answer.headers["Referrer-Policy"] for answer in answers] == 3 * ["no-referrer"]


def test_a_link_works_once_and_then_says_so(client, other, mailed):
    make_person("ada@amt.example")
    ask(client)
    link, code = mailed()
    client.send(link)

    assert "Dieser Link gilt nicht mehr" in text_of(other.get(link))
    assert other.send(link, {"code": code}).status_code == 422
    assert not is_signed_in(other)


def test_after_ten_minutes_link_and_code_are_over(client, mailed, at_noon):
    make_person("ada@amt.example")
    ask(client)
    link, code = mailed()
    at_noon.shift(timedelta(minutes=10))

    assert "Dieser Link gilt nicht mehr" in text_of(client.get(link))
    assert [client.send(link).status_code, client.send(CODE, {"code": code}).status_code] == [422, 422]


def test_five_wrong_codes_end_the_attempt(client, db, mailed):
    make_person("ada@amt.example")
    ask(client)
    _, code = mailed()
    wrong = "000000" if code != "000000" else "111111"

    answers = [text_of(client.send(CODE, {"code": wrong})) for _ in range(5)]

    assert [WRONG in answer for answer in answers] == [True, True, True, True, False]
    assert "Der Code wurde zu oft falsch eingegeben." in answers[4]
    assert client.send(CODE, {"code": code}).status_code == 422
    assert db.scalars(select(Proof.wrong_codes)).all() == [5]


def test_somebody_unknown_becomes_a_person_by_proving_the_address(client, db, mailed):
    ask(client, "Neu@Amt.example")
    assert db.scalar(select(func.count()).select_from(Person)) == 0

    client.send(CODE, {"code": mailed()[1]})

    (person,) = db.scalars(select(Person))
    assert (person.address, person.name, person.proved_at is not None) == ("Neu@amt.example", "", True)
    assert is_signed_in(client)


def test_known_unknown_and_too_often_asked_addresses_get_the_same_answer(app, client, db):
    make_person("ada@amt.example")
    del client

    def answer_for(address: str) -> tuple[object, ...]:
        browser = app.test_client()
        asked = ask(browser, address)
        return asked.status_code, asked.location, bare(asked), bare(browser.get(CODE))

    answers = [answer_for(address) for address in 4 * ["ada@amt.example"] + ["unknown@amt.example"]]

    assert len(set(answers)) == 1
    assert db.scalars(select(Message.recipient).order_by(Message.id)).all() == [
        *3 * ["ada@amt.example"],
        "unknown@amt.example",
    ]


def test_a_browser_whose_mail_was_not_sent_cannot_enter_with_an_older_code(app, client, mailed):
    make_person("ada@amt.example")
    for _ in range(3):
        ask(client)
    _, code = mailed()
    late = app.test_client()
    ask(late)

    assert (late.send(CODE, {"code": code}).status_code, is_signed_in(late)) == (422, False)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Bitte geben Sie Ihre E-Mail-Adresse an."),
        ("ada", "Das ist keine vollständige E-Mail-Adresse."),
        ("termine@next.example", "Diese Adresse gehört zu dieser Seite."),
        (["ada@amt.example", "eve@amt.example"], "Dieses Feld kam mehrfach an."),
    ],
)
def test_an_address_that_cannot_be_written_to_is_refused_beside_its_field(client, db, typed, said):
    answer = ask(client, typed)

    assert answer.status_code == 422
    assert said in page_of(answer).find(id="email-error").get_text()
    assert db.scalar(select(func.count()).select_from(Message)) == 0


def test_who_came_from_a_page_goes_back_there(client, mailed):
    make_person("ada@amt.example")
    first = client.get("/konto/")
    assert (first.status_code, first.location) == (303, "/konto/anmelden/?next=/konto/")

    field = page_of(client.get("/konto/anmelden/?next=/veranstaltungen/ki/")).main.find("input", {"name": "next"})
    asked = ask(client, next=field["value"])
    field = page_of(client.get(asked.location)).main.find("input", {"name": "next"})
    entered = client.send(CODE, {"code": mailed()[1], "next": field["value"]})

    assert entered.location == "/veranstaltungen/ki/"


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_elsewhere(client, mailed, address):
    make_person("ada@amt.example")

    asked = ask(client, next=address)
    entered = client.send(CODE, {"code": mailed()[1], "next": address})

    assert (asked.location, entered.location) == (CODE, "/konto/")


def test_a_token_of_another_purpose_or_altered_leads_nowhere(client, db, mailed):
    make_person("ada@amt.example")
    ask(client)
    link, _ = mailed()
    number = db.scalar(select(Proof.id))
    foreign = [token_for(purpose, number) for purpose in (Purpose.REGISTRATION, "feed")]
    altered = link.split("/")[-2][:-1] + ("A" if not link.endswith("A/") else "B")

    answers = [client.get(f"{SIGN_IN}{token}/") for token in (*foreign, altered, "x")]
    answers += [client.send(f"{SIGN_IN}{token}/") for token in (*foreign, altered, "x")]

    assert [answer.status_code for answer in answers] == 8 * [404]


def test_a_link_damaged_by_a_mail_program_still_works(client, mailed):
    make_person("ada@amt.example")
    ask(client)

    assert client.get(mailed()[0].removesuffix("/") + "./").status_code == 200


def test_the_mail_is_in_the_language_of_the_person_and_for_strangers_in_that_of_the_page(client, db, app):
    make_person("ada@amt.example", language="en")
    ask(client)
    english = app.test_client()
    english.send("/sprache", {"language": "en"})
    ask(english, "new@amt.example")
    ask(client, "neu@amt.example")

    rows = db.execute(select(Message.recipient, Form.language).join(Form))
    assert dict(tuple(row) for row in rows) == {
        "ada@amt.example": "en",
        "new@amt.example": "en",
        "neu@amt.example": "de",
    }


def test_signing_in_makes_the_cookie_anew_and_keeps_the_language_of_the_person(client, mailed):
    make_person("ada@amt.example", language="en")
    ask(client)
    before = client.get_cookie("next").value
    client.send(CODE, {"code": mailed()[1]})

    with client.session_transaction() as session:
        kept = set(session)
        language = session["language"]
    assert client.get_cookie("next").value != before
    assert (language, "asked" in kept, "csrf_token" in kept) == ("en", False, False)


def test_signing_out_ends_the_session_itself_so_that_a_copied_cookie_is_dead(app, client, db, mailed):
    make_person("ada@amt.example")
    ask(client)
    client.send(CODE, {"code": mailed()[1]})
    thief = app.test_client()
    thief.set_cookie("next", client.get_cookie("next").value)
    assert is_signed_in(thief)

    assert client.send("/konto/abmelden/").location == "/"

    assert (is_signed_in(client), is_signed_in(thief)) == (False, False)
    assert db.scalars(select(BrowserSession)).all() == []


def test_whoever_is_signed_in_needs_not_sign_in(signed_in):
    assert signed_in(make_person()).get(SIGN_IN).location == "/konto/"


def test_the_mailed_link_leads_on_to_where_one_wanted_to_go(client, db):
    ask(client, next="/veranstaltungen/ki/")
    db.expire_all()
    link = urlsplit(db.scalars(select(Message).where(Message.kind == "sign_in")).one().values["link"])
    page = page_of(client.get(f"{link.path}?{link.query}"))

    entered = client.send(link.path, {"next": page.main.find("input", attrs={"name": "next"})["value"]})

    assert entered.location == "/veranstaltungen/ki/"


@pytest.mark.parametrize("way", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "/\\evil.example"])
def test_no_link_leads_away_from_here(client, mailed, way):
    ask(client, next=way)
    path, _ = mailed()

    assert "evil" not in str(page_of(client.get(path, query_string={"next": way})).find("main"))
    assert client.send(path, {"next": way}).location == "/konto/"
