"""Seeing lists, and coming onto them."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...ground import clock
from ...ground.database import db, transaction
from ...ground.errors import AddressRefused, NotFound, Refusal
from ...ground.fields import add_error
from ...ground.limits import sign_in_limit, subscribe_limit
from ...ground.mail_addresses import address_of
from ...ground.tokens import number_in, token_for
from ...ground.web import everyone, language_code, open_to, personal
from .. import queries, services
from ..addresses import preferences_url
from ..messages_of_lists import AWAKENING, SUBSCRIPTION, awakening_token
from ..models import Consent, Joining, Mailbox, MailingList, Subscription, SubscriptionState
from ..services.consenting import DOUBTFUL, words_of_consent
from ..services.subscribing import Answer
from ..web_forms import OwnSubscribeForm, SubscribeForm, SureForm, as_choices
from .blueprint import bp, broken_link, declaration, owner


@bp.get("/verteiler/")
@open_to(everyone)
def index() -> ResponseReturnValue:
    """The lists that one may see: the open ones, those that one is on, and those whose rule names one."""
    shown, own = list(queries.open_lists()), {one.list_id: one for one in _own_subscriptions()}
    shown += [
        one.mailing_list
        for one in own.values()
        if one.state == SubscriptionState.ACTIVE
        and one.mailing_list not in shown
        and _is_subscribed_to(one.mailing_list)
    ]
    here = owner()
    shown += queries.lists_naming(here.address.key) if here else []
    return render_template("mailing/lists.html", section="lists", lists=shown, own=own, preferences=_own_preferences())


def _is_subscribed_to(one: MailingList) -> bool:
    """Whether a list is open and who is on it subscribes, in place of a rule."""
    return not (one.rule or one.closed_at)


def _own_mailbox() -> Mailbox | None:
    here = owner()
    return queries.mailbox_with_key(here.address.key) if here else None


def _own_subscriptions() -> list[Subscription]:
    mailbox = _own_mailbox()
    return list(queries.subscriptions_of(mailbox)) if mailbox else []


def _own_preferences() -> str:
    mailbox = _own_mailbox()
    return preferences_url(mailbox.id) if mailbox else ""


@bp.get("/newsletter/")
@open_to(everyone)
def newsletter() -> ResponseReturnValue:
    """The newsletter, to be subscribed to."""
    found = queries.newsletter()
    if found is None:
        raise NotFound
    return _list_page(found, _form_of(found))


@bp.get("/verteiler/<slug>/")
@open_to(everyone)
def show(slug: str) -> ResponseReturnValue:
    """A list: what comes, and how one gets it. Addresses of before lead on."""
    found = queries.list_with_slug_or_none(slug)
    if found is None:
        moved = queries.list_at_earlier_slug(slug)
        if moved is None:
            raise NotFound
        return redirect(url_for(".show", slug=moved.slug), code=301)
    return _list_page(_visible(found), _form_of(found))


@bp.get("/mailman/listinfo/<slug>")
@open_to(everyone)
def old_page(slug: str) -> ResponseReturnValue:
    """Where Mailman showed a list: leads to its page here."""
    name = slug.lower()
    found = queries.list_with_slug_or_none(name) or queries.list_at_earlier_slug(name)
    if found is None:
        raise NotFound
    return redirect(url_for(".show", slug=_visible(found).slug), code=301)


def _visible(one: MailingList) -> MailingList:
    """The list, unless it is none of this visitor's business: internal or by rule, and they are not on it."""
    if (one.joining == Joining.EVERYBODY and not one.rule) or _is_on(one):
        return one
    raise NotFound


def _is_on(one: MailingList) -> bool:
    here = owner()
    return here is not None and queries.is_on(one, here.address.key)


def _form_of(one: MailingList, *, is_empty: bool = True) -> SubscribeForm | OwnSubscribeForm:
    """The form of this list for this visitor. Its box says what is agreed to, word for word."""
    kind = OwnSubscribeForm if owner() else SubscribeForm
    form = kind(formdata=None) if is_empty else kind()
    form.topics.choices = as_choices(one.topics)
    if isinstance(form, SubscribeForm):
        form.agrees.label.text = words_of_consent(one, language_code())
    return form


def _list_page(one: MailingList, form: SubscribeForm | OwnSubscribeForm) -> str:
    return render_template(
        "mailing/list.html",
        section="lists",
        mailing_list=one,
        form=form,
        is_signed_in=owner() is not None,
        can_subscribe=not one.closed_at and one.joining == Joining.EVERYBODY and not one.rule,
        is_on_it=_is_on(one),
        words=words_of_consent(one, language_code()),
        preferences=_own_preferences(),
    )


@bp.post("/newsletter/")
@open_to(everyone)
@subscribe_limit
def subscribe_to_newsletter() -> ResponseReturnValue:
    """The same from the newsletter's page."""
    found = queries.newsletter()
    if found is None:
        raise NotFound
    return _subscribe(found)


@bp.post("/verteiler/<slug>/")
@open_to(everyone)
@subscribe_limit
def subscribe(slug: str) -> ResponseReturnValue:
    """Ask for a list; whoever is signed in is on it at once."""
    return _subscribe(_visible(queries.list_with_slug(slug)))


def _subscribe(one: MailingList) -> ResponseReturnValue:
    form, here, at = _form_of(one, is_empty=False), owner(), clock.now()
    if not form.validate():
        return _list_page(one, form), 422
    try:
        if here:
            with transaction():
                services.subscribe_proved(
                    one,
                    here.address,
                    declaration(one, was_ticked=False),
                    by="signed_in",
                    name=here.name,
                    topics=form.topics.data or (),
                    at=at,
                )
            flash(_("Sie stehen jetzt auf dem Verteiler „%(name)s“.", name=one.name), "success")
            return redirect(request.path, code=303)
        with transaction():
            services.ask_to_subscribe(
                one,
                address_of(form.email.data),
                declaration(one, was_ticked=True),
                name=form.name.data or "",
                topics=form.topics.data or (),
                at=at,
            )
    except AddressRefused as refusal:
        if here:
            raise
        add_error(form.email, str(refusal))
        return _list_page(one, form), 422
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(request.path, code=303)
    return redirect(url_for(".asked"), code=303)


@bp.get("/verteiler/angefragt/")
@open_to(everyone)
def asked() -> ResponseReturnValue:
    """What happens next. The same page for every address (rule L-04)."""
    return render_template("mailing/asked.html", section="lists")


@bp.get("/verteiler/bestaetigen/<token>/")
@open_to(everyone)
def confirm(token: str) -> ResponseReturnValue:
    """The page behind the mailed link: what was asked for, word for word, and a button. Changes nothing."""
    consent = _consent_in(token)
    return _confirm_page(consent, SureForm(formdata=None)) if consent else broken_link()


def _consent_in(token: str) -> Consent | None:
    number = number_in(SUBSCRIPTION, token)
    return db.session.get(Consent, number) if number else None


def _confirm_page(consent: Consent, form: SureForm) -> Response:
    at, mailbox_id = clock.now(), consent.mailbox_id
    waiting = queries.waiting_requests(mailbox_id, since=at - queries.LINK_TIME) if mailbox_id else []
    page = render_template(
        "mailing/confirm.html",
        section="lists",
        consent=consent,
        mailing_list=_list_of(consent),
        form=form,
        is_doubtful=consent.confirmed_by == DOUBTFUL,
        is_waiting=consent in waiting and _list_of(consent) is not None,
        others=[(one, _list_of(one), token_for(SUBSCRIPTION, one.id)) for one in waiting if one != consent],
        preferences=preferences_url(mailbox_id) if mailbox_id and consent.confirmed_at else "",
    )
    return personal(Response(page))


def _list_of(consent: Consent) -> MailingList | None:
    one = queries.list_behind(consent.list_id) if consent.list_id else None
    return None if one is None or one.closed_at else one


@bp.post("/verteiler/bestaetigen/<token>/")
@open_to(everyone)
@sign_in_limit
def confirm_by_button(token: str) -> ResponseReturnValue:
    """Begin what was asked for."""
    consent, form = _consent_in(token), SureForm()
    if consent is None:
        return broken_link()
    was_doubted = consent.confirmed_by == DOUBTFUL
    is_sure = was_doubted and form.validate()
    with transaction():
        answer = services.confirm(consent, is_sure=is_sure, at=clock.now())
    if answer == Answer.DOUBTFUL:
        return _confirm_page(consent, form if was_doubted else SureForm(formdata=None)), 422 if was_doubted else 200
    return redirect(url_for(".confirm", token=token), code=303)


@bp.get("/verteiler/adresse/<token>/")
@open_to(everyone)
def awaken(token: str) -> ResponseReturnValue:
    """The page behind the link that a suspended mailbox got. Changes nothing."""
    mailbox = _mailbox_in(token)
    if mailbox is None:
        return broken_link()
    return personal(Response(render_template("mailing/awaken.html", section="lists", mailbox=mailbox)))


def _mailbox_in(token: str) -> Mailbox | None:
    """The mailbox whose suspension this token is about; also one that has been woken by it."""
    number = number_in(AWAKENING, token)
    mailbox = queries.mailbox(number >> 31) if number else None
    if mailbox is None or (mailbox.suspended_at and awakening_token(mailbox) != token.strip()):
        return None
    return mailbox


@bp.post("/verteiler/adresse/<token>/")
@open_to(everyone)
@sign_in_limit
def awaken_by_button(token: str) -> ResponseReturnValue:
    """Send to a suspended mailbox again: its owner has shown that mail arrives (rule M-12)."""
    mailbox = _mailbox_in(token)
    if mailbox is None:
        return broken_link()
    with transaction():
        services.wake(mailbox)
    flash(_("Danke. Ab jetzt kommen unsere Mails wieder."), "success")
    return redirect(request.path, code=303)
