"""An event in figures."""

from flask import render_template
from flask.typing import ResponseReturnValue

from ...events import queries as events
from ...events import showing
from ...ground.web import open_to
from ..blueprint import bp, event_here, organisers
from ..plots import feedback_plots, plots


@bp.get("/veranstaltungen/<slug>/verwalten/zahlen/")
@open_to(organisers)
def figures(slug: str) -> ResponseReturnValue:
    """Registrations, bodies, answers and feedback, as plots with their tables."""
    event = event_here(slug)
    counted = events.figures_of(event)
    return render_template(
        "desk/figures.html",
        section="desk",
        event=event,
        counted=counted,
        plots=[*plots(counted), *feedback_plots(event)],
        feedback_count=events.feedback_count(event),
        showing=showing,
    )
