"""A list of participants as it is asked for: in an address, or in the form of an export."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from flask import url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from ..events import queries as events
from ..events.models import Event, Photos, Question, QuestionKind, Registration, State
from ..events.queries import Choice, Sort
from ..ground.database import db
from ..people.models import Level
from ..people.showing import level_word
from .columns import Column, Line, chosen_columns, columns_of, lines_of, photos_word, yes_or_no

Word = TypeVar("Word", bound=StrEnum)

LONGEST_WORDS = 100
YES_NO = {"ja": True, "nein": False}


@dataclass(frozen=True)
class Select:
    """One thing to choose by: its name in addresses, its label, what can be chosen, and what is."""

    name: str
    label: str
    options: list[tuple[str, str]]
    current: str


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Which participants, in which order, with which columns. What nobody could have chosen is left out."""

    event: Event
    questions: Sequence[Question]
    choice: Choice
    sort: Sort
    is_falling: bool
    all_columns: Sequence[Column]
    columns: Sequence[Column]
    #: The names of columns as asked for; empty for the usual ones.
    asked_columns: tuple[str, ...]

    @classmethod
    def asked(cls, event: Event, typed: MultiDict[str, str]) -> "Listing":
        """Read it."""
        questions = events.questions(event)
        columns = columns_of(event, questions)
        known = {column.key for column in columns}
        asked = tuple(dict.fromkeys(one for one in typed.getlist("spalten") if one in known))
        choice = _choice(typed, questions)
        usual = Sort.QUEUE if choice.state == State.WAITING else Sort.NAME
        return cls(
            event=event,
            questions=questions,
            choice=choice,
            sort=_one_of(Sort, typed.get("sortierung")) or usual,
            is_falling=typed.get("richtung") == "ab",
            all_columns=columns,
            columns=chosen_columns(columns, asked),
            asked_columns=asked,
        )

    @property
    def query(self) -> dict[str, str | list[str]]:
        """What to write into an address, or a form, to get the same list."""
        choice = self.choice
        usual = Sort.QUEUE if choice.state == State.WAITING else Sort.NAME
        words: dict[str, str | None] = {
            "q": choice.words,
            "stand": choice.state,
            "ebene": choice.level,
            "fotos": choice.photos,
            "aufzeichnung": _yes_or_no_key(choice.agrees_to_recording),
            "newsletter": _yes_or_no_key(choice.wants_newsletter),
            "sichtbar": _yes_or_no_key(choice.is_shown),
            **{f"frage-{number}": answer for number, answer in choice.answers.items()},
            "sortierung": self.sort if self.sort != usual else "",
            "richtung": "ab" if self.is_falling else "",
        }
        known: dict[str, str | list[str]] = {name: str(value) for name, value in words.items() if value}
        return known | ({"spalten": list(self.asked_columns)} if self.asked_columns else {})

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The same as fields of a form."""
        return [
            (name, one) for name, value in self.query.items() for one in (value if isinstance(value, list) else [value])
        ]

    def href(self, endpoint: str = "desk.participants", **changes: str | int | None) -> str:
        """The address of this list, somewhat otherwise."""
        return url_for(endpoint, slug=self.event.slug, **(self.query | changes))  # type: ignore[arg-type]  # none is a word of url_for's own

    def page(self, *, limit: int, offset: int) -> Sequence[Registration]:
        """Some registrations of the list."""
        return events.page_of_participants(
            self.event, self.choice, sort=self.sort, is_falling=self.is_falling, limit=limit, offset=offset
        )

    def all(self) -> Sequence[Registration]:
        """All registrations of the list."""
        chosen = events.participants(self.event, self.choice, sort=self.sort, is_falling=self.is_falling)
        return db.session.scalars(chosen).all()

    def lines(self, registrations: Sequence[Registration]) -> list[Line]:
        """Registrations as lines with their columns."""
        numbers = [one.id for one in registrations]
        answers = events.answers_by_registration(numbers) if self.shows_answers else {}
        return lines_of(self.columns, registrations, answers)

    @property
    def is_special(self) -> bool:
        """Whether more was chosen than a state and words."""
        return bool(set(self.query) - {"q", "stand"})

    @property
    def shows_answers(self) -> bool:
        """Whether a column needs what people answered."""
        return any(column.key.startswith("frage-") for column in self.columns)

    def heads(self) -> list[dict[str, str]]:
        """The columns as heads of a table; those one can sort by with the address that does."""
        return [self._head(column) for column in self.columns]

    def _head(self, column: Column) -> dict[str, str]:
        if column.sort is None:
            return {"name": column.label}
        is_current = column.sort == self.sort
        falls_next = is_current and not self.is_falling
        return {
            "name": column.label,
            "href": self.href(sortierung=column.sort.value, richtung="ab" if falls_next else None),
            "sorted": ("descending" if self.is_falling else "ascending") if is_current else "",
        }

    def sorts(self) -> list[tuple[str, str]]:
        """What one can sort by; on a phone the heads of the table are not there."""
        queue = [(Sort.QUEUE.value, _("Warteliste"))] if self.choice.state == State.WAITING else []
        return [*queue, *((one.sort.value, one.label) for one in self.all_columns if one.sort)]

    def column_choices(self) -> list[tuple[str, str, bool]]:
        """The columns that one can show or leave out, and whether they are shown."""
        shown = {one.key for one in self.columns}
        return [(one.key, one.label, one.key in shown) for one in self.all_columns if one.key != "name"]

    def question_choices(self) -> list[tuple[str, str]]:
        """The questions, of which one may stand on badges."""
        shown = [(str(one.id), one.label) for one in self.questions if one.kind != QuestionKind.FILE]
        return [("", _("keine")), *shown]

    def selects(self) -> list[Select]:
        """What one can choose by, beside words and state."""
        choice, event = self.choice, self.event
        everything = ("", _("alle"))
        found = [
            Select("ebene", _("Ebene"), [everything, *((one, level_word(one)) for one in Level)], choice.level or "")
        ]
        if event.asks_photos:
            photos = [everything, *((one.value, photos_word(one)) for one in Photos)]
            found.append(Select("fotos", _("Fotos"), photos, choice.photos or ""))
        for is_offered, name, label, value in (
            (event.asks_recording, "aufzeichnung", _("Aufzeichnung"), choice.agrees_to_recording),
            (event.asks_newsletter, "newsletter", _("Newsletter"), choice.wants_newsletter),
        ):
            if is_offered:
                found.append(Select(name, label, [everything, *_yes_no_options()], _yes_or_no_key(value)))
        for question in _choosing(self.questions):
            options = [everything, *((one, one) for one in _options(question))]
            found.append(Select(f"frage-{question.id}", question.label, options, choice.answers.get(question.id, "")))
        return found


def _yes_no_options() -> list[tuple[str, str]]:
    return [(key, yes_or_no(value)) for key, value in YES_NO.items()]


def _yes_or_no_key(value: bool | None) -> str:  # noqa: FBT001 - a truth as addresses write it
    return "" if value is None else "ja" if value else "nein"


def _choosing(questions: Iterable[Question]) -> list[Question]:
    return [one for one in questions if one.kind in events.BY_CHOOSING]


def _options(question: Question) -> Sequence[str]:
    return list(YES_NO) if question.kind == QuestionKind.YES_NO else question.options


def _choice(typed: Mapping[str, str], questions: Iterable[Question]) -> Choice:
    answers = {one.id: typed.get(f"frage-{one.id}", "") for one in _choosing(questions)}
    allowed = {one.id: set(_options(one)) for one in _choosing(questions)}
    return Choice(
        words=typed.get("q", "").strip()[:LONGEST_WORDS].replace("\0", ""),
        state=_one_of(State, typed.get("stand")),
        level=_one_of(Level, typed.get("ebene")),
        photos=_one_of(Photos, typed.get("fotos")),
        agrees_to_recording=YES_NO.get(typed.get("aufzeichnung", "")),
        wants_newsletter=YES_NO.get(typed.get("newsletter", "")),
        is_shown=YES_NO.get(typed.get("sichtbar", "")),
        answers={number: value for number, value in answers.items() if value in allowed[number]},
    )


def _one_of(words: type[Word], typed: str | None) -> Word | None:
    return words(typed) if typed in set(words) else None
