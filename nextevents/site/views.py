"""The doors that belong to no other room: start page, duties, language, health."""

from flask import Response, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from ..communities import queries as communities
from ..communities.models import Kind
from ..events import queries as events
from ..events import showing
from ..events.queries import EventFilter
from ..ground import clock
from ..ground.database import transaction
from ..ground.rendered import visitors_page
from ..ground.web import everyone, open_to, own_path
from ..mailing import queries as mailing
from ..people.services import set_language
from ..people.signing_in import person_or_none
from . import account, library, publications
from .blueprint import bp
from .health import is_migrated, metrics_text

START_EVENTS = 6
LANGUAGES = ("de", "en")

__all__ = ["account", "bp", "library", "publications"]


@bp.get("/")
@open_to(everyone)
def start() -> ResponseReturnValue:
    """What comes next, and where to go."""
    at = clock.now()
    key = (events.list_key(EventFilter(takes_place=True), at, limit=START_EVENTS), communities.fingerprint())

    def build() -> str:
        months = showing.months(events.next_events(at, limit=START_EVENTS), at)
        circles = [one for one in communities.all_communities() if one.kind == Kind.COMMUNITY]
        return render_template("site/start.html", months=months, communities=circles)

    return visitors_page(("start", request.full_path, str(get_locale()), key), build)


@bp.get("/impressum/")
@open_to(everyone)
def imprint() -> ResponseReturnValue:
    """Who answers for this site."""
    return render_template("site/imprint.html")


@bp.get("/datenschutz/")
@open_to(everyone)
def privacy() -> ResponseReturnValue:
    """What is done with personal data."""
    return render_template("site/privacy.html")


@bp.get("/barrierefreiheit/")
@open_to(everyone)
def accessibility() -> ResponseReturnValue:
    """How accessible this site is, and how to report a barrier."""
    return render_template("site/accessibility.html")


@bp.post("/sprache")
@open_to(everyone)
def language() -> ResponseReturnValue:
    """Speak German or English from now on, also in mails to whoever is signed in."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
        person = person_or_none()
        if person:
            with transaction():
                set_language(person, chosen)
    return redirect(own_path(request.form.get("next"), url_for(".start")), code=303)


@bp.get("/healthz")
@open_to(everyone)
def healthz() -> ResponseReturnValue:
    """This process is alive."""
    return jsonify(status="ok")


@bp.get("/readyz")
@open_to(everyone)
def readyz() -> ResponseReturnValue:
    """Database there, newest migration there, and how long the oldest due mail has been waiting (seconds)."""
    at = clock.now()
    if not is_migrated():
        return jsonify(status="not migrated"), 503
    oldest = mailing.oldest_due(at)
    return jsonify(status="ok", outbox_age_seconds=round((at - oldest).total_seconds()) if oldest else 0)


@bp.get("/metrics")
@open_to(everyone)
def metrics() -> ResponseReturnValue:
    """Figures for Prometheus; numbers only, no names."""
    return Response(metrics_text(clock.now()), content_type="text/plain; version=0.0.4; charset=utf-8")
