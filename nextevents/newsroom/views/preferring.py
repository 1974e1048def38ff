"""The one page with every kind of mail: by the link in a mail, without a password, or from one's own account."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...communities.models import Belonging
from ...ground import clock
from ...ground.database import transaction
from ...ground.tokens import number_in
from ...ground.web import everyone, language_code, open_to, personal, signed_in
from ...mailing import queries as mailing
from ...mailing import services as lists
from ...mailing.addresses import preferences_url
from ...mailing.messages import absolute
from ...mailing.models import Mailbox
from ...people import queries as people
from ...people.signing_in import current_person
from ..blueprint import bp
from ..preferring import LeaveAllForm, Offer, PreferencesForm, belongings_of, offers_for, preferences_form
from ..services import preferring as services


@bp.get("/konto/mails/")
@open_to(signed_in)
def own_preferences() -> ResponseReturnValue:
    """From the account to the same page."""
    person = current_person()
    mailbox = mailing.mailbox_with_key(person.address_key)
    if mailbox is None:
        return render_template("newsroom/preferences_begin.html", section="account", person=person)
    return redirect(preferences_url(mailbox.id), code=303)


@bp.post("/konto/mails/")
@open_to(signed_in)
def begin_preferences() -> ResponseReturnValue:
    """The page of somebody whom no list knows yet."""
    person = current_person()
    with transaction():
        mailbox = lists.mailbox_for(person.address, name=person.name, language=person.language, at=clock.now())
    return redirect(preferences_url(mailbox.id), code=303)


def _mailbox_in(token: str) -> Mailbox | None:
    number = number_in("preferences", token)
    return mailing.mailbox(number) if number else None


def _broken() -> tuple[Response, int]:
    return personal(Response(render_template("mailing/broken_link.html"))), 404


@bp.get("/verteiler/einstellungen/<token>/")
@open_to(everyone)
def preferences(token: str) -> ResponseReturnValue:
    """What comes, and how. Changes nothing."""
    mailbox = _mailbox_in(token)
    if mailbox is None:
        return _broken()
    offers, belongings, form = _form(mailbox, is_empty=True)
    return _page(mailbox, token, offers, belongings, form, LeaveAllForm(formdata=None))


def _form(mailbox: Mailbox, *, is_empty: bool) -> tuple[list[Offer], list[Belonging], PreferencesForm]:
    offers, person = offers_for(mailbox, mailbox.address_key), people.person_with_key(mailbox.address_key)
    belongings = list(belongings_of(person))
    return offers, belongings, preferences_form(offers, belongings, person, mailbox.language, is_empty=is_empty)


def _page(
    mailbox: Mailbox,
    token: str,
    offers: list[Offer],
    belongings: list[Belonging],
    form: PreferencesForm,
    leaving: LeaveAllForm,
) -> Response:
    page = render_template(
        "newsroom/preferences.html",
        section="lists",
        mailbox=mailbox,
        wants_nothing=mailbox.suspended_because == lists.WANTS_NOTHING,
        token=token,
        offers=offers,
        belongings=belongings,
        form=form,
        leaving=leaving,
    )
    return personal(Response(page))


@bp.post("/verteiler/einstellungen/<token>/")
@open_to(everyone)
def choose_preferences(token: str) -> ResponseReturnValue:
    """Take over what was chosen."""
    mailbox = _mailbox_in(token)
    if mailbox is None:
        return _broken()
    offers, belongings, form = _form(mailbox, is_empty=False)
    if not form.validate():
        return _page(mailbox, token, offers, belongings, form, LeaveAllForm(formdata=None)), 422
    at, person = clock.now(), people.person_with_key(mailbox.address_key)
    with transaction():
        url = absolute("/verteiler/einstellungen/")  # what follows is a key
        services.choose_mails(mailbox, offers, form, shown_in=language_code(), form_url=url, at=at)
        services.choose_circles(belongings, form, at=at)
        if person:
            services.choose_reminders(person, form)
    flash(_("Gespeichert."), "success")
    return redirect(request.path, code=303)


@bp.post("/verteiler/einstellungen/<token>/alles")
@open_to(everyone)
def leave_everything(token: str) -> ResponseReturnValue:
    """Leave all lists at once."""
    mailbox, leaving = _mailbox_in(token), LeaveAllForm()
    if mailbox is None:
        return _broken()
    if not leaving.validate():
        offers, belongings, form = _form(mailbox, is_empty=True)
        return _page(mailbox, token, offers, belongings, form, leaving), 422
    with transaction():
        services.leave_all(mailbox, offers_for(mailbox, mailbox.address_key), at=clock.now())
    flash(_("Abbestellt. Mails zu Terminen, für die Sie angemeldet sind, kommen weiter."), "success")
    return redirect(url_for(".preferences", token=token), code=303)


@bp.post("/verteiler/einstellungen/<token>/adresse")
@open_to(everyone)
def ask_to_wake(token: str) -> ResponseReturnValue:
    """Send a mail to a suspended mailbox, whose link shows that it arrives; at most one a day."""
    mailbox = _mailbox_in(token)
    if mailbox is None:
        return _broken()
    with transaction():
        lists.ask_to_wake(mailbox, at=clock.now())
    flash(_("Wir haben Ihnen eine Mail geschickt. Drücken Sie darin auf den Knopf, dann geht es weiter."), "success")
    return redirect(url_for(".preferences", token=token), code=303)
