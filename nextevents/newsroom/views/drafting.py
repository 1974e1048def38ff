"""The newsroom's first page; new drafts; what a campaign is beside its blocks."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...communities import queries as communities
from ...communities.models import Community
from ...events.models import Event
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import NotFound, Refusal
from ...ground.text import number_typed
from ...ground.web import open_to, page_number, paging
from ...mailing.models import Campaign, MailingList
from ...people import queries as people
from ...people.models import Organisation
from ...people.signing_in import current_person
from .. import queries, rules, services, showing
from ..audience import Segment
from ..blocks import blocks_of
from ..blueprint import bp, campaign_here, writers, writers_of_campaign
from ..errors import ChangedMeanwhile
from ..forms import SettingsForm, StartForm, VersionForm
from ..starters import start_named

PAGE = 50
#: Dates that are over longer than this are not offered to write to their people.
MOST_DAYS_AGO = timedelta(days=90)


@bp.get("/redaktion/")
@open_to(writers)
def index() -> ResponseReturnValue:
    """All campaigns of one's lists."""
    lists, page = queries.lists_for(current_person()), page_number()
    chosen = [one for one in lists if one.slug == request.args.get("verteiler")]
    found = queries.campaigns_of(chosen or lists, limit=PAGE + 1, offset=page * PAGE)
    return render_template(
        "newsroom/index.html",
        section="newsroom",
        lists=queries.those_with_campaigns(lists),
        chosen=chosen[0] if chosen else None,
        campaigns=found[:PAGE],
        showing=showing,
        **paging(page, has_more=len(found) > PAGE),
    )


@bp.get("/redaktion/neu/")
@open_to(writers)
def begin() -> ResponseReturnValue:
    """The form for a new draft."""
    lists = queries.lists_for(current_person())
    chosen = next((one for one in lists if one.slug == request.args.get("verteiler")), lists[0] if lists else None)
    return _begin_page(lists, StartForm(lists, _to_copy(lists), formdata=None, to_list=chosen.id if chosen else None))


def _to_copy(lists: Sequence[MailingList]) -> Sequence[Campaign]:
    return queries.campaigns_of(lists, limit=12)


def _begin_page(lists: Sequence[MailingList], form: StartForm) -> str:
    return render_template("newsroom/begin.html", section="newsroom", lists=lists, form=form)


@bp.post("/redaktion/neu/")
@open_to(writers)
def start() -> ResponseReturnValue:
    """Begin a draft: empty, with what comes, or as a copy."""
    person = current_person()
    lists = queries.lists_for(person)
    form = StartForm(lists, _to_copy(lists))
    if not form.validate():
        return _begin_page(lists, form), 422
    one = next(one for one in lists if one.id == form.to_list.data)
    with transaction():
        campaign = _started(one, form.begin_with.data)
    return redirect(url_for(".compose", number=campaign.id), code=303)


def _started(one: MailingList, begin_with: str) -> Campaign:
    person, at = current_person(), clock.now()
    if not (campaign_number := number_typed(begin_with)):
        begun = start_named(begin_with, one)
        return services.start(one, subject=begun.subject, blocks=begun.blocks, by=person, at=at)
    earlier = queries.campaign_with_number(campaign_number)
    segment = Segment.of(earlier) if earlier.list_id == one.id else None
    return services.start(
        one,
        subject=earlier.subject,
        language=earlier.language,
        blocks=blocks_of(earlier),
        segment=segment,
        by=person,
        at=at,
    )


@bp.get("/redaktion/<int:number>/angaben/")
@open_to(writers_of_campaign)
def settings(number: int) -> ResponseReturnValue:
    """Subject, language, and whom of the list it goes to."""
    campaign = campaign_here(number)
    form = SettingsForm.of(campaign)
    offer(form, campaign)
    return _settings_page(campaign, form)


def offer(form: SettingsForm, campaign: Campaign, *others: Segment) -> None:
    """The office chooses among all there is; leads know of people only what their circle's dates tell them.

    What is chosen there, or in other segments, can be kept by whoever saves the form.
    """
    person, number = current_person(), rules.community_number(campaign.mailing_list)
    dates_of = [number] if number is not None else None if person.is_office else []
    chosen = [Segment.of(campaign), *others]
    circles, bodies, dates = (
        {number for one in chosen for number in getattr(one, kind)}
        for kind in ("communities", "organisations", "events")
    )
    around = queries.events_around(dates_of, since=clock.now() - MOST_DAYS_AGO)
    form.offer(
        campaign.mailing_list.topics,
        queries.chosen_first(Community, circles, communities.all_communities() if person.is_office else []),
        queries.chosen_first(Organisation, bodies, people.organisations() if person.is_office else []),
        queries.chosen_first(Event, dates, around),
    )


def _settings_page(campaign: Campaign, form: SettingsForm, theirs: SettingsForm | None = None) -> str:
    return render_template(
        "newsroom/settings.html",
        section="newsroom",
        campaign=campaign,
        form=form,
        differences=showing.differences(form, theirs) if theirs else None,
        showing=showing,
    )


@bp.post("/redaktion/<int:number>/angaben/")
@open_to(writers_of_campaign)
def describe(number: int) -> ResponseReturnValue:
    """Save them."""
    campaign, form = campaign_here(number), SettingsForm()
    offer(form, campaign)
    if not form.validate():
        return _settings_page(campaign, form), 422
    try:
        with transaction():
            services.describe(campaign, form.settings(), version=version_in(form), by=current_person(), at=clock.now())
    except ChangedMeanwhile:
        standing = queries.campaign_with_number(number)
        theirs = SettingsForm.of(standing)
        offer(theirs, standing)
        form.version.data = str(standing.version)
        return _settings_page(standing, form, theirs), 409
    flash(_("Gespeichert."), "success")
    return redirect(url_for(".compose", number=number), code=303)


def version_in(form: VersionForm) -> int:
    """The version that a form was made from; 0, which none is, for anything else."""
    return number_typed(form.version.data)


@bp.post("/redaktion/<int:number>/verwerfen")
@open_to(writers_of_campaign)
def discard(number: int) -> ResponseReturnValue:
    """Throw a draft away."""
    campaign, form = campaign_here(number), VersionForm()
    return done_or_told(
        lambda: services.discard(campaign, version=version_in(form)),
        _("Der Entwurf ist gelöscht."),
        url_for(".index"),
    )


def done_or_told(work: Callable[[], object], told: str, href: str) -> ResponseReturnValue:
    """Do what a button says, or say why not; then show a page."""
    try:
        with transaction():
            work()
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    else:
        if told:
            flash(told, "success")
    return redirect(href, code=303)
