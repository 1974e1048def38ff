"""What we write to people about events: word for word, and what holds for every mail."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.communities.messages import token_of
from nextevents.communities.models import Community
from nextevents.events.messages import REGISTRATION, TRANSFER
from nextevents.events.messages_to_many import INVITATION
from nextevents.events.models import Invitation, Place, Registration, Transfer, Turn
from nextevents.events.services import Request, cancel_event, register, remind
from nextevents.ground.database import db as database
from nextevents.ground.tokens import code_for, token_for
from nextevents.people.models import Person, Proof
from tests.events.occasions import OCCASIONS, TRICKY, change, date
from tests.factories import NOON, make_event, make_person, make_registration
from tests.mailing.reading import posted
from tests.mailing.snapshots import LANGUAGES, MailFiles, as_file, named_as_mails

EVENT_OCCASIONS = [occasion for occasion in OCCASIONS if occasion != "sign_in"]
CANARY = "Kanarienvogel"


@pytest.fixture(autouse=True)
def within(db):
    """Rows, and links as a worker builds them."""
    return db


def the_mail(occasion, language="de"):
    OCCASIONS[occasion](language)
    mails = [mail for mail in posted(occasion.split()[0]) if mail.row.recipient == "ada@stadt.example"]
    return mails[-1]


def secrets_of(db):
    """What is another one each time, by the name that stands in the files instead."""
    found = {}
    for proof in db.scalars(select(Proof)):
        found |= {"proof-token": token_for(proof.purpose, proof.id), "code": code_for(proof.purpose, proof.id)}
    for purpose, table in ((INVITATION, Invitation), (TRANSFER, Transfer)):
        found |= {f"{purpose}-token": token_for(purpose, number) for number in db.scalars(select(table.id))}
    if number := db.scalar(select(Turn.id)):
        found["turn-path"] = f"/verwalten/reihum/{number}/"
    if circle := db.scalar(select(Community.id)):
        reader = db.scalars(select(Person.id).where(Person.address == "ada@stadt.example")).one()
        found["mine-token"] = token_of(circle, reader)
    registered = db.scalars(select(Registration).where(Registration.person.has(address="ada@stadt.example"))).first()
    return found | ({"registration-token": token_for(REGISTRATION, registered.id)} if registered else {})


@named_as_mails
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("occasion", EVENT_OCCASIONS)
def test_every_mail_says_what_was_agreed(db, snapshot, occasion, language):
    mail = the_mail(occasion, language)

    assert as_file(mail, **secrets_of(db)) == snapshot(
        name=f"{occasion.replace(' ', '-')}.{language}", extension_class=MailFiles
    )


# What holds for every mail


@pytest.fixture(params=OCCASIONS)
def mail(request):
    return the_mail(request.param)


def test_the_text_holds_every_link_of_the_html_and_every_fact(mail):
    links = [link["href"] for link in mail.page.find_all("a") if not link["href"].startswith("mailto:")]
    facts = [fact.get_text(" ", strip=True) for fact in mail.page.find_all(class_="fact")]
    text = " ".join(mail.text.split())

    assert [link for link in links if link not in mail.text] == []
    assert len(links) >= 2
    for fact in facts:
        words = [word for word in re.findall(r"[\w.:]+", fact) if word not in {"Zugang:", "Zur", "Videokonferenz"}]
        assert [word for word in words if word not in text] == []


def test_the_text_is_readable_alone_in_lines_of_78_signs(mail):
    lines = mail.text.split("\n")

    assert [line for line in lines if len(line) > 78 and not line.strip().startswith("http")] == []
    assert "-- " in lines
    assert not re.search(r"<[a-z/]|&[a-z]+;", mail.text)


def test_the_html_is_one_page_in_one_language_that_loads_nothing(mail):
    page = mail.page

    assert [page.html["lang"], page.body["lang"], len(page.find_all("h1")), page.title.string] == [
        "de",
        "de",
        1,
        mail.subject,
    ]
    assert {table["role"] for table in page.find_all("table")} == {"presentation"}
    assert page.find_all(["img", "link", "script", "form", "iframe", "object", "video"]) == []
    assert "url(" not in mail.html
    assert len(mail.html.encode()) < 80_000
    assert len(mail.content) < 200_000


def test_texts_are_large_enough_and_links_are_underlined_or_buttons(mail):
    sizes = [int(size) for size in re.findall(r"font-size: (\d+)px", mail.page.body.decode())]
    looks = [link["style"] for link in mail.page.find_all("a")]

    assert min(sizes) >= 16
    assert [look for look in looks if "underline" not in look and "inline-block" not in look] == []


def test_headers_are_those_of_a_mail_that_a_program_wrote(mail):
    assert str(mail.whole["From"]) == '"NExT e. V." <termine@next.example>'
    assert mail.whole["Auto-Submitted"] == "auto-generated"
    assert mail.whole["X-Auto-Response-Suppress"] in {"OOF", "OOF, AutoReply"}
    assert (mail.whole["Content-Language"], mail.whole["Reply-To"]) == ("de", None)
    assert len(mail.subject) <= 70


def test_imprint_privacy_and_an_address_for_questions_stand_in_every_mail(mail):
    for words in (mail.text, mail.html):
        for needed in ("http://localhost/impressum/", "http://localhost/datenschutz/", "info@next.example"):
            assert needed in words


def test_links_are_short_plain_and_ours(mail):
    links = [link["href"] for link in mail.page.find_all("a") if not link["href"].startswith("mailto:")]
    elsewhere = [link for link in links if not link.startswith("http://localhost/")]

    assert [link for link in links if len(link) > 200 or "#" in link or "?" in link] == []
    assert [link for link in elsewhere if "konferenz.next.example" not in link] == []


# What people typed


NAMES = ["{{7*7}}", "%(name)s", "<b>Ada</b>", 'Ada "die Schnelle"', "O'Neill & Söhne", "[x](https://evil.example)"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_greeted_as_it_was_typed_and_runs_nothing(name):
    register(date(), make_person("ada@stadt.example"), Request(name=name, is_proved=True), at=NOON)
    (mail,) = posted()

    assert mail.text.startswith(f"Guten Tag {name},\n")
    assert mail.page.find("p", string=f"Guten Tag {name},")
    assert mail.page.find_all("b") == []


@pytest.mark.parametrize(
    "title", [*TRICKY, "<b>Fett</b>", "@@part@@", "<id@place.invalid>"], ids=lambda text: ascii(text[:12])
)
def test_a_title_is_said_as_it_was_typed(title):
    register(date(title=title), make_person("ada@stadt.example"), Request(name="Ada", is_proved=True), at=NOON)
    (mail,) = posted()

    assert mail.page.h2.get_text() == title
    assert " ".join(title.split()) in " ".join(mail.text.split())
    assert mail.subject.startswith("Anmeldung bestätigt:")
    assert mail.whole["Message-ID"] == mail.row.message_id


def test_the_mail_that_asks_for_confirmation_holds_nothing_that_the_asker_typed(client, at_noon):
    """Whoever fills in a foreign address must not be able to write to it through us."""
    del at_noon
    make_event(slug="ki")
    client.send("/veranstaltungen/ki/anmeldung", {"name": CANARY, "email": "opfer@amt.example", "organisation": CANARY})

    (mail,) = posted("confirm_address")
    assert mail.row.recipient == "opfer@amt.example"
    assert CANARY.encode() not in mail.content
    assert CANARY not in mail.text + mail.html + str(mail.row.values)


# Who gets what, and until when


def test_mails_are_not_sent_after_the_date_is_over():
    event = make_event()
    make_registration(event, made_at=NOON - timedelta(days=9))
    remind(at=event.starts_at - timedelta(hours=1))
    change(event, place=Place.IN_PRESENCE, address="Rathaus", dial_in="")
    cancel_event(event, at=NOON)

    ends = {mail.kind: mail.row.expires_at for mail in posted()}
    assert ends == {"reminder": event.starts_at, "event_changed": event.ends_at, "event_cancelled": event.ends_at}


def test_every_kind_of_mail_has_its_urgency():
    kinds = dict.fromkeys(occasion.split()[0] for occasion in OCCASIONS)

    assert {kind: the_mail_in_a_world_of_its_own(kind).row.priority for kind in kinds} == {
        "sign_in": 0,
        "confirm_address": 1,
        "confirm_for_colleague": 1,
        "declined": 5,
        "please_confirm": 5,
        "proposal_refused": 5,
        "circle_founded": 7,
        "turn_handed": 5,
        "your_turn": 5,
        "event_cancelled": 3,
        "reminder": 4,
        "registered": 5,
        "waiting": 5,
        "seat_offered": 5,
        "moved_up": 5,
        "offer_lapsed": 5,
        "cancelled_by_you": 5,
        "event_postponed": 3,
        "event_changed": 6,
        "follow_up": 6,
        "certificate": 6,
        "feedback_asked": 7,
        "requested": 5,
        "refused": 5,
        "registered_by_other": 5,
        "cancelled_by_organisers": 3,
        "transfer_offered": 5,
        "transferred": 5,
        "invitation": 9,
        "invitation_reminder": 9,
        "announcement": 7,
    }


def the_mail_in_a_world_of_its_own(kind):
    with database.session.begin_nested() as world:
        found = the_mail(next(occasion for occasion in OCCASIONS if occasion.split()[0] == kind))
        world.rollback()
    return found


def test_a_place_on_the_waiting_list_is_told_with_its_number():
    assert "Sie stehen an Stelle 2" in the_mail("waiting").text


def test_a_long_title_is_cut_in_the_subject_and_whole_in_the_mail():
    title = "Digitalisierung " * 12 + "Ende"
    register(date(title=title), make_person("ada@stadt.example"), Request(name="Ada", is_proved=True), at=NOON)
    (mail,) = posted()

    assert mail.subject == "Anmeldung bestätigt: Digitalisierung Digitalisierung Digitalisierung…"
    assert "Ende" in mail.text


def test_two_people_share_a_form_and_nothing_else():
    event = make_event()
    for name in ("Ada", "Bob"):
        register(event, make_person(f"{name}@amt.example"), Request(name=name, is_proved=True), at=NOON)

    ada, bob = posted("registered")
    assert ada.row.form_key == bob.row.form_key
    assert ("Bob" in ada.text + ada.html + str(ada.calendar), "Ada" in bob.text + bob.html + str(bob.calendar)) == (
        False,
        False,
    )
