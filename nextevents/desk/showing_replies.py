"""How answers from people's calendars are said to organisers."""

from datetime import datetime

from flask_babel import gettext as _

from ..events import showing
from ..events.models import CallAnswer


def answer_word(answer: CallAnswer | None) -> str:
    """What somebody has answered to the invitation."""
    if answer is None:
        return _("ohne Antwort")
    return {
        CallAnswer.ACCEPTED: _("zugesagt"),
        CallAnswer.TENTATIVE: _("vorläufig zugesagt"),
        CallAnswer.DECLINED: _("abgesagt"),
    }[answer]


def answer_label(answer: CallAnswer | None, *, at: datetime | None, by_mail: bool, is_outdated: bool = False) -> str:
    """The same with when and how it was said."""
    if answer is None or at is None:
        return answer_word(answer)
    how = _("im Kalender") if by_mail else _("auf der Seite")
    said = f"{answer_word(answer)}, {how}, {showing.edited_label(at)}"
    return _("%(said)s (vor der letzten Änderung)", said=said) if is_outdated else said
