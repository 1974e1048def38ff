"""Every kind of request, and how it is answered to whom. A route that is missing here fails a test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nextevents.communities.messages import MINE
from nextevents.demo.personas import PERSONAS
from nextevents.events.messages import TRANSFER
from nextevents.events.messages_to_circles import CALL
from nextevents.events.messages_to_many import INVITATION
from nextevents.events.messages_to_voters import POLL, VOTER
from nextevents.ground.tokens import code_for
from nextevents.mailing.messages_of_lists import AWAKENING, SUBSCRIPTION
from nextevents.newsroom.messages_to_keepers import PURPOSE as DECIDE
from nextevents.people.models import Purpose
from tests.house.campaigns import ISSUE
from tests.house.discussions import SLUG as DISCUSSION
from tests.house.lists import PREFERENCES, UNSUBSCRIBE
from tests.house.world import (
    ACTORS,
    ADDRESSES,
    LEAD,
    NEIGHBOUR,
    NO_SUCH_NUMBER,
    OFFICE,
    OTHER,
    PARTICIPANT,
    STRANGER,
    House,
)

Values = Callable[[House], dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """One kind of request."""

    endpoint: str
    #: The status of the answer, by actor.
    answers: Mapping[str, int]
    #: What stands in the path, and what is sent.
    values: Values = lambda _: {}
    fields: Values = lambda _: {}
    method: str = "GET"
    #: The values of something absent that must look the same to those who may not see what is there.
    like: dict[str, Any] | None = None

    def path(self, house: House, **values: object) -> str:
        """The path to ask for."""
        return house.path(self.endpoint, **(values or self.values(house)))

    def opens_for(self, actor: str) -> bool:
        """Whether that visitor finds something here; strangers are only asked who they are."""
        return self.answers[actor] != 404 and actor != STRANGER

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint}"


def everyone(status: int, **others: int) -> dict[str, int]:
    """The same answer for all, but for some."""
    return dict.fromkeys(ACTORS, status) | others


def signed_in(status: int) -> dict[str, int]:
    """Strangers are asked to sign in."""
    return everyone(status, **{STRANGER: 303})


def office(status: int) -> dict[str, int]:
    """Strangers are asked to sign in; to others there is nothing here."""
    return everyone(404, **{STRANGER: 303, OFFICE: status})


def organisers(status: int) -> dict[str, int]:
    """As for the office, and the lead of one of the event's circles too; one who leads another sees nothing."""
    return office(status) | {LEAD: status}


def leads(status: int) -> dict[str, int]:
    """Whoever leads a circle, and the office."""
    return organisers(status) | {NEIGHBOUR: status}


def fixed(**values: object) -> Values:
    """The same values in every house."""
    return lambda _: values


def registration(actor: str, slug: str) -> Values:
    """The token of somebody's registration."""
    return lambda house: {"token": house.registration_token(actor, slug)}


def part(what: str, slug: str = "offen") -> Values:
    """An event and the number of something that hangs on it."""
    return lambda house: {"slug": slug, "number": house.world.parts[what, slug]}


def own_part(what: str, slug: str) -> Values:
    """The token of the participant's registration for the open meeting, and something that hangs on an event."""
    return lambda house: {
        "token": house.registration_token(PARTICIPANT, "offen"),
        "number": house.world.parts[what, slug],
    }


def proof(purpose: Purpose) -> Values:
    """The token of the proof that was asked for."""
    return lambda house: {"token": house.proof_token(purpose)}


def code(purpose: Purpose) -> Values:
    """The code of the proof that was asked for."""
    return lambda house: {"code": house.in_app(code_for, purpose, house.world.proofs[purpose])}


def feed(actor: str) -> Values:
    """The token of somebody's calendar address."""
    return lambda house: {"token": house.feed_token(actor)}


def row(purpose: str) -> Values:
    """The token of the one row of that purpose."""
    return lambda house: {"token": house.row_token(purpose)}


def participant(slug: str, of: str = "") -> Values:
    """The participant's registration at an event; or at another one, in the path of the first."""
    return lambda house: {"slug": slug, "number": house.world.registrations[PARTICIPANT, of or slug]}


def waiting_deed(deed: str) -> Values:
    """What a button of the waiting list sends for the participant, who waits at the full event."""
    return lambda house: {"do": f"{deed}-{house.world.registrations[PARTICIPANT, 'voll']}"}


NOTHING = everyone(404)
#: What organisers see before all others do, who are told that there is nothing.
PREVIEW = everyone(404, **{LEAD: 200, OFFICE: 200})
#: What is for the people of the lead's circle.
OF_CIRCLE = everyone(404, **{STRANGER: 303, PARTICIPANT: 200, LEAD: 200, OFFICE: 200})
NO_VALUES = fixed()
NO_SLUG, NO_TOKEN = {"slug": "gibt-es-nicht"}, {"token": "A" * 32}
SIGN_IN, REGISTRATION = Purpose.SIGN_IN, Purpose.REGISTRATION
MEANT = fixed(is_meant="y")

EVENT_FORM = {
    "title": "Offenes Treffen",
    "format": "community_meeting",
    "starts_on": "2026-12-02",
    "starts_time": "14:00",
    "ends_on": "2026-12-02",
    "ends_time": "15:30",
    "place": "virtual",
    "audience": "everybody",
    "takes_registrations": "y",
    "is_listed": "y",
    "participants_shown_to": "nobody",
    "capacity": "60",
    "waiting_mode": "move_up",
}


def event_form(house: House) -> dict[str, Any]:
    """The form of an event as it stands."""
    return EVENT_FORM | {"version": str(house.world.version)}


DOMAIN_FORM = {
    "amt-other-example-organisation": "0",
    "amt-other-example-new_name": "Amt Neu",
    "amt-other-example-level": "municipal",
}

#: What the number in the path of a desk's door is of.
NUMBERED = {
    "desk.answer_file": "answer",
    "desk.change_material": "material",
    "desk.change_question": "question",
    "desk.edit_material": "material",
    "desk.excuse": "registration",
    "desk.give_seat": "registration",
    "desk.material_file": "material",
    "desk.move_question": "question",
    "desk.note": "registration",
    "desk.note_presence": "registration",
    "desk.participant": "registration",
    "desk.question": "question",
    "desk.remove_material": "material",
    "desk.remove_participant": "registration",
    "desk.remove_question": "question",
    "desk.remove_reminder": "reminder",
    "desk.take_back_asking": "joint",
    "desk.transfer": "registration",
    "desk.undo_presence": "registration",
}
#: Who may see what is for participants.
PARTICIPANTS = {PARTICIPANT: 200, OTHER: 200, LEAD: 200, OFFICE: 200}
NO_PART = {"slug": "gibt-es-nicht", "number": NO_SUCH_NUMBER}
#: Strangers are asked to sign in for whatever may lie in a circle's library, there or not.
NO_DOCUMENT = {"slug": "chatbot-community", "number": NO_SUCH_NUMBER}
#: Pages of an event's desk that show what there is, to all its organisers alike.
DESK_PAGES = (
    "check_in",
    "door_list",
    "exports",
    "new_question",
    "questions",
    "closing",
    "figures",
    "materials",
    "reminders",
)

CIRCLE = fixed(slug="chatbot-community")


def joining(house: House) -> dict[str, Any]:
    """The link by which somebody joins a circle."""
    return {"slug": "chatbot-community", "token": house.proof_token(Purpose.BELONGING)}


def coming(house: House) -> dict[str, Any]:
    """A date of the circle that stands already."""
    return {"dates": str(house.event_number("serie"))}


def lead_number(house: House) -> dict[str, Any]:
    """The circle's only lead."""
    return {"slug": "chatbot-community", "number": house.world.people[LEAD]}


def own_turn(house: House) -> dict[str, Any]:
    """Whose turn it is in the lead's circle."""
    return {"slug": "chatbot-community", "number": house.world.turn}


def turn_to_host(house: House) -> dict[str, Any]:
    """The participant's turn, as its own page names it."""
    return {"number": house.world.turn}


def proposed_circle(house: House) -> dict[str, Any]:
    """The community that shall come out of yesterday's date."""
    return {"number": house.event_number("gestern")}


def proposal(house: House) -> dict[str, Any]:
    """The participant's wish for another time."""
    number = house.event_number("serie")
    return {"slug": "chatbot-community", "event_number": number, "number": house.world.people[PARTICIPANT]}


def joint_meeting(house: House) -> dict[str, Any]:
    """The event for which the lead's circle was asked."""
    return {"slug": "chatbot-community", "number": house.event_number("nebenan")}


def own_document(what: str = "file") -> Values:
    """Something in the library of the lead's circle, or that it made."""
    return lambda house: {"slug": "chatbot-community", "number": house.world.library[what]}


def own_poll(house: House) -> dict[str, Any]:
    """The poll of the lead's circle."""
    return {"slug": "chatbot-community", "number": house.world.rows[POLL]}


def ballot(house: House) -> dict[str, Any]:
    """A yes to the first time of that poll."""
    return {f"wish_{house.world.time}": "yes", "name": "Kanarie-Stimme"}


def chosen_time(house: House) -> dict[str, Any]:
    """The first time of that poll."""
    return {"zeit": str(house.world.time)}


POLL_FORM = {
    "title": "Wann im Januar?",
    "minutes": "60",
    "closes_on": "2026-12-10",
    "asks": "all",
    "votes_shown": "everybody",
    "zeit-0-day": "2027-01-13",
    "zeit-0-starts": "14:00",
}
NOTE_FORM = {"notiz-title": "Notiz", "notiz-text": "Wir waren da.", "notiz-viewers": "community"}
LINK_FORM = {"link-title": "Folien", "link-url": "https://folien.example/", "link-viewers": "community"}
SERIES_FORM = {
    "title": "Serientreffen",
    "starts_time": "14:00",
    "ends_time": "15:30",
    "every": "weeks",
    "interval": "2",
    "nth": "1",
    "weekday": "2",
    "day": "1",
    "starts_on": "2027-01-01",
    "ending": "count",
    "count": "3",
}


def campaign(which: str, /, **more: object) -> Values:
    """One of the campaigns of the world."""
    return lambda house: {"number": house.world.campaigns[which], **more}


def own_block(place: int, **more: object) -> Values:
    """A block of the campaign of the lead's circle: 0 is a text, 1 a picture."""
    return lambda house: {"number": house.world.campaigns["circle"], "name": house.world.blocks[place], **more}


def in_discussion(which: str) -> Values:
    """A post, or a file, of the world's discussion."""
    return lambda house: {"slug": DISCUSSION, "number": house.world.lists[which]}


def held_post(house: House) -> dict[str, Any]:
    """A post that waits for the office."""
    return {"number": house.world.lists["held"]}


NO_POST = {"number": NO_SUCH_NUMBER}


def own_picture(house: House) -> dict[str, Any]:
    """The picture in it."""
    return {"number": house.world.campaigns["circle"], "file": house.world.blocks[2]}


NO_CAMPAIGN = {"number": NO_SUCH_NUMBER}
NO_BLOCK = NO_CAMPAIGN | {"name": "nichts"}
#: Pages of a campaign that has not left.
#: Mails as they are, in a frame of their own: they have a policy of theirs, and no page around them.
MAILS_ALONE = {"demo.mail_html", "newsroom.preview_block", "newsroom.preview_html"}

CAMPAIGN_PAGES = ("settings", "versions", "preview", "preview_html", "sending")

#: The newsletter, and what its form sends.
NEWSLETTER = fixed(slug="newsletter")
LIST_FORM = {
    "name": "NExT-Newsletter",
    "slug": "newsletter",
    "purpose": "Neues",
    "kind": "newsletter",
    "joining": "everybody",
    "rule": "",
    "posting": "nobody",
    "moderation": "newcomers",
    "archive": "everybody",
    "replies": "author",
}
SUBSCRIBING = fixed(email="neu@stadt-bekannt.example", agrees="y")
ONE_CLICK = fixed(**{"List-Unsubscribe": "One-Click"})


def on_newsletter(what: str, name: str = "number") -> Values:
    """The newsletter, and the number of something that hangs on it."""
    return lambda house: {"slug": "newsletter", name: house.world.lists[what]}


def list_form(house: House) -> dict[str, Any]:
    """The office's form of the newsletter as it stands."""
    return LIST_FORM | {"version": str(house.world.lists["version"])}


#: Whoever has no mailbox yet is asked whether they want one; who belongs to a circle has one.
OWN_MAILS = signed_in(200) | {PARTICIPANT: 303}
NOBODYS_NEWSLETTER = {"slug": "newsletter", "number": NO_SUCH_NUMBER}

READING = [
    Case("lists.index", everyone(200)),
    Case("lists.newsletter", everyone(200)),
    Case("lists.show", everyone(200), NEWSLETTER),
    Case("lists.show", NOTHING, fixed(**NO_SLUG)),
    Case("lists.old_page", everyone(301), NEWSLETTER),
    Case("lists.old_page", NOTHING, fixed(**NO_SLUG)),
    Case("lists.asked", everyone(200)),
    Case("lists.confirm", everyone(200), row(SUBSCRIPTION)),
    Case("lists.confirm", NOTHING, row(UNSUBSCRIBE), like=NO_TOKEN),
    Case("lists.awaken", everyone(200), row(AWAKENING)),
    Case("lists.awaken", NOTHING, row(UNSUBSCRIBE), like=NO_TOKEN),
    Case("lists.leave", everyone(200), row(UNSUBSCRIBE)),
    Case("lists.leave", NOTHING, row(SUBSCRIPTION), like=NO_TOKEN),
    Case("lists.leave_from_damaged_link", everyone(301), fixed(damage="=3D", **NO_TOKEN)),
    Case("newsroom.preferences", everyone(200), row(PREFERENCES)),
    Case("newsroom.preferences", NOTHING, row(SUBSCRIPTION), like=NO_TOKEN),
    Case("newsroom.own_preferences", OWN_MAILS),
    Case("newsroom.own_data", signed_in(200)),
    Case("newsroom.take_along", signed_in(200)),
    Case("desk.circle_list", organisers(200), CIRCLE, like=NO_SLUG),
    Case("office.lists", office(200)),
    Case("office.new_list", office(200)),
    Case("office.list_", office(200), NEWSLETTER),
    Case("office.list_", office(404), fixed(**NO_SLUG)),
    Case("office.edit_list", office(200), NEWSLETTER),
    Case("office.subscriber", office(200), on_newsletter("mailbox")),
    Case("office.subscriber", office(404), fixed(**NOBODYS_NEWSLETTER)),
    Case("office.proof", office(200), lambda house: {"number": house.world.lists["mailbox"]}),
    Case("office.proof", office(404), fixed(number=NO_SUCH_NUMBER)),
    Case("office.import_list", office(200), NEWSLETTER),
    Case("office.list_import", office(200), on_newsletter("roster")),
    Case("office.list_import", office(404), fixed(**NOBODYS_NEWSLETTER)),
    Case("newsroom.index", leads(200)),
    Case("newsroom.begin", leads(200)),
    Case("newsroom.compose", organisers(200), campaign("circle"), like=NO_CAMPAIGN),
    Case("newsroom.compose", office(200), campaign("draft"), like=NO_CAMPAIGN),
    Case("newsroom.compose", office(303), campaign("sent"), like=NO_CAMPAIGN),
    *(Case(f"newsroom.{page}", organisers(200), campaign("circle"), like=NO_CAMPAIGN) for page in CAMPAIGN_PAGES),
    *(Case(f"newsroom.{page}", office(200), campaign("draft"), like=NO_CAMPAIGN) for page in CAMPAIGN_PAGES),
    Case("newsroom.progress", office(200), campaign("sent"), like=NO_CAMPAIGN),
    Case("newsroom.compare", organisers(200), campaign("circle", version=1), like=NO_CAMPAIGN | {"version": 1}),
    Case("newsroom.compare", organisers(404), campaign("circle", version=99)),
    Case("newsroom.edit_block", organisers(200), own_block(0), like=NO_BLOCK),
    Case("newsroom.edit_block", organisers(404), campaign("circle", name="nichts")),
    Case("newsroom.preview_block", organisers(200), own_block(0), like=NO_BLOCK),
    Case("newsroom.preview_block", organisers(404), campaign("circle", name="nichts")),
    Case("newsroom.picture", organisers(200), own_picture, like=NO_CAMPAIGN | {"file": 1}),
    Case("newsroom.picture", organisers(404), campaign("circle", file=NO_SUCH_NUMBER)),
    Case("newsroom.issues", everyone(200)),
    Case("newsroom.issues", everyone(200), fixed(q="Neues", verteiler="newsletter")),
    Case("newsroom.issue", everyone(200), fixed(slug=ISSUE)),
    Case("newsroom.issue", NOTHING, fixed(**NO_SLUG)),
    Case("newsroom.issue_picture", NOTHING, fixed(slug=ISSUE, file=NO_SUCH_NUMBER)),
    Case("newsroom.open_issue", everyone(303), fixed(slug=ISSUE, token="x" * 32)),
    Case("newsroom.open_issue", NOTHING, fixed(token="x" * 32, **NO_SLUG)),
    Case("newsroom.feed", everyone(200)),
    Case("newsroom.list_feed", everyone(200), fixed(slug="newsletter")),
    Case("newsroom.held", leads(200)),
    Case("newsroom.decide", everyone(200), row(DECIDE)),
    Case("newsroom.decide", NOTHING, fixed(token="x" * 32)),
    Case("newsroom.archive", everyone(200), fixed(slug=DISCUSSION)),
    Case("newsroom.archive", everyone(200), fixed(slug=DISCUSSION, q="frage")),
    Case("newsroom.archive", NOTHING, fixed(**NO_SLUG)),
    Case("newsroom.thread", everyone(200), in_discussion("post")),
    Case("newsroom.thread", NOTHING, in_discussion("held")),
    Case("newsroom.post_file", everyone(200), in_discussion("post_file")),
    Case("newsroom.post_file", NOTHING, fixed(slug=DISCUSSION, number=NO_SUCH_NUMBER)),
    Case("newsroom.open_archive", everyone(303), fixed(slug=DISCUSSION, token="x" * 32)),
    Case("newsroom.open_archive", NOTHING, fixed(token="x" * 32, **NO_SLUG)),
    Case("newsroom.open_thread", everyone(303), fixed(slug=DISCUSSION, token="x" * 32, number=NO_SUCH_NUMBER)),
    Case("newsroom.open_thread", NOTHING, fixed(token="x" * 32, number=1, **NO_SLUG)),
    Case("newsroom.open_post_file", everyone(303), fixed(slug=DISCUSSION, token="x" * 32, number=NO_SUCH_NUMBER)),
    Case("newsroom.open_post_file", NOTHING, fixed(token="x" * 32, number=1, **NO_SLUG)),
    Case("newsroom.archive_feed", everyone(200), fixed(slug=DISCUSSION)),
    Case("newsroom.archive_feed", NOTHING, fixed(**NO_SLUG)),
    Case("newsroom.list_feed", NOTHING, fixed(slug="chatbot-community"), like=NO_SLUG),
    Case("site.start", everyone(200)),
    Case("site.imprint", everyone(200)),
    Case("site.privacy", everyone(200)),
    Case("site.accessibility", everyone(200)),
    Case("site.healthz", everyone(200)),
    Case("site.readyz", everyone(200)),
    Case("site.metrics", everyone(200)),
    Case("site.account", signed_in(200)),
    Case("communities.index", everyone(200)),
    Case("communities.show", everyone(200), fixed(slug="chatbot-community")),
    Case("communities.show", NOTHING, fixed(**NO_SLUG)),
    Case("events.index", everyone(200)),
    Case("events.index", everyone(200), fixed(ansicht="monat", monat="2026-12")),
    Case("events.index", everyone(200), fixed(jahr="2026", q="Treffen", ort="virtual", format="community_meeting")),
    Case("events.show", everyone(200), fixed(slug="offen")),
    Case("events.show", everyone(200), fixed(slug="voll")),
    Case("events.show", everyone(200), fixed(slug="mitglieder")),
    Case("events.show", everyone(200), fixed(slug="abgesagt")),
    Case("events.show", everyone(200), fixed(slug="vorbei")),
    Case("events.show", PREVIEW, fixed(slug="entwurf"), like=NO_SLUG),
    Case("events.picture", NOTHING, fixed(slug="entwurf", number=1), like=NO_SLUG | {"number": 1}),
    Case("events.picture", NOTHING, fixed(slug="offen", number=NO_SUCH_NUMBER)),
    Case("events.event_file", everyone(200), fixed(slug="offen")),
    Case("events.attendees", NOTHING, fixed(slug="offen"), like=NO_SLUG),
    Case("events.event_file", NOTHING, fixed(slug="entwurf"), like=NO_SLUG),
    Case("events.feed", everyone(200)),
    Case("events.community_feed", everyone(200), fixed(slug="chatbot-community")),
    Case("events.community_feed", NOTHING, fixed(**NO_SLUG)),
    Case("events.own_feed", everyone(200), feed(PARTICIPANT)),
    Case("events.own_feed", NOTHING, registration(PARTICIPANT, "offen"), like=NO_TOKEN),
    Case("events.asked", everyone(200), fixed(slug="offen")),
    Case("events.asked", NOTHING, fixed(slug="entwurf"), like=NO_SLUG),
    Case("events.confirm", everyone(200), proof(REGISTRATION)),
    Case("events.confirm", NOTHING, proof(SIGN_IN), like=NO_TOKEN),
    Case("events.manage", everyone(200), registration(PARTICIPANT, "offen")),
    Case("events.manage", everyone(200), registration(PARTICIPANT, "voll")),
    Case("events.manage", everyone(200), registration(PARTICIPANT, "angebot")),
    Case("events.manage", everyone(200), registration(PARTICIPANT, "vor-ort")),
    Case("events.manage", NOTHING, feed(PARTICIPANT), like=NO_TOKEN),
    Case("events.manage", NOTHING, proof(REGISTRATION), like=NO_TOKEN),
    Case("events.invitation", everyone(200), row(INVITATION)),
    Case("events.invitation", NOTHING, registration(PARTICIPANT, "offen"), like=NO_TOKEN),
    Case("events.transfer", everyone(200), row(TRANSFER)),
    Case("events.transfer", NOTHING, registration(PARTICIPANT, "offen"), like=NO_TOKEN),
    Case("events.material", NOTHING | PARTICIPANTS, part("material"), like=NO_PART),
    Case("events.material", NOTHING | {NEIGHBOUR: 200, OFFICE: 200}, part("material", "nebenan"), like=NO_PART),
    Case("events.material", NOTHING | PARTICIPANTS, part("material for community", "voll"), like=NO_PART),
    Case("events.material", everyone(200) | {STRANGER: 404}, part("material for signed_in", "voll"), like=NO_PART),
    Case("events.own_material", everyone(200), own_part("material", "offen")),
    Case("events.own_material", NOTHING, own_part("material", "nebenan")),
    Case("events.certificate_file", everyone(200), registration(PARTICIPANT, "gestern")),
    Case("events.certificate_file", everyone(303), registration(PARTICIPANT, "offen")),
    Case("events.certificate_file", NOTHING, feed(PARTICIPANT), like=NO_TOKEN),
    Case("events.check_certificate", everyone(200)),
    Case("events.check_certificate", everyone(303), lambda house: {"code": house.world.certificate}),
    Case("events.check_certificate", everyone(422), fixed(code="KXQ7")),
    Case("events.certificate", everyone(200), lambda house: {"code": house.world.certificate}),
    Case("events.certificate", NOTHING, fixed(code="AAAA-AAAA-AAAA")),
    Case("events.code_picture", everyone(200), registration("guest", "nebenan")),
    Case("events.code_picture", NOTHING, registration(PARTICIPANT, "offen"), like=NO_TOKEN),
    Case("events.code_picture", NOTHING, feed(PARTICIPANT), like=NO_TOKEN),
    Case("events.enter", everyone(303), fixed(slug="offen")),
    Case("events.enter", signed_in(404), fixed(**NO_SLUG)),
    Case("events.joining", everyone(200), registration(PARTICIPANT, "offen")),
    Case("events.joining", everyone(200), registration(PARTICIPANT, "voll")),
    Case("events.joining", NOTHING, feed(PARTICIPANT), like=NO_TOKEN),
    Case("events.room", everyone(200), fixed(key="raum-nebenan")),
    Case("events.room", NOTHING, fixed(key="nichts")),
    Case("desk.conference", office(200) | {NEIGHBOUR: 200}, fixed(slug="nebenan"), like=NO_SLUG),
    Case("desk.conference", organisers(404), fixed(slug="offen")),
    Case("events.feedback", everyone(200), registration(PARTICIPANT, "gestern")),
    Case("events.feedback", NOTHING, feed(PARTICIPANT), like=NO_TOKEN),
    Case("events.poll", everyone(200), row(POLL)),
    Case("events.poll", NOTHING, row(VOTER), like=NO_TOKEN),
    Case("events.vote", everyone(200), row(VOTER)),
    Case("events.vote", NOTHING, row(POLL), like=NO_TOKEN),
    *(
        Case(f"desk.{page}", organisers(200), CIRCLE, like=NO_SLUG)
        for page in ("planning", "series_new", "polls", "poll_new")
    ),
    Case("desk.circle", organisers(200), CIRCLE, like=NO_SLUG),
    Case("desk.edit_circle", organisers(200), CIRCLE, like=NO_SLUG),
    Case("desk.circle_leads", organisers(200), CIRCLE, like=NO_SLUG),
    Case("desk.turns", organisers(200), CIRCLE, like=NO_SLUG),
    Case("desk.turn", everyone(404, **{STRANGER: 303, PARTICIPANT: 200}), turn_to_host),
    Case("desk.new_circle", organisers(200), fixed(slug="gestern"), like=NO_SLUG),
    Case("desk.calling", organisers(200), fixed(slug="offen"), like=NO_SLUG),
    Case("office.circles", office(200)),
    Case("office.circle", office(200), CIRCLE),
    Case("office.circle", office(404), fixed(**NO_SLUG)),
    Case("belonging.begin", everyone(200), CIRCLE),
    Case("belonging.begin", NOTHING, fixed(**NO_SLUG)),
    Case("belonging.asked", everyone(200), CIRCLE),
    Case("belonging.asked", NOTHING, fixed(**NO_SLUG)),
    Case("belonging.confirm", everyone(200), joining),
    Case("belonging.confirm", NOTHING, fixed(slug="chatbot-community", **NO_TOKEN)),
    Case("belonging.mine", everyone(200), row(MINE)),
    Case("belonging.mine", NOTHING, proof(Purpose.BELONGING), like=NO_TOKEN),
    Case("events.called", everyone(200), row(CALL)),
    Case("events.called", NOTHING, row(INVITATION), like=NO_TOKEN),
    Case("desk.poll", organisers(200), own_poll),
    Case("desk.poll", organisers(404), fixed(slug="chatbot-community", number=NO_SUCH_NUMBER)),
    Case("communities.note", everyone(200), own_document("everybody")),
    Case("communities.note", signed_in(200), own_document("signed_in"), like=NO_DOCUMENT),
    Case("communities.note", OF_CIRCLE, own_document("community"), like=NO_DOCUMENT),
    Case("communities.note", signed_in(404), own_document("file"), like=NO_DOCUMENT),
    Case("communities.note", NOTHING, fixed(**NO_PART)),
    Case("communities.library", everyone(200), CIRCLE),
    Case("communities.library", everyone(200), fixed(slug="chatbot-community", q="Kanarie")),
    Case("communities.library", NOTHING, fixed(**NO_SLUG)),
    Case("communities.document_file", OF_CIRCLE, own_document("file"), like=NO_DOCUMENT),
    Case("communities.document_file", signed_in(404), own_document("everybody"), like=NO_DOCUMENT),
    Case("site.publications", everyone(200)),
    Case("site.publications", everyone(200), fixed(q="Papier", jahr="2026", community="chatbot-community")),
    Case("site.publication", everyone(200), fixed(slug="papier")),
    Case("site.publication", PREVIEW, fixed(slug="papier-entwurf"), like=NO_SLUG),
    Case("site.publication_file", everyone(200), fixed(slug="papier")),
    Case("site.publication_file", PREVIEW, fixed(slug="papier-entwurf"), like=NO_SLUG),
    Case("desk.documents", organisers(200), CIRCLE, like=NO_SLUG),
    Case("desk.edit_document", organisers(200), own_document(), like=NO_PART),
    Case("desk.edit_document", organisers(404), fixed(slug="chatbot-community", number=NO_SUCH_NUMBER)),
    Case("desk.results", organisers(200), CIRCLE, like=NO_SLUG),
    Case("desk.new_result", organisers(200), CIRCLE, like=NO_SLUG),
    Case("desk.edit_result", organisers(200), own_document("result"), like=NO_PART),
    Case("desk.edit_result", organisers(404), fixed(slug="chatbot-community", number=NO_SUCH_NUMBER)),
    Case("desk.series", organisers(404), fixed(slug="offen")),
    Case("desk.series", organisers(200), fixed(slug="serie"), like=NO_SLUG),
    Case("people.sign_in", everyone(303, **{STRANGER: 200})),
    Case("people.enter_code", everyone(200)),
    Case("people.enter", everyone(200), proof(SIGN_IN)),
    Case("people.enter", NOTHING, proof(REGISTRATION), like=NO_TOKEN),
    Case("office.index", office(200)),
    Case("office.event_list", office(200)),
    Case("office.event", office(301), fixed(slug="offen")),
    Case("office.participants", office(301), fixed(slug="offen")),
    Case("desk.index", leads(200)),
    Case("desk.choose", leads(200)),
    Case("desk.begin", leads(200)),
    Case("desk.begin", organisers(200), fixed(kopie="offen")),
    Case("desk.begin", office(404), fixed(kopie=NO_SLUG["slug"])),
    Case("desk.overview", organisers(200), fixed(slug="offen"), like=NO_SLUG),
    Case("desk.overview", organisers(200), fixed(slug="entwurf"), like=NO_SLUG),
    Case("desk.overview", office(200), fixed(slug="mitglieder"), like=NO_SLUG),
    Case("desk.overview", office(404), fixed(**NO_SLUG)),
    Case("desk.edit", organisers(200), fixed(slug="offen"), like=NO_SLUG),
    Case("desk.edit", organisers(200), fixed(slug="entwurf"), like=NO_SLUG),
    Case("desk.edit", office(404), fixed(**NO_SLUG)),
    Case("desk.participants", organisers(200), fixed(slug="offen"), like=NO_SLUG),
    Case("desk.participants", office(404), fixed(**NO_SLUG)),
    Case("desk.approvals", organisers(200), fixed(slug="offen"), like=NO_SLUG),
    Case("desk.waiting_list", organisers(200), fixed(slug="voll"), like=NO_SLUG),
    Case("desk.invitations", organisers(200), fixed(slug="offen"), like=NO_SLUG),
    Case("desk.announcements", organisers(200), fixed(slug="offen"), like=NO_SLUG),
    Case("desk.enrolling", organisers(200), fixed(slug="offen"), like=NO_SLUG),
    Case("desk.choose_print_list", organisers(303), fixed(slug="offen"), like=NO_SLUG),
    *(Case(f"desk.{page}", organisers(200), fixed(slug="offen"), like=NO_SLUG) for page in DESK_PAGES),
    Case("desk.answer_file", organisers(200), part("answer"), like=NO_PART),
    Case("desk.participant", organisers(200), part("registration"), like=NO_PART),
    Case("desk.question", organisers(200), part("question"), like=NO_PART),
    Case("desk.edit_material", organisers(200), part("material"), like=NO_PART),
    Case("desk.material_file", organisers(200), part("material"), like=NO_PART),
    Case("office.domains", office(200)),
    Case("office.outbox", office(200)),
    Case("office.mail_running", office(200)),
    Case("office.inbox", office(200)),
    Case("demo.index", everyone(200)),
    Case("demo.outbox", everyone(200)),
    Case("demo.mail", everyone(200), lambda house: {"number": house.world.kept_mail}),
    Case("demo.mail", NOTHING, fixed(number=NO_SUCH_NUMBER)),
    Case("demo.mail_html", everyone(200), lambda house: {"number": house.world.kept_mail}),
    Case(
        "demo.attachment",
        everyone(200),
        lambda house: {"number": house.world.kept_mail, "part": 0, "name": "termin.ics"},
    ),
    Case(
        "demo.attachment",
        NOTHING,
        lambda house: {"number": house.world.kept_mail, "part": 0, "name": "anders.ics"},
        like={"number": NO_SUCH_NUMBER, "part": 0, "name": "anders.ics"},
    ),
]


def _post(
    endpoint: str,
    answers: Mapping[str, int],
    values: Values = NO_VALUES,
    fields: Values = NO_VALUES,
    like: dict[str, Any] | None = None,
) -> Case:
    return Case(endpoint, answers, values, fields, "POST", like)


OPEN_MEETING = fixed(slug="offen")


def _on_desk(name: str, status: int, fields: Values = NO_VALUES, values: Values = OPEN_MEETING) -> Case:
    """A form of an event's desk. For others the event is not there, whatever they send."""
    return _post(f"desk.{name}", organisers(status), values, fields)


NEW_ADDRESS = fixed(name="Neu Beispiel", email="neu@stadt-bekannt.example", organisation="")

PASTED = fixed(addresses="Neu Beispiel <neu@stadt-bekannt.example>")
ANNOUNCEMENT = fixed(subject="Raum", text="Saal 2", states="confirmed", answer="", body="")
QUESTION = fixed(sender="Neu Beispiel", address="neu@stadt-bekannt.example", text="Wann?")

TAKER = fixed(taker_name="Bo Beispiel", taker_email="bo@stadt-bekannt.example")


def _in_newsroom(
    name: str, status: int, values: Values, fields: Values = NO_VALUES, like: dict[str, Any] | None = None
) -> Case:
    """A form of the campaign of the lead's circle. For others it is not there."""
    return _post(f"newsroom.{name}", organisers(status), values, fields, like or NO_CAMPAIGN)


def deed(name: str) -> Values:
    """What a button at a block does."""
    return own_block(0, deed=name)


OWN_CAMPAIGN = campaign("circle")
DEEDS_ON_SENDING = ("pause", "resume", "stop")
SETTINGS = fixed(subject="Neues", language="de", version="1")

WRITING = [
    _post("lists.subscribe", everyone(303), NEWSLETTER, SUBSCRIBING),
    _post("lists.subscribe", NOTHING, fixed(**NO_SLUG), SUBSCRIBING),
    _post("lists.subscribe_to_newsletter", everyone(303), fields=SUBSCRIBING),
    _post("lists.confirm_by_button", everyone(200), row(SUBSCRIPTION)),
    _post("lists.confirm_by_button", NOTHING, row(UNSUBSCRIBE), like=NO_TOKEN),
    _post("lists.awaken_by_button", everyone(303), row(AWAKENING)),
    _post("lists.awaken_by_button", NOTHING, row(UNSUBSCRIBE), like=NO_TOKEN),
    _post("lists.leave_at_once", everyone(200), row(UNSUBSCRIBE), ONE_CLICK),
    _post("lists.leave_at_once", everyone(400), row(UNSUBSCRIBE)),
    _post("lists.leave_at_once", NOTHING, row(SUBSCRIPTION), ONE_CLICK, like=NO_TOKEN),
    _post("lists.come_back", everyone(303), row(UNSUBSCRIBE)),
    _post("lists.come_back", NOTHING, row(SUBSCRIPTION), like=NO_TOKEN),
    _post("newsroom.choose_preferences", everyone(303), row(PREFERENCES), fixed(language="de")),
    _post("newsroom.choose_preferences", NOTHING, row(SUBSCRIPTION), fixed(language="de"), like=NO_TOKEN),
    _post("newsroom.leave_everything", everyone(303), row(PREFERENCES), MEANT),
    _post("newsroom.leave_everything", everyone(422), row(PREFERENCES)),
    _post("newsroom.leave_everything", NOTHING, row(SUBSCRIPTION), MEANT, like=NO_TOKEN),
    _post("newsroom.ask_to_wake", everyone(303), row(PREFERENCES)),
    _post("newsroom.ask_to_wake", NOTHING, row(SUBSCRIPTION), like=NO_TOKEN),
    _post("newsroom.begin_preferences", signed_in(303)),
    _post("newsroom.be_forgotten", signed_in(303), fields=MEANT),
    _post("newsroom.be_forgotten", signed_in(422)),
    _post("desk.change_circle_list", organisers(422), CIRCLE, like=NO_SLUG),
    _post("office.make_list", office(422)),
    _post("office.make_list", office(303), fields=fixed(**(LIST_FORM | {"name": "Neu", "slug": "neue-liste"}))),
    _post("office.change_list", office(303), NEWSLETTER, list_form),
    _post("office.change_list", office(409), NEWSLETTER, fixed(**LIST_FORM)),
    _post("office.close_or_open_list", office(303), fixed(slug="newsletter", deed="schliessen")),
    _post("office.add_subscriber", office(303), NEWSLETTER, fixed(email="neu@stadt-bekannt.example", reason="Anruf")),
    _post("office.add_subscriber", office(422), NEWSLETTER),
    _post("office.change_subscriber", office(303), on_newsletter("mailbox"), fixed(tun="austragen", reason="Anruf")),
    _post("office.change_subscriber", office(400), on_newsletter("mailbox")),
    _post("office.hand_in_roster", office(422), NEWSLETTER),
    _post("office.begin_import", office(303), on_newsletter("roster")),
    _post("office.begin_import", office(404), fixed(**NOBODYS_NEWSLETTER)),
    _post("newsroom.start", leads(422), fields=fixed(to_list="0")),
    _post("newsroom.decide_signed_in", office(303), held_post, fixed(decision="accept"), NO_POST),
    _post("newsroom.decide_signed_in", office(303), held_post, fixed(decision="reject"), NO_POST),
    _post("newsroom.decide_by_token", everyone(422), row(DECIDE)),
    _post("newsroom.decide_by_token", everyone(303), row(DECIDE), fixed(decision="discard", is_read="y")),
    _post("newsroom.decide_by_token", NOTHING, fixed(token="x" * 32), fixed(decision="accept")),
    _in_newsroom("describe", 303, OWN_CAMPAIGN, SETTINGS),
    _in_newsroom("describe", 422, OWN_CAMPAIGN),
    _in_newsroom("describe", 409, OWN_CAMPAIGN, fixed(subject="Neues", language="de")),
    _post("newsroom.restore", organisers(404), campaign("circle", version=99), fixed(version="1")),
    _in_newsroom("restore", 303, campaign("circle", version=1), like=NO_CAMPAIGN | {"version": 1}),
    _in_newsroom("discard", 303, OWN_CAMPAIGN, fixed(version="1")),
    _in_newsroom("add_block", 303, OWN_CAMPAIGN, fixed(kind="text", version="1")),
    _in_newsroom("add_block", 404, OWN_CAMPAIGN, fixed(kind="script", version="1")),
    _in_newsroom("change_block", 303, own_block(0), fixed(text="Neu", version="1"), NO_BLOCK),
    _in_newsroom("change_block", 409, own_block(0), fixed(text="Neu"), NO_BLOCK),
    _in_newsroom("change_block", 422, own_block(0), like=NO_BLOCK),
    _in_newsroom("preview_typed_block", 200, own_block(0), fixed(text="Neu"), NO_BLOCK),
    _in_newsroom("preview_typed_block", 422, own_block(0), like=NO_BLOCK),
    _in_newsroom("arrange", 303, deed("runter"), fixed(version="1"), NO_BLOCK | {"deed": "runter"}),
    _in_newsroom("arrange", 303, deed("entfernen"), fixed(version="1"), NO_BLOCK | {"deed": "entfernen"}),
    _in_newsroom("test_mail", 303, OWN_CAMPAIGN),
    _in_newsroom("submit", 303, OWN_CAMPAIGN, fixed(version="1")),
    _in_newsroom("call_back", 303, OWN_CAMPAIGN, fixed(version="1")),
    _in_newsroom("release", 422, OWN_CAMPAIGN),
    _in_newsroom("release", 303, OWN_CAMPAIGN, fixed(is_meant="y", when="now", count="1", version="1")),
    *(_post(f"newsroom.{one}", office(303), campaign("sent"), like=NO_CAMPAIGN) for one in DEEDS_ON_SENDING),
    _post("site.language", everyone(303), fields=fixed(language="en", next="/veranstaltungen/")),
    _post("site.rename", signed_in(303), fields=fixed(name="Neuer Name")),
    _post("site.make_feed", signed_in(303)),
    _post("site.revoke_feed", signed_in(303), lambda house: {"number": house.world.feeds[PARTICIPANT]}),
    _post("site.revoke_feed", signed_in(303), fixed(number=NO_SUCH_NUMBER)),
    _post("site.end_session", signed_in(303), lambda house: {"number": house.world.sessions[PARTICIPANT]}),
    _post("site.end_session", signed_in(303), fixed(number=NO_SUCH_NUMBER)),
    _post("site.end_other_sessions", signed_in(303)),
    _post("events.register", everyone(303), fixed(slug="offen"), NEW_ADDRESS),
    _post("events.register", everyone(303), fixed(slug="mitglieder"), NEW_ADDRESS),
    _post("events.register", NOTHING, fixed(slug="entwurf"), NEW_ADDRESS, like=NO_SLUG),
    _post("events.recognise", everyone(200), fields=NEW_ADDRESS),
    _post("events.confirm_by_code", everyone(422), fixed(slug="offen"), fixed(code="123456")),
    _post("events.confirm_by_code", NOTHING, fixed(slug="entwurf"), fixed(code="123456"), like=NO_SLUG),
    _post("events.confirm_by_link", everyone(303), proof(REGISTRATION), code(REGISTRATION)),
    _post("events.confirm_by_link", everyone(422), proof(REGISTRATION)),
    _post("events.confirm_by_link", NOTHING, proof(SIGN_IN), code(SIGN_IN), like=NO_TOKEN),
    _post("events.cancel", everyone(303), registration(PARTICIPANT, "offen"), MEANT),
    _post("events.cancel", everyone(422), registration(PARTICIPANT, "offen")),
    _post("events.cancel", NOTHING, feed(PARTICIPANT), MEANT, like=NO_TOKEN),
    _post("events.accept", everyone(303), registration(PARTICIPANT, "angebot"), MEANT),
    _post("events.accept", everyone(422), registration(PARTICIPANT, "angebot")),
    _post("events.accept", NOTHING, feed(PARTICIPANT), MEANT, like=NO_TOKEN),
    _post("events.decline", everyone(303), registration(PARTICIPANT, "angebot"), MEANT),
    _post("events.decline", everyone(422), registration(PARTICIPANT, "angebot")),
    _post("events.decline", NOTHING, feed(PARTICIPANT), MEANT, like=NO_TOKEN),
    _post("events.restore", everyone(303), registration(PARTICIPANT, "vor-ort"), MEANT),
    _post("events.restore", everyone(422), registration(PARTICIPANT, "vor-ort")),
    _post("events.restore", NOTHING, feed(PARTICIPANT), MEANT, like=NO_TOKEN),
    _post("events.reply", everyone(303), row(INVITATION), fixed(reply="yes", name="Kanarie-Eingeladen")),
    _post("events.reply", everyone(303), row(INVITATION), fixed(reply="no")),
    _post("events.reply", everyone(422), row(INVITATION)),
    _post("events.reply", NOTHING, row(TRANSFER), fixed(reply="no"), like=NO_TOKEN),
    _post("events.offer_transfer", everyone(303), registration(PARTICIPANT, "offen"), TAKER),
    _post("events.offer_transfer", everyone(422), registration(PARTICIPANT, "offen")),
    _post("events.offer_transfer", NOTHING, row(TRANSFER), TAKER, like=NO_TOKEN),
    _post("events.answer_transfer", everyone(303), row(TRANSFER), fixed(reply="yes", name="Kanarie-Abnehmer")),
    _post("events.answer_transfer", everyone(303), row(TRANSFER), fixed(reply="no")),
    _post("events.answer_transfer", everyone(422), row(TRANSFER)),
    _post("events.answer_transfer", NOTHING, row(INVITATION), fixed(reply="no"), like=NO_TOKEN),
    _post("events.enter_room", everyone(200), fixed(key="raum-nebenan"), fixed(name="Kanarie-Raum")),
    _post("events.enter_room", NOTHING, fixed(key="nichts")),
    _post("desk.end_conference", office(303) | {NEIGHBOUR: 303}, fixed(slug="nebenan"), like=NO_SLUG),
    _post("desk.end_conference", organisers(404), fixed(slug="offen")),
    _post("events.join", everyone(303), registration(PARTICIPANT, "offen")),
    _post("events.join", everyone(303), registration(PARTICIPANT, "voll")),
    _post("events.join", NOTHING, feed(PARTICIPANT), like=NO_TOKEN),
    _post("events.issue_certificate", everyone(303), registration(PARTICIPANT, "gestern")),
    _post("events.issue_certificate", NOTHING, feed(PARTICIPANT), like=NO_TOKEN),
    _post("events.give_feedback", everyone(303), registration(PARTICIPANT, "gestern"), fixed(rating="5")),
    _post("events.give_feedback", everyone(422), registration(PARTICIPANT, "gestern")),
    _post("events.give_feedback", NOTHING, feed(PARTICIPANT), fixed(rating="5"), like=NO_TOKEN),
    _post("events.change_answers", everyone(303), registration(PARTICIPANT, "offen")),
    _post("events.change_answers", NOTHING, feed(PARTICIPANT), like=NO_TOKEN),
    _post("events.vote_openly", everyone(303), row(POLL), ballot),
    _post("events.vote_openly", everyone(422), row(POLL)),
    _post("events.vote_openly", NOTHING, row(VOTER), ballot, like=NO_TOKEN),
    _post("events.change_vote", everyone(303), row(VOTER), ballot),
    _post("events.change_vote", everyone(422), row(VOTER)),
    _post("events.change_vote", NOTHING, row(POLL), ballot, like=NO_TOKEN),
    _post("belonging.join", everyone(303), CIRCLE, NEW_ADDRESS),
    _post("belonging.join", NOTHING, fixed(**NO_SLUG), NEW_ADDRESS),
    _post("belonging.confirm_by_code", everyone(422), CIRCLE, fixed(code="123456")),
    _post("belonging.confirm_by_code", NOTHING, fixed(**NO_SLUG), fixed(code="123456")),
    _post("belonging.confirm_by_link", everyone(303), joining, code(Purpose.BELONGING)),
    _post("belonging.confirm_by_link", everyone(422), joining),
    _post("belonging.confirm_by_link", NOTHING, fixed(slug="chatbot-community", **NO_TOKEN)),
    _post("belonging.choose", everyone(303), row(MINE), fixed(gets_mail="y")),
    _post("belonging.choose", NOTHING, proof(Purpose.BELONGING), fixed(gets_mail="y"), like=NO_TOKEN),
    _post("belonging.say_yes", everyone(303), row(MINE), coming),
    _post("belonging.say_yes", everyone(422), row(MINE)),
    _post("belonging.say_yes", NOTHING, proof(Purpose.BELONGING), coming, like=NO_TOKEN),
    _post("belonging.join_by_link", everyone(303), row(MINE), MEANT),
    _post("belonging.join_by_link", everyone(422), row(MINE)),
    _post("belonging.join_by_link", NOTHING, proof(Purpose.BELONGING), MEANT, like=NO_TOKEN),
    _post("belonging.leave", everyone(303), row(MINE), MEANT),
    _post("belonging.leave", everyone(422), row(MINE)),
    _post("belonging.leave", NOTHING, proof(Purpose.BELONGING), MEANT, like=NO_TOKEN),
    _post("communities.ask_leads", everyone(303), CIRCLE, QUESTION),
    _post("communities.ask_leads", everyone(422), CIRCLE),
    _post("communities.ask_leads", NOTHING, fixed(**NO_SLUG), QUESTION),
    _post("events.answer_call", everyone(303), row(CALL), fixed(reply="yes")),
    _post("events.answer_call", everyone(303), row(CALL), fixed(reply="no")),
    _post("events.answer_call", everyone(422), row(CALL)),
    _post("events.answer_call", NOTHING, row(INVITATION), fixed(reply="no"), like=NO_TOKEN),
    _post("desk.change_circle", organisers(409), CIRCLE, fixed(version="0"), NO_SLUG),
    _post("desk.appoint_lead", organisers(422), CIRCLE, fixed(email="nobody@amt.example"), NO_SLUG),
    _post("desk.appoint_lead", organisers(303), CIRCLE, fixed(email=ADDRESSES[PARTICIPANT]), NO_SLUG),
    _post("desk.hand_over_lead", organisers(422), CIRCLE, like=NO_SLUG),
    _post("desk.release_lead", organisers(303), lead_number),
    _post("desk.refuse_proposal", organisers(303), proposal),
    _post(
        "desk.refuse_proposal", organisers(404), fixed(slug="chatbot-community", event_number=NO_SUCH_NUMBER, number=1)
    ),
    _post("desk.agree_to_join", organisers(303), joint_meeting),
    _post("desk.decline_to_join", organisers(303), joint_meeting),
    _post("desk.give_turn", organisers(422), CIRCLE, like=NO_SLUG),
    _post("desk.hand_over_turn", everyone(404, **{STRANGER: 303, PARTICIPANT: 422}), turn_to_host),
    _post("desk.drop_turn", organisers(303), own_turn),
    _post("desk.drop_turn", organisers(404), fixed(slug="chatbot-community", number=NO_SUCH_NUMBER)),
    _post("desk.call", organisers(303), fixed(slug="offen"), like=NO_SLUG),
    _post("desk.stop_calling", organisers(303), fixed(slug="offen"), like=NO_SLUG),
    _post("desk.ask_circle", organisers(422), fixed(slug="offen"), like=NO_SLUG),
    _post("desk.take_back_asking", organisers(303), part("joint"), like=NO_PART),
    _post("office.found", office(303), fields=fixed(name="Neue Runde", kind="community")),
    _post("office.rename_circle", office(303), CIRCLE, fixed(name="Neu", slug="neu")),
    _post("office.pause_circle", office(303), CIRCLE),
    _post("office.resume_circle", office(303), CIRCLE),
    _post("office.found_proposed", office(303), proposed_circle),
    _post("office.found_proposed", office(404), fixed(number=NO_SUCH_NUMBER)),
    _post("office.refuse_proposed", office(303), proposed_circle),
    _post("office.refuse_proposed", office(404), fixed(number=NO_SUCH_NUMBER)),
    _post("desk.propose_circle", organisers(303), fixed(slug="gestern"), fixed(name="Aus gestern"), like=NO_SLUG),
    _post("desk.propose_circle", organisers(422), fixed(slug="gestern"), like=NO_SLUG),
    _post("office.close_circle", office(303), CIRCLE),
    _post("office.merge_circle", office(422), CIRCLE),
    _post("desk.next_meeting", organisers(303), CIRCLE, fixed(starts_on="2027-01-13", starts_time="14:00"), NO_SLUG),
    _post("desk.next_meeting", organisers(422), CIRCLE),
    _post("desk.make_series", organisers(200), CIRCLE, fixed(**SERIES_FORM), NO_SLUG),
    _post("desk.make_series", organisers(422), CIRCLE),
    _post("desk.change_series", organisers(422), fixed(slug="serie"), like=NO_SLUG),
    _post("desk.change_series", organisers(404), fixed(slug="offen")),
    _post("desk.publish_dates", organisers(303), fixed(slug="serie"), like=NO_SLUG),
    _post("desk.publish_dates", organisers(404), fixed(slug="offen")),
    _post("desk.move_date", organisers(422), fixed(slug="serie"), like=NO_SLUG),
    _post("desk.move_date", organisers(404), fixed(slug="offen")),
    _post("desk.skip_date", organisers(422), fixed(slug="serie"), like=NO_SLUG),
    _post("desk.skip_date", organisers(404), fixed(slug="offen")),
    _post("desk.make_poll", organisers(303), CIRCLE, fixed(**POLL_FORM), NO_SLUG),
    _post("desk.make_poll", organisers(422), CIRCLE),
    _post("desk.add_file", organisers(422), CIRCLE, like=NO_SLUG),
    _post("desk.add_note", organisers(422), CIRCLE, like=NO_SLUG),
    _post("desk.add_note", organisers(303), CIRCLE, fixed(**NOTE_FORM), NO_SLUG),
    _post("desk.add_link", organisers(422), CIRCLE, like=NO_SLUG),
    _post("desk.add_link", organisers(303), CIRCLE, fixed(**LINK_FORM), NO_SLUG),
    _post("desk.change_document", organisers(303), own_document(), fixed(viewers="everybody", version="1"), NO_PART),
    _post("desk.change_document", organisers(409), own_document(), fixed(viewers="everybody")),
    _post("desk.remove_document", organisers(303), own_document()),
    _post("desk.add_result", organisers(422), CIRCLE, like=NO_SLUG),
    _post("desk.add_result", organisers(303), CIRCLE, fixed(title="Neues Papier"), NO_SLUG),
    _post("desk.change_result", organisers(303), own_document("result"), fixed(title="Neu", version="1"), NO_PART),
    _post("desk.change_result", organisers(409), own_document("result"), fixed(title="Neu")),
    _post("desk.remove_result", organisers(303), own_document("result")),
    _post("desk.choose_time", organisers(303), own_poll, chosen_time),
    _post("desk.choose_time", organisers(404), own_poll, fixed(zeit="x")),
    _post("desk.remind_voters", organisers(303), own_poll),
    _post("desk.change_deadline", organisers(303), own_poll, fixed(closes_on="2026-12-05")),
    _post("desk.change_deadline", organisers(422), own_poll),
    _post("desk.close_poll", organisers(303), own_poll),
    _post("people.ask", everyone(303), fields=fixed(email=ADDRESSES[LEAD])),
    _post("people.enter_by_code", everyone(422), fields=fixed(code="123456")),
    _post("people.enter_by_link", everyone(303), proof(SIGN_IN), code(SIGN_IN)),
    _post("people.enter_by_link", everyone(422), proof(SIGN_IN)),
    _post("people.enter_by_link", NOTHING, proof(REGISTRATION), code(REGISTRATION), like=NO_TOKEN),
    _post("people.sign_out", signed_in(303)),
    _post("desk.change", organisers(303) | {LEAD: 422}, fixed(slug="offen"), event_form, like=NO_SLUG),
    _post("desk.change", office(404), fixed(**NO_SLUG), event_form),
    _post("desk.make", leads(422), fields=fixed(title="")),
    _post("desk.make", office(303) | {LEAD: 422, NEIGHBOUR: 422}, fields=fixed(**EVENT_FORM)),
    _post("desk.postpone", organisers(303), fixed(slug="offen"), fixed(is_postponed="y"), like=NO_SLUG),
    _post("desk.set_picture", organisers(422), fixed(slug="offen"), like=NO_SLUG),
    _post("desk.remove_picture", organisers(303), fixed(slug="offen"), like=NO_SLUG),
    _post("desk.add_partner", organisers(303), fixed(slug="offen"), fixed(partner_name="Amt"), like=NO_SLUG),
    _post("desk.remove_partner", organisers(303), fixed(slug="offen"), fixed(nummer="1"), like=NO_SLUG),
    _post("desk.publish", organisers(303), fixed(slug="entwurf"), like=NO_SLUG),
    _post("desk.publish", office(404), fixed(**NO_SLUG)),
    _post("desk.cancel", organisers(303), fixed(slug="offen"), MEANT, like=NO_SLUG),
    _post("desk.cancel", office(404), fixed(**NO_SLUG), MEANT),
    _post("desk.decide", organisers(303), fixed(slug="offen"), fixed(do="approve"), like=NO_SLUG),
    _post("desk.change_waiting_list", organisers(303), fixed(slug="voll"), waiting_deed("top"), like=NO_SLUG),
    _post("desk.change_waiting_list", organisers(404), fixed(slug="offen"), waiting_deed("top")),
    _post("desk.check_invitations", organisers(200), fixed(slug="offen"), PASTED, like=NO_SLUG),
    _post("desk.check_invitations", organisers(422), fixed(slug="offen"), like=NO_SLUG),
    _post("desk.invite", organisers(303), fixed(slug="offen"), PASTED, like=NO_SLUG),
    _post("desk.remind_silent", organisers(303), fixed(slug="offen"), like=NO_SLUG),
    _post("desk.preview_announcement", organisers(200), fixed(slug="offen"), ANNOUNCEMENT, like=NO_SLUG),
    _post("desk.preview_announcement", organisers(422), fixed(slug="offen"), like=NO_SLUG),
    _post("desk.announce", organisers(303), fixed(slug="offen"), ANNOUNCEMENT, like=NO_SLUG),
    _post("desk.announce", organisers(422), fixed(slug="offen"), like=NO_SLUG),
    _post("desk.enrol", organisers(303), fixed(slug="offen"), NEW_ADDRESS, like=NO_SLUG),
    _post("desk.enrol", organisers(422), fixed(slug="offen"), like=NO_SLUG),
    _post("desk.remove_participant", organisers(303), participant("offen"), fixed(reason="Doppelt")),
    _post("desk.remove_participant", organisers(422), participant("offen")),
    _post("desk.remove_participant", organisers(404), participant("offen", of="voll"), fixed(reason="Doppelt")),
    _post("desk.transfer", organisers(303), participant("offen"), TAKER),
    _post("desk.transfer", organisers(422), participant("offen")),
    _post("desk.transfer", organisers(404), participant("offen", of="voll"), TAKER),
    _post("desk.give_seat", organisers(303), participant("voll"), fixed(as_extra="y")),
    _post("desk.give_seat", organisers(404), participant("offen", of="voll"), fixed(as_extra="y")),
    _on_desk("note_presence", 303, values=part("registration")),
    _on_desk("undo_presence", 303, values=part("registration")),
    _on_desk("excuse", 303, values=part("registration")),
    _on_desk("register_walk_in", 422),
    _on_desk("close_attendance", 303),
    _on_desk("reopen_attendance", 303),
    _on_desk("sync", 200, fixed(seen=f"{'a' * 32},1,1795262400000")),
    _on_desk("note", 303, fixed(note="Rollstuhl"), part("registration")),
    _on_desk("export", 200, fixed(format="csv")),
    _on_desk("export", 200, fixed(format="xlsx")),
    _on_desk("badges", 200),
    _on_desk("print_list", 200),
    _on_desk("add_starter", 404),
    _on_desk("add_question", 303, fixed(label="Woher kommen Sie?", kind="line")),
    _on_desk("add_question", 422),
    _on_desk("change_question", 409, fixed(label="Woher kommen Sie?", kind="line"), part("question")),
    _on_desk("move_question", 303, fixed(richtung="hoch"), part("question")),
    _on_desk("remove_question", 303, MEANT, part("question")),
    _on_desk("remove_question", 422, values=part("question")),
    _on_desk("send_certificates", 303),
    _on_desk("ask_for_feedback", 303),
    _on_desk("upload_material", 422),
    _on_desk("link_material", 422, values=fixed(slug="offen", kind="link")),
    _on_desk("link_material", 422, values=fixed(slug="offen", kind="aufzeichnung")),
    _on_desk("write_minutes", 422),
    _on_desk("change_material", 303, fixed(title="Neu", viewers="nobody", version="1"), part("material")),
    _on_desk("change_material", 409, fixed(title="Neu", viewers="nobody"), part("material")),
    _on_desk("remove_material", 303, values=part("material")),
    _on_desk("add_reminder", 303, fixed(amount="2", unit="hours", place="before_start", states="confirmed")),
    _on_desk("add_reminder", 422),
    _on_desk("remove_reminder", 303, values=part("reminder")),
    _post(
        "office.assign_domain",
        office(303),
        fixed(domain="amt-other.example"),
        fixed(**DOMAIN_FORM),
    ),
    _post("office.set_aside_domain", office(303), fixed(domain="amt-other.example")),
    _post("office.replay", office(303), lambda house: {"number": house.world.failed_mail}),
    _post("office.replay", office(303), fixed(number=NO_SUCH_NUMBER)),
    _post("office.check_published", office(200)),
    _post("office.settle_arrival", office(303), fixed(number=NO_SUCH_NUMBER), fixed(tun="erledigt")),
    _post("office.settle_arrival", office(422), fixed(number=NO_SUCH_NUMBER)),
    _post("demo.sign_in", everyone(303), fixed(key=PERSONAS[0].key)),
    _post("demo.sign_in", NOTHING, fixed(key="gibt-es-nicht")),
]
