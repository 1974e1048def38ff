"""An event that is over and closed, to look at: who was there, what they thought of it, what stays, and the figures.

Rows are written as they would stand by now; no mails go out for what happened before.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from ..communities.models import Community
from ..events import services as events
from ..events.models import (
    Answer,
    Audience,
    Event,
    Feedback,
    Format,
    MaterialKind,
    MaterialViewers,
    Place,
    Question,
    QuestionKind,
    Registration,
    Stage,
    State,
)
from ..events.services import EventChange, MaterialChange
from ..ground import clock
from ..ground.database import db
from ..ground.documents import Upload
from ..people.models import Person

DAYS_AGO = 23
#: What became of those who registered, in their order.
STATES = [State.ATTENDED] * 26 + [State.EXCUSED] * 3 + [State.ABSENT] * 4 + [State.CANCELLED] * 3
#: How many days before the event they registered: many at once, some late.
DAYS_BEFORE = (28, 28, 27, 27, 27, 21, 20, 14, 13, 9, 6, 3, 2, 1)
OPTIONS = ("Noch gar nicht", "Wir planen einen Bot", "Ein Bot ist in Betrieb")
#: Whether it was worth it, whether it can be used at work, and what was written to it.
FEEDBACK = (
    (5, 5, "Endlich einmal Zahlen aus dem Betrieb. Bitte mehr davon."),
    (5, 4, ""),
    (4, 5, "Die Liste mit den Übergabepunkten nehme ich gleich mit ins Team."),
    (4, 4, ""),
    (5, None, ""),
    (4, 3, "Das zweite Beispiel war für kleine Gemeinden zu groß."),
    (3, 4, ""),
    (5, 5, ""),
    (4, 4, "Gut moderiert. Für Fragen hätte ich mir zehn Minuten mehr gewünscht."),
    (2, 2, ""),
    (4, 4, ""),
)
MINUTES = """\
## Was besprochen wurde

- Ein Bot übergibt an Menschen, sobald er zweimal nachfragen musste.
- Was schon gesagt ist, geht mit: Niemand erzählt sein Anliegen zweimal.
- Gemessen wird, wie viele Anliegen gelöst sind, nicht wie viele Gespräche enden.

## Wie es weitergeht

Zwei Städte tauschen ihre Übergabepunkte aus und berichten beim nächsten Treffen.
"""
HANDOUT = """\
Punkte für die Übergabe vom Bot an Menschen

1. Zweimal nicht verstanden: übergeben.
2. Beschwerde, Frist oder Notlage erkannt: sofort übergeben.
3. Den Verlauf mitgeben, aber keine Daten, die für das Anliegen nicht nötig sind.
4. Außerhalb der Sprechzeiten: Rückruf anbieten, mit Zeitpunkt.
"""


def load_closing(circle: Community, crowd: Sequence[Person], guest: Person, *, at: datetime) -> None:
    """One closed meeting of a circle, which the guest attended. The same people every time."""
    chance = random.Random(13)  # noqa: S311 - made-up people, no secret
    event = _closed_event(circle, at)
    question = Question(
        event_id=event.id, kind=QuestionKind.ONE_OF, label="Wie weit sind Sie mit Bots?", options=list(OPTIONS)
    )
    db.session.add(question)
    db.session.flush()
    people = [guest, *chance.sample(list(crowd), len(STATES) - 1)]
    registrations = [
        _take_part(event, person, state, question, chance) for person, state in zip(people, STATES, strict=True)
    ]
    event.seats_taken = sum(one.has_seat for one in registrations)
    _give_feedback(event, registrations[1:])  # the guest can still try it
    db.session.flush()  # materials take the event anew
    _lay_down_materials(event)


def _closed_event(circle: Community, at: datetime) -> Event:
    ends = clock.local(at).replace(hour=15, minute=30, second=0, microsecond=0, tzinfo=None) - timedelta(days=DAYS_AGO)
    change = EventChange(
        title="Wenn der Bot nicht weiterweiß",
        summary="Wie Anliegen bei Menschen ankommen: zwei Städte zeigen ihre Übergabe.",
        description="Zwei kurze Berichte, danach Fragen.",
        format=Format.COMMUNITY_MEETING,
        starts_local=ends - timedelta(minutes=90),
        ends_local=ends,
        place=Place.VIRTUAL,
        dial_in="https://konferenz.next.example/chatbot",
        audience=Audience.EVERYBODY,
        capacity=40,
        gives_certificates=True,
        asks_feedback=True,
        counts_joining=True,
    )
    event = events.make_event("bots-und-uebergabe", change, [circle], at=at)
    event.stage = Stage.PUBLISHED
    event.attendance_closed_at = event.ends_at + timedelta(hours=1)
    return event


def _take_part(event: Event, person: Person, state: State, question: Question, chance: random.Random) -> Registration:
    made_at = event.starts_at - timedelta(days=chance.choice(DAYS_BEFORE), minutes=chance.randrange(600))
    is_cancelled, was_there = state == State.CANCELLED, state == State.ATTENDED
    registration = Registration(
        event=event,
        person=person,
        name=person.name,
        organisation_name=person.body,
        state=state,
        has_seat=not is_cancelled,
        made_at=made_at,
        cancelled_at=made_at + timedelta(hours=20) if is_cancelled else None,
        checked_in_at=event.starts_at + timedelta(minutes=chance.randrange(-10, 12)) if was_there else None,
    )
    db.session.add(registration)
    db.session.add(Answer(registration=registration, question=question, value=chance.choice(OPTIONS)))
    return registration


def _give_feedback(event: Event, registrations: Sequence[Registration]) -> None:
    given_on = (event.ends_local + timedelta(days=1)).date()
    for registration, (rating, useful, text) in zip(registrations, FEEDBACK, strict=False):
        registration.has_given_feedback = True
        db.session.add(Feedback(event_id=event.id, rating=rating, useful=useful, text=text, given_on=given_on))


def _lay_down_materials(event: Event) -> None:
    at = event.ends_at + timedelta(days=1)
    kept = (
        (
            MaterialKind.MINUTES,
            MaterialChange(title="Protokoll", viewers=MaterialViewers.EVERYBODY, text=MINUTES),
            None,
        ),
        (
            MaterialKind.RECORDING,
            MaterialChange(
                title="Aufzeichnung, 62 Minuten",
                viewers=MaterialViewers.PARTICIPANTS,
                url="https://video.next.example/bots-und-uebergabe",
            ),
            None,
        ),
        (
            MaterialKind.FILE,
            MaterialChange(title="Punkte für die Übergabe", viewers=MaterialViewers.COMMUNITY),
            Upload(name="uebergabepunkte.txt", content=HANDOUT.encode()),
        ),
    )
    for kind, wish, upload in kept:
        events.add_material(event, kind, wish, upload=upload, at=at)
