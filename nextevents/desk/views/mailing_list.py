"""A circle's list, as its leads choose it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...communities.models import Community
from ...communities.services import its_list
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import Refusal
from ...ground.fields import add_error
from ...ground.web import open_to
from ...mailing import queries as mailing
from ...mailing import services
from ...mailing.addresses import list_address
from ...mailing.errors import ListChangedMeanwhile
from ...mailing.models import MailingList
from ...mailing.services import ListWish
from ..blueprint import bp, circle_here, leads_of_circle
from ..forms.mailing_list import SettingsForm, differences, settings_of


@bp.get("/verwalten/communities/<slug>/verteiler/")
@open_to(leads_of_circle)
def circle_list(slug: str) -> ResponseReturnValue:
    """How the circle's list is, and how many are on it."""
    community = circle_here(slug)
    one = _list_of(community)
    form = SettingsForm(formdata=None, obj=one, data={"version": str(one.version)})
    form.propose_posting()
    return _page(community, one, form)


def _list_of(community: Community) -> MailingList:
    """The circle's list; circles have theirs from the day they are founded."""
    found = mailing.list_of(its_list.list_subject(community.id))
    if found is None:
        with transaction():
            found = its_list.list_of(community, at=clock.now())
    return found


def _page(community: Community, one: MailingList, form: SettingsForm, *, is_clash: bool = False) -> str:
    return render_template(
        "desk/circle_list.html",
        section="desk",
        community=community,
        mailing_list=one,
        address=list_address(one.slug),
        count=mailing.counts_by_list().get(one.id, 0),
        form=form,
        is_clash=is_clash,
        differences=differences(form, one) if is_clash else [],
    )


@bp.post("/verwalten/communities/<slug>/verteiler/")
@open_to(leads_of_circle)
def change_circle_list(slug: str) -> ResponseReturnValue:
    """Take over how the list shall be; if somebody else was faster, both versions are shown (guarantee G20)."""
    community, form = circle_here(slug), SettingsForm()
    one = _list_of(community)
    if not form.validate():
        return _page(community, one, form), 422
    wish = ListWish(name=one.name, joining=one.joining, needs_second_pair=one.needs_second_pair, **settings_of(form))
    try:
        with transaction():
            services.change_list(one, wish, version=form.typed_version)
    except ListChangedMeanwhile:
        standing = _list_of(community)
        form.version.data = str(standing.version)
        return _page(community, standing, form, is_clash=True), 409
    except Refusal as refusal:
        add_error(form.purpose, str(refusal))
        return _page(community, _list_of(community), form), 422
    flash(_("Gespeichert."), "success")
    return redirect(url_for(".circle_list", slug=slug), code=303)
