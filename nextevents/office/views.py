"""The office's doors: events and who comes, unknown domains, the outbox."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from ..desk.showing import months
from ..events import queries as events
from ..events import services as event_services
from ..events import showing
from ..events.queries import EventFilter
from ..ground import clock
from ..ground.database import transaction
from ..ground.errors import Refusal
from ..ground.fields import add_error
from ..ground.text import number_typed
from ..ground.web import office, open_to, page_number, paging
from ..mailing import queries as mailing
from ..mailing import services as mail_services
from ..mailing.models import Campaign, InboundMail, InboundState, State
from ..people import queries as people
from ..people import services as people_services
from ..people.models import Level, Organisation
from ..people.queries import UnknownDomain
from ..people.showing import level_word
from ..people.signing_in import current_person
from . import circles, lists, publishing, rosters, subscribers
from .blueprint import bp
from .forms import ArrivalForm, DomainForm
from .inbox import waiting_mails
from .showing import answer_label, kind_word, mail_state_word
from .showing_inbox import answer_word, arrival_note, arrival_word, effect_label

PAGE = 100
#: Mails on a page of those that came in; each is opened for it.
ARRIVED = 20
COMING = 8
#: Numbers of rows have fewer.
#: A mail that has been due for so long has been forgotten by the worker.
SLOW = timedelta(minutes=5)

__all__ = ["bp", "circles", "lists", "publishing", "rosters", "subscribers"]


@bp.get("/buero/")
@open_to(office)
def index() -> ResponseReturnValue:
    """What needs the office, at a glance."""
    at = clock.now()
    oldest = mailing.oldest_due(at)
    return render_template(
        "office/index.html",
        section="office",
        coming=months(events.next_events(at, limit=COMING), at),
        unknown_domains=people.unknown_domains(),
        mails=mailing.counts_by_state(),
        oldest_due=oldest,
        pause=mailing.current_pause(at),
        arrived=mailing.mails_in_review_count(),
        time_label=showing.time_label,
        is_slow=oldest is not None and at - oldest > SLOW,
    )


@bp.get("/buero/veranstaltungen/")
@open_to(office)
def event_list() -> ResponseReturnValue:
    """All events, coming or of a year, drafts included."""
    at = clock.now()
    year = request.args.get("jahr", "")
    chosen = EventFilter(
        words=request.args.get("q", "").strip()[:100].replace("\0", ""),
        year=int(year) if re.fullmatch(r"20\d\d", year, re.ASCII) else None,
        with_drafts=True,
    )
    page = page_number()
    found = events.listed_events(chosen, at, limit=PAGE + 1, offset=page * PAGE)
    return render_template(
        "office/events.html",
        section="office",
        months=months(found[:PAGE], at),
        chosen=chosen,
        years=[(year, str(year)) for year in events.archive_years(at)],
        **paging(page, has_more=len(found) > PAGE),
    )


@bp.get("/buero/veranstaltungen/<slug>/")
@open_to(office)
def event(slug: str) -> ResponseReturnValue:
    """Where an event's form stood before the desk was a room of its own."""
    return redirect(url_for("desk.edit", slug=slug), code=301)


@bp.get("/buero/veranstaltungen/<slug>/teilnehmende/")
@open_to(office)
def participants(slug: str) -> ResponseReturnValue:
    """Where an event's participants stood before; what was asked for stays."""
    stand, words = request.args.get("stand"), request.args.get("q")
    return redirect(url_for("desk.participants", slug=slug, stand=stand, q=words), code=301)


@bp.get("/buero/domains/")
@open_to(office)
def domains() -> ResponseReturnValue:
    """Mail domains whose body nobody has named yet."""
    return _domains_page()


def _domains_page(refused: DomainForm | None = None) -> str:
    bodies = people.organisations()
    return render_template(
        "office/domains.html",
        section="office",
        unknown=[(one, _domain_form(one, bodies, refused)) for one in people.unknown_domains()],
    )


def _domain_form(one: UnknownDomain, bodies: Sequence[Organisation], refused: DomainForm | None) -> DomainForm:
    if refused and refused.domain.data == one.name:
        return refused
    prefix = one.name.replace(".", "-")
    form = DomainForm(formdata=None, prefix=prefix, domain=one.name, new_name=one.example, level=Level.OTHER)
    return _with_choices(form, bodies)


def _with_choices(form: DomainForm, bodies: Sequence[Organisation]) -> DomainForm:
    form.organisation.choices = [(0, _("– neue Organisation –"))]
    form.organisation.choices += [(one.id, one.name) for one in bodies]
    form.level.choices = [(level, level_word(level)) for level in Level]
    return form


@bp.post("/buero/domains/<domain>/zuordnen")
@open_to(office)
def assign_domain(domain: str) -> ResponseReturnValue:
    """Say whose a mail domain is, for all its people at once."""
    form = _with_choices(DomainForm(prefix=domain.replace(".", "-")), people.organisations())
    if not form.validate() or not (form.organisation.data or form.new_name.data):
        if not form.errors:
            add_error(form.new_name, _("Bitte wählen Sie eine Organisation, oder nennen Sie eine neue."))
        return _domains_page(form), 422
    try:
        with transaction():
            organisation = _organisation_in(form)
            count = people_services.assign_domain(domain, organisation)
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".domains"), code=303)
    told = ngettext("%(num)s Person", "%(num)s Personen", count)
    flash(
        _("%(domain)s gehört jetzt zu %(body)s (%(people)s).", domain=domain, body=organisation.name, people=told),
        "success",
    )
    return redirect(url_for(".domains"), code=303)


def _organisation_in(form: DomainForm) -> Organisation:
    """The chosen body, the one that already has the new name, or a new one."""
    for one in people.organisations():
        if one.id == form.organisation.data or (not form.organisation.data and one.name == form.new_name.data):
            return one
    return people_services.make_organisation(form.new_name.data or "", form.level.data)


@bp.post("/buero/domains/<domain>/beiseite")
@open_to(office)
def set_aside_domain(domain: str) -> ResponseReturnValue:
    """Say that a mail domain is nobody's in particular."""
    try:
        with transaction():
            people_services.set_aside_domain(domain)
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    else:
        flash(_("%(domain)s gehört zu keiner Organisation.", domain=domain), "success")
    return redirect(url_for(".domains"), code=303)


@bp.get("/buero/postausgang/")
@open_to(office)
def outbox() -> ResponseReturnValue:
    """Every mail and where it is."""
    at, page = clock.now(), page_number()
    asked = request.args.get("stand", "")
    state = State(asked) if asked in set(State) else None
    campaign = _campaign_asked_for(request.args)
    number = campaign.id if campaign else None
    found = mailing.messages_in(state, campaign_id=number, limit=PAGE + 1, offset=page * PAGE)
    return render_template(
        "office/outbox.html",
        section="office",
        messages=found[:PAGE],
        counts=mailing.counts_by_state(),
        states=list(State),
        state=state,
        campaign=campaign,
        pause=mailing.current_pause(at),
        showing=showing,
        kind_word=kind_word,
        mail_state_word=mail_state_word,
        answer_label=answer_label,
        at=at,
        **paging(page, has_more=len(found) > PAGE),
    )


def _campaign_asked_for(asked: Mapping[str, str]) -> Campaign | None:
    """The campaign to whose mails one keeps to."""
    return mailing.campaign_behind(number_typed(asked.get("aussendung")))


@bp.post("/buero/postausgang/<int:number>/erneut")
@open_to(office)
def replay(number: int) -> ResponseReturnValue:
    """Send a failed mail once more."""
    with transaction():
        is_replayed = mail_services.replay(number, at=clock.now())
    if is_replayed:
        flash(_("Die Mail geht noch einmal hinaus."), "success")
    else:
        flash(_("Diese Mail kann nicht noch einmal gesendet werden."), "warning")
    campaign = _campaign_asked_for(request.form)
    stand, keep_to = request.form.get("stand") or None, campaign.id if campaign else None
    return redirect(url_for(".outbox", stand=stand, aussendung=keep_to), code=303)


@bp.get("/buero/posteingang/")
@open_to(office)
def inbox() -> ResponseReturnValue:
    """Mails that came in and that a person has to look at."""
    return _inbox_page(ArrivalForm(formdata=None))


def _inbox_page(form: ArrivalForm) -> str:
    page = page_number()
    found = waiting_mails(limit=ARRIVED + 1, offset=page * ARRIVED)
    return render_template(
        "office/inbox.html",
        section="office",
        mails=found[:ARRIVED],
        form=form,
        showing=showing,
        answer_word=answer_word,
        arrival_word=arrival_word,
        arrival_note=arrival_note,
        **paging(page, has_more=len(found) > ARRIVED),
    )


@bp.post("/buero/posteingang/<int:number>/")
@open_to(office)
def settle_arrival(number: int) -> ResponseReturnValue:
    """Let an answer count, or put a mail aside as done or of no use."""
    form = ArrivalForm()
    if not form.validate():
        return _inbox_page(form), 422
    try:
        with transaction():
            mail = mailing.mail_in_review(number)
            told = _settle(mail, form.what.data or "") if mail else _("Um diese Mail hat sich schon jemand gekümmert.")
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    else:
        flash(told, "success")
    return redirect(url_for(".inbox"), code=303)


def _settle(mail: InboundMail, what: str) -> str:
    at = clock.now()
    if what == "gilt":
        return effect_label(event_services.apply_reviewed(mail, by=current_person(), at=at))
    is_done = what == "erledigt"
    mail_services.settle(mail, InboundState.DONE if is_done else InboundState.DROPPED, note=mail.note, at=at)
    return _("Erledigt.") if is_done else _("Verworfen.")
