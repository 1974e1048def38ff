"""The office's doors to lists: which there are, how they are, and who is on them."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from ..desk.forms.mailing_list import differences
from ..events import showing
from ..ground import clock
from ..ground.audit import note_deed
from ..ground.database import db, transaction
from ..ground.errors import Refusal
from ..ground.fields import add_error
from ..ground.mail_addresses import address_of
from ..ground.text import number_typed, slug_of
from ..ground.web import office, open_to
from ..mailing import queries as mailing
from ..mailing import services
from ..mailing.errors import AddressWantsNothing, ListChangedMeanwhile
from ..mailing.messages import absolute
from ..mailing.models import MailingList, Source, SubscriptionState
from ..mailing.services import Declaration
from ..newsroom.audience import people_named_by
from ..people.signing_in import current_person
from .blueprint import bp
from .list_forms import AddForm, ListForm
from .showing_lists import kind_of_list, state_word, way_word

PAGE, IMPORTS = 100, 10
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
            note("list_made", one, at=at)
    except Refusal as refusal:
        add_error(form.name, str(refusal))
        return _edit_page(None, form), 422
    flash(_("Angelegt."), "success")
    return redirect(url_for(".list_", slug=one.slug), code=303)


def note(action: str, one: MailingList, *, at: datetime, **detail: Any) -> None:
    """Note what somebody of the office has done with a list."""
    note_deed(action, f"list:{one.id}", person_id=current_person().id, at=at, **detail)


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
            note("list_changed", one, at=at)
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
        note("list_closed" if deed == "schliessen" else "list_opened", one, at=at)
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
                one, address, declaration(one, form.reason.data), name=form.name.data or "", at=at
            )
            note("subscriber_asked", one, at=at)
    except Refusal as refusal:
        add_error(form.email, str(refusal))
        return _list_page(mailing.list_with_slug(slug), form), 422
    flash(_("Die Person wird per Mail um Bestätigung gebeten."), "success")
    return redirect(url_for(".list_", slug=slug), code=303)


def declaration(one: MailingList, reason: str) -> Declaration:
    """What the office says in somebody's place, with the reason that belongs to the proof."""
    person = current_person()
    return Declaration(
        text=services.words_of_consent(one, "de"),
        language="de",
        form_url=absolute(request.path),
        was_ticked=False,
        source=Source.STAFF,
        reason=f"{reason} ({person.name}, {person.address})",
    )
