"""How mails that came in are said: what they are, why somebody has to look at them, what became of them."""

from flask_babel import gettext as _

from ..events.models import CallAnswer
from ..events.services import Effect


def arrival_word(kind: str) -> str:
    """What a mail that came in is."""
    return {
        "calendar_reply": _("Antwort aus dem Kalender"),
        "tnef": _("Nur mit Outlook lesbar"),
        "unreadable": _("Nicht lesbar"),
    }.get(kind, _("Brief"))


def arrival_note(note: str) -> str:
    """Why somebody has to look at it; refusals stand there in their own words."""
    return {
        "letter": _("Jemand hat an die Adresse der Termine geschrieben."),
        "only outlook": _("Die Antwort steckt in einer Datei (winmail.dat), die nur Outlook öffnen kann."),
        "not proved": _("Es ist nicht bewiesen, dass die Mail von dieser Adresse kommt."),
        "somebody else": _("Die Antwort gilt für eine andere Adresse als die, von der die Mail kommt."),
        "unknown event": _("Zu diesem Kalendereintrag gibt es hier keinen Termin."),
        "unknown person": _("Diese Adresse kennen wir nicht."),
        "several people": _("Die Antwort nennt mehrere Personen."),
        "several answers": _("Die Mail enthält mehrere Antworten."),
        "nobody answers": _("In der Antwort steht nicht, wer antwortet."),
        "no answer": _("Der Kalendereintrag ist weder Zusage noch Absage."),
        "delegated": _("Jemand möchte, dass eine andere Person kommt."),
        "one date of a series": _("Die Antwort gilt einem einzelnen Tag einer Serie, die es hier so nicht gibt."),
        "too many entries": _("Die Mail enthält ungewöhnlich viele Kalendereinträge."),
        "unreadable calendar": _("Der Kalendereintrag in der Mail ist beschädigt."),
        "too long": _("Die Mail ist zu groß, um sie von selbst zu lesen."),
        "too deep": _("Die Mail ist zu verschachtelt, um sie von selbst zu lesen."),
        "too many parts": _("Die Mail hat zu viele Teile, um sie von selbst zu lesen."),
        "breaks the reader": _("Das Lesen dieser Mail ist dreimal abgebrochen."),
    }.get(note, _("Die Mail ist beschädigt.") if note.startswith("unreadable") else note)


def answer_word(answer: CallAnswer) -> str:
    """What somebody has said to an invitation in the calendar."""
    return {
        CallAnswer.ACCEPTED: _("sagt zu"),
        CallAnswer.TENTATIVE: _("kommt vielleicht"),
        CallAnswer.DECLINED: _("sagt ab"),
    }[answer]


def effect_label(effect: Effect) -> str:
    """What became of an answer that the office has let count."""
    return {
        Effect.COUNTED: _("Die Antwort gilt jetzt."),
        Effect.OUTDATED: _("Die Antwort gilt jetzt. Sie war zu einem früheren Stand des Termins gegeben."),
        Effect.OLDER: _("Diese Person hat inzwischen etwas Neueres gesagt. Geändert hat sich deshalb nichts."),
        Effect.TOO_LATE: _("Der Termin ist vorbei oder abgesagt. Geändert hat sich deshalb nichts."),
    }[effect]
