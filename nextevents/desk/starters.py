"""Questions that many events ask, to be added with one click and then changed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from ..events.models import QuestionKind
from ..events.services import QuestionDraft


@dataclass(frozen=True)
class Starter:
    """A few questions that belong together. A condition names an earlier one by its place, the first being 0."""

    key: str
    label: Any
    text: Any

    def questions(self) -> Sequence[QuestionDraft]:
        """The questions in the language of whoever asks for them."""
        return {"versorgung": _catering, "themen": _topics, "barrierefreiheit": _needs}[self.key]()


STARTERS = (
    Starter("versorgung", _("Ernährung und Anreise"), _("Was man isst, was man nicht verträgt, wie man kommt.")),
    Starter("themen", _("Worüber möchten Sie sprechen?"), _("Ein freier Text, mit dem man den Termin vorbereitet.")),
    Starter(
        "barrierefreiheit",
        _("Barrierefreiheit: Was brauchen Sie?"),
        _("Zum Ankreuzen, mit Platz für anderes. Die Antworten sind zwei Wochen nach dem Termin weg."),
    ),
)

#: What says something about somebody's health or beliefs is not needed for long.
SOON = 14


def starter(key: str) -> Starter | None:
    """The starter of this name."""
    return next((one for one in STARTERS if one.key == key), None)


def not_yet_asked(labels: Collection[str]) -> list[Starter]:
    """The starters whose first question an event with these questions does not ask yet."""
    return [one for one in STARTERS if one.questions()[0].label not in labels]


def _catering() -> list[QuestionDraft]:
    by_car = gettext("Mit dem Auto")
    return [
        QuestionDraft(
            kind=QuestionKind.ONE_OF,
            label=gettext("Was möchten Sie essen?"),
            options=(gettext("Alles"), gettext("Vegetarisch"), gettext("Vegan"), gettext("Ich esse nicht mit")),
            kept_days=SOON,
        ),
        QuestionDraft(
            kind=QuestionKind.LINE,
            label=gettext("Was vertragen Sie nicht?"),
            hint=gettext("Zum Beispiel Nüsse oder Laktose. Nur die Organisierenden und die Küche erfahren es."),
            kept_days=SOON,
        ),
        QuestionDraft(
            kind=QuestionKind.ONE_OF,
            label=gettext("Wie reisen Sie an?"),
            options=(
                gettext("Mit Bahn oder Bus"),
                by_car,
                gettext("Mit dem Rad oder zu Fuß"),
                gettext("Das weiß ich noch nicht"),
            ),
        ),
        QuestionDraft(
            kind=QuestionKind.YES_NO,
            label=gettext("Brauchen Sie einen Parkplatz?"),
            shown_if_id=2,
            shown_if_answer=by_car,
        ),
    ]


def _topics() -> list[QuestionDraft]:
    return [
        QuestionDraft(
            kind=QuestionKind.TEXT,
            label=gettext("Worüber möchten Sie sprechen?"),
            hint=gettext("Stichworte reichen."),
        )
    ]


def _needs() -> list[QuestionDraft]:
    other = gettext("Etwas anderes")
    return [
        QuestionDraft(
            kind=QuestionKind.SEVERAL_OF,
            label=gettext("Barrierefreiheit: Was brauchen Sie?"),
            hint=gettext("Damit Sie ohne Hindernisse teilnehmen können."),
            options=(
                gettext("Schriftdolmetschen"),
                gettext("Deutsche Gebärdensprache"),
                gettext("Einen stufenlosen Zugang"),
                gettext("Platz für eine Assistenz"),
                gettext("Unterlagen vorab"),
                other,
            ),
            kept_days=SOON,
        ),
        QuestionDraft(
            kind=QuestionKind.TEXT,
            label=gettext("Was können wir sonst für Sie tun?"),
            shown_if_id=0,
            shown_if_answer=other,
            kept_days=SOON,
        ),
    ]
