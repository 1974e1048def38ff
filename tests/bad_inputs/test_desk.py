"""What organisers and those whom they ask type into forms (2, 3, 8, 10, 26, 34, 35, 39 to 46, 58).

One test for each step of an event's story: each wrong value by itself, the rest filled in well. Nothing may change,
and no page break. Which form is tried where stands at the end; a form that is missing there fails.
"""

import inspect
import pkgutil
from importlib import import_module

from sqlalchemy import func, select
from werkzeug.test import TestResponse
from wtforms import Form as AnyForm

from nextevents.communities.messages import MINE
from nextevents.communities.models import Community, Document, Lead, Result
from nextevents.desk import forms as desk_forms
from nextevents.events import forms as event_forms
from nextevents.events.forms.rooms import RoomForm
from nextevents.events.messages import TRANSFER
from nextevents.events.messages_to_circles import CALL
from nextevents.events.messages_to_many import INVITATION
from nextevents.events.messages_to_voters import POLL, VOTER
from nextevents.events.models import (
    Announcement,
    Event,
    Feedback,
    Invitation,
    JointRequest,
    Material,
    Partner,
    Question,
    Registration,
    ReminderRule,
    State,
    Turn,
    Vote,
    Voter,
)
from nextevents.events.models import Poll as PollRow
from nextevents.ground.database import db as database
from nextevents.mailing.models import Message
from tests.bad_inputs import forms
from tests.bad_inputs.forms import ADA, CIRCLE_DESK, ENGLISH, Form
from tests.factories import make_question, make_registration
from tests.house.matrix import ballot, own_document, own_poll, part, participant
from tests.house.visitors import page_of
from tests.house.world import ADDRESSES, OFFICE, PARTICIPANT

TWICE = ["x", "y"]
EMPTY = ("", "\u3164")
TICKS = (None, "false")
CHOICES = ("x",)
NUMBERS = ("1e3", "9" * 5_000)
DAYS = ("2027-02-30",)
TIMES = ("24:00",)
ADDRESS = ([ADA, ADA], f"a\r\nBcc: b@{ADA}")
LINKS = ("javascript:alert(1)", "http://[")


def line(longest: int) -> tuple[object, ...]:
    """What is no line of text of at most so many letters."""
    return TWICE, "x" * (longest + 1)


def text(longest: int) -> tuple[object, ...]:
    """What is no text of several lines."""
    return "a\u202eb", "x" * (longest + 1)


def standing() -> list:
    """Everything that these forms could have changed."""
    database.session.expire_all()
    versions = (Event, Material, Community, Document, Result)
    counted = (
        Announcement,
        Feedback,
        Invitation,
        JointRequest,
        Lead,
        Message,
        Partner,
        PollRow,
        Question,
        ReminderRule,
        Turn,
        Vote,
    )
    facts = (
        *(select(one.id, one.version) for one in versions),
        select(Registration.id, Registration.state, Registration.person_id, Registration.note),
        select(Voter.id, Voter.name, Voter.comment),
        select(*(select(func.count()).select_from(one).scalar_subquery() for one in counted)),
    )
    return [sorted(map(str, database.session.execute(one))) for one in facts]


def said_at(answer: TestResponse, field: str) -> str:
    """The message at a field; that of several ticks or dots stands at their group."""
    page = page_of(answer)
    message = page.find(id=f"{field}-error")
    assert message is not None, f"nothing at {field}"
    assert page.select_one(
        f"[aria-describedby~='{field}-error'][aria-invalid=true], fieldset[aria-describedby~='{field}-error']"
    )
    return " ".join(message.stripped_strings)


def says_no(house, form: Form, **wrong: tuple[object, ...]) -> None:
    """Each value is refused at its field and in German, and nothing changes; a well filled form is taken."""
    before = standing()
    for field, values in wrong.items():
        for value in values:
            answer = form.send(house, **{field: value})
            what = f"{form.path} {field}={str(value)[:40]!r}"
            assert answer.status_code == 422, what
            message = said_at(answer, field)
            assert message.startswith("Fehler: "), what
            assert not ENGLISH.search(message), f"{what}: {message}"
    assert standing() == before, form.path
    answer = form.send(house)
    assert answer.status_code in {200, 303}, form.path


def says_never(house, form: Form, **wrong: tuple[object, ...]) -> None:
    """As says_no, where the form as it stands is not taken either: a file is missing, or it is an older version."""
    before = standing()
    for field, values in wrong.items():
        for value in values:
            answer = form.send(house, **{field: value})
            assert answer.status_code == 422, f"{form.path} {field}={str(value)[:40]!r}"
    assert standing() == before, form.path


def desk(house, endpoint: str, values: dict | None = None, /, **fields: object) -> Form:
    """A form of the organisers, filled in well."""
    return Form(house.path(endpoint, **(values or {"slug": "offen"})), fields, OFFICE)


def test_making_an_event(house):
    partner = desk(house, "desk.add_partner", partner_name="Amt", partner_website="https://amt.example/")
    says_no(house, partner, partner_name=(*EMPTY, *line(120)), partner_website=LINKS)
    picture = desk(house, "desk.set_picture", picture_alt="Ein Saal")
    says_never(house, picture, picture_alt=(*EMPTY, *line(300)))
    question = desk(house, "desk.add_question", label="Thema?", kind="line", condition="", kept_days="14")
    says_no(house, question, label=(*EMPTY, *line(200)), hint=line(300), kind=CHOICES, condition=CHOICES)
    says_no(house, question, kept_days=(*NUMBERS, "0", "184"), options=text(4_000))
    standing_question = desk(house, "desk.remove_question", part("question")(house), is_meant="y")
    says_no(house, standing_question, is_meant=TICKS)
    says_no(
        house,
        forms.REMINDER,
        amount=(*EMPTY, *NUMBERS, "0", "181"),
        unit=CHOICES,
        place=CHOICES,
        states=(*CHOICES, None),
        text=text(3_000),
    )


def test_filling_an_event(house):
    event = database.session.scalars(select(Event).where(Event.slug == "offen")).one()
    asking = make_registration(event, state=State.REQUESTED)
    database.session.commit()
    refusing = desk(house, "desk.decide", do="refuse", nummer=str(asking.id), reason="Voll")
    says_no(house, refusing, reason=(*EMPTY, *line(500)))
    enrolling = desk(house, "desk.enrol", name="Gast", email=ADA)
    says_no(house, enrolling, name=(*EMPTY, *line(120)), email=ADDRESS, organisation=line(200))
    message = {"subject": "Raum", "text": "Saal 2", "states": "confirmed", "answer": "", "body": ""}
    wrong = {"subject": (*EMPTY, *line(200)), "text": (*EMPTY, *text(20_000))}
    for endpoint in ("desk.preview_announcement", "desk.announce"):
        form = desk(house, endpoint, **message)
        says_never(house, form, answer=(*CHOICES, "1:x"))  # nobody was asked anything, so the page has no such field
        says_no(house, form, **wrong, states=(*CHOICES, None), body=CHOICES)
    passing = desk(house, "desk.transfer", participant("offen")(house), taker_name="Bo", taker_email=ADA)
    says_no(house, passing, taker_name=(*EMPTY, *line(120)), taker_email=ADDRESS, taker_organisation=line(200))
    says_no(house, desk(house, "desk.note", part("registration")(house), note="Rollstuhl"), note=text(2_000))
    leaving = desk(house, "desk.remove_participant", participant("offen")(house), reason="Doppelt")
    says_no(house, leaving, reason=(*EMPTY, *line(500)))
    before = standing()
    for pasted in ("", "\u202e", "kein-klammeraffe"):
        assert desk(house, "desk.check_invitations", addresses=pasted).send(house).status_code in {200, 422}
        assert desk(house, "desk.invite", addresses=pasted).send(house).status_code in {303, 422}
    assert standing() == before


def test_running_and_closing_an_event(house):
    says_never(house, forms.WALK_IN, name=(*EMPTY, *line(120)), email=ADDRESS, organisation=line(200))
    link = {"link-title": (*EMPTY, *line(150)), "link-url": (*EMPTY, *LINKS), "link-viewers": CHOICES}
    says_no(house, forms.MATERIAL_LINK, **link)
    minutes = {"protokoll-title": (*EMPTY, *line(150)), "protokoll-text": EMPTY, "protokoll-viewers": CHOICES}
    says_no(house, forms.MINUTES, **minutes)
    standing_material = desk(house, "desk.change_material", part("material")(house), title="Neu", viewers="nobody")
    says_never(house, standing_material, title=(*EMPTY, *line(150)), viewers=CHOICES)
    file = desk(house, "desk.upload_material", **{"datei-title": "Folien", "datei-viewers": "everybody"})
    says_never(house, file, **{"datei-title": line(150), "datei-viewers": CHOICES, "datei-file": (None, "", "x")})
    says_no(house, forms.PROPOSED_CIRCLE, name=(*EMPTY, *line(120)), summary=text(500))


def test_a_circle_and_its_dates(house):
    circle = desk(house, "desk.change_circle", {"slug": "chatbot-community"}, version="0")
    says_never(house, circle, summary=text(500), description=text(20_000), dial_in=line(1_000))
    lead = desk(house, "desk.appoint_lead", {"slug": "chatbot-community"}, email=ADDRESSES[PARTICIPANT])
    says_no(house, lead, email=(*ADDRESS, "nobody@amt.example"))
    handing = desk(house, "desk.hand_over_lead", {"slug": "chatbot-community"}, email=ADDRESSES[PARTICIPANT])
    lists = desk(house, "desk.change_circle_list", {"slug": "chatbot-community"}, purpose="Termine")
    says_never(house, lists, purpose=(*EMPTY, *text(300)), sender_name=line(120), kind=CHOICES, replies=CHOICES)
    says_never(house, handing, is_meant=TICKS, email=ADDRESS)
    says_never(house, forms.TURN, month=(*CHOICES, "2026-13-01"), host=(*ADDRESS, "nobody@amt.example"))
    own_turn = Form(house.path("desk.hand_over_turn", number=house.world.turn), {"email": ADA}, PARTICIPANT)
    says_never(house, own_turn, email=ADDRESS, note=text(1_000))
    says_never(house, desk(house, "desk.ask_circle"), community=(*CHOICES, None))
    says_no(house, forms.NEXT_MEETING, title=line(200), starts_on=(*EMPTY, *DAYS), starts_time=(*EMPTY, *TIMES))
    says_no(
        house,
        forms.SERIES,
        title=(*EMPTY, *line(200)),
        starts_time=(*EMPTY, *TIMES),
        ends_time=(*EMPTY, *TIMES, "13:59"),
        interval=(*EMPTY, *NUMBERS, "0"),
        starts_on=(*EMPTY, *DAYS),
        count=(*EMPTY, *NUMBERS, "0", "25"),
        nth=("x", "5"),
        weekday=CHOICES,
    )
    changing = desk(house, "desk.change_series", {"slug": "serie"}, which="all", title="Neu", place="virtual")
    says_never(house, changing, title=(*EMPTY, *line(200)), summary=text(500), hosts=line(300), place=CHOICES)
    says_never(house, changing, starts_time=TIMES, address=text(500), dial_in=line(500), which=(*CHOICES, None))
    says_no(
        house,
        forms.POLL,
        title=(*EMPTY, *line(200)),
        text=text(5_000),
        minutes=NUMBERS,
        closes_on=(*EMPTY, *DAYS, "2026-01-01"),
        votes_shown=CHOICES,
    )
    deadline = desk(house, "desk.change_deadline", own_poll(house), closes_on="2026-12-05")
    says_no(house, deadline, closes_on=(*EMPTY, *DAYS, "2026-01-01"))


def test_the_library_and_results_of_a_circle(house):
    viewers = ("x", "nobody")
    note = {"notiz-title": (*EMPTY, *line(150)), "notiz-text": EMPTY, "notiz-viewers": viewers}
    says_no(house, forms.LIBRARY_NOTE, **note)
    link = {"link-title": (*EMPTY, *line(150)), "link-url": (*EMPTY, *LINKS), "link-viewers": viewers}
    says_no(house, forms.LIBRARY_LINK, **link)
    file = Form(f"{CIRCLE_DESK}unterlagen/datei", {"datei-title": "Folien", "datei-viewers": "community"}, OFFICE)
    says_never(house, file, **{"datei-title": line(150), "datei-viewers": viewers, "datei-file": (None, "", "x")})
    kept = desk(house, "desk.change_document", own_document()(house), title="Neu", viewers="community")
    says_never(house, kept, title=line(150), viewers=viewers)
    says_no(
        house,
        forms.RESULT,
        title=(*EMPTY, *line(200)),
        authors=line(500),
        abstract=text(5_000),
        published_on=DAYS,
    )


def test_answering_what_organisers_ask(house):
    for purpose, endpoint in ((INVITATION, "events.reply"), (TRANSFER, "events.answer_transfer")):
        form = Form(house.path(endpoint, token=house.row_token(purpose)), {"reply": "yes", "name": "Gast"})
        says_no(house, form, reply=(*CHOICES, None), name=(*EMPTY[1:], *line(120)), organisation=line(200))
    called = Form(house.path("events.answer_call", token=house.row_token(CALL)), {"reply": "yes"})
    says_no(house, called, reply=(*CHOICES, None))
    time = f"wish_{house.world.time}"
    openly = Form(house.path("events.vote_openly", token=house.row_token(POLL)), ballot(house))
    wrong = {"name": (*EMPTY, *line(120)), "comment": text(500), time: (*CHOICES, TWICE)}
    says_no(house, openly, **wrong, email=ADDRESS[1:])
    own_vote = Form(house.path("events.change_vote", token=house.row_token(VOTER)), ballot(house))
    says_no(house, own_vote, **wrong)
    for name in (*EMPTY, *line(120)):  # the room is closed by now, and who comes is told that first
        with house.visitor().application.test_request_context(method="POST", data={"name": name}):
            assert not RoomForm(meta={"csrf": False}).validate()


def test_one_s_own_registration(house):
    def own(endpoint: str, slug: str, **fields: object) -> Form:
        return Form(house.path(endpoint, token=house.registration_token(PARTICIPANT, slug)), fields)

    giving = own("events.offer_transfer", "offen", taker_name="Bo", taker_email=ADA)
    says_no(house, giving, taker_name=(*EMPTY, *line(120)), taker_email=ADDRESS, taker_organisation=line(200))
    for endpoint in ("events.accept", "events.decline"):
        says_never(house, own(endpoint, "angebot"), is_meant=TICKS)
    says_no(house, own("events.restore", "vor-ort", is_meant="y"), is_meant=TICKS)
    event = database.session.scalars(select(Event).where(Event.slug == "offen")).one()
    asked = f"frage-{make_question(event, label='Woher?').id}"
    database.session.commit()
    says_no(house, own("events.change_answers", "offen", **{asked: "Aus Ulm"}), **{asked: (TWICE, *text(500))})
    feedback = own("events.give_feedback", "gestern", rating="5", useful="", text="Gut")
    says_no(house, feedback, rating=(*CHOICES, None, "0", "6"), useful=(*CHOICES, "0", "6"), text=text(2_000))
    coming = Form(house.path("belonging.say_yes", token=house.row_token(MINE)), {"dates": house.event_number("serie")})
    says_no(house, coming, dates=(*CHOICES, None, "999999"))


def test_dates_of_a_series(house):
    number = house.event_number("serie")
    prefix = f"verlegen-{number}-"
    moving = desk(
        house,
        "desk.move_date",
        {"slug": "serie"},
        nummer=str(number),
        **{f"{prefix}day": "2027-01-13", f"{prefix}starts": "14:00", f"{prefix}ends": "15:00"},
    )
    wrong = {f"{prefix}day": (*EMPTY, *DAYS), f"{prefix}starts": (*EMPTY, *TIMES), f"{prefix}ends": (*TIMES, "13:00")}
    says_never(house, moving, **wrong)
    made = Form(
        forms.SERIES.path,
        forms.SERIES.fields
        | {
            "termin-0-day": "2027-01-13",
            "termin-0-starts": "14:00",
            "termin-0-ends": "15:00",
            "termin-0-is_wanted": "y",
        },
        OFFICE,
    )
    wrong = {"termin-0-day": ("gestern",), "termin-0-starts": ("24:00",), "termin-0-ends": ("13:00",)}
    says_never(house, made, **wrong)


def test_the_code_of_a_certificate(house):
    for code in ("", "\u3164", "a\nb", "x" * 41, "' OR 1=1 --", "<script>", "9" * 5_000):
        answer = house.visitor().get("/bescheinigung/", query_string={"code": code})
        assert answer.status_code in {200, 404, 422}, code
        assert "Diese Bescheinigung ist echt." not in answer.text


#: Which forms a test of this folder tries, by the file in which they are declared.
TRIED = {
    "test_events": {"event": ["CancellationForm", "EventForm", "PostponementForm"]},
    "test_questions": {"question": ["QuestionForm"], "questions": ["QuestionsForm"]},
    "test_what_people_type": {"registration": ["CodeForm", "RegistrationForm"]},
    "test_making_an_event": {
        "event": ["PartnerForm", "PictureForm"],
        "question": ["QuestionForm", "RemovalForm"],
        "reminder": ["ReminderForm"],
    },
    "test_filling_an_event": {
        "filling": ["AnnouncementForm", "EnrolForm", "InvitationsForm", "RefusalForm", "RemovalForm"],
        "participant": ["NoteForm"],
    },
    "test_running_and_closing_an_event": {
        "door": ["WalkInForm"],
        "founding": ["ProposedCircleForm"],
        "material": ["LinkForm", "MinutesForm", "StandingFileForm", "UploadForm"],
    },
    "test_a_circle_and_its_dates": {
        "mailing_list": ["SettingsForm"],
        "circle": ["AskCircleForm", "CircleForm", "HandOverForm", "HandTurnForm", "LeadForm", "TurnForm"],
        "scheduling": ["NextMeetingForm", "SeriesForm"],
        "series": ["SeriesChangeForm"],
        "polling": ["DeadlineForm", "PollForm", "TimeRow"],
    },
    "test_the_library_and_results_of_a_circle": {
        "library": ["FileForm", "LinkForm", "NoteForm", "ResultForm", "StandingFileForm"],
    },
    "test_answering_what_organisers_ask": {
        "polling": ["OpenVoteForm", "VoteForm"],
        "replying": ["ReplyForm", "YesOrNoForm"],
        "rooms": ["RoomForm"],
    },
    "test_one_s_own_registration": {
        "afterwards": ["FeedbackForm"],
        "questions": ["AnswersForm"],
        "registration": ["AnswerForm", "RestorationForm", "RetractionForm", "WithdrawalForm"],
        "replying": ["ComingForm", "TransferForm"],
    },
    "test_dates_of_a_series": {"scheduling": ["DateRow", "DateTimes"], "series": ["MoveForm"]},
    "test_the_code_of_a_certificate": {"afterwards": ["CertificateForm"]},
    "the same fields as LinkForm and MinutesForm": {"material": ["StandingLinkForm", "StandingMinutesForm"]},
    # Nothing is typed into these: a button, and a tick that may be there or not.
    "nothing to type": {"registration": ["ConfirmationForm"], "filling": ["GivingForm"]},
}


def test_every_form_of_organisers_and_those_whom_they_ask_is_tried():
    declared = {
        (module.name.rpartition(".")[2], name)
        for package in (desk_forms, event_forms)
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
        for name, one in inspect.getmembers(import_module(module.name), inspect.isclass)
        if issubclass(one, AnyForm) and one.__module__ == module.name and not name.startswith("_")
    }

    assert declared == {(file, name) for forms in TRIED.values() for file, names in forms.items() for name in names}
