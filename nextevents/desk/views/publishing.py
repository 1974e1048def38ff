"""What a workshop has made, for its leads: written down, changed, published, taken back."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...communities import queries as communities
from ...communities import services, showing
from ...communities.errors import ChangedMeanwhile, NotYetComplete
from ...communities.models import Community, Result
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import Refusal
from ...ground.fields import add_error
from ...ground.text import number_typed
from ...ground.web import open_to, takes_files
from ..blueprint import bp, circle_here, leads_of_circle
from ..forms.library import ResultForm, upload_in
from ..showing import Difference, differences


@bp.get("/verwalten/communities/<slug>/ergebnisse/")
@open_to(leads_of_circle)
def results(slug: str) -> ResponseReturnValue:
    """What there is, published or not."""
    community = circle_here(slug)
    return render_template(
        "desk/results.html",
        section="desk",
        community=community,
        results=communities.results_of(community),
        showing=showing,
    )


@bp.get("/verwalten/communities/<slug>/ergebnisse/neu/")
@open_to(leads_of_circle)
def new_result(slug: str) -> ResponseReturnValue:
    """The form for something new."""
    return _result_page(circle_here(slug), None, ResultForm(formdata=None))


def _result_page(
    community: Community, result: Result | None, form: ResultForm, found: list[Difference] | None = None
) -> str:
    return render_template(
        "desk/result.html", section="desk", community=community, result=result, form=form, differences=found
    )


@bp.post("/verwalten/communities/<slug>/ergebnisse/neu/")
@open_to(leads_of_circle)
@takes_files
def add_result(slug: str) -> ResponseReturnValue:
    """Write something down, or publish it at once."""
    community, form = circle_here(slug), ResultForm()
    if not form.validate():
        return _result_page(community, None, form), 422
    try:
        with transaction():
            services.add_result(community, form.wish(), upload=upload_in(form.file), at=clock.now())
    except Refusal as refusal:
        _say(form, refusal)
        return _result_page(circle_here(slug), None, form), 422
    return _saved(slug)


def _say(form: ResultForm, refusal: Refusal) -> None:
    add_error(form.published_on if isinstance(refusal, NotYetComplete) else form.file, str(refusal))


def _saved(slug: str) -> ResponseReturnValue:
    flash(_("Gespeichert."), "success")
    return redirect(url_for(".results", slug=slug), code=303)


@bp.get("/verwalten/communities/<slug>/ergebnisse/<int:number>/")
@open_to(leads_of_circle)
def edit_result(slug: str, number: int) -> ResponseReturnValue:
    """The form of something that stands."""
    community = circle_here(slug)
    result = communities.result(community, number)
    return _result_page(community, result, ResultForm.of(result))


@bp.post("/verwalten/communities/<slug>/ergebnisse/<int:number>/")
@open_to(leads_of_circle)
@takes_files
def change_result(slug: str, number: int) -> ResponseReturnValue:
    """Change it, publish it or take it back; whoever was overtaken sees both versions (guarantee G20)."""
    community, form = circle_here(slug), ResultForm()
    result = communities.result(community, number)
    if not form.validate():
        return _result_page(community, result, form), 422
    version, upload = number_typed(form.version.data), upload_in(form.file)
    try:
        with transaction():
            services.change_result(result, form.wish(), upload=upload, version=version, at=clock.now())
    except ChangedMeanwhile:
        standing = communities.result(circle_here(slug), number)
        form.version.data = str(standing.version)
        words = [one for one in form if one.short_name != "file"]
        return _result_page(standing.community, standing, form, differences(words, ResultForm.of(standing))), 409
    except Refusal as refusal:
        _say(form, refusal)
        standing = communities.result(circle_here(slug), number)
        return _result_page(standing.community, standing, form), 422
    return _saved(slug)


@bp.post("/verwalten/communities/<slug>/ergebnisse/<int:number>/entfernen")
@open_to(leads_of_circle)
def remove_result(slug: str, number: int) -> ResponseReturnValue:
    """Take something away, its file too."""
    community = circle_here(slug)
    with transaction():
        services.remove_result(community, number)
    flash(_("Entfernt."), "success")
    return redirect(url_for(".results", slug=slug), code=303)
