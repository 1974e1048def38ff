"""Deciding about posts that wait: by the link in a keeper's mail, without signing in, or on the page for keepers."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...events.showing import time_label
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import Refusal
from ...ground.limits import sign_in_limit
from ...ground.web import everyone, open_to, page_number, paging, personal
from ...mailing import queries as lists
from ...mailing.models import Post, PostState
from ...people.models import Person
from ...people.signing_in import current_person
from .. import queries, services
from ..blueprint import bp, keepers_of_post, writers
from ..forms import DecisionForm, MailedDecisionForm

PAGE = 20


@bp.get("/redaktion/beitraege/")
@open_to(writers)
def held() -> ResponseReturnValue:
    """The posts that wait on the lists that one keeps."""
    page = page_number()
    found = lists.held_posts(queries.lists_for(current_person()), limit=PAGE + 1, offset=page * PAGE)
    return render_template(
        "newsroom/held.html",
        section="newsroom",
        posts=found[:PAGE],
        form=DecisionForm(formdata=None),
        time_label=time_label,
        **paging(page, has_more=len(found) > PAGE),
    )


@bp.post("/redaktion/beitraege/<int:number>/")
@open_to(keepers_of_post)
def decide_signed_in(number: int) -> ResponseReturnValue:
    """Accept, reject or discard a post of a list that one keeps."""
    post, person, form = lists.post_with_number(number), current_person(), DecisionForm()
    if not form.validate():
        flash(_first_error(form), "refusal")
        return redirect(url_for(".held"), code=303)
    _decide(post, form, person)
    return redirect(url_for(".held"), code=303)


def _first_error(form: DecisionForm) -> str:
    return str(next(iter(form.reason.errors), _("Bitte wählen Sie, was mit dem Beitrag geschehen soll.")))


def _decide(post: Post, form: DecisionForm, person: Person) -> None:
    try:
        with transaction():
            services.decide(post, form.decision.data or "", form.reason.data or "", by=person, at=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return
    flash(_WORDS[post.state](), "success")


_WORDS = {
    PostState.ACCEPTED: lambda: _("Der Beitrag geht jetzt an alle auf dem Verteiler."),
    PostState.REJECTED: lambda: _("Der Beitrag wurde mit Ihrer Begründung zurückgeschickt."),
    PostState.DISCARDED: lambda: _("Der Beitrag ist verworfen. Niemand erfährt davon."),
}


@bp.get("/redaktion/beitraege/<token>/")
@open_to(everyone)
def decide(token: str) -> ResponseReturnValue:
    """The page behind the link in a keeper's mail: the post, and buttons. Changes nothing."""
    found = services.decider_in(token)
    return _page(token, *found, MailedDecisionForm(formdata=None)) if found else _broken()


def _page(token: str, post: Post, person: Person, form: MailedDecisionForm) -> Response:
    page = render_template(
        "newsroom/decide.html",
        section="newsroom",
        post=post,
        person=person,
        token=token,
        form=form,
        time_label=time_label,
    )
    return personal(Response(page))


def _broken() -> tuple[Response, int]:
    return personal(Response(render_template("mailing/broken_link.html"))), 404


@bp.post("/redaktion/beitraege/<token>/")
@open_to(everyone)
@sign_in_limit
def decide_by_token(token: str) -> ResponseReturnValue:
    """Decide without signing in: the link shows that the mail has arrived, the tick that somebody has read it."""
    found = services.decider_in(token)
    if found is None:
        return _broken()
    form = MailedDecisionForm()
    if not form.validate():
        return _page(token, *found, form), 422
    _decide(found[0], form, found[1])
    return redirect(request.path, code=303)
