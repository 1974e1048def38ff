"""The office's doors: events and who comes, unknown domains, the outbox."""

import re
from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from ..events import queries as events
from ..events import services as event_services
from ..events import showing
from ..events.errors import CapacityBelowTaken, ChangedMeanwhile
from ..events.models import Event
from ..events.models import State as RegistrationState
from ..events.queries import EventFilter
from ..ground import clock
from ..ground.database import db, transaction
from ..ground.errors import Refusal
from ..ground.fields import add_error
from ..ground.web import office, open_to
from ..mailing import queries as mailing
from ..mailing import services as mail_services
from ..mailing.models import State
from ..people import queries as people
from ..people import services as people_services
from ..people.models import Level, Organisation
from ..people.queries import UnknownDomain
from ..people.showing import level_word
from .forms import CancellationForm, DomainForm, EventForm
from .showing import answer_label, differences, kind_word, mail_state_word, months, stage_word

PAGE = 100
COMING = 8
#: A mail that has been due for so long has been forgotten by the worker.
SLOW = timedelta(minutes=5)

bp = Blueprint("office", __name__, template_folder="templates")


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
    page = _page_number()
    found = events.listed_events(chosen, at, limit=PAGE + 1, offset=page * PAGE)
    return render_template(
        "office/events.html",
        section="office",
        months=months(found[:PAGE], at),
        chosen=chosen,
        years=[(year, str(year)) for year in events.archive_years(at)],
        **_paging(page, has_more=len(found) > PAGE),
    )


@bp.get("/buero/veranstaltungen/<slug>/")
@open_to(office)
def edit_event(slug: str) -> ResponseReturnValue:
    """An event's form."""
    event = events.event_with_slug(slug, with_drafts=True)
    return _event_page(event, EventForm.of(event))


def _event_page(event: Event, form: EventForm, theirs: EventForm | None = None) -> str:
    return render_template(
        "office/event.html",
        section="office",
        event=event,
        form=form,
        differences=differences(form, theirs) if theirs else None,
        cancellation=CancellationForm(formdata=None),
        counts=events.counts_by_state(event),
        is_past=event.ends_at <= clock.now(),
        showing=showing,
        stage_word=stage_word,
    )


@bp.post("/buero/veranstaltungen/<slug>/")
@open_to(office)
def change_event(slug: str) -> ResponseReturnValue:
    """Change an event; whoever has it in the calendar gets the update."""
    event = events.event_with_slug(slug, with_drafts=True)
    form = EventForm()
    if not form.validate():
        return _event_page(event, form), 422
    change = form.change(event)
    typed_version = form.version.data or ""
    version = int(typed_version) if re.fullmatch(r"\d{1,9}", typed_version, re.ASCII) else 0
    try:
        with transaction():
            changed = event_services.change_event(
                event, change, version=version, tells_text_changes=form.tells_text_changes.data, at=clock.now()
            )
    except CapacityBelowTaken as refusal:
        add_error(form.capacity, str(refusal))
        return _event_page(event, form), 422
    except ChangedMeanwhile:
        event = events.event_with_slug(slug, with_drafts=True)
        form.version.data = str(event.version)
        return _event_page(event, form, theirs=EventForm.of(event)), 409
    flash(_("Gespeichert.") if changed else _("Es war nichts zu ändern."), "success")
    return redirect(url_for(".edit_event", slug=slug), code=303)


@bp.post("/buero/veranstaltungen/<slug>/veroeffentlichen")
@open_to(office)
def publish_event(slug: str) -> ResponseReturnValue:
    """Show a draft to everybody."""
    with transaction():
        event_services.publish_event(events.event_with_slug(slug, with_drafts=True), at=clock.now())
    flash(_("Der Termin ist veröffentlicht."), "success")
    return redirect(url_for(".edit_event", slug=slug), code=303)


@bp.post("/buero/veranstaltungen/<slug>/absagen")
@open_to(office)
def cancel_event(slug: str) -> ResponseReturnValue:
    """Call an event off; it vanishes from all calendars."""
    event = events.event_with_slug(slug, with_drafts=True)
    form = CancellationForm()
    if not form.validate():
        flash(_("Bitte setzen Sie das Häkchen, wenn der Termin ausfällt."), "warning")
        return redirect(url_for(".edit_event", slug=slug) + "#absagen", code=303)
    with transaction():
        event_services.cancel_event(event, at=clock.now())
    flash(_("Der Termin ist abgesagt. Alle Angemeldeten bekommen eine Mail."), "success")
    return redirect(url_for(".edit_event", slug=slug), code=303)


@bp.get("/buero/veranstaltungen/<slug>/teilnehmende/")
@open_to(office)
def participants(slug: str) -> ResponseReturnValue:
    """Who comes, who waits, who has left."""
    event = events.event_with_slug(slug, with_drafts=True)
    asked = request.args.get("stand", "")
    state = RegistrationState(asked) if asked in set(RegistrationState) else None
    words, page = request.args.get("q", "").strip()[:100].replace("\0", ""), _page_number()
    chosen = events.participants(event, words=words, state=state)
    found = db.session.scalars(chosen.limit(PAGE + 1).offset(page * PAGE)).all()
    return render_template(
        "office/participants.html",
        section="office",
        event=event,
        registrations=found[:PAGE],
        counts=events.counts_by_state(event),
        states=list(RegistrationState),
        state=state,
        words=words,
        showing=showing,
        **_paging(page, has_more=len(found) > PAGE),
    )


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
    at, page = clock.now(), _page_number()
    asked = request.args.get("stand", "")
    state = State(asked) if asked in set(State) else None
    found = mailing.messages_in(state, limit=PAGE + 1, offset=page * PAGE)
    return render_template(
        "office/outbox.html",
        section="office",
        messages=found[:PAGE],
        counts=mailing.counts_by_state(),
        states=list(State),
        state=state,
        pause=mailing.current_pause(at),
        showing=showing,
        kind_word=kind_word,
        mail_state_word=mail_state_word,
        answer_label=answer_label,
        at=at,
        **_paging(page, has_more=len(found) > PAGE),
    )


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
    return redirect(url_for(".outbox", stand=request.form.get("stand") or None), code=303)


def _page_number() -> int:
    asked = request.args.get("seite", "1")
    return min(int(asked) - 1, 9999) if re.fullmatch(r"[1-9]\d{0,3}", asked, re.ASCII) else 0


def _paging(page: int, *, has_more: bool) -> dict[str, str]:
    """The addresses of the pages before and after, with the same filters."""
    known = {name: value for name, value in request.args.items() if name != "seite" and value}
    here = {**(request.view_args or {}), **known}
    return {
        "previous_href": url_for(request.endpoint or "", **here, seite=page) if page else "",
        "next_href": url_for(request.endpoint or "", **here, seite=page + 2) if has_more else "",
    }
