"""The office's pages of lists: made, changed by one at a time, put right with a reason, filled from elsewhere."""

from io import BytesIO

import pytest
from sqlalchemy import select

from nextevents.ground.audit import AuditEntry
from nextevents.ground.database import db as database
from nextevents.ground.mail_addresses import address_of
from nextevents.mailing import queries, services
from nextevents.mailing.models import Consent, Joining, ListImport, ListKind, Source, Subscription
from nextevents.mailing.services import Declaration
from nextevents.mailing.tasks import take_imports
from tests.factories import make_mailing_list, make_person
from tests.house.matrix import LIST_FORM
from tests.house.visitors import page_of, text_of
from tests.mailing.reading import posted

pytestmark = pytest.mark.usefixtures("at_noon")
ADA = "ada@stadt.example"
WORDS = Declaration(text="Ja, bitte.", language="de", form_url="http://localhost/newsletter/", was_ticked=True)
FORM = LIST_FORM | {"name": "Rundbrief", "slug": "rundbrief"}


@pytest.fixture
def office(db, signed_in):
    return signed_in(make_person(office=True, name="Kim Büro"))


@pytest.fixture
def one(db):
    return make_mailing_list("rundbrief", name="Rundbrief", kind=ListKind.NEWSLETTER)


@pytest.fixture
def mailbox(one, noon):
    services.subscribe_proved(one, address_of(ADA), WORDS, by="signed_in", name="Ada", at=noon)
    database.session.commit()
    return queries.mailbox_with_key(ADA)


def state():
    database.session.expire_all()
    return database.session.scalars(select(Subscription.state)).one()


def test_a_list_is_made_with_its_topics_and_that_is_noted(office):
    answer = office.send("/buero/verteiler/neu/", FORM | {"topics": "Recht\r\nDaten\r\n"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/buero/verteiler/rundbrief/")
    made = queries.list_with_slug("rundbrief")
    assert [topic.name for topic in made.topics] == ["Recht", "Daten"]
    shown = page_of(office.get("/buero/verteiler/rundbrief/angaben/"))
    assert shown.select_one("[name=topics]").text.split() == ["Recht", "Daten"]
    assert database.session.scalars(select(AuditEntry.action)).all() == ["list_made"]


@pytest.mark.parametrize(("kind", "posting"), [("announcements", "nobody"), ("discussion", "everybody")])
def test_who_may_write_by_mail_is_a_matter_of_discussions_alone(office, kind, posting):
    office.send("/buero/verteiler/neu/", FORM | {"kind": kind, "posting": "everybody"})

    assert queries.list_with_slug("rundbrief").posting == posting
    page = page_of(office.get("/buero/verteiler/rundbrief/angaben/"))
    fields = {one: page.select_one(f"[name={one}]") for one in ("posting", "moderation", "replies")}
    groups = [one.find_parent(attrs={"data-used-by": "kind"})["data-used-for"] for one in fields.values()]
    assert groups == ["discussion"] * 3
    assert page.select_one("[data-used-for~=announcements]").text.startswith("Ankündigungen und Newsletter entstehen")
    assert page.select_one("[name=topics]").text.strip() == ""
    proposed = "subscribers" if posting == "nobody" else posting
    assert fields["posting"].find("option", selected=True)["value"] == proposed


def test_addresses_of_the_old_site_lead_to_a_list_and_two_lists_cannot_share_one(office, one, client):
    form = FORM | {"slug": "neu-hier", "name": "Neu", "earlier": "NExT-Info\r\nalte-liste\r\nneu-hier"}
    assert office.send("/buero/verteiler/neu/", form).status_code == 303

    for path in ("/verteiler/next-info/", "/mailman/listinfo/NExT-Info", "/mailman/listinfo/alte-liste"):
        answer = client.get(path)
        assert (answer.status_code, answer.location) == (301, "/verteiler/neu-hier/")
    assert client.get("/mailman/listinfo/neu-hier").location == "/verteiler/neu-hier/"
    assert client.get("/mailman/listinfo/gibt-es-nicht").status_code == 404
    shown = page_of(office.get("/buero/verteiler/neu-hier/angaben/")).find("textarea", attrs={"name": "earlier"}).text
    assert shown.split() == ["alte-liste", "next-info"]
    for taken in ("alte-liste", "neu-hier"):
        form = FORM | {"version": str(one.version), "earlier": taken}
        assert office.send("/buero/verteiler/rundbrief/angaben/", form).status_code == 422
    assert list(queries.earlier_slugs(one)) == []


def test_nobody_learns_of_an_internal_list_by_its_old_address(office, one, client):
    one.joining = Joining.INVITED
    database.session.commit()

    assert client.get("/mailman/listinfo/rundbrief").status_code == 404


def test_a_taken_address_is_refused(office, one):
    answer = office.send("/buero/verteiler/neu/", FORM | {"name": "Anders"})

    assert answer.status_code == 422
    assert "die Adresse ist vergeben" in text_of(answer)


def test_of_two_who_change_a_list_the_second_sees_both_versions(office, one):
    """Guarantee G20."""
    form = FORM | {"version": str(one.version)}
    assert office.send("/buero/verteiler/rundbrief/angaben/", form | {"purpose": "Neues <b>"}).status_code == 303

    late = office.send("/buero/verteiler/rundbrief/angaben/", form | {"purpose": "Anderes"})

    assert late.status_code == 409
    assert "Anderes" in text_of(late)
    assert "Neues <b>" in text_of(late)
    database.session.expire_all()
    assert queries.list_with_slug("rundbrief").purpose == "Neues <b>"
    version = page_of(late).find("input", attrs={"name": "version"})["value"]
    assert office.send("/buero/verteiler/rundbrief/angaben/", form | {"version": version}).status_code == 303


def test_whoever_the_office_enters_is_asked_and_the_reason_is_part_of_the_proof(office, one):
    page = "/buero/verteiler/rundbrief/"
    assert office.send(page, {"email": ADA}).status_code == 422
    assert office.send(page, {"email": ADA, "reason": "Bat am Telefon darum"}).status_code == 303

    consent = database.session.scalars(select(Consent)).one()
    assert (consent.source, consent.confirmed_at) == (Source.STAFF, None)
    assert consent.reason.startswith("Bat am Telefon darum (Kim Büro, ")
    assert [mail.row.recipient for mail in posted()] == [ADA]
    assert state() == "requested"


def test_who_wants_nothing_is_not_entered_and_the_office_is_told(office, one, noon):
    services.suppress(address_of(ADA), "erased", at=noon)
    database.session.commit()

    answer = office.send("/buero/verteiler/rundbrief/", {"email": ADA, "reason": "Bitte"})

    assert answer.status_code == 422
    assert "Nur die Person selbst kann das ändern" in text_of(answer)


def test_taking_off_and_mending_a_mistake_need_a_reason(office, one, mailbox):
    page = f"/buero/verteiler/rundbrief/{mailbox.id}/"
    assert office.send(page, {"tun": "austragen"}).status_code == 422
    assert state() == "active"
    assert office.send(page, {"tun": "austragen", "reason": "Brief vom 3.11."}).status_code == 303
    assert state() == "ended"
    assert "Geschäftsstelle: Brief vom 3.11." in text_of(office.get(page))
    assert office.send(page, {"tun": "zurueck", "reason": "Falsche Person"}).status_code == 303
    assert state() == "active"
    actions = database.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["subscriber_austragen", "subscriber_zurueck"]


def test_the_proof_shows_each_field_and_the_very_text(office, one, mailbox):
    shown = text_of(office.get(f"/buero/verteiler/nachweis/{mailbox.id}/"))

    for piece in ("Ja, bitte.", "2026-1, de", ADA, "http://localhost/newsletter/", "21.11.2026 12:00:00 UTC"):
        assert piece in shown
    assert "angemeldet, mit bestätigter Adresse" in shown
    assert "von Hand gesetzt" in shown


def test_subscribers_are_found_and_paged_with_as_many_queries_for_many(office, one, noon):
    for number in range(105):
        services.put_on_list(one, services.mailbox_for(f"p{number}@amt.example", at=noon), at=noon)
    database.session.commit()

    first = page_of(office.get("/buero/verteiler/rundbrief/"))
    second = page_of(office.get(first.select_one("a[rel=next]")["href"]))
    found = page_of(office.get("/buero/verteiler/rundbrief/?q=P10@"))

    assert [len(page.select("tbody tr")) for page in (first, second, found)] == [100, 5, 1]


def test_a_roster_is_previewed_taken_over_and_reported(office, one):
    database.session.commit()
    page = "/buero/verteiler/rundbrief/importieren/"
    rows = "ada@stadt.example;Ada;", "<script>;Eve;", "bo@stadt.example;Bo;abgemeldet", "uli@stadt.example;Uli;bounced"
    roster = BytesIO("\n".join(("E-Mail;Name;Status", *rows)).encode())
    assert office.send(page, {"evidence": "Ja"}).status_code == 422
    handed_in = office.send(page, {"file": (roster, "alt.csv"), "evidence": "Altes Double-Opt-in"})
    report = handed_in.headers["Location"]
    preview = office.get(report)
    assert "4 Zeilen." in text_of(preview)
    assert "Bei 1 Person kamen dort Mails zurück" in text_of(preview)
    assert "1 Person hat dort abbestellt oder ist gesperrt" in text_of(preview)
    assert "<script>;" not in preview.text
    assert database.session.scalars(select(Subscription)).all() == []
    database.session.commit()

    assert office.send(report).status_code == 303
    take_imports()

    database.session.expire_all()
    assert database.session.scalars(select(ListImport.counts)).one() == {"added": 2, "wrong": 1, "elsewhere": 1}
    assert database.session.scalars(select(ListImport.ended_at)).one() is not None
    done = text_of(office.get(report))
    assert "Fertig." in done
    assert "aufgenommen" in done
    assert "bo@stadt.example hat im anderen System abbestellt, bleibt draußen" in done
    assert "uli@stadt.example im anderen System unzustellbar: bekommt nichts, bis jemand" in done
    assert sorted(database.session.scalars(select(Subscription.state))) == ["active", "active", "ended"]
