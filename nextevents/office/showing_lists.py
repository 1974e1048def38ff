"""How lists and who is on them are said to the office."""

from flask_babel import gettext as _

from ..mailing.models import ListKind, Source, SubscriptionState
from ..mailing.services import taking_over


def kind_of_list(kind: ListKind) -> str:
    """What a list is."""
    return {
        ListKind.NEWSLETTER: _("Newsletter"),
        ListKind.ANNOUNCEMENTS: _("Ankündigungen"),
        ListKind.DISCUSSION: _("Gespräch"),
    }[kind]


def state_word(state: SubscriptionState) -> str:
    """Whether somebody is on a list."""
    return {
        SubscriptionState.REQUESTED: _("nicht bestätigt"),
        SubscriptionState.ACTIVE: _("dabei"),
        SubscriptionState.ENDED: _("nicht dabei"),
    }[state]


def source_word(source: Source) -> str:
    """Who asked."""
    return {
        Source.SELF: _("die Person selbst"),
        Source.STAFF: _("die Geschäftsstelle"),
        Source.IMPORT: _("Übernahme aus einem anderen System"),
    }[source]


def way_word(by: str) -> str:
    """How something was confirmed or ended; what was typed as a reason stands as it is."""
    kind, _colon, reason = by.partition(": ")
    words = {
        "": "",
        "button": _("Knopf auf der Seite hinter dem gemailten Link"),
        "button_and_tick": _("Knopf und Häkchen auf der Seite hinter dem gemailten Link"),
        "doubtful": _("noch nicht sicher: Der Knopf kam sehr schnell nach der Mail"),
        "signed_in": _("angemeldet, mit bestätigter Adresse"),
        "joined": _("Beitritt zur Community mit bestätigter Adresse"),
        "left": _("Austritt aus der Community"),
        "undo": _("rückgängig gemacht über den Link in der Mail"),
        "preferences": _("Einstellungsseite"),
        "page": _("Link in der Mail"),
        "one_click": _("Abmeldeknopf des Mailprogramms"),
        "mail": _("Mail an den Verteiler"),
        "complaint": _("Beschwerde über das Mailprogramm"),
        "bounce": _("Mails kamen zurück"),
        "erased": _("Löschung auf Wunsch"),
        "import": _("Übernahme aus einem anderen System"),
        "elsewhere": _("im anderen System abbestellt"),
        "office": _("Geschäftsstelle"),
    }
    word = words.get(kind, kind)
    return f"{word}: {reason}" if reason else word


def outcome_word(outcome: str) -> str:
    """What became of a line of a roster."""
    return {
        taking_over.ADDED: _("aufgenommen"),
        taking_over.ASKED: _("um Bestätigung gebeten"),
        taking_over.THERE: _("schon dabei"),
        taking_over.LEFT: _("hat abbestellt und bleibt draußen"),
        taking_over.SILENT: _("möchte gar keine Mails von Verteilern"),
        taking_over.WRONG: _("nicht lesbar"),
        taking_over.TWICE: _("steht doppelt darin"),
        taking_over.ELSEWHERE: _("hat im anderen System abbestellt, bleibt draußen"),
        taking_over.BLOCKED: _("im anderen System gesperrt, bekommt auch hier nichts"),
        taking_over.STAYS: _("im anderen System abgemeldet oder gesperrt, hier selbst bestellt: bleibt dabei"),
        taking_over.UNREACHABLE: _("im anderen System unzustellbar und ohne Nachweis: nicht übernommen"),
        taking_over.RESTS: _("im anderen System unzustellbar: bekommt nichts, bis jemand die Adresse bestätigt"),
        taking_over.COLLECTED: _("übernommen, bekommt die Beiträge gesammelt"),
        taking_over.PAUSED: _("übernommen, bekommt vorerst keine Mails"),
    }.get(outcome, outcome)


def problem_word(why: str) -> str:
    """What is to be said of a line: an outcome, or a sentence of its own."""
    return _("Die Zeile ist nicht lesbar.") if why == "unreadable" else outcome_word(why)
