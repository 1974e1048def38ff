"""What people type about lists, newsletters and posts (8, 10, 26, 34, 35, 41 to 46, 51, 58, 60).

One test for each form: each wrong value by itself, the rest filled in well. Nothing may change, and no page break.
"""

import re
from io import BytesIO

import pytest
from sqlalchemy import func, select

from nextevents.ground.database import db as database
from nextevents.mailing.messages_of_lists import SUBSCRIPTION
from nextevents.mailing.models import (
    Campaign,
    CampaignState,
    Consent,
    ListImport,
    Mailbox,
    MailingList,
    Message,
    Post,
    Subscription,
)
from nextevents.newsroom.messages_to_keepers import PURPOSE as DECIDE
from tests.bad_inputs.forms import ADA, ENGLISH, NEWS_SETTINGS, NEWS_TEXT, Form, problem_at
from tests.house.lists import PREFERENCES
from tests.house.matrix import LIST_FORM
from tests.house.visitors import page_of
from tests.house.world import OFFICE, PARTICIPANT, STRANGER

LONG, UNSEEN, TWICE = "x" * 10_001, "a\u202eb", ["x", "y"]
NO_CHOICES = ("x", "-1", "2147483648", "9" * 5_000, "1e3")
NUMBERS = (*NO_CHOICES, "٣", "1_0")


def standing() -> list:
    """Everything that a form of lists could have changed."""
    database.session.expire_all()
    facts = (
        select(MailingList.id, MailingList.version, MailingList.closed_at),
        select(Campaign.id, Campaign.version, Campaign.state),
        select(Consent.id, Consent.confirmed_at),
        select(Subscription.id, Subscription.state, Subscription.delivery),
        select(Mailbox.id, Mailbox.language, Mailbox.suspended_at),
        select(Post.id, Post.state),
        select(ListImport.id, ListImport.started_at),
        select(func.count(Message.id)),
    )
    return [sorted(map(str, database.session.execute(one))) for one in facts]


def says_no(house, form: Form, field: str, *values: object, status: int = 422) -> None:
    """Each value is refused: at its field and in German where the page can tell which, and nothing changes."""
    before = standing()
    for value in values:
        answer = form.send(house, **{field: value})
        what = f"{form.path} {field}={str(value)[:40]!r}"
        assert answer.status_code == status, what
        assert standing() == before, what
        if status == 422:
            message = problem_at(answer, field)
            assert message.startswith("Fehler: "), what
            assert not ENGLISH.search(message), f"{what}: {message}"


def sends(house, form: Form) -> None:
    """The same form, filled in well, does what it should: so the refusals have the reason that they name."""
    assert form.send(house).status_code in {200, 303}


@pytest.mark.parametrize("path", ["/newsletter/", "/verteiler/newsletter/"])
def test_coming_onto_a_list(house, path):
    form = Form(path, {"email": ADA, "name": "Ada", "agrees": "y"})

    says_no(house, form, "email", None, "", "kein-klammeraffe", "a@b@c.example", [ADA, ADA], f"a\r\nBcc: b@{ADA}", LONG)
    says_no(house, form, "name", UNSEEN, LONG, TWICE, "x" * 121)
    says_no(house, form, "agrees", None, "", "false")
    sends(house, form)


def test_what_is_no_topic_of_the_list(house):
    for actor in (STRANGER, PARTICIPANT):
        form = Form("/newsletter/", {"email": ADA, "agrees": "y"}, actor)
        before = standing()
        for value in (*NUMBERS, ["1", "x"]):
            assert form.send(house, topics=value).status_code == 422
        assert standing() == before


def test_confirming_so_fast_that_it_could_be_a_machine_takes_a_tick(house):
    form = Form(house.path("lists.confirm_by_button", token=house.row_token(SUBSCRIPTION)), {"is_sure": "y"})
    assert form.send(house, is_sure=None).status_code == 200

    says_no(house, form, "is_sure", None, "", "false")
    sends(house, form)


def test_choosing_what_mail_comes(house):
    token = house.row_token(PREFERENCES)
    form = Form(house.path("newsroom.choose_preferences", token=token), {"language": "de"})
    number = database.session.scalar(select(MailingList.id).where(MailingList.slug == "newsletter"))

    says_no(house, form, "language", "xx", "DE", LONG)
    says_no(house, form, f"list_{number}", "immer", "daily", "each ", LONG)
    leaving = Form(house.path("newsroom.leave_everything", token=token), {"is_meant": "y"})
    says_no(house, leaving, "is_meant", None, "", "false")
    says_no(house, Form("/konto/mails/daten/", {"keep_away": "y"}, PARTICIPANT), "is_meant", None, "", "false")
    sends(house, form)


def test_deciding_about_a_post(house):
    path = house.path("newsroom.decide_by_token", token=house.row_token(DECIDE))
    form = Form(path, {"decision": "reject", "reason": "Passt nicht.", "is_read": "y"})
    before = standing()
    for decision in (None, "", "löschen", "accepted", ["accept", "reject"], LONG):
        assert form.send(house, decision=decision).status_code == 422, decision
        assert standing() == before
    says_no(house, form, "is_read", None, "", "false")
    says_no(house, form, "reason", None, " ", UNSEEN, TWICE, "x" * 1_001)

    signed_in = Form(f"/redaktion/beitraege/{house.world.lists['held']}/", dict(form.fields), OFFICE)
    for fields in ({"decision": "löschen"}, {"reason": " "}, {"reason": UNSEEN}, {"reason": "x" * 1_001}):
        assert signed_in.send(house, **fields).status_code == 303
        assert standing() == before
    sends(house, form)


def test_a_list_of_the_office(house):
    form = Form("/buero/verteiler/neu/", LIST_FORM | {"name": "Neue Liste", "slug": "neue-liste"}, OFFICE)

    says_no(house, form, "name", None, "", " ", "NExT-Newsletter", UNSEEN, TWICE, "x" * 121)
    says_no(house, form, "slug", None, "", "x" * 61, TWICE)
    says_no(house, form, "purpose", None, " ", "x" * 301, UNSEEN)
    says_no(house, form, "sender_name", "x" * 121, UNSEEN, TWICE)
    says_no(house, form, "topics", "x" * 1_001, UNSEEN, TWICE)
    says_no(house, form, "earlier", "x" * 1_001, UNSEEN, TWICE)
    for choice in ("kind", "joining", "rule", "posting", "moderation", "archive", "replies"):
        says_no(house, form, choice, "alles", "level:king", LONG)
    says_no(house, Form(form.path, form.fields | {"rule": "registered"}, OFFICE), "event", None, "", *NUMBERS, "999999")
    before = standing()
    for slug in ("!!!", "neu", "nachweis", "angefragt", "newsletter", "Bounces"):  # said at the name, both are one's
        assert form.send(house, slug=slug).status_code == 422
        assert standing() == before
    standing_list = Form("/buero/verteiler/newsletter/angaben/", LIST_FORM, OFFICE)
    for version in (None, *NUMBERS):
        assert standing_list.send(house, version=version).status_code == 409
    assert standing() == before
    sends(house, form)


def test_somebody_on_a_list_of_the_office(house):
    add = Form("/buero/verteiler/newsletter/", {"email": ADA, "name": "Ada", "reason": "Anruf"}, OFFICE)
    says_no(house, add, "email", None, "kein-klammeraffe", f"a\nBcc: {ADA}", [ADA, ADA], LONG)
    says_no(house, add, "reason", None, " ", UNSEEN, TWICE, LONG)
    says_no(house, add, "name", UNSEEN, TWICE, "x" * 121)

    one = f"/buero/verteiler/newsletter/{house.world.lists['mailbox']}/"
    change = Form(one, {"tun": "austragen", "reason": "Anruf"}, OFFICE)
    says_no(house, change, "tun", None, "zerstören", LONG, status=400)
    says_no(house, change, "reason", None, " ", UNSEEN, TWICE, LONG)
    sends(house, change)


def test_a_roster_that_is_none(house):
    path = "/buero/verteiler/newsletter/importieren/"
    visitor, before = house.visitor(OFFICE), standing()
    for content, evidence in (
        (b"", ""),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), ""),
        (b"PK\x03\x04" + bytes(200), ""),
        (b"email\n" + ADA.encode(), "x" * 1_001),
        (b"email\n" + ADA.encode(), UNSEEN),
    ):
        fields = {"file": (BytesIO(content), "alt.csv"), "evidence": evidence, "csrf_token": visitor.form_token()}
        answer = visitor.post(path, data=fields, content_type="multipart/form-data")
        assert answer.status_code == 422
        assert standing() == before
    says_no(house, Form(path, {"evidence": ""}, OFFICE), "file", None, "alt.csv")


def test_a_new_draft(house):
    own = str(database.session.scalar(select(MailingList.id).where(MailingList.slug == "newsletter")))
    form = Form("/redaktion/neu/", {"to_list": own, "begin_with": "leer"}, OFFICE)

    says_no(house, form, "to_list", None, "", "0", *NO_CHOICES)
    before = standing()
    for value in ("nichts", "0", *NO_CHOICES):
        assert form.send(house, begin_with=value).status_code == 422
    assert standing() == before
    sends(house, form)


def test_what_a_campaign_is_beside_its_blocks(house):
    says_no(house, NEWS_SETTINGS, "subject", None, " ", "x" * 71, UNSEEN, TWICE, "a\r\nBcc: b@c.example\x00")
    says_no(house, NEWS_SETTINGS, "language", "xx", LONG)
    before = standing()
    for field in ("communities", "organisations", "events", "levels", "languages", "topics"):
        for value in (*NO_CHOICES, "king"):
            assert NEWS_SETTINGS.send(house, **{field: value}).status_code == 422, (field, value)
    assert standing() == before
    sends(house, NEWS_SETTINGS)


#: What is wrong in each kind of block, by field.
BLOCKS = {
    "text": ({"text": "Neu"}, {"text": (None, " ", UNSEEN, TWICE, "x" * 20_001)}),
    "button": (
        {"label": "Los", "url": "https://next.example/"},
        {
            "label": (None, " ", "x" * 61, UNSEEN, TWICE),
            "url": (None, "javascript:alert(1)", "data:text/html,x", "mailto:a@b.example", "https://", "x" * 501),
        },
    ),
    "events": ({"weeks": "4"}, {"weeks": (None, "", "0", "27", *NUMBERS), "heading": ("x" * 121, UNSEEN, TWICE)}),
    "own_events": ({"weeks": "4"}, {"weeks": (None, "0", "27", *NUMBERS)}),
    "results": ({"weeks": "4"}, {"weeks": (None, "0", "27", *NUMBERS)}),
    "board": (
        {"text": "Danke", "author": "Der Vorstand"},
        {"text": (None, " ", UNSEEN), "heading": ("x" * 121, TWICE), "author": ("x" * 121, UNSEEN, TWICE)},
    ),
}


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_block_of_a_newsletter(house, kind):
    number = house.world.campaigns["circle"]
    added = Form(f"/redaktion/{number}/bausteine/", {"kind": kind, "version": "1"}, OFFICE).send(house)
    name = re.search(r"/bausteine/(\w+)/", added.location)[1]
    good, wrong = BLOCKS[kind]
    version = str(database.session.get_one(Campaign, number).version)
    form = Form(f"/redaktion/{number}/bausteine/{name}/", good | {"version": version}, OFFICE)

    look, before = Form(f"{form.path}vorschau", good, OFFICE), standing()
    for field, values in wrong.items():
        says_no(house, form, field, *values)
        for value in values:
            said = look.send(house, **{field: value})
            assert (said.status_code, said.mimetype, ENGLISH.search(said.text)) == (422, "text/plain", None), value
    assert look.send(house, look=UNSEEN).status_code == 200
    for value in (None, *NUMBERS):
        assert form.send(house, version=value).status_code == 409
    if kind == "events":
        assert form.send(house, communities="999999").status_code == 422
        assert form.send(house, communities="x").status_code == 422
    assert standing() == before
    sends(house, form)


def test_a_picture_of_a_newsletter_that_is_none(house):
    path, before = NEWS_TEXT.path.replace("worte", "bild"), standing()
    visitor = house.visitor(OFFICE)
    for content in (
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + bytes(50),
        b"\x89PNG\r\n\x1a\n",
        b"%PDF-1.7",
    ):
        fields = {"alt": "Petrol", "version": "1", "csrf_token": visitor.form_token()}
        answer = visitor.post(path, data=fields | {"picture": (BytesIO(content), "bild.png")})
        assert (answer.status_code, "Fehler: " in problem_at(answer, "picture")) == (422, True)
        assert standing() == before


def test_releasing_a_newsletter(house):
    number = house.world.campaigns["circle"]
    assert Form(f"/redaktion/{number}/testmail", {}, OFFICE).send(house).status_code == 303
    later = {"is_meant": "y", "when": "later", "on_day": "2026-12-01", "at_time": "09:00", "count": "1"}
    later["version"] = str(database.session.get_one(Campaign, number).version)
    form = Form(f"/redaktion/{number}/freigeben", later, OFFICE)

    says_no(house, form, "is_meant", None, "", "false")
    says_no(house, form, "on_day", None, "", "2026-11-01", "0001-01-01", "1.12.2026", "2027-02-29")
    says_no(house, form, "at_time", "24:00", "9", "23:59:60")
    for day in ("2027-03-28", "2027-10-31"):
        says_no(house, Form(form.path, later | {"on_day": day}, OFFICE), "at_time", "02:30")
    before = standing()
    for field, values in {
        "when": ("irgendwann", LONG),
        "count": (None, "2", *NUMBERS),
        "version": (None, *NUMBERS),
    }.items():
        for value in values:
            answer = form.send(house, **{field: value})
            assert answer.status_code in {303, 409, 422}, (field, value)
            assert standing() == before, (field, value)
    assert page_of(form.send(house, count="2")).select_one("main [name=is_meant]:not([checked])") is not None
    sends(house, form)
    database.session.expire_all()
    assert database.session.get_one(Campaign, number).state == CampaignState.SCHEDULED
