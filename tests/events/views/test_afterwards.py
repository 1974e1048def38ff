"""What stays of an event for those who come: materials, the certificate, and saying how it was."""

import re
import zlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.events.messages import REGISTRATION
from nextevents.events.models import Certificate, Feedback, MaterialKind, MaterialViewers, Registration, State
from nextevents.events.services import MaterialChange, add_material, send_certificates
from nextevents.ground.documents import Upload
from nextevents.ground.tokens import token_for
from nextevents.mailing.models import Message
from tests.factories import NOON, make_belonging, make_community, make_event, make_person, make_registration
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

PAST = (NOON - timedelta(days=2)).replace(tzinfo=None)


@pytest.fixture
def event(db):
    return make_event(slug="ki", starts=PAST, gives_certificates=True, asks_feedback=True)


@pytest.fixture
def attended(event):
    return make_registration(
        event, make_person(name="Jürgen Groß"), state=State.ATTENDED, made_at=NOON - timedelta(days=9)
    )


def path(registration, rest=""):
    return f"/anmeldung/{token_for(REGISTRATION, registration.id)}/{rest}"


def put(event, viewers, kind=MaterialKind.FILE):
    wish = MaterialChange(title=f"Für {viewers}", viewers=viewers, url="https://folien.example/" * (kind != "file"))
    upload = Upload(name=f'Fölien "{viewers}".pdf', content=b"%PDF-1.7") if kind == MaterialKind.FILE else None
    return add_material(event, kind, wish, upload=upload, at=NOON)


# Materials


def test_each_sees_what_is_for_them(client, signed_in, event, attended):
    circle, missed_it = make_community(), make_person()
    event.communities = [circle]
    make_belonging(missed_it, circle)
    for viewers in MaterialViewers:
        put(event, viewers)
    page = "/veranstaltungen/ki/"
    everybody = text_of(client.get(page))
    own = text_of(client.get(path(attended)))
    there, member, other = (text_of(signed_in(one).get(page)) for one in (attended.person, missed_it, make_person()))

    pages = (everybody, other, member, own, there)
    found = [[str(one) for one in MaterialViewers if f"Für {one}" in text] for text in pages]
    wide = ["signed_in", "everybody"]
    participants = ["participants", "community", *wide]
    assert found == [["everybody"], wide, ["community", *wide], participants, participants]
    assert ["Mit Konto anmelden" in text for text in pages] == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("viewers", "is_asked"),
    [(one, one not in {MaterialViewers.NOBODY, MaterialViewers.EVERYBODY}) for one in MaterialViewers],
)
def test_strangers_are_asked_to_sign_in_only_where_that_may_show_more(client, event, viewers, is_asked):
    put(event, viewers)
    link = page_of(client.get("/veranstaltungen/ki/")).select_one(".afterwards a[href*=anmelden]")

    assert (link["href"] if link else "") == "/konto/anmelden/?next=/veranstaltungen/ki/" * is_asked


def test_the_link_to_a_withdrawn_registration_shows_only_what_its_reader_sees_anyway(client, signed_in, event):
    circle = make_community()
    event.communities = [circle]
    gone = make_registration(event, state=State.CANCELLED)
    make_belonging(gone.person, circle)
    number = put(event, MaterialViewers.COMMUNITY).id
    address = path(gone, f"unterlagen/{number}/")

    assert [one.get(address).status_code for one in (client, signed_in(gone.person))] == [404, 200]


def test_a_kept_page_shows_what_was_just_put_there_and_taken_away(client, event, office_):
    client.get("/veranstaltungen/ki/")
    put(event, MaterialViewers.EVERYBODY, MaterialKind.LINK)
    event.communities  # noqa: B018 - loaded before the commit
    assert "Für everybody" in text_of(client.get("/veranstaltungen/ki/"))


@pytest.fixture
def office_(signed_in):
    return signed_in(make_person(office=True))


@pytest.mark.parametrize(
    ("viewers", "answers"),
    [
        ("nobody", (404, 404, 404, 200)),
        ("participants", (404, 404, 200, 200)),
        ("community", (404, 404, 200, 200)),
        ("signed_in", (404, 200, 200, 200)),
        ("everybody", (200, 200, 200, 200)),
    ],
)
def test_a_file_is_handed_out_to_whom_it_is_for(client, signed_in, office_, event, attended, viewers, answers):
    number = put(event, MaterialViewers(viewers)).id
    address = f"/veranstaltungen/ki/unterlagen/{number}/"
    visitors = (client, signed_in(make_person()), signed_in(attended.person), office_)

    assert tuple(one.get(address).status_code for one in visitors) == answers
    assert client.get(path(attended, f"unterlagen/{number}/")).status_code == answers[2]


def test_a_file_is_saved_and_never_shown(client, event):
    answer = client.get(f"/veranstaltungen/ki/unterlagen/{put(event, MaterialViewers.EVERYBODY).id}/")

    assert answer.data == b"%PDF-1.7"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"F_lien _everybody_.pdf\"; filename*=UTF-8''F%C3%B6lien%20%22everybody%22.pdf"
    )


def test_the_number_of_another_event_s_file_leads_nowhere(client, event, attended):
    other = put(make_event(slug="anders", starts=PAST), MaterialViewers.EVERYBODY)

    assert client.get(f"/veranstaltungen/ki/unterlagen/{other.id}/").status_code == 404
    assert client.get(path(attended, f"unterlagen/{other.id}/")).status_code == 404


def test_who_has_left_sees_no_participants_materials(client, event):
    gone = make_registration(event, state=State.CANCELLED)
    number = put(event, MaterialViewers.PARTICIPANTS).id

    assert client.get(path(gone, f"unterlagen/{number}/")).status_code == 404


# Certificates


def issued(client, registration):
    answer = client.send(path(registration, "bescheinigung"), {})
    assert answer.location == path(registration, "bescheinigung.pdf")
    return client.get(answer.location)


def test_who_was_there_fetches_the_paper_which_is_tagged_and_in_german(client, db, attended):
    paper = issued(client, attended)
    again = issued(client, attended)

    assert (paper.status_code, paper.mimetype) == (200, "application/pdf")
    assert paper.headers["Referrer-Policy"] == "no-referrer"
    inside = pdf_objects(paper.data)
    for mark in (rb"/Lang \(de\)", rb"/Marked true", rb"/StructTreeRoot", rb"/DisplayDocTitle true", rb"Fira-Sans"):
        assert re.search(mark, inside), mark
    assert b'pdfuaid:part="1"' in inside
    assert again.status_code == 200
    assert len(db.scalars(select(Certificate)).all()) == 1


def pdf_objects(paper):
    """All that stands in a PDF, with its streams unpacked."""
    found = [paper]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", paper, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(found)


def test_looking_at_the_paper_before_it_was_issued_issues_none(client, db, attended):
    answer = client.get(path(attended, "bescheinigung.pdf"))

    assert answer.location == path(attended)
    assert "Bescheinigung abrufen" in text_of(client.get(answer.location))
    assert db.scalars(select(Certificate)).all() == []


@pytest.mark.parametrize("state", [State.CONFIRMED, State.ABSENT, State.EXCUSED, State.CANCELLED])
def test_who_was_not_there_gets_none(client, db, event, state):
    answer = client.send(path(make_registration(event, state=state), "bescheinigung"), {})

    assert answer.status_code == 303
    assert db.scalars(select(Certificate)).all() == []


def test_whoever_is_shown_a_paper_can_check_it_and_sees_no_more_than_it_says(client, db, attended):
    issued(client, attended)
    code = db.scalars(select(Certificate.code)).one()
    typed = code.lower().replace("-", " ")
    answer = client.get("/bescheinigung/", query_string={"code": typed})
    page = client.get(answer.location)

    assert answer.location == f"/bescheinigung/{code}/"
    text = text_of(page)
    for part in ("Diese Bescheinigung ist echt.", "Jürgen Groß", "Sprachmodelle im Bürgeramt", "1 Stunde 30 Minuten"):
        assert part in text
    assert attended.person.address not in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("code", ["ABCD-EFGH-JKLM", "abcd", "1' OR '1'='1", "%00", "A" * 500, "０" * 12])
def test_an_unknown_code_is_answered_kindly(client, code):
    answer = client.get("/bescheinigung/", query_string={"code": code}, follow_redirects=True)

    assert answer.status_code in {404, 422}


def test_a_code_has_no_signs_that_look_alike(client, db, attended):
    issued(client, attended)
    code = db.scalars(select(Certificate.code)).one()

    assert re.fullmatch(r"([A-HJ-NP-Z2-9]{4}-){2}[A-HJ-NP-Z2-9]{4}", code)


def test_the_link_goes_to_all_who_were_there_once(db, client, event, attended):
    make_registration(event, state=State.ABSENT)
    assert (send_certificates(event, at=NOON), send_certificates(event, at=NOON)) == (1, 0)
    (mail,) = db.scalars(select(Message)).all()

    assert (mail.kind, mail.recipient) == ("certificate", attended.person.address)
    link = re.search(r"/anmeldung/\S+bescheinigung\.pdf", mail.values["paper"])[0]
    assert client.get(link).status_code == 200


# Feedback

GOOD = {"rating": "5", "useful": "", "text": "Gern wieder."}


def test_feedback_is_given_once_and_has_no_way_back(client, db, attended):
    first = client.send(path(attended, "rueckmeldung/"), GOOD)
    client.send(path(attended, "rueckmeldung/"), GOOD | {"rating": "1"})

    assert first.location == path(attended)
    (row,) = db.scalars(select(Feedback)).all()
    assert {name: value for name, value in vars(row).items() if name[0] != "_" and name != "id"} == {
        "event_id": attended.event_id,
        "rating": 5,
        "useful": None,
        "text": "Gern wieder.",
        "given_on": NOON.date(),
    }
    assert db.scalars(select(Registration.has_given_feedback)).one()
    assert "schon geantwortet" in text_of(client.get(path(attended, "rueckmeldung/")))


@pytest.mark.parametrize("state", [State.ABSENT, State.WAITING, State.CANCELLED])
def test_who_was_not_there_gives_none(client, db, event, state):
    client.send(path(make_registration(event, state=state), "rueckmeldung/"), GOOD)

    assert db.scalars(select(Feedback)).all() == []


def test_before_the_end_nobody_gives_any(client, db):
    early = make_registration(make_event(asks_feedback=True))
    client.send(path(early, "rueckmeldung/"), GOOD)

    assert db.scalars(select(Feedback)).all() == []


@pytest.mark.parametrize(
    ("field", "typed"),
    [("rating", ""), ("rating", "0"), ("rating", "6"), ("rating", "5.0"), ("useful", "9"), ("text", "x" * 2001)],
)
def test_what_is_no_answer_is_said_beside_its_field(client, db, attended, field, typed):
    answer = client.send(path(attended, "rueckmeldung/"), GOOD | {field: typed})

    assert answer.status_code == 422
    assert page_of(answer).find(id=f"{field}-error")
    assert db.scalars(select(Feedback)).all() == []
