"""An event's picture and its partners."""

import re

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from ...events import services
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import Refusal
from ...ground.fields import add_error
from ...ground.web import open_to, takes_files
from ..blueprint import bp, event_here, organisers
from ..forms.event import PartnerForm, PictureForm
from .editing import edit_page


def _content(upload: object) -> bytes | None:
    """What was uploaded; None if nothing was."""
    return upload.read() or None if isinstance(upload, FileStorage) else None


@bp.post("/veranstaltungen/<slug>/verwalten/bild")
@open_to(organisers)
@takes_files
def set_picture(slug: str) -> ResponseReturnValue:
    """Show this picture, or describe the one there is."""
    event, form = event_here(slug), PictureForm()
    content = _content(form.picture.data)
    is_fine = form.validate()
    if content is None and not event.picture_id:
        add_error(form.picture, _("Bitte wählen Sie ein Bild aus."))
        is_fine = False
    if not is_fine:
        return edit_page(event, picture=form), 422
    try:
        with transaction():
            services.set_picture(event, content, alt=form.picture_alt.data, at=clock.now())
    except Refusal as refusal:
        add_error(form.picture, str(refusal))
        return edit_page(event, picture=form), 422
    flash(_("Gespeichert."), "success")
    return redirect(url_for(".edit", slug=slug) + "#bild", code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/bild/entfernen")
@open_to(organisers)
def remove_picture(slug: str) -> ResponseReturnValue:
    """Show no picture any more."""
    with transaction():
        services.remove_picture(event_here(slug), at=clock.now())
    return redirect(url_for(".edit", slug=slug) + "#bild", code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/partner")
@open_to(organisers)
@takes_files
def add_partner(slug: str) -> ResponseReturnValue:
    """Name a partner."""
    event, form = event_here(slug), PartnerForm()
    if not form.validate():
        return edit_page(event, partner=form), 422
    name, website, logo = form.partner_name.data, form.partner_website.data or "", _content(form.logo.data)
    try:
        with transaction():
            services.add_partner(event, name, website=website, logo=logo, at=clock.now())
    except Refusal as refusal:
        add_error(form.logo, str(refusal))
        return edit_page(event, partner=form), 422
    return redirect(url_for(".edit", slug=slug) + "#partner", code=303)


@bp.post("/veranstaltungen/<slug>/verwalten/partner/entfernen")
@open_to(organisers)
def remove_partner(slug: str) -> ResponseReturnValue:
    """Take a partner off the page."""
    number = request.form.get("nummer", "")
    if re.fullmatch(r"\d{1,9}", number, re.ASCII):
        with transaction():
            services.remove_partner(event_here(slug), int(number), at=clock.now())
    return redirect(url_for(".edit", slug=slug) + "#partner", code=303)
