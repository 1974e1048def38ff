"""A circle's date polls: asking, reminding, and choosing the time that becomes the meeting."""

import re
from datetime import time, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from ...communities.models import Community
from ...events import messages_to_voters as messages
from ...events import queries as events
from ...events import services, showing, showing_polls
from ...events.models import Poll, VotesShown
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import NotFound, Refusal
from ...ground.web import open_to
from ...mailing.messages import absolute
from ...people.signing_in import current_person
from ..blueprint import bp, circle_here, leads_of_circle
from ..forms.grid import TICK
from ..forms.polling import DeadlineForm, PollForm, end_of

#: So long people can vote unless another day is chosen.
TIME_TO_VOTE = timedelta(days=7)
#: When circles meet that never have met.
USUAL = time(14)
#: What the buttons at the grid do, in weeks.
WEEKS = {"earlier": -1, "week": 0, "later": 1}
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


@bp.get("/verwalten/communities/<slug>/umfragen/")
@open_to(leads_of_circle)
def polls(slug: str) -> ResponseReturnValue:
    """All polls of a circle."""
    community, at = circle_here(slug), clock.now()
    found = [(one, services.is_poll_open(one, at=at)) for one in events.polls_of(community)]
    return render_template("desk/polls.html", section="desk", community=community, polls=found, showing=showing_polls)


@bp.get("/verwalten/communities/<slug>/umfragen/neu/")
@open_to(leads_of_circle)
def poll_new(slug: str) -> ResponseReturnValue:
    """The form of a new poll."""
    community = circle_here(slug)
    last = events.last_meeting(community)
    form = PollForm(
        formdata=None,
        title=last.title if last else "",
        minutes=int(services.duration_of(last).total_seconds() // 60),
        asks="all",
        closes_on=clock.local(clock.now()).date() + TIME_TO_VOTE,
        votes_shown=VotesShown.EVERYBODY,
    )
    return _new_page(community, form)


def _new_page(community: Community, form: PollForm, *, types_rows: bool = False) -> str:
    last = events.last_meeting(community)
    grid = form.grid(last.starts_local.time() if last and not last.is_all_day else USUAL)
    if not form.week.errors:
        form.week.data, form.week.raw_data = grid.monday, None
    return render_template(
        "desk/poll_new.html",
        section="desk",
        community=community,
        form=form,
        grid=grid,
        tick=TICK,
        types_rows=types_rows or form.has_rows,
        reached=len(events.people_to_ask(community)),
    )


@bp.post("/verwalten/communities/<slug>/umfragen/neu/")
@open_to(leads_of_circle)
def make_poll(slug: str) -> ResponseReturnValue:
    """Make a poll and ask everybody, or give room for more times."""
    community, form = circle_here(slug), PollForm()
    if request.form.get("do") == "rows":
        form.add_rows()
        return _new_page(community, form, types_rows=True)
    if (do := request.form.get("do")) in WEEKS:
        form.turn_weeks(WEEKS[do])
        return _new_page(community, form)
    if not form.validate():
        return _new_page(community, form), 422
    try:
        with transaction():
            poll = services.make_poll(community, form.wish(), by=current_person(), at=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return _new_page(community, form), 422
    count = events.turnout(poll).asked
    words = ngettext(
        "Die Umfrage läuft. %(num)s Person wird gefragt.", "Die Umfrage läuft. %(num)s Personen werden gefragt.", count
    )
    flash(words, "success")
    return redirect(url_for(".poll", slug=slug, number=poll.id), code=303)


def _poll_here(slug: str, number: int) -> Poll:
    """A poll of the circle in the path. Raises NotFound."""
    poll = events.poll(number)
    if poll.community_id != circle_here(slug).id:
        raise NotFound
    return poll


@bp.get("/verwalten/communities/<slug>/umfragen/<int:number>/")
@open_to(leads_of_circle)
def poll(slug: str, number: int) -> ResponseReturnValue:
    """How the votes stand, and what to do."""
    return _poll_page(_poll_here(slug, number))


def _poll_page(poll: Poll, deadline: DeadlineForm | None = None) -> str:
    at, turnout = clock.now(), events.turnout(poll)
    voters = events.voters_of(poll)
    hints = {} if poll.event else showing_polls.clash_hints(poll.options)
    standings = showing_polls.standings(poll, events.tally(poll), len(voters), hints)
    can_remind = bool(events.silent_voters(poll, written_before=at - services.BETWEEN_POLL_REMINDERS))
    return render_template(
        "desk/poll.html",
        section="desk",
        community=poll.community,
        poll=poll,
        turnout=turnout,
        unproved=events.unproved_yes(poll),
        standings=standings,
        rows=showing_polls.voter_rows(voters, [one.option for one in standings]),
        link=absolute(messages.poll_href(poll)),
        is_open=services.is_poll_open(poll, at=at),
        can_remind=can_remind,
        deadline=deadline or DeadlineForm(formdata=None, closes_on=showing_polls.last_day(poll)),
        polls=showing_polls,
        showing=showing,
        at=at,
    )


@bp.post("/verwalten/communities/<slug>/umfragen/<int:number>/waehlen")
@open_to(leads_of_circle)
def choose_time(slug: str, number: int) -> ResponseReturnValue:
    """Make one of the times the meeting."""
    poll = _poll_here(slug, number)
    typed = request.form.get("zeit", "")
    chosen = int(typed) if _NUMBER.fullmatch(typed) else 0
    try:
        with transaction():
            event = services.choose_time(poll, chosen, by=current_person(), at=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".poll", slug=slug, number=number), code=303)
    when = showing.when_label(event)
    flash(_("Der Termin steht: %(when)s. Alle bekommen Bescheid.", when=when), "success")
    return redirect(url_for(".overview", slug=event.slug), code=303)


@bp.post("/verwalten/communities/<slug>/umfragen/<int:number>/erinnern")
@open_to(leads_of_circle)
def remind_voters(slug: str, number: int) -> ResponseReturnValue:
    """Remind those who were asked and have not voted."""
    try:
        with transaction():
            count = services.remind_silent_voters(_poll_here(slug, number), at=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    else:
        flash(ngettext("%(num)s Erinnerung geht hinaus.", "%(num)s Erinnerungen gehen hinaus.", count), "success")
    return redirect(url_for(".poll", slug=slug, number=number), code=303)


@bp.post("/verwalten/communities/<slug>/umfragen/<int:number>/frist")
@open_to(leads_of_circle)
def change_deadline(slug: str, number: int) -> ResponseReturnValue:
    """Let people vote longer, or less long."""
    poll, form = _poll_here(slug, number), DeadlineForm()
    if not form.validate():
        return _poll_page(poll, form), 422
    try:
        with transaction():
            services.change_deadline(poll, end_of(form.closes_on.data))
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    else:
        flash(_("Gespeichert."), "success")
    return redirect(url_for(".poll", slug=slug, number=number), code=303)


@bp.post("/verwalten/communities/<slug>/umfragen/<int:number>/beenden")
@open_to(leads_of_circle)
def close_poll(slug: str, number: int) -> ResponseReturnValue:
    """End a poll without a meeting."""
    with transaction():
        services.close_poll(_poll_here(slug, number), at=clock.now())
    flash(_("Die Umfrage ist beendet."), "success")
    return redirect(url_for(".poll", slug=slug, number=number), code=303)
