"""Planning a circle's dates: the next meeting in a minute, and a series."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from ...communities.models import Community
from ...events import queries as events
from ...events import services, showing
from ...events.errors import NoDates, TooManyDates
from ...events.models import Event
from ...events.queries import Span
from ...ground import clock
from ...ground.database import transaction
from ...ground.fields import add_error
from ...ground.holidays import holiday_name, is_meeting_day
from ...ground.web import open_to
from ...people.signing_in import current_person
from ..blueprint import bp, circle_here, leads_of_circle
from ..forms.scheduling import DateRow, NextMeetingForm, SeriesForm, rows_of, sent_rows
from ..planning import marks_of, span_between
from ..warnings import warnings_about_time

STANDARD_START = (14, 0)
STANDARD_COUNT = 6
#: A next date is first thought of so long after the last one, or after today.
AHEAD = timedelta(weeks=4)


@bp.get("/verwalten/communities/<slug>/planen/")
@open_to(leads_of_circle)
def planning(slug: str) -> ResponseReturnValue:
    """All ways to plan a circle's dates."""
    return _planning_page(circle_here(slug), next_meeting_form(circle_here(slug)))


def next_meeting_form(community: Community) -> NextMeetingForm:
    """The small form for the next meeting, with a day some weeks after the last one, at the same hour."""
    last, today = events.last_meeting(community), clock.local(clock.now()).date()
    day = _first_day(max(today, last.starts_local.date() if last else today))
    form = NextMeetingForm(formdata=None, starts_on=day, starts_time=_start(last).time())
    if last is None:
        del form.keeps_text
    return form


def _first_day(after: date) -> date:
    day = after + AHEAD
    while not is_meeting_day(day):
        day += timedelta(days=1 if day.isoweekday() in {6, 7} else 7)
    return day


def _start(last: Event | None) -> datetime:
    hour, minute = STANDARD_START
    is_usable = last is not None and not last.is_all_day
    return last.starts_local if last and is_usable else datetime(2000, 1, 1, hour, minute)  # noqa: DTZ001 - a wall clock


def _planning_page(community: Community, form: NextMeetingForm) -> str:
    at, last = clock.now(), events.last_meeting(community)
    span = None if form.errors else span_between(form.starts_local, form.starts_local + services.duration_of(last))
    return render_template(
        "desk/planning.html",
        section="desk",
        community=community,
        form=form,
        warnings=warnings_about_time(span, at=at) if span else [],
        last=last,
        series=events.series_of(community, at),
        polls=[one for one in events.polls_of(community) if one.closed_at is None],
        showing=showing,
    )


@bp.post("/verwalten/communities/<slug>/naechstes-treffen")
@open_to(leads_of_circle)
def next_meeting(slug: str) -> ResponseReturnValue:
    """Make the next meeting like the last one, as a draft or published at once."""
    community, form, at = circle_here(slug), NextMeetingForm(), clock.now()
    if not form.validate():
        return _planning_page(community, form), 422
    is_to_come = clock.moment_of(form.starts_local) > at
    publishes = request.form.get("do") == "publish" and is_to_come
    meeting = services.Meeting(form.starts_local, title=form.title.data or "", keeps_text=form.keeps_text.data)
    with transaction():
        event = services.make_meeting(community, meeting, publishes=publishes, at=at)
    if publishes:
        flash(_("Der Termin ist veröffentlicht."), "success")
    else:
        flash(_("Der Entwurf ist angelegt. Noch sehen ihn nur die Organisierenden."), "success")
    return redirect(url_for(".overview", slug=event.slug), code=303)


@bp.get("/verwalten/communities/<slug>/serie/")
@open_to(leads_of_circle)
def series_new(slug: str) -> ResponseReturnValue:
    """The form of a new series."""
    community = circle_here(slug)
    form = SeriesForm(formdata=None, **_first_values(community))
    if events.last_meeting(community) is None:
        del form.keeps_text
    return _series_page(community, form)


def _first_values(community: Community) -> dict[str, Any]:
    last, today = events.last_meeting(community), clock.local(clock.now()).date()
    starts = _start(last)
    ends = starts + services.duration_of(last)
    return {
        "title": services.change_like(community, last, services.Meeting(starts)).title,
        "starts_time": starts.time(),
        "ends_time": ends.time(),
        "every": services.Every.WEEKDAY_OF_MONTH.value,
        "interval": 1,
        "weekday": last.starts_local.weekday() if last else 2,
        "nth": min((last.starts_local.day - 1) // 7 + 1, 4) if last else 1,
        "day": last.starts_local.day if last else 1,
        "starts_on": max(today, last.starts_local.date() + timedelta(days=1) if last else today),
        "ending": "count",
        "count": STANDARD_COUNT,
    }


def _series_page(community: Community, form: SeriesForm) -> str:
    return render_template("desk/series_new.html", section="desk", community=community, form=form)


@bp.post("/verwalten/communities/<slug>/serie/")
@open_to(leads_of_circle)
def make_series(slug: str) -> ResponseReturnValue:
    """Show the dates of a pattern, look at them again as they were moved, or make them."""
    community, form, rows = circle_here(slug), SeriesForm(), sent_rows()
    do = request.form.get("do", "")
    if do == "back":
        return _series_page(community, form)
    if not form.validate():
        return _series_page(community, form), 422
    try:
        if not rows:
            days = services.dates_of(form.pattern)
            return _preview(community, form, rows_of(days, form.starts_time.data, form.ends_time.data))
        are_fine = [row.validate() for row in rows]  # all of them, so that each says what is wrong
        if not all(are_fine):
            return _preview(community, form, rows), 422
        if do not in {"draft", "publish"}:
            return _preview(community, form, rows)
        return _made(community, form, rows, publishes=do == "publish")
    except (NoDates, TooManyDates) as refusal:
        add_error(form.starts_on, str(refusal))
        return _series_page(community, form), 422


def _preview(community: Community, form: SeriesForm, rows: Sequence[DateRow]) -> str:
    return render_template(
        "desk/series_preview.html",
        section="desk",
        community=community,
        form=form,
        rows=rows,
        marks=marks_of([_span(row) for row in rows]),
        refused=next((row for row in rows if row.errors), form),
        showing=showing,
        holiday_name=holiday_name,
    )


def _span(row: DateRow) -> Span | None:
    """The time of a row; None while it cannot be."""
    if row.day.data is None or row.starts.data is None or row.ends.data is None or row.errors:
        return None
    return span_between(row.starts_local, row.ends_local)


def _made(community: Community, form: SeriesForm, rows: Sequence[DateRow], *, publishes: bool) -> ResponseReturnValue:
    keeps_text = form.keeps_text.data
    wanted = [row.meeting(form.title.data, keeps_text=keeps_text) for row in rows if row.is_wanted.data]
    with transaction():
        series = services.make_series(
            community, form.pattern, wanted, publishes=publishes, by=current_person(), at=clock.now()
        )
        slug, count = series.events[0].slug, len(series.events)
    if publishes:
        words = ngettext("%(num)s Termin ist veröffentlicht.", "%(num)s Termine sind veröffentlicht.", count)
    else:
        words = ngettext("%(num)s Entwurf ist angelegt.", "%(num)s Entwürfe sind angelegt.", count)
    flash(words, "success")
    return redirect(url_for(".series", slug=slug), code=303)
