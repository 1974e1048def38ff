"""Rendered bodies are kept by what they were made of; each visitor gets form tokens of their own."""

import re
import threading

import pytest
from flask import session
from flask_login import login_user

from nextevents.ground.rendered import Shelf, csrf_input, nonce_input, shelf, visitors_page
from nextevents.people.models import BrowserSession
from nextevents.people.signing_in import Visitor
from tests.factories import make_person


def page() -> str:
    return f"<form>{csrf_input()}{nonce_input()}</form>"


def values_of(body: str) -> list[str]:
    return re.findall(r'name="(?:csrf_token|vorgang)" value="([^"]+)"', body)


def test_a_body_is_built_once_for_each_key():
    built: list[str] = []
    kept = Shelf()

    def build() -> str:
        built.append("once")
        return f"body {len(built)}"

    assert [kept.body(key, build) for key in ("a", "a", "b", "a")] == ["body 1", "body 1", "body 2", "body 1"]


def test_the_shelf_holds_so_much_and_lets_go_of_what_was_asked_for_longest_ago():
    kept = Shelf(limit=30)
    for key in "abc":
        kept.body(key, lambda: 10 * "x")
    kept.body("a", lambda: "not needed")
    kept.body("d", lambda: 10 * "y")

    assert kept.body("a", lambda: "new") == 10 * "x"
    assert kept.body("b", lambda: "new") == "new"


def test_a_body_larger_than_the_shelf_is_given_and_not_kept():
    kept = Shelf(limit=30)
    kept.body("a", lambda: 10 * "x")

    assert kept.body("large", lambda: 31 * "x") == 31 * "x"
    assert kept.body("large", lambda: "small") == "small"


def test_many_threads_at_once_get_the_same_body_and_the_shelf_stays_within_its_limit():
    kept, wrong = Shelf(limit=200), []

    def ask() -> None:
        wrong.extend(
            key
            for key in range(300)
            if kept.body(key % 40, lambda k=key: 10 * chr(65 + k % 40)) != 10 * chr(65 + key % 40)
        )

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_two_visitors_get_the_kept_page_each_with_form_tokens_of_their_own(app):
    built: list[int] = []

    def build() -> str:
        built.append(1)
        return page()

    key, bodies = object(), []
    for _ in range(2):
        with app.test_request_context("/"):
            bodies.append(visitors_page(key, build))

    tokens = [values_of(body) for body in bodies]
    assert (len(built), [len(pair) for pair in tokens]) == (1, [2, 2])
    assert len({*tokens[0], *tokens[1]}) == 4


def test_what_is_kept_holds_no_token_of_anybody(app):
    key = object()
    with app.test_request_context("/"):
        given = values_of(visitors_page(key, page))
        kept = shelf.body(key, lambda: "was not kept")

    assert kept != "was not kept"
    assert [token for token in given if token in kept] == []


@pytest.mark.usefixtures("db")
def test_a_page_for_somebody_signed_in_or_with_a_message_waiting_is_made_anew_and_not_kept(app, noon):
    ada = make_person(name="Ada Beispiel")
    with app.test_request_context("/"):
        login_user(Visitor(BrowserSession(person=ada, began_at=noon), "secret"))
        assert visitors_page("a page", lambda: "for Ada") == "for Ada"
    with app.test_request_context("/"):
        session["_flashes"] = [("success", "Saved")]
        assert visitors_page("a page", lambda: "with a message") == "with a message"
    with app.test_request_context("/"):
        assert visitors_page("a page", lambda: "for everybody") == "for everybody"


def test_a_page_that_cannot_be_built_leaves_nothing_behind(app):
    def fail() -> str:
        raise ZeroDivisionError

    key = object()
    with app.test_request_context("/"):
        with pytest.raises(ZeroDivisionError):
            visitors_page(key, fail)
        assert len(values_of(page())) == 2
        assert visitors_page(key, lambda: "works now") == "works now"
