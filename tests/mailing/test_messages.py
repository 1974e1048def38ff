"""How mails are written: absolute links, short subjects, forms made once."""

import pytest
from bs4 import BeautifulSoup

from nextevents.mailing.forms import place
from nextevents.mailing.messages import absolute, draft, shortened


@pytest.fixture(autouse=True)
def within(app, db):
    del db
    with app.test_request_context("/"):
        yield


@pytest.mark.parametrize("path", ["/konto/", "konto/"])
def test_links_lead_to_our_own_address(path):
    assert absolute(path) == "http://localhost/konto/"


@pytest.mark.parametrize(
    ("subject", "short"),
    [
        ("Kurz", "Kurz"),
        (70 * "x", 70 * "x"),
        (
            "Anmeldung bestätigt: " + 10 * "Digitalisierung ",
            "Anmeldung bestätigt: Digitalisierung Digitalisierung Digitalisierung…",
        ),
        (71 * "x", 69 * "x" + "…"),
    ],
)
def test_a_subject_is_cut_at_a_word(subject, short):
    assert shortened(subject) == short
    assert len(short) <= 70


def test_a_form_is_rendered_in_its_language_once_for_each_key():
    made = [
        draft(key, "people/messages/sign_in", language=language, subject="Ihr Zugang")
        for key, language in (("a", "de"), ("a", "de"), ("b", "de"), ("a", "en"))
    ]

    assert made[0] is made[1]
    assert made[2] is not made[0]
    assert [form.language for form in made] == ["de", "de", "de", "en"]
    assert place("code") in made[0].text
    assert place("code") in made[0].html


def test_the_entry_of_a_kept_form_is_not_written_again():
    written = []

    def calendar() -> str:
        written.append("once")
        return "BEGIN:VCALENDAR"

    for _ in range(3):
        draft("c", "people/messages/sign_in", language="de", subject="x", calendar=calendar, calendar_method="REQUEST")

    assert written == ["once"]


def test_forms_are_made_again_when_there_are_too_many_to_keep(app):
    first = draft("d", "people/messages/sign_in", language="de", subject="x")
    app.extensions["form_drafts"].update(dict.fromkeys(range(2001), first))

    again = draft("e", "people/messages/sign_in", language="de", subject="x")

    assert (len(app.extensions["form_drafts"]), again == first) == (1, True)


def test_the_look_of_a_mail_is_written_into_its_elements_and_nothing_is_loaded_from_elsewhere():
    html = draft("f", "people/messages/sign_in", language="de", subject="Ihr Zugang").html

    button = BeautifulSoup(html, "html.parser").find("a", class_="button-link")
    assert "display: inline-block" in button["style"]
    assert "@media (prefers-color-scheme: dark)" in html
    assert [word for word in ("<link", "<img", "url(", "@import", "<script") if word in html] == []
