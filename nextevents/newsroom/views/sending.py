"""From checks and test mail to release; and then how far it is."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from ...events.showing import edited_label
from ...ground import clock
from ...ground.database import transaction
from ...ground.errors import NotFound, Refusal
from ...ground.fields import add_error
from ...ground.text import number_typed
from ...ground.web import open_to, wants_fragment
from ...mailing import services as mailing
from ...mailing.models import Campaign, CampaignState
from ...people.signing_in import current_person
from .. import audience, checks, queries, rules, services, showing
from ..blueprint import bp, campaign_here, writers_of_campaign
from ..errors import CountChanged
from ..forms import ReleaseForm, VersionForm
from ..own_pages import Behind
from .drafting import done_or_told, version_in

#: So many recipients are shown.
SAMPLE = 8


@bp.get("/redaktion/<int:number>/senden/")
@open_to(writers_of_campaign)
def sending(number: int) -> ResponseReturnValue:
    """What was found, who gets it, test mail, and the button; of what has left, how far it is."""
    if campaign_here(number).state in rules.LEFT:
        return redirect(url_for(".progress", number=number), code=303)
    return _sending_page(campaign_here(number), ReleaseForm(formdata=None))


def _sending_page(campaign: Campaign, form: ReleaseForm) -> str:
    person, at = current_person(), clock.now()
    recipients = audience.recipients(campaign, at=at)
    count = recipients.count()
    form.version.data, form.count.data = str(campaign.version), str(count)
    form.is_meant.label.text = ngettext("Ja, an %(num)s Person senden.", "Ja, an %(num)s Personen senden.", count)
    found = checks.findings(campaign, recipients, at=at)
    is_tested = queries.is_tested(campaign)
    return render_template(
        "newsroom/sending.html",
        section="newsroom",
        campaign=campaign,
        form=form,
        findings=found,
        links=[one for one in checks.links(campaign) if one.behind == Behind.ELSEWHERE],
        count=count,
        sample=[(row.name, masked(row.address)) for row in recipients.some(limit=SAMPLE)] if person.is_office else [],
        is_tested=is_tested,
        may_release=rules.may_release(person, campaign, queries.newest_version(campaign).saved_by),
        is_ready=is_tested and count > 0 and not any(one.is_serious for one in found),
        own_address=person.address,
        showing=showing,
    )


def masked(address: str) -> str:
    """An address as somebody may see it who only has to recognise it: a…@stadt.example."""
    local_part, _at, domain = address.rpartition("@")
    return f"{local_part[:1]}…@{domain}"


@bp.post("/redaktion/<int:number>/testmail")
@open_to(writers_of_campaign)
def test_mail(number: int) -> ResponseReturnValue:
    """Send the campaign to oneself."""
    campaign, person = campaign_here(number), current_person()
    return done_or_told(
        lambda: services.send_test(campaign, to=person, at=clock.now()),
        _("Die Testmail ist unterwegs an %(address)s.", address=person.address),
        url_for(".sending", number=number),
    )


@bp.post("/redaktion/<int:number>/uebergeben")
@open_to(writers_of_campaign)
def submit(number: int) -> ResponseReturnValue:
    """Hand it over to a second pair of eyes."""
    campaign, version, person = campaign_here(number), version_in(VersionForm()), current_person()
    return done_or_told(
        lambda: services.submit(campaign, by=person, version=version, at=clock.now()),
        _("Übergeben. Wer freigeben darf, bekommt jetzt eine Mail."),
        url_for(".sending", number=number),
    )


@bp.post("/redaktion/<int:number>/zurueckholen")
@open_to(writers_of_campaign)
def call_back(number: int) -> ResponseReturnValue:
    """Make it a draft again."""
    campaign, version = campaign_here(number), version_in(VersionForm())
    return done_or_told(
        lambda: services.call_back(campaign, version=version),
        _("Das ist wieder ein Entwurf."),
        url_for(".compose", number=number),
    )


@bp.post("/redaktion/<int:number>/freigeben")
@open_to(writers_of_campaign)
def release(number: int) -> ResponseReturnValue:
    """Let it go out, now or later."""
    campaign, form = campaign_here(number), ReleaseForm()
    if not form.validate():
        return _sending_page(campaign, form), 422
    try:
        with transaction():
            services.release(
                campaign,
                by=current_person(),
                count=number_typed(form.count.data),
                version=version_in(form),
                when=form.moment,
                at=clock.now(),
            )
    except NotFound:
        raise
    except CountChanged as refusal:
        form.is_meant.data = False
        add_error(form.is_meant, str(refusal))
        return _sending_page(queries.campaign_with_number(number), form), 422
    except Refusal as refusal:
        flash(str(refusal), "refusal")
        return redirect(url_for(".sending", number=number), code=303)
    if form.moment:
        flash(_("Geplant für %(when)s.", when=edited_label(form.moment)), "success")
        return redirect(url_for(".sending", number=number), code=303)
    return redirect(url_for(".progress", number=number), code=303)


@bp.get("/redaktion/<int:number>/stand/")
@open_to(writers_of_campaign)
def progress(number: int) -> ResponseReturnValue:
    """How far it is, how fast it goes, and what became of it.

    A page that looks again by itself is loaded anew once its buttons do not fit any more.
    """
    campaign = campaign_here(number)
    found = mailing.progress_of(campaign, at=clock.now())
    is_moving = campaign.state in {CampaignState.SENDING, CampaignState.PAUSED} or campaign.ended_at is None
    has_changed = not is_moving or request.args.get("stand") != campaign.state
    page = render_template(
        "newsroom/progress.html",
        section="newsroom",
        campaign=campaign,
        progress=found,
        remaining=remaining_words(found),
        is_moving=is_moving,
        showing=showing,
    )
    return page, {"HX-Refresh": "true"} if wants_fragment() and has_changed else {}


def remaining_words(progress: mailing.Progress) -> str:
    """How long the rest will take."""
    if progress.remaining is None:
        return ""
    minutes = round(progress.remaining.total_seconds() / 60)
    if minutes < 1:
        return _("noch weniger als eine Minute")
    return ngettext("noch etwa %(num)s Minute", "noch etwa %(num)s Minuten", minutes)


def _changed(number: int, change: Callable[[Campaign], object], told: str) -> ResponseReturnValue:
    campaign = campaign_here(number)
    return done_or_told(lambda: change(campaign), told, url_for(".progress", number=number))


@bp.post("/redaktion/<int:number>/anhalten")
@open_to(writers_of_campaign)
def pause(number: int) -> ResponseReturnValue:
    """Send no more of it for now."""
    return _changed(number, mailing.pause_campaign, _("Angehalten. Was gerade hinausgeht, geht noch hinaus."))


@bp.post("/redaktion/<int:number>/weiter")
@open_to(writers_of_campaign)
def resume(number: int) -> ResponseReturnValue:
    """Go on."""
    return _changed(number, mailing.resume_campaign, _("Es geht weiter."))


@bp.post("/redaktion/<int:number>/abbrechen")
@open_to(writers_of_campaign)
def stop(number: int) -> ResponseReturnValue:
    """Send no more of it, ever."""
    return _changed(number, mailing.stop_campaign, _("Abgebrochen. Wer die Mail noch nicht hat, bekommt sie nicht."))
