"""The columns of a list of participants: on the screen, on paper and in files."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from flask_babel import gettext as _

from ..events import queries, showing
from ..events.models import Event, Photos, Question, Registration, Viewers
from ..events.queries import Sort
from ..people.addresses import readable
from ..people.showing import level_word
from .showing_replies import answer_label as reply_label

#: What somebody answered, by the number of the question.
Answers = Mapping[int, str]
#: What is shown unless other columns are chosen.
USUAL = ("body", "address", "state", "made")


@dataclass(frozen=True)
class Column:
    """One column: its name in addresses, its name for people, and what stands in it."""

    key: str
    label: str
    value: Callable[[Registration, Answers], str]
    sort: Sort | None = None
    #: Whether it is kept on one line.
    is_short: bool = False


@dataclass(frozen=True)
class Line:
    """One participant's line: the number of the registration, and what stands in the columns."""

    number: int
    cells: tuple[str, ...]


def columns_of(event: Event, questions: Iterable[Question]) -> list[Column]:
    """All columns that the list of an event can have; the first is the name, which is always there."""
    replies = [_reply_column(event)] if event.called_at else []
    return [*_usual_columns(), *replies, *_choice_columns(event), *_note_columns(), *map(_question_column, questions)]


def _usual_columns() -> list[Column]:
    return [
        Column("name", _("Name"), lambda one, _answers: one.name or "–", Sort.NAME),
        Column("body", _("Organisation"), lambda one, _answers: body_of(one), Sort.BODY),
        Column("level", _("Ebene"), _level),
        Column("address", _("Adresse"), lambda one, _answers: readable(one.person.address)),
        Column("state", _("Stand"), lambda one, _answers: state_label(one), Sort.STATE, is_short=True),
        Column(
            "made",
            _("Angemeldet am"),
            lambda one, _answers: showing.edited_label(one.made_at),
            Sort.MADE,
            is_short=True,
        ),
        Column("checked_in", _("Da seit"), _checked_in, Sort.CHECKED_IN, is_short=True),
    ]


def _reply_column(event: Event) -> Column:
    """What people have answered to the entry in their calendar; read once, and only where the column is shown."""
    replies = cache(lambda: queries.answers_by_person(event))

    def said(registration: Registration, _answers: Answers) -> str:
        found = replies().get(registration.person_id)
        if found is None:
            return ""
        label = reply_label(found.answer, at=found.answered_at, by_mail=found.is_by_mail, is_outdated=found.is_outdated)
        return f"{label}: {found.comment}" if found.comment else label

    return Column("reply", _("Antwort auf die Einladung"), said)


def _choice_columns(event: Event) -> list[Column]:
    offered = [
        (event.asks_photos, Column("photos", _("Fotos"), lambda one, _answers: photos_word(one.photos))),
        (
            event.asks_recording,
            Column("recording", _("Aufzeichnung"), lambda one, _answers: yes_or_no(one.agrees_to_recording)),
        ),
        (
            event.participants_shown_to != Viewers.NOBODY,
            Column("shown", _("In der Liste sichtbar"), lambda one, _answers: yes_or_no(one.is_shown)),
        ),
        (
            event.asks_newsletter,
            Column("newsletter", _("Newsletter"), lambda one, _answers: yes_or_no(one.wants_newsletter)),
        ),
    ]
    return [column for is_offered, column in offered if is_offered]


def _note_columns() -> list[Column]:
    return [
        Column("note", _("Notiz"), lambda one, _answers: one.note),
        Column("reason", _("Begründung"), lambda one, _answers: one.reason),
    ]


def _question_column(question: Question) -> Column:
    number = question.id
    return Column(f"frage-{number}", question.label, lambda _one, answers: answer_label(answers.get(number, "")))


def chosen_columns(columns: Sequence[Column], keys: Sequence[str]) -> list[Column]:
    """The columns with these names in their usual order, the name first; the usual ones if none is named."""
    wanted = {one for one in keys if one} or set(USUAL)
    return [column for column in columns if column.key == "name" or column.key in wanted]


def lines_of(
    columns: Sequence[Column], registrations: Iterable[Registration], answers: Mapping[int, Answers]
) -> list[Line]:
    """The registrations as lines."""
    return [
        Line(one.id, tuple(column.value(one, answers.get(one.id, {})) for column in columns)) for one in registrations
    ]


def body_of(registration: Registration) -> str:
    """For whom somebody works, as far as known."""
    return registration.person.body or registration.organisation_name


def state_label(registration: Registration) -> str:
    """Where a registration is; who was let in beyond the seats is marked."""
    word = showing.state_word(registration.state)
    return _("%(state)s (zusätzlich)", state=word) if registration.is_extra and registration.is_active else word


def photos_word(photos: Photos) -> str:
    """How somebody may stand in pictures."""
    return {Photos.NO: _("nein"), Photos.OVERVIEW: _("nur Übersicht"), Photos.YES: _("ja")}[photos]


def yes_or_no(is_so: bool) -> str:  # noqa: FBT001 - the word for a truth
    """Ja or nein."""
    return _("ja") if is_so else _("nein")


def answer_label(value: str) -> str:
    """An answer in one line: several chosen options stand on a line each."""
    return ", ".join(line for line in value.splitlines() if line)


def _level(registration: Registration, _answers: Answers) -> str:
    organisation = registration.person.organisation
    return level_word(organisation.level) if organisation else ""


def _checked_in(registration: Registration, _answers: Answers) -> str:
    return showing.edited_label(registration.checked_in_at) if registration.checked_in_at else ""
