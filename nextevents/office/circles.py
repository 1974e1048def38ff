"""The office's doors to circles: founding, renaming, pausing, merging, closing."""

from collections.abc import Callable
from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ..communities import queries as communities
from ..communities import services
from ..communities.errors import NameTaken
from ..communities.models import Community, Kind
from ..events import services as events
from ..events.queries import proposed_circle_of, proposed_circles
from ..ground import clock
from ..ground.database import transaction
from ..ground.errors import NotFound, Refusal
from ..ground.fields import add_error
from ..ground.text import slug_of
from ..ground.web import office, open_to
from ..people.addresses import address_of
from ..people.signing_in import current_person
from .blueprint import bp
from .forms import FoundForm, MergeForm, RenameForm
from .showing import kind_of_circle


@bp.get("/buero/communities/")
@open_to(office)
def circles() -> ResponseReturnValue:
    """All circles, and the form to found one."""
    return _circles_page(FoundForm(formdata=None))


def _circles_page(form: FoundForm) -> str:
    form.kind.choices = [(kind, kind_of_circle(kind)) for kind in Kind]
    today = clock.local(clock.now()).date()
    found = communities.all_communities()
    return render_template(
        "office/circles.html",
        section="office",
        circles=found,
        counts=communities.counts_belonging(),
        leads=communities.leads_by_circle(),
        ended={one.id for one in found if communities.has_ended(one, today)},
        proposed=proposed_circles(),
        form=form,
        kind_of_circle=kind_of_circle,
    )


@bp.post("/buero/communities/vorschlag/<int:number>/gruenden")
@open_to(office)
def found_proposed(number: int) -> ResponseReturnValue:
    """Found what a lead has proposed, and ask those who were at the date."""
    return _answered(
        _("Gegründet. Alle, die dabei waren, werden gefragt, ob sie mitmachen."),
        lambda: events.found_proposed(proposed_circle_of(number), by=current_person(), at=clock.now()),
    )


@bp.post("/buero/communities/vorschlag/<int:number>/ablehnen")
@open_to(office)
def refuse_proposed(number: int) -> ResponseReturnValue:
    """Found no such circle; whoever proposed it sees that."""
    return _answered(_("Abgelehnt."), lambda: events.refuse_proposed(proposed_circle_of(number), at=clock.now()))


def _answered(told: str, deed: Callable[[], object]) -> ResponseReturnValue:
    try:
        with transaction():
            deed()
        flash(told, "success")
    except NotFound:
        raise
    except Refusal as refusal:
        flash(str(refusal), "refusal")
    return redirect(url_for(".circles"), code=303)


@bp.post("/buero/communities/")
@open_to(office)
def found() -> ResponseReturnValue:
    """Found a circle, with its first lead."""
    form = FoundForm()
    form.kind.choices = [(kind, kind_of_circle(kind)) for kind in Kind]
    if not form.validate():
        return _circles_page(form), 422
    try:
        with transaction():
            community = services.found(
                slug_of(form.name.data), form.name.data, form.kind.data, summary=form.summary.data or "", at=clock.now()
            )
            if form.lead.data:
                services.appoint(community, address_of(form.lead.data), by=current_person(), at=clock.now())
    except NameTaken as refusal:
        add_error(form.name, str(refusal))
        return _circles_page(form), 422
    except Refusal as refusal:
        add_error(form.lead, str(refusal))
        return _circles_page(form), 422
    flash(_("Gegründet."), "success")
    return redirect(url_for(".circle", slug=community.slug), code=303)


@bp.get("/buero/communities/<slug>/")
@open_to(office)
def circle(slug: str) -> ResponseReturnValue:
    """What the office can do with one circle."""
    community = communities.community_with_slug(slug)
    return _circle_page(community, RenameForm(formdata=None, name=community.name, slug=community.slug))


def _circle_page(community: Community, form: RenameForm, merging: MergeForm | None = None) -> str:
    merging = merging or MergeForm(formdata=None)
    merging.target.choices = _others(community)
    return render_template(
        "office/circle.html",
        section="office",
        community=community,
        has_ended=communities.has_ended(community, clock.local(clock.now()).date()),
        people=communities.count_belonging(community),
        form=form,
        merging=merging,
        kind_of_circle=kind_of_circle,
    )


def _others(community: Community) -> list[tuple[int, str]]:
    return [(one.id, one.full_name) for one in communities.all_communities() if one.id != community.id]


@bp.post("/buero/communities/<slug>/name")
@open_to(office)
def rename_circle(slug: str) -> ResponseReturnValue:
    """Call a circle otherwise; its earlier address leads on."""
    community, form = communities.community_with_slug(slug), RenameForm()
    if not form.validate():
        return _circle_page(community, form), 422
    try:
        with transaction():
            services.rename(community, slug_of(form.slug.data), form.name.data, at=clock.now())
    except Refusal as refusal:
        add_error(form.name, str(refusal))
        return _circle_page(communities.community_with_slug(slug), form), 422
    flash(_("Umbenannt. Die frühere Adresse führt weiter hierher."), "success")
    return redirect(url_for(".circle", slug=community.slug), code=303)


@bp.post("/buero/communities/<slug>/pause")
@open_to(office)
def pause_circle(slug: str) -> ResponseReturnValue:
    """Let a circle rest."""
    return _changed(slug, lambda one: services.pause(one, at=clock.now()), _("Die Community macht Pause."))


@bp.post("/buero/communities/<slug>/weiter")
@open_to(office)
def resume_circle(slug: str) -> ResponseReturnValue:
    """Let a circle that rested, or was closed, go on."""

    def go_on(community: Community) -> None:
        services.resume(community)
        services.reopen(community, at=clock.now())

    return _changed(slug, go_on, _("Es geht weiter."))


@bp.post("/buero/communities/<slug>/schliessen")
@open_to(office)
def close_circle(slug: str) -> ResponseReturnValue:
    """Note that a circle has finished its work: from now on."""
    yesterday = clock.local(clock.now()).date() - timedelta(days=1)
    return _changed(
        slug, lambda one: services.close(one, on=yesterday, at=clock.now()), _("Abgeschlossen. Die Seiten bleiben.")
    )


def _changed(slug: str, change: Callable[[Community], object], told: str) -> ResponseReturnValue:
    community = communities.community_with_slug(slug)
    with transaction():
        change(community)
    flash(told, "success")
    return redirect(url_for(".circle", slug=slug), code=303)


@bp.post("/buero/communities/<slug>/zusammenlegen")
@open_to(office)
def merge_circle(slug: str) -> ResponseReturnValue:
    """Make a circle part of another one, with all that belongs to it."""
    community, merging = communities.community_with_slug(slug), MergeForm()
    merging.target.choices = _others(community)
    if not merging.validate():
        form = RenameForm(formdata=None, name=community.name, slug=community.slug)
        return _circle_page(community, form, merging), 422
    with transaction():
        target = communities.community_with_number(merging.target.data)
        events.move_meetings(community, target, at=clock.now())
        services.merge(community, target, at=clock.now())
        slug = target.slug
    flash(_("Zusammengelegt. Die frühere Adresse führt hierher."), "success")
    return redirect(url_for(".circle", slug=slug), code=303)
