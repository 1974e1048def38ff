"""An event's picture and its partners: what comes in, and what goes out."""

import io

import pytest
from PIL import Image

from nextevents.events.models import Stage
from tests.factories import make_event
from tests.house.visitors import page_of, text_of

pytestmark = pytest.mark.usefixtures("at_noon")

DESK = "/veranstaltungen/ki/verwalten"


def picture(size=(40, 20), *, kind="PNG", **options):
    written = io.BytesIO()
    Image.new("RGB", size, "teal").save(written, kind, **options)
    return written.getvalue()


def upload(office, content, name="bild.png", alt="Eine grüne Fläche"):
    return office.send(f"{DESK}/bild", {"picture": (io.BytesIO(content), name), "picture_alt": alt})


@pytest.fixture
def event(db):
    return make_event(slug="ki")


def test_a_picture_is_shown_with_its_description(office, client, event):
    assert upload(office, picture()).status_code == 303

    shown = page_of(client.get("/veranstaltungen/ki/")).find("img", class_="event-picture")
    answer = client.get(shown["src"])
    assert shown["alt"] == "Eine grüne Fläche"
    assert (answer.status_code, answer.content_type) == (200, "image/webp")
    assert "immutable" in answer.headers["Cache-Control"]


def test_what_was_noted_in_a_picture_does_not_leave_the_house(office, client, event):
    notes = Image.Exif()
    notes[0x010E] = "aufgenommen am Schillerplatz"
    upload(office, picture(kind="JPEG", exif=notes))

    content = client.get(page_of(client.get("/veranstaltungen/ki/")).find("img", class_="event-picture")["src"]).data
    assert b"Schillerplatz" not in content
    assert not Image.open(io.BytesIO(content)).getexif()


def test_while_the_disk_is_nearly_full_no_picture_is_taken_and_what_stands_stays(office, client, event, nearly_full):
    answer = upload(office, picture())

    assert answer.status_code == 422
    assert "Auf dem Server ist kaum noch Platz." in text_of(answer)
    assert page_of(client.get("/veranstaltungen/ki/")).find("img", class_="event-picture") is None


def test_large_pictures_are_made_smaller(office, client, event):
    upload(office, picture((4000, 1000)))

    content = client.get(page_of(client.get("/veranstaltungen/ki/")).find("img", class_="event-picture")["src"]).data
    assert Image.open(io.BytesIO(content)).size == (1600, 400)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"kein Bild",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        picture()[:40],
        b"GIF89a/*" + 100 * b"x",
    ],
    ids=["nothing", "text", "SVG", "EPS", "half a picture", "GIF that is a script"],
)
def test_what_is_no_picture_is_refused_beside_the_field(office, event, content):
    answer = upload(office, content)

    assert answer.status_code == 422
    assert page_of(answer).find(id="picture-error")
    assert "Eine grüne Fläche" in str(page_of(answer).find(id="picture_alt"))


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_drawn(office, event):
    assert "zu groß" in text_of(upload(office, picture((20_000, 2_000))))


def test_a_picture_needs_a_description(office, event):
    assert page_of(upload(office, picture(), alt=" ")).find(id="picture_alt-error")


def test_a_form_that_takes_no_files_still_takes_none(office, event):
    assert office.send(f"{DESK}/absagen", {"is_meant": "y", "x": (io.BytesIO(b"x"), "x.txt")}).status_code == 400


def test_the_picture_of_a_draft_is_for_its_organisers(office, client, db, event):
    upload(office, picture())
    source = page_of(client.get("/veranstaltungen/ki/")).find("img", class_="event-picture")["src"]
    db.refresh(event)
    event.stage = Stage.DRAFT
    db.flush()

    assert client.get(source).status_code == 404
    assert office.get(source).status_code == 200


def test_no_other_file_is_handed_out_under_an_event(office, client, event):
    upload(office, picture())
    make_event(slug="anders")
    number = page_of(client.get("/veranstaltungen/ki/")).find("img", class_="event-picture")["src"].rsplit("/")[-1]

    assert client.get(f"/veranstaltungen/anders/bilder/{number}").status_code == 404


def test_a_picture_can_be_taken_away(office, client, event):
    upload(office, picture())
    office.send(f"{DESK}/bild/entfernen", {})

    assert not page_of(client.get("/veranstaltungen/ki/")).find("img", class_="event-picture")


def test_partners_are_named_with_logo_and_link_and_can_be_taken_off(office, client, db, event):
    office.send(
        f"{DESK}/partner",
        {
            "partner_name": "Stadt Beispiel",
            "partner_website": "stadt.example",
            "logo": (io.BytesIO(picture()), "l.png"),
        },
    )

    shown = page_of(client.get("/veranstaltungen/ki/")).find("ul", class_="event-partners")
    assert shown.find("a")["href"] == "https://stadt.example"
    assert client.get(shown.find("img")["src"]).status_code == 200

    db.refresh(event)
    office.send(f"{DESK}/partner/entfernen", {"nummer": str(event.partners[0].id)})
    assert not page_of(client.get("/veranstaltungen/ki/")).find("ul", class_="event-partners")


@pytest.mark.parametrize(
    "website", ["javascript:alert(1)", "data:text/html,x", "ftp://x.example", "nur worte", "http://"]
)
def test_a_partners_address_is_one_of_the_web(office, event, website):
    answer = office.send(f"{DESK}/partner", {"partner_name": "Stadt Beispiel", "partner_website": website})

    assert answer.status_code == 422
    assert page_of(answer).find(id="partner_website-error")


@pytest.mark.parametrize("number", ["", "0", "x", "9" * 30, "-1", "٣"])
def test_taking_off_a_partner_that_is_not_there_is_harmless(office, event, number):
    assert office.send(f"{DESK}/partner/entfernen", {"nummer": number}).status_code == 303
