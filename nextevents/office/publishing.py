"""The office's door to how mail is doing: who slows us down, what is published about us."""

from urllib.parse import urlsplit

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from ..events import showing
from ..ground import clock
from ..ground.web import office, open_to
from ..mailing import published
from ..mailing import queries as mailing
from ..mailing import services as mail_services
from .blueprint import bp


@bp.get("/buero/mailbetrieb/")
@open_to(office)
def mail_running() -> ResponseReturnValue:
    """How mail is doing. Asks nobody outside."""
    return _page({})


@bp.post("/buero/mailbetrieb/pruefen/")
@open_to(office)
def check_published() -> ResponseReturnValue:
    """Ask the DNS what is published about us; changes nothing."""
    host = urlsplit(current_app.config["SMTP_URL"]).hostname or ""
    return _page(published.findings(published.names(), host))


def _page(found: dict[str, list[published.Finding]]) -> ResponseReturnValue:
    return render_template(
        "office/mail_running.html",
        section="office",
        showing=showing,
        pause=mailing.current_pause(clock.now()),
        slow=mail_services.slow_destinations(),
        domains=published.sender_domains(),
        found=found,
        smtp_host=urlsplit(current_app.config["SMTP_URL"]).hostname or "",
    )
