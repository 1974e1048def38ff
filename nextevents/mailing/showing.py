"""How mails are said to people."""

from flask import Response
from flask_babel import gettext as _

from .models import State

#: A mail is shown without scripts, forms, or anything from other hosts.
SHUT_IN = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"


def mail_alone(body: str, *, is_text: bool = False, status: int = 200) -> Response:
    """A mail's HTML or text as an answer of its own, to be put into a frame: shut in, so that it can do nothing."""
    response = Response(body, status, content_type=f"text/{'plain' if is_text else 'html'}; charset=utf-8")
    response.headers["Content-Security-Policy"] = SHUT_IN
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


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
