"""The pages of communities: all of them, one with its meetings, and the way to ask its leads."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from ..communities import messages, queries, services
from ..communities.forms import JoinForm, NoteForm, PartsForm
from ..communities.models import Community
from ..events import queries as events
from ..events import showing
from ..ground import clock
from ..ground.database import transaction
from ..ground.errors import NotFound, Refusal
from ..ground.fields import add_error
from ..ground.limits import note_limit
from ..ground.rendered import visitors_page
from ..ground.web import everyone, open_to
from ..people.addresses import address_of
from ..people.signing_in import person_or_none
from .entries import entries

PAST_MEETINGS = 100
COMING_MEETINGS = 50
LATEST_ENTRIES = 5

bp = Blueprint("communities", "nextevents.site", template_folder="templates")


@bp.get("/communities/")
@open_to(everyone)
def index() -> ResponseReturnValue:
    """All circles by kind."""
    at = clock.now()
    counts = events.coming_counts(at)
    today = clock.local(at).date()
    key = ("communities", request.full_path, str(get_locale()), queries.fingerprint(), tuple(counts.items()), today)

    def build() -> str:
        circles = queries.all_communities()
        ended = [one for one in circles if queries.has_ended(one, today)]
        living = [one for one in circles if one not in ended]
        return render_template(
            "site/communities.html", section="communities", living=living, ended=ended, counts=counts
        )

    return visitors_page(key, build)


@bp.get("/communities/<slug>/")
@open_to(everyone)
def show(slug: str) -> ResponseReturnValue:
    """One circle: what it is for, its people and meetings, its feed; and the way to join."""
    try:
        community = queries.community_with_slug(slug)
    except NotFound:
        return redirect(url_for(".show", slug=queries.community_that_had(slug).slug), code=301)
    return _community_page(community, NoteForm(formdata=None))


def _community_page(community: Community, note: NoteForm) -> str:
    at, person = clock.now(), person_or_none()
    coming = events.meetings_of(community, at, is_past=False, limit=COMING_MEETINGS)
    past = events.meetings_of(community, at, is_past=True, limit=PAST_MEETINGS)
    belonging = queries.belonging(community.id, person.id) if person else None
    return render_template(
        "site/community.html",
        section="communities",
        community=community,
        has_ended=queries.has_ended(community, clock.local(at).date()),
        coming=showing.months(coming, at),
        past=showing.months(past, at),
        results=queries.published_results_of(community, clock.local(at).date()),
        entries=entries(community, person, limit=LATEST_ENTRIES),
        leads=queries.leads_of(community),
        people=queries.count_belonging(community),
        bodies=queries.count_bodies(community),
        belonging=belonging,
        parts=PartsForm.of(belonging) if belonging else None,
        token=messages.token_of(community.id, person.id) if person else "",
        form=JoinForm(formdata=None),
        note=note,
        may_lead=person is not None and (person.is_office or queries.leads(person, community)),
        showing=showing,
    )


@bp.post("/communities/<slug>/frage")
@open_to(everyone)
@note_limit
def ask_leads(slug: str) -> ResponseReturnValue:
    """Hand a question on to the leads, whose addresses nobody sees."""
    community, form = queries.community_at(slug), NoteForm()
    if not form.validate():
        return _community_page(community, form), 422
    try:
        address = address_of(form.address.data)
        with transaction():
            services.ask_leads(
                community,
                address,
                sender=form.sender.data,
                text=form.text.data,
                nonce=form.nonce.data or "",
                at=clock.now(),
            )
    except Refusal as refusal:
        add_error(form.address, str(refusal))
        return _community_page(community, form), 422
    flash(_("Ihre Frage ist unterwegs. Die Antwort kommt an Ihre Adresse."), "success")
    return redirect(url_for(".show", slug=slug), code=303)
