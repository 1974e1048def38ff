"""The door: who is there, who is excused, who came without a registration; with a connection and without."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from ...events import codes, rules, services, showing
from ...events import queries as events
from ...events.models import Event, Registration, State
from ...ground import clock
from ...ground.database import db, transaction
from ...ground.errors import Refusal
from ...ground.fields import add_error
from ...ground.web import language_code, open_to, page_number
from ...people.addresses import address_of
from ...people.errors import AddressRefused
from ...people.signing_in import current_person
from ..blueprint import bp, event_here, organisers
from ..columns import body_of
from ..forms.door import WalkInForm

PAGE = 50
#: How many scans a device sends at once.
SCANS = 200
LONGEST_WORDS = 100
_SEEN = re.compile(r"([0-9a-f]{32}),([0-9]{1,9}),([0-9]{1,14})", re.ASCII)


@bp.get("/veranstaltungen/<slug>/verwalten/einlass/")
@open_to(organisers)
def check_in(slug: str) -> ResponseReturnValue:
    """The people who may come in, with a big button each."""
    return _door_page(event_here(slug))


def _door_page(event: Event, form: WalkInForm | None = None) -> Response:
    at, page = clock.now(), page_number()
    words = request.args.get("q", "").strip()[:LONGEST_WORDS].replace("\0", "")
    found = _shown(event, words, page)
    return _with_camera(
        render_template(
            "desk/check_in.html",
            section="desk",
            event=event,
            people=found[:PAGE],
            body_of=body_of,
            since=_since,
            words=words,
            counts=events.counts_by_state(event),
            form=form or WalkInForm(formdata=None),
            is_open=rules.is_door_open(event, at=at),
            opens_at=event.starts_at - rules.DOOR_OPENS,
            now=at,
            has_begun=event.starts_at <= at,
            showing=showing,
            previous_href=_page_href(event, words, page) if page else "",
            next_href=_page_href(event, words, page + 2) if len(found) > PAGE else "",
        )
    )


def _shown(event: Event, words: str, page: int) -> list[Registration]:
    """Who is looked for; a code, which readers with a cable type like a keyboard, leads to its owner."""
    number = codes.number_in_code(words)
    if number is not None:
        return list(db.session.scalars(events.at_the_door(event).where(Registration.id == number)))
    return list(db.session.scalars(events.at_the_door(event, words).limit(PAGE + 1).offset(page * PAGE)))


def _page_href(event: Event, words: str, page: int) -> str:
    return url_for(".check_in", slug=event.slug, q=words or None, seite=page)


def _with_camera(page: str) -> Response:
    """Only this page may ask for the camera."""
    headers = {"Permissions-Policy": "camera=(self), microphone=(), geolocation=()"}
    return Response(page, headers=headers)


@bp.post("/veranstaltungen/<slug>/verwalten/einlass/<int:number>/da")
@open_to(organisers)
def note_presence(slug: str, number: int) -> ResponseReturnValue:
    """Somebody is there."""
    registration = events.participant(event_here(slug), number)

    def note(at: datetime) -> str:
        is_news = services.check_in(registration, at=at)
        return _there(registration) if is_news else _there_already(registration)

    return _noted(slug, note)


def _there(registration: Registration) -> str:
    return _("%(name)s ist da.", name=registration.name)


def _there_already(registration: Registration) -> str:
    return _("%(name)s ist schon da, seit %(when)s.", name=registration.name, when=_since(registration))


def _since(registration: Registration) -> str:
    """Since when somebody is there: in few signs, because today is what counts at the door."""
    moment = clock.local(registration.checked_in_at or clock.now())
    return f"{moment:%H:%M}" if moment.date() == clock.local(clock.now()).date() else showing.edited_label(moment)


@bp.post("/veranstaltungen/<slug>/verwalten/einlass/<int:number>/zurueck")
@open_to(organisers)
def undo_presence(slug: str, number: int) -> ResponseReturnValue:
    """That was a mistake."""
    registration = events.participant(event_here(slug), number)

    def undo(_at: datetime) -> str:
        services.undo_check_in(registration)
        return _("Zurückgenommen: %(name)s.", name=registration.name)

    return _noted(slug, undo)


@bp.post("/veranstaltungen/<slug>/verwalten/einlass/<int:number>/entschuldigt")
@open_to(organisers)
def excuse(slug: str, number: int) -> ResponseReturnValue:
    """Somebody does not come, and has said so."""
    registration = events.participant(event_here(slug), number)

    def note(_at: datetime) -> str:
        services.excuse(registration)
        return _("%(name)s ist entschuldigt.", name=registration.name)

    return _noted(slug, note)


def _noted(slug: str, note: Callable[[datetime], str]) -> AnyResponse:
    """Do it, say it, and go back to what was looked for."""
    try:
        with transaction():
            said = note(clock.now())
        flash(said, "success")
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    if request.form.get("von") == "abschluss":
        return redirect(url_for(".closing", slug=slug) + "#teilnahme", code=303)
    words = request.form.get("q", "")[:LONGEST_WORDS].replace("\0", "")
    return redirect(url_for(".check_in", slug=slug, q=words or None), code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/einlass/neu")
@open_to(organisers)
def register_walk_in(slug: str) -> ResponseReturnValue:
    """Somebody came without a registration."""
    event, form = event_here(slug), WalkInForm()
    if not form.validate():
        return _door_page(event, form), 422
    try:
        guest = services.WalkIn(
            name=form.name.data,
            organisation_name=form.organisation.data or "",
            address=address_of(form.email.data),
            is_beyond=form.is_beyond.data,
            language=language_code(),
        )
        with transaction():
            registration = services.register_walk_in(event, guest, at=clock.now())
    except AddressRefused as refusal:
        add_error(form.email, str(refusal))
        return _door_page(event, form), 422
    except Refusal as refusal:
        add_error(form.is_beyond, str(refusal))
        return _door_page(event, form), 422
    flash(_there(registration), "success")
    return redirect(url_for(".check_in", slug=slug), code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/einlass/abschliessen")
@open_to(organisers)
def close_attendance(slug: str) -> ResponseReturnValue:
    """Whoever has not come by now is absent."""

    def close(at: datetime) -> str:
        absent = services.close_attendance(event_here(slug), at=at)
        return ngettext(
            "Die Liste ist abgeschlossen. %(num)s Person ist nicht gekommen.",
            "Die Liste ist abgeschlossen. %(num)s Personen sind nicht gekommen.",
            absent,
        )

    return _noted(slug, close)


@bp.post("/veranstaltungen/<slug>/verwalten/einlass/wieder-oeffnen")
@open_to(organisers)
def reopen_attendance(slug: str) -> ResponseReturnValue:
    """Note attendance again."""

    def reopen(_at: datetime) -> str:
        services.reopen_attendance(event_here(slug))
        return _("Die Liste ist wieder offen.")

    return _noted(slug, reopen)


@bp.get("/veranstaltungen/<slug>/verwalten/einlass/liste")
@open_to(organisers)
def door_list(slug: str) -> ResponseReturnValue:
    """Everybody who may come in, for the script at the door, which goes on without a connection."""
    event = event_here(slug)
    return jsonify(people=[_person_at_the_door(one) for one in db.session.scalars(events.at_the_door(event))])


def _person_at_the_door(registration: Registration) -> dict[str, object]:
    return {
        "number": registration.id,
        "token": codes.code_of(registration),
        "name": registration.name,
        "body": body_of(registration),
        "state": registration.state.value,
        "since": _since(registration) if registration.state == State.ATTENDED else "",
    }


@bp.post("/veranstaltungen/<slug>/verwalten/einlass/abgleich")
@open_to(organisers)
def sync(slug: str) -> ResponseReturnValue:
    """Take over what a device has noted: fields `seen`, each "number of its own,registration,milliseconds since 1970".

    Answers which are done with; a device forgets those, and those that were refused, and sends all others again.
    """
    event, at = event_here(slug), clock.now()
    sent = request.form.getlist("seen")[:SCANS]
    seen = [(text, _read(text)) for text in sent]
    with transaction():
        synced = services.sync_scans(event, [one for _text, one in seen if one], by=current_person(), at=at)
    unreadable = [
        services.Synced(text.partition(",")[0], is_news=False, refusal=_("Dieser Eintrag ist nicht lesbar."))
        for text, one in seen
        if one is None
    ]
    results = [{"key": one.key, "isNews": one.is_news, "refusal": one.refusal} for one in [*synced, *unreadable]]
    return jsonify(results=results)


def _read(text: str) -> services.Seen | None:
    found = _SEEN.fullmatch(text)
    if not found:
        return None
    key, number, milliseconds = found.groups()
    return services.Seen(key, int(number), datetime.fromtimestamp(int(milliseconds) / 1000, UTC))
