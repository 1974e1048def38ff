"""An event and its circles: calling their people, stopping that, asking another circle to join."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from ...communities import queries as communities
from ...events import queries as events
from ...events import rules, services, showing
from ...events.messages_to_circles import CALLED, subject_of
from ...events.models import Event
from ...events.replies import span_label
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import NotFound, Refusal
from ...ground.web import open_to
from ...mailing import queries as mailing
from ...people.signing_in import current_person
from ..blueprint import bp, event_here, organisers
from ..forms.circle import AskCircleForm
from ..showing_replies import answer_label

#: So many answers are shown, the newest first.
MOST_ANSWERS = 500


@bp.get("/veranstaltungen/<slug>/verwalten/community/")
@open_to(organisers)
def calling(slug: str) -> ResponseReturnValue:
    """Whom the event's circles have called, what they answered, and who holds it together."""
    event = event_here(slug)
    return _page(event, _form(event, is_sent=False))


def _page(event: Event, form: AskCircleForm) -> str:
    at, subject = clock.now(), subject_of(event)
    return render_template(
        "desk/calling.html",
        section="desk",
        event=event,
        counts=events.call_counts(event),
        answered=events.answered_calls(event, limit=MOST_ANSWERS),
        span_label=span_label,
        answer_label=answer_label,
        more=events.count_to_call(event, clock.local(at).date()),
        mail=mailing.counts_by_subject(CALLED, [subject])[subject],
        may_call=rules.welcomes_circles(event, at=at),
        opens_later=rules.opens_later(event, at=at),
        asked=events.joint_requests_of(event),
        form=form,
        showing=showing,
    )


def _form(event: Event, *, is_sent: bool) -> AskCircleForm:
    form = AskCircleForm() if is_sent else AskCircleForm(formdata=None)
    own = {one.id for one in event.communities}
    today = clock.local(clock.now()).date()
    others = [one for one in communities.all_communities() if one.id not in own]
    form.community.choices = [(one.id, one.full_name) for one in others if not communities.has_ended(one, today)]
    return form


@bp.post("/veranstaltungen/<slug>/verwalten/community/einladen")
@open_to(organisers)
def call(slug: str) -> ResponseReturnValue:
    """Call those who were not called yet; from now on newcomers too, if that was stopped."""
    with transaction():
        reached = services.resume_calling(event_here(slug), at=clock.now())
    count = reached.invited + reached.registered
    flash(ngettext("%(num)s Person erreicht.", "%(num)s Personen erreicht.", count), "success")
    return redirect(url_for(".calling", slug=slug), code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/community/anhalten")
@open_to(organisers)
def stop_calling(slug: str) -> ResponseReturnValue:
    """Take back what has not left yet, and invite no newcomers either."""
    with transaction():
        count = services.stop_calling(event_here(slug), at=clock.now())
    told = ngettext("%(num)s Einladung zurückgehalten.", "%(num)s Einladungen zurückgehalten.", count)
    flash(told, "success")
    return redirect(url_for(".calling", slug=slug), code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/community/fragen")
@open_to(organisers)
def ask_circle(slug: str) -> ResponseReturnValue:
    """Ask another circle to hold the event together."""
    event = event_here(slug)
    form = _form(event, is_sent=True)
    if not form.validate():
        return _page(event, form), 422
    try:
        with transaction():
            community = communities.community_with_number(form.community.data)
            services.ask_to_join(event, community, by=current_person(), at=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    else:
        flash(_("Gefragt. Die Leitung der anderen Community sieht das in ihrer Verwaltung."), "success")
    return redirect(url_for(".calling", slug=slug), code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/community/fragen/<int:number>/zuruecknehmen")
@open_to(organisers)
def take_back_asking(slug: str, number: int) -> ResponseReturnValue:
    """Ask a circle no longer."""
    event = event_here(slug)
    if events.joint_request(event.id, number) is None:
        raise NotFound
    with transaction():
        services.take_back_asking(event, number)
    return redirect(url_for(".calling", slug=slug), code=303)
