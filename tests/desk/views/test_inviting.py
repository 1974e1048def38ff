"""The pages of invitations."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from nextevents.events.models import Invitation, Stage
from nextevents.mailing.models import Message
from tests.factories import make_event, make_person, make_registration
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

PAGE = "/veranstaltungen/ki/verwalten/einladungen/"
CHECK = f"{PAGE}pruefen"


@pytest.fixture
def event(db):
    return make_event(slug="ki", capacity=10)


def typed_in(page):
    """What the form that sends holds."""
    form = page.find("form", action=PAGE)
    found = {field["name"]: field["value"] for field in form.find_all("input")}
    return found | {field["name"]: field.get_text().removeprefix("\n") for field in form.find_all("textarea")}


def test_a_pasted_list_is_shown_row_by_row_before_anything_is_sent(office, event, db):
    make_registration(event, make_person("da@x.example"))

    page = page_of(office.send(CHECK, {"addresses": "Max <max@x.example>; da@x.example\nkaputt\nMAX@x.example"}))

    said = " ".join(page.main.stripped_strings)
    for words in ("ist schon angemeldet", "steht doppelt da", "nicht lesbar: Hier steht keine E-Mail-Adresse."):
        assert words in said
    assert "1 Person einladen" in said
    assert db.scalar(select(func.count()).select_from(Message)) == 0


def test_what_was_looked_at_is_sent(office, event, db):
    page = page_of(office.send(CHECK, {"addresses": "Max; <b>\nMax <max@x.example>", "may_exceed": "y"}))

    answer = office.send(PAGE, typed_in(page), follow_redirects=True)

    invitation = db.scalars(select(Invitation)).one()
    assert "1 Einladung geht hinaus." in text_of(answer)
    assert (invitation.address, invitation.name, invitation.may_exceed) == ("max@x.example", "Max", True)
    assert "Max Platz sicher max@ x.example noch keine Antwort" in text_of(office.get(PAGE))


def test_a_table_can_be_uploaded_as_excel_writes_it(office, event, db):
    table = "E-Mail;Name;Organisation\r\njoerg@x.example;Jörg;Stadt Köln\r\n".encode("cp1252")

    page = page_of(office.send(CHECK, {"addresses": "", "table": (io.BytesIO(table), "gäste.csv")}))
    office.send(PAGE, typed_in(page))

    invitation = db.scalars(select(Invitation)).one()
    assert (invitation.name, invitation.organisation_name) == ("Jörg", "Stadt Köln")


def test_nothing_pasted_is_said_at_the_field(office, event):
    answer = office.send(CHECK, {"addresses": "  "})

    assert answer.status_code == 422
    assert "Bitte fügen Sie Adressen ein, oder wählen Sie eine Tabelle." in text_of(answer)


def test_five_thousand_are_pasted_looked_at_and_invited(office, event, db):
    text = "\r\n".join(f"Person Nummer {n} <person.nummer.{n}@behörde-musterhausen.example>" for n in range(5_000))

    page = page_of(office.send(CHECK, {"addresses": text}, content_type="multipart/form-data"))
    answer = office.send(PAGE, typed_in(page), content_type="multipart/form-data", follow_redirects=True)

    assert "5000 Einladungen gehen hinaus." in text_of(answer)
    assert db.scalar(select(func.count()).select_from(Invitation)) == 5_000


def test_the_silent_are_reminded_after_three_days(office, event, db, noon):
    office.send(PAGE, {"addresses": "max@x.example"})
    early = office.send(f"{PAGE}erinnern", follow_redirects=True)
    assert "Erinnert wird höchstens alle drei Tage." in text_of(early)

    assert not page_of(office.get(PAGE)).find("form", action=f"{PAGE}erinnern")

    db.execute(update(Invitation).values(made_at=noon - timedelta(days=3)))

    assert "1 Person erinnern" in text_of(office.get(PAGE))
    assert "1 Erinnerung geht hinaus." in text_of(office.send(f"{PAGE}erinnern", follow_redirects=True))


def test_nobody_is_invited_to_a_draft(office, event, db):
    event.stage = Stage.DRAFT
    db.flush()

    assert "Bitte veröffentlichen Sie ihn zuerst." in text_of(office.get(PAGE))
    answer = office.send(PAGE, {"addresses": "max@x.example"}, follow_redirects=True)
    assert "Bitte veröffentlichen Sie ihn zuerst." in text_of(answer)
    assert db.scalar(select(func.count()).select_from(Invitation)) == 0


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "{{7*7}}", "<script>x</script>", "O'Neill", "Nguyễn", "null"])
def test_an_unusual_name_is_shown_as_it_is(office, event, name):
    page = page_of(office.send(CHECK, {"addresses": f"Mail;Name\nmax@x.example;{name}"}))
    office.send(PAGE, typed_in(page))

    assert name in text_of(office.get(PAGE))
