"""One mail of every occasion, always to the same person about the same date."""

from collections.abc import Callable
from datetime import datetime, timedelta

from nextevents.events import messages
from nextevents.events.models import Anchor, Call, Event, Place, Registration, State, Turn, WaitingMode
from nextevents.events.queries import Chosen
from nextevents.events.services import (
    ReminderWish,
    Request,
    accept_transfer,
    add_reminder,
    announce,
    ask_for_feedback,
    ask_to_confirm,
    cancel_as_organiser,
    cancel_event,
    cancel_registration,
    enrol,
    give_turn,
    hand_over_turn,
    invite,
    lapse_offers,
    look_through,
    offer_transfer,
    postpone_event,
    propose_circle,
    refuse_proposal,
    refuse_requests,
    register,
    remind,
    remind_hosts,
    remind_silent,
    send_certificates,
)
from nextevents.ground.database import db as database
from nextevents.mailing.services import post
from nextevents.people.addresses import address_of
from nextevents.people.messages import sign_in
from nextevents.people.models import Person, Purpose
from nextevents.people.services import ask_for_proof
from tests.events.changing import changed_to
from tests.factories import NOON, make_community, make_event, make_person, make_registration

UID = "6f1c6b1e-9f0e-4a93-8bfb-0b1f0d6a1f10"
WISH = Request(name="Ada Beispiel", is_proved=True)
#: Titles that look like something else.
TRICKY = [
    "END:VEVENT",
    "BEGIN:VALARM",
    "DTSTAMP:19700101T000000Z",
    "a, b; c: d \\n e \\",
    r"C:\Neu\\Notizen \N",
    '"quoted" ^n ^\'',
    "{{7*7}} %s ${x}",
    "ATTENDEE:mailto:eve@evil.example",
    75 * "ü",
    200 * "x",
    "👩🏽\u200d💻" * 12,
]
REASON = (
    "Dieses Treffen ist nur für Menschen, die in ihrer Behörde schon mit Sprachmodellen arbeiten. Beim nächsten Mal "
    "ist Platz für alle."
)
NOTICE = """Der Saal steht unter Wasser, und ein anderer ist so schnell nicht zu finden. Wir suchen einen neuen Tag.

Fragen? Wer die Unterlagen schon jetzt möchte: https://folien.next.example/sprachmodelle
Bis bald, Ihr Team & alle <Mitwirkenden>"""
ANNOUNCED = """## Neuer Raum

Wir sind jetzt in **Saal 2**. Der Weg steht im [Lageplan](https://konferenz.next.example/lageplan), und wer mit dem
Rollstuhl kommt, nimmt bitte den Eingang im Hof.

- Beginn wie geplant
- Kaffee gibt es *vorher*

1. Anmelden
2. Ankommen
"""
ADDRESS = "Rathaus, Saal 3\nMarkt 1\n12345 Musterhafen"


def date(**values: object) -> Event:
    """The date: Wednesday, 2 December 2026, 14:00 to 15:30, virtual."""
    return make_event(**({"slug": "sprachmodelle-im-buergeramt", "uid": UID} | values))  # type: ignore[arg-type]


def ada(language: str, **values: object) -> Person:
    """The receiver."""
    return make_person("ada@stadt.example", language=language, **values)  # type: ignore[arg-type]


def change(event: Event, *, at: datetime = NOON, **changes: object) -> frozenset[str]:
    """Change these fields and tell it, texts too."""
    return changed_to(event, at=at, tells_text_changes=True, **changes)


def _registered(language: str, **values: object) -> Registration:
    return register(date(**values), ada(language), WISH, at=NOON)


def _sign_in(language: str) -> None:
    address = address_of("ada@stadt.example")
    proof = ask_for_proof(Purpose.SIGN_IN, address, at=NOON)
    assert proof
    post(sign_in(address, proof, language=language), at=NOON)


def _confirm_address(language: str) -> None:
    person = ada(language, name="", proved=False)
    proof = ask_for_proof(Purpose.REGISTRATION, address_of(person.address), at=NOON)
    assert proof
    post(messages.confirm_address(date(), person, proof), at=NOON)


def _confirm_for_colleague(language: str) -> None:
    person = ada(language, name="", proved=False)
    proof = ask_for_proof(Purpose.REGISTRATION, address_of(person.address), at=NOON)
    assert proof
    post(messages.confirm_for_colleague(date(), person, proof), at=NOON)


def _waiting(language: str) -> None:
    event = date(capacity=1)
    make_registration(event)
    make_registration(event, state=State.WAITING, made_at=NOON - timedelta(hours=1))
    register(event, ada(language), WISH, at=NOON)


def _freed(language: str, mode: WaitingMode) -> Registration:
    """Somebody leaves, and Ada is next."""
    event = date(capacity=1, waiting_mode=mode)
    seated = make_registration(event, make_person("bob@stadt.example"))
    waiting = make_registration(event, ada(language), state=State.WAITING)
    cancel_registration(seated, at=NOON)
    return waiting


def _offer_lapsed(language: str) -> None:
    _freed(language, WaitingMode.OFFER)
    lapse_offers(at=NOON + timedelta(days=3))


def _changed(language: str, state: State = State.CONFIRMED, **changes: object) -> None:
    event = date()
    make_registration(event, ada(language), state=state)
    change(event, **changes)


def _cancelled(language: str, notice: str = "") -> None:
    event = date()
    make_registration(event, ada(language))
    cancel_event(event, notice, at=NOON)


def _postponed(language: str, notice: str = "") -> None:
    event = date()
    make_registration(event, ada(language))
    postpone_event(event, notice, at=NOON)


def _reminded(language: str, **values: object) -> None:
    event = date(**values)
    make_registration(event, ada(language), made_at=NOON - timedelta(days=5))
    remind(at=event.starts_at - timedelta(hours=23))


def _requested(language: str) -> Registration:
    return register(date(needs_approval=True), ada(language), WISH, at=NOON)


def _refused(language: str) -> None:
    request = _requested(language)
    refuse_requests(request.event, [request], REASON, at=NOON)


def _organiser() -> Person:
    return make_person("lea@stadt.example", name="Lea Leitung")


def _enrolled(language: str) -> None:
    person = ada(language)
    address = address_of(person.address)
    enrol(date(), address, name="Ada Beispiel", by=_organiser(), as_extra=False, at=NOON)


def _transferred(language: str, *, to: str) -> None:
    """Ada gives her seat to Bob, or Bob his to Ada."""
    event, receiver, bob = date(), ada(language), make_person("bob@stadt.example", name="Bob Beispiel")
    giver, taker = (bob, receiver) if to == "ada" else (receiver, bob)
    seat = make_registration(event, giver)
    transfer = offer_transfer(seat, address_of(taker.address), name=taker.name, at=NOON)
    if to != "ada":
        accept_transfer(transfer, name=taker.name, language=language, at=NOON)


def _invited(language: str, *, name: str = "Ada Beispiel", reminded: bool = False) -> None:
    ada(language, proved=False)
    event = date()
    text = f"Mail;Name\nada@stadt.example;{name}"
    invite(event, look_through(event, text).new, may_exceed=False, by=_organiser(), at=NOON)
    if reminded:
        remind_silent(event, at=NOON + timedelta(days=3))


def _announced(language: str) -> None:
    event = date()
    make_registration(event, ada(language))
    chosen = Chosen(states=(State.CONFIRMED,))
    announce(event, subject="Raum geändert", text=ANNOUNCED, chosen=chosen, nonce=None, by=_organiser(), at=NOON)


def _reminded_of_later(language: str, text: str = "") -> None:
    event = date()
    make_registration(event, ada(language), made_at=NOON - timedelta(days=5))
    add_reminder(event, ReminderWish(minutes=-4 * 24 * 60, counts_days=True, text=text), at=NOON)
    remind(at=event.starts_at - timedelta(days=4))


def _followed_up(language: str, text: str = "") -> None:
    event = date()
    make_registration(event, ada(language), state=State.ATTENDED, made_at=NOON - timedelta(days=5))
    wish = ReminderWish(minutes=60, anchor=Anchor.END, states=(State.ATTENDED,), text=text)
    add_reminder(event, wish, at=NOON)
    remind(at=event.ends_at + timedelta(hours=1))


def _over(language: str) -> Event:
    """It is over, and Ada was there."""
    event = date(gives_certificates=True, asks_feedback=True)
    make_registration(event, ada(language), state=State.ATTENDED, made_at=NOON - timedelta(days=5))
    return event


def _certified(language: str) -> None:
    event = _over(language)
    send_certificates(event, at=event.ends_at)


def _asked_how_it_was(language: str) -> None:
    event = _over(language)
    ask_for_feedback(event, at=event.ends_at)


AT_FOUR = {
    "starts_local": datetime(2026, 12, 3, 16),
    "ends_local": datetime(2026, 12, 3, 17, 30),
}
TWO_DAYS = {"starts": datetime(2026, 12, 2), "hours": 48, "is_all_day": True}


def _asked_to_confirm(language: str) -> None:
    registration = _registered(language)
    ask_to_confirm(registration.event, registration.person, at=NOON)


def _proposal_refused(language: str) -> None:
    registration = _registered(language)
    call = Call(event=registration.event, person=registration.person, called_at=NOON, comment="", proposed_at=NOON)
    database.session.add(call)
    database.session.flush()
    refuse_proposal(call, at=NOON)


def _circle_founded(language: str) -> None:
    event = date()
    make_registration(event, ada(language), state=State.ATTENDED)
    over = event.ends_at + timedelta(days=1)
    propose_circle(event, "Sprachmodelle", "Erfahrungen teilen.", by=make_person(office=True), at=over)


def _turn(host: Person) -> Turn:
    """Somebody's turn in the month of the date."""
    circle = make_community("sprachmodelle", name="Sprachmodelle")
    event = date(communities=(circle,))
    return give_turn(circle, event.starts_local.date(), address_of(host.address), at=NOON)


def _reminded_of_turn(language: str) -> None:
    _turn(ada(language))
    remind_hosts(at=NOON)


def _handed_turn(language: str, note: str = "") -> None:
    giver = make_person("bob@stadt.example", name="Bob Beispiel")
    turn, taker = _turn(giver), ada(language)
    hand_over_turn(turn, address_of(taker.address), note, by=giver, at=NOON)


#: Posts a mail of that occasion to Ada, in a language. The name's first word is the kind of mail.
OCCASIONS: dict[str, Callable[[str], object]] = {
    "sign_in": _sign_in,
    "confirm_address": _confirm_address,
    "confirm_for_colleague": _confirm_for_colleague,
    "registered": _registered,
    "registered in presence": lambda one: _registered(one, place=Place.IN_PRESENCE, address=ADDRESS, dial_in=""),
    "registered hybrid": lambda one: _registered(one, place=Place.HYBRID, address=ADDRESS),
    "registered by telephone": lambda one: _registered(one, dial_in="Telefon 030 123456, PIN 4711"),
    "registered without a way in yet": lambda one: _registered(one, dial_in=""),
    "registered for two days": lambda one: _registered(one, **TWO_DAYS),
    "registered in summer": lambda one: _registered(one, starts=datetime(2027, 7, 1, 9)),
    "waiting": _waiting,
    "seat_offered": lambda one: _freed(one, WaitingMode.OFFER),
    "moved_up": lambda one: _freed(one, WaitingMode.MOVE_UP),
    "offer_lapsed": _offer_lapsed,
    "cancelled_by_you": lambda one: cancel_registration(_registered(one), at=NOON),
    "declined": lambda one: cancel_registration(_registered(one), by_calendar=True, at=NOON),
    "please_confirm": _asked_to_confirm,
    "proposal_refused": _proposal_refused,
    "circle_founded": _circle_founded,
    "your_turn": _reminded_of_turn,
    "turn_handed": _handed_turn,
    "turn_handed with a word": lambda one: _handed_turn(one, "Ich bin im Urlaub.\nDanke!"),
    "reminder": _reminded,
    "reminder of later": _reminded_of_later,
    "reminder in own words": lambda one: _reminded_of_later(one, "Bitte bringen Sie ein **Beispiel** mit.\n\n- Eins"),
    "follow_up": _followed_up,
    "follow_up in own words": lambda one: _followed_up(one, "Danke fürs **Kommen**!"),
    "certificate": _certified,
    "feedback_asked": _asked_how_it_was,
    "reminder in presence": lambda one: _reminded(one, place=Place.IN_PRESENCE, address=ADDRESS, dial_in=""),
    "event_changed to another time": lambda one: _changed(one, **AT_FOUR),
    "event_changed to another place": lambda one: _changed(one, place=Place.IN_PRESENCE, address=ADDRESS, dial_in=""),
    "event_changed to another time and place": lambda one: _changed(
        one, **AT_FOUR, place=Place.HYBRID, address=ADDRESS
    ),
    "event_changed to another way in": lambda one: _changed(one, dial_in="https://konferenz.next.example/neu"),
    "event_changed in its words": lambda one: _changed(one, title="Sprachmodelle überall", summary="Vier Städte."),
    "event_changed while waiting": lambda one: _changed(
        one, State.WAITING, **AT_FOUR, dial_in="https://konferenz.next.example/neu"
    ),
    "event_cancelled": _cancelled,
    "event_cancelled with a message": lambda one: _cancelled(one, NOTICE),
    "event_postponed": _postponed,
    "event_postponed with a message": lambda one: _postponed(one, NOTICE),
    "requested": _requested,
    "refused": _refused,
    "registered_by_other": _enrolled,
    "cancelled_by_organisers": lambda one: cancel_as_organiser(_registered(one), REASON, at=NOON),
    "transfer_offered": lambda one: _transferred(one, to="ada"),
    "transferred": lambda one: _transferred(one, to="bob"),
    "invitation": _invited,
    "invitation without a name": lambda one: _invited(one, name=""),
    "invitation_reminder": lambda one: _invited(one, reminded=True),
    "announcement": _announced,
}
