"""The office's doors to lists: which there are, who is on them and why, rosters from elsewhere."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from ..desk.forms.mailing_list import differences
from ..events import showing
from ..ground import clock
from ..ground.audit import note_deed
from ..ground.database import db, transaction
from ..ground.errors import NotFound, Refusal
from ..ground.fields import add_error
from ..ground.mail_addresses import address_of
from ..ground.text import number_typed, slug_of
from ..ground.web import office, open_to, takes_files
from ..mailing import queries as mailing
from ..mailing import services
from ..mailing.errors import AddressWantsNothing, ListChangedMeanwhile
from ..mailing.messages import absolute
from ..mailing.models import ListImport, Mailbox, MailingList, Source, SubscriptionState
from ..mailing.rosters import entries
from ..mailing.services import Declaration
from ..mailing.services.importing import MOST_PROBLEMS
from ..newsroom.audience import people_named_by
from ..people.signing_in import current_person
from .blueprint import bp
from .list_forms import AddForm, ImportForm, ListForm, ReasonForm
from .showing_lists import kind_of_list, outcome_word, problem_word, source_word, state_word, way_word

PAGE, PREVIEW, IMPORTS = 100, 20, 10
#: What can be looked at in the list of subscribers.
STATES = {one.value: one for one in SubscriptionState}


@bp.get("/buero/verteiler/")
@open_to(office)
def lists() -> ResponseReturnValue:
    """All lists, with how many are on each."""
    found = mailing.all_lists()
    return render_template(
        "office/lists.html",
        section="office",
        lists=found,
        counts=mailing.counts_by_list() | {one.id: _count_named(one) for one in found if one.rule},
        kind_of_list=kind_of_list,
    )


def _count_named(one: MailingList) -> int:
    return db.session.scalar(select(func.count()).select_from(people_named_by(one.rule).subquery())) or 0


@bp.get("/buero/verteiler/neu/")
@open_to(office)
def new_list() -> ResponseReturnValue:
    """The form of a new list."""
    return _edit_page(None, ListForm(formdata=None))


def _edit_page(one: MailingList | None, form: ListForm, *, is_clash: bool = False) -> str:
    return render_template(
        "office/list_edit.html",
        section="office",
        mailing_list=one,
        form=form,
        is_clash=is_clash,
        differences=differences(form, one) if is_clash and one else [],
    )


@bp.post("/buero/verteiler/neu/")
@open_to(office)
def make_list() -> ResponseReturnValue:
    """Make a list."""
    form, at = ListForm(), clock.now()
    if not form.validate():
        return _edit_page(None, form), 422
    try:
        with transaction():
            one = services.make_list(slug_of(form.slug.data), form.wish, topics=form.topic_names, at=at)
            services.take_over_slugs(one, form.earlier_slugs)
            _note("list_made", one, at=at)
    except Refusal as refusal:
        add_error(form.name, str(refusal))
        return _edit_page(None, form), 422
    flash(_("Angelegt."), "success")
    return redirect(url_for(".list_", slug=one.slug), code=303)


def _note(action: str, one: MailingList, *, at: object, **detail: object) -> None:
    note_deed(action, f"list:{one.id}", person_id=current_person().id, at=at, **detail)  # type: ignore[arg-type]


@bp.get("/buero/verteiler/<slug>/angaben/")
@open_to(office)
def edit_list(slug: str) -> ResponseReturnValue:
    """The form of a list as it stands."""
    one = mailing.list_with_slug(slug)
    return _edit_page(one, ListForm.of(one))


@bp.post("/buero/verteiler/<slug>/angaben/")
@open_to(office)
def change_list(slug: str) -> ResponseReturnValue:
    """Change a list; if somebody else was faster, both versions are shown (guarantee G20)."""
    one, form, at = mailing.list_with_slug(slug), ListForm(), clock.now()
    if not form.validate():
        return _edit_page(one, form), 422
    try:
        with transaction():
            services.change_list(
                one, form.wish, slug=slug_of(form.slug.data), topics=form.topic_names, version=form.typed_version
            )
            services.take_over_slugs(one, form.earlier_slugs)
            _note("list_changed", one, at=at)
    except ListChangedMeanwhile:
        standing = mailing.list_with_slug(slug)
        form.version.data = str(standing.version)
        return _edit_page(standing, form, is_clash=True), 409
    except Refusal as refusal:
        add_error(form.name, str(refusal))
        return _edit_page(mailing.list_with_slug(slug), form), 422
    flash(_("Gespeichert."), "success")
    return redirect(url_for(".list_", slug=one.slug), code=303)


@bp.post("/buero/verteiler/<slug>/<any(schliessen, oeffnen):deed>")
@open_to(office)
def close_or_open_list(slug: str, deed: str) -> ResponseReturnValue:
    """Let nothing be sent to a list any more, or again."""
    one, at = mailing.list_with_slug(slug), clock.now()
    with transaction():
        if deed == "schliessen":
            services.close_list(one, at=at)
        else:
            services.reopen_list(one)
        _note("list_closed" if deed == "schliessen" else "list_opened", one, at=at)
    flash(_("Der Verteiler ist geschlossen.") if deed == "schliessen" else _("Der Verteiler ist offen."), "success")
    return redirect(url_for(".list_", slug=slug), code=303)


@bp.get("/buero/verteiler/<slug>/")
@open_to(office)
def list_(slug: str) -> ResponseReturnValue:
    """One list: who is on it, with a search."""
    return _list_page(mailing.list_with_slug(slug), AddForm(formdata=None))


def _list_page(one: MailingList, form: AddForm) -> str:
    words = request.args.get("q", "").strip()[:100]
    state = STATES.get(request.args.get("stand", ""), SubscriptionState.ACTIVE)
    is_suspended = request.args.get("stand") == "ruht"
    chosen = mailing.SubscriberFilter(words=words, state=state, is_suspended=is_suspended)
    found = mailing.subscribers(one, chosen, limit=PAGE + 1, after=number_typed(request.args.get("nach")))
    stand = "ruht" if is_suspended else state.value
    is_further = len(found) > PAGE
    return render_template(
        "office/list.html",
        section="office",
        mailing_list=one,
        subscribers=found[:PAGE],
        words=words,
        stand=stand,
        count=_count_named(one) if one.rule else mailing.counts_by_list().get(one.id, 0),
        imports=mailing.imports_of(one, limit=IMPORTS),
        form=form,
        kind_of_list=kind_of_list,
        state_word=state_word,
        way_word=way_word,
        time_label=showing.edited_label,
        next_href=url_for(".list_", slug=one.slug, q=words, stand=stand, nach=found[PAGE - 1].id) if is_further else "",
    )


@bp.post("/buero/verteiler/<slug>/")
@open_to(office)
def add_subscriber(slug: str) -> ResponseReturnValue:
    """Ask somebody by mail whether they want the list, with the office's reason as part of the proof."""
    one, form, at = mailing.list_with_slug(slug), AddForm(), clock.now()
    if not form.validate():
        return _list_page(one, form), 422
    try:
        with transaction():
            address = address_of(form.email.data)
            if services.is_suppressed(address):
                raise AddressWantsNothing
            services.ask_to_subscribe(
                one, address, _declaration(one, form.reason.data), name=form.name.data or "", at=at
            )
            _note("subscriber_asked", one, at=at)
    except Refusal as refusal:
        add_error(form.email, str(refusal))
        return _list_page(mailing.list_with_slug(slug), form), 422
    flash(_("Die Person wird per Mail um Bestätigung gebeten."), "success")
    return redirect(url_for(".list_", slug=slug), code=303)


def _declaration(one: MailingList, reason: str) -> Declaration:
    person = current_person()
    return Declaration(
        text=services.words_of_consent(one, "de"),
        language="de",
        form_url=absolute(request.path),
        was_ticked=False,
        source=Source.STAFF,
        reason=f"{reason} ({person.name}, {person.address})",
    )


# One subscriber


@bp.get("/buero/verteiler/<slug>/<int:number>/")
@open_to(office)
def subscriber(slug: str, number: int) -> ResponseReturnValue:
    """One mailbox on a list: where it stands, and what the office can do about it."""
    return _subscriber_page(mailing.list_with_slug(slug), _mailbox(number), ReasonForm(formdata=None))


def _mailbox(number: int) -> Mailbox:
    found = mailing.mailbox(number)
    if found is None:
        raise NotFound
    return found


def _subscriber_page(one: MailingList, mailbox: Mailbox, form: ReasonForm) -> str:
    return render_template(
        "office/subscriber.html",
        section="office",
        mailing_list=one,
        mailbox=mailbox,
        subscription=mailing.subscription(one, mailbox),
        wants_nothing=mailbox.suspended_because == services.WANTS_NOTHING,
        form=form,
        state_word=state_word,
        way_word=way_word,
        time_label=showing.edited_label,
    )


def _take_off(one: MailingList, mailbox: Mailbox, reason: str) -> None:
    services.leave_list(one, mailbox, by=f"office: {reason}", at=clock.now())


def _repair(one: MailingList, mailbox: Mailbox, reason: str) -> None:
    services.repair(one, mailbox, _declaration(one, reason), at=clock.now())


def _wake(_one: MailingList, mailbox: Mailbox, _reason: str) -> None:
    services.wake(mailbox)


def _silence(_one: MailingList, mailbox: Mailbox, _reason: str) -> None:
    services.suppress(address_of(mailbox.address), "office", at=clock.now())


#: What the office can do, by the word that the button sends.
DEEDS: dict[str, Callable[[MailingList, Mailbox, str], None]] = {
    "austragen": _take_off,
    "zurueck": _repair,
    "wecken": _wake,
    "sperren": _silence,
}


@bp.post("/buero/verteiler/<slug>/<int:number>/")
@open_to(office)
def change_subscriber(slug: str, number: int) -> ResponseReturnValue:
    """Take somebody off, put them back, send to them again, or never again; with a reason."""
    one, mailbox, form, at = mailing.list_with_slug(slug), _mailbox(number), ReasonForm(), clock.now()
    if form.deed.data not in DEEDS:
        abort(400)
    if not form.validate():
        return _subscriber_page(one, mailbox, form), 422
    try:
        with transaction():
            DEEDS[form.deed.data](one, mailbox, form.reason.data)
            _note(f"subscriber_{form.deed.data}", one, at=at, mailbox=mailbox.id, reason=form.reason.data)
    except Refusal as refusal:
        add_error(form.reason, str(refusal))
        return _subscriber_page(mailing.list_with_slug(slug), _mailbox(number), form), 422
    flash(_("Erledigt."), "success")
    return redirect(url_for(".subscriber", slug=slug, number=number), code=303)


@bp.get("/buero/verteiler/nachweis/<int:number>/")
@open_to(office)
def proof(number: int) -> ResponseReturnValue:
    """Everything that proves what a mailbox agreed to, to be printed (rule L-03)."""
    mailbox = _mailbox(number)
    return render_template(
        "office/proof.html",
        section="office",
        mailbox=mailbox,
        proofs=[
            (one, mailing.list_behind(one.list_id) if one.list_id else None)
            for one in mailing.proofs_of([mailbox.address], mailbox.id)
        ],
        source_word=source_word,
        way_word=way_word,
        printed_at=clock.now(),
        moment=lambda at: at.strftime("%d.%m.%Y %H:%M:%S UTC") if at else "–",
    )


# Rosters


@bp.get("/buero/verteiler/<slug>/importieren/")
@open_to(office)
def import_list(slug: str) -> ResponseReturnValue:
    """The form to hand a roster in."""
    return _import_page(mailing.list_with_slug(slug), ImportForm(formdata=None))


def _import_page(one: MailingList, form: ImportForm) -> str:
    return render_template("office/list_import.html", section="office", mailing_list=one, form=form)


@bp.post("/buero/verteiler/<slug>/importieren/")
@open_to(office)
@takes_files
def hand_in_roster(slug: str) -> ResponseReturnValue:
    """Keep a roster and show what it holds; nothing is taken over yet."""
    one, form, at = mailing.list_with_slug(slug), ImportForm(), clock.now()
    upload = request.files.get("file")
    content = upload.read() if upload else b""
    is_complete = form.validate()
    if not content:
        add_error(form.file, _("Bitte wählen Sie eine Datei aus."))
    if not (is_complete and content):
        return _import_page(one, form), 422
    try:
        with transaction():
            handed_in = services.hand_in(
                one,
                content,
                file_name=(upload.filename if upload else "") or "",
                evidence=form.evidence.data or "",
                by=current_person().address,
                at=at,
            )
    except Refusal as refusal:
        add_error(form.file, str(refusal))
        return _import_page(mailing.list_with_slug(slug), form), 422
    return redirect(url_for(".list_import", slug=slug, number=handed_in.id), code=303)


@bp.get("/buero/verteiler/<slug>/importieren/<int:number>/")
@open_to(office)
def list_import(slug: str, number: int) -> ResponseReturnValue:
    """A roster: what it holds, and once it is being taken over, what became of each line."""
    one = mailing.list_with_slug(slug)
    handed_in = mailing.list_import(one, number)
    return render_template(
        "office/list_import_report.html",
        section="office",
        mailing_list=one,
        handed_in=handed_in,
        outcome_word=outcome_word,
        problem_word=problem_word,
        most=MOST_PROBLEMS,
        time_label=showing.edited_label,
        **_preview(handed_in),
    )


def _preview(handed_in: ListImport) -> dict[str, object]:
    if handed_in.started_at:
        return {"total": 0, "first": [], "unreadable": 0, "unwanted": 0}
    first, total, unreadable, unwanted = [], 0, 0, 0
    for entry in entries(handed_in.content or b""):
        total += 1
        unreadable += bool(entry.problem) or "@" not in entry.address
        unwanted += entry.is_unwanted
        if total <= PREVIEW:
            first.append(entry)
    return {"total": total, "first": first, "unreadable": unreadable, "unwanted": unwanted}


@bp.post("/buero/verteiler/<slug>/importieren/<int:number>/")
@open_to(office)
def begin_import(slug: str, number: int) -> ResponseReturnValue:
    """Let the worker take the roster over."""
    one, at = mailing.list_with_slug(slug), clock.now()
    with transaction():
        services.begin_import(mailing.list_import(one, number), at=at)
        _note("roster_imported", one, at=at, number=number)
    flash(_("Es läuft. Diese Seite zeigt, wie weit es ist."), "success")
    return redirect(url_for(".list_import", slug=slug, number=number), code=303)
