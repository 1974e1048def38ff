"""Voting in a date poll: by the link of all, or by one's own."""

import re
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import NotFound, Refusal
from ...ground.fields import add_error
from ...ground.tokens import number_in
from ...ground.web import everyone, language_code, open_to, personal
from ...people.addresses import address_of
from ...people.errors import AddressRefused
from ...people.models import Person
from ...people.signing_in import person_or_none
from .. import messages_to_voters as messages
from .. import queries, rules, services, showing, showing_polls
from ..forms import OpenVoteForm, VoteForm, vote_form
from ..models import Poll, Voter, VotesShown
from .blueprint import bp

_NONCE = re.compile(r"[A-Za-z0-9_-]{8,64}")


@bp.get("/umfrage/<token>/")
@open_to(everyone)
def poll(token: str) -> ResponseReturnValue:
    """A poll by the link that all may have. Changes nothing; whoever is known is led to the own page."""
    asked, person = _poll_in(token), person_or_none()
    standing = queries.voter_with_key(asked, person.address_key) if person else None
    if standing:
        return personal(Response(status=303, headers={"Location": messages.voter_href(standing)}))
    values = {"name": person.name} if person else {}
    return _page(asked, _open_form(asked, person, **values))


def _open_form(asked: Poll, person: Person | None, **values: Any) -> VoteForm:
    return vote_form(asked, VoteForm if person else OpenVoteForm, **values)


@bp.post("/umfrage/<token>/")
@open_to(everyone)
def vote_openly(token: str) -> ResponseReturnValue:
    """Vote by the link that all may have."""
    asked, person, at = _poll_in(token), person_or_none(), clock.now()
    form = _open_form(asked, person)
    if not form.validate():
        return _page(asked, form), 422
    typed = "" if person else (form.email.data or "").strip()
    try:
        address = address_of(typed) if typed else None
        with transaction():
            voter = services.vote_openly(
                asked,
                form.ballot,
                person=person,
                address=address,
                nonce=_nonce(form.nonce.data),
                language=language_code(),
                at=at,
            )
    except AddressRefused as refusal:
        add_error(form.email, str(refusal))
        return _page(asked, form), 422
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".poll", token=token), code=303)
    if voter is None:
        flash(_("Danke! Den Link, mit dem Sie Ihre Stimme sehen und ändern, haben wir Ihnen geschickt."), "success")
        return redirect(url_for(".poll", token=token), code=303)
    flash(_("Danke, Ihre Stimme zählt. Auf dieser Seite können Sie sie bis zum Ende ändern."), "success")
    return redirect(messages.voter_href(voter), code=303)


def _nonce(typed: str | None) -> str | None:
    return typed if typed and _NONCE.fullmatch(typed) else None


@bp.get("/umfrage/stimme/<token>/")
@open_to(everyone)
def vote(token: str) -> ResponseReturnValue:
    """A poll by one's own link. Changes nothing."""
    voter = _voter_in(token)
    return _page(voter.poll, vote_form(voter.poll, VoteForm, voter), voter)


@bp.post("/umfrage/stimme/<token>/")
@open_to(everyone)
def change_vote(token: str) -> ResponseReturnValue:
    """Vote by one's own link, or vote anew."""
    voter = _voter_in(token)
    form = vote_form(voter.poll, VoteForm)
    if not form.validate():
        return _page(voter.poll, form, voter), 422
    try:
        with transaction():
            services.vote(voter, form.ballot, language=language_code(), at=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    else:
        flash(_("Danke, Ihre Stimme zählt. Auf dieser Seite können Sie sie bis zum Ende ändern."), "success")
    return redirect(url_for(".vote", token=token), code=303)


def _poll_in(token: str) -> Poll:
    number = number_in(messages.POLL, token)
    if number is None:
        raise NotFound
    return queries.poll(number)


def _voter_in(token: str) -> Voter:
    number = number_in(messages.VOTER, token)
    if number is None:
        raise NotFound
    return queries.voter(number)


def _page(asked: Poll, form: VoteForm, voter: Voter | None = None) -> Response:
    at = clock.now()
    shows = _may_see_votes(asked, voter)
    standings, rows = _votes(asked) if shows else ([], [])
    page = render_template(
        "events/poll.html",
        section="communities",
        poll=asked,
        form=form,
        voter=voter,
        has_voted=voter is not None and voter.voted_at is not None,
        hints=showing_polls.clash_hints(asked.options, _person_of(voter))
        if services.is_poll_open(asked, at=at)
        else {},
        is_open=services.is_poll_open(asked, at=at),
        event=asked.event if asked.event and rules.is_public(asked.event) else None,
        standings=standings,
        rows=rows,
        polls=showing_polls,
        showing=showing,
    )
    return personal(Response(page))


def _person_of(voter: Voter | None) -> Person | None:
    """Whose registrations may be spoken of: only whoever is signed in, and then on no page of somebody else's."""
    person = person_or_none()
    if person is None or (voter is not None and voter.person_id != person.id):
        return None
    return person


def _may_see_votes(asked: Poll, voter: Voter | None) -> bool:
    if asked.votes_shown == VotesShown.VOTERS:
        return voter is not None and voter.voted_at is not None
    return asked.votes_shown == VotesShown.EVERYBODY


def _votes(asked: Poll) -> tuple[list[showing_polls.Standing], list[showing_polls.VoterRow]]:
    voters = queries.voters_of(asked)
    standings = showing_polls.standings(asked, queries.tally(asked), len(voters))
    return standings, showing_polls.voter_rows(voters, [one.option for one in standings])
