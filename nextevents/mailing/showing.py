"""How mails are said to people."""

from flask_babel import gettext as _

from .models import State


def mail_state_word(state: State) -> str:
    """Where a mail is."""
    return {
        State.QUEUED: _("wartet"),
        State.CLAIMED: _("geht gerade hinaus"),
        State.SENT: _("gesendet"),
        State.DEFERRED: _("später noch einmal"),
        State.FAILED: _("gescheitert"),
        State.UNCERTAIN: _("ungewiss"),
        State.HELD: _("angehalten"),
        State.SKIPPED: _("nicht mehr nötig"),
    }[state]
