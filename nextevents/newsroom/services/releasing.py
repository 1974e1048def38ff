"""From a draft to a campaign that leaves: test mail, second pair of eyes, release, setting it in type (rule M-30)."""

from dataclasses import replace
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _

from ...ground.database import db
from ...ground.errors import Refusal
from ...mailing import services as mailing
from ...mailing.addresses import preferences_url, reading_token, unsubscribe_url
from ...mailing.models import Campaign, CampaignState
from ...mailing.services import Mail, campaigning
from ...people import queries as people
from ...people.models import Person
from .. import audience, checks, messages_to_keepers, queries, rendering, rules
from ..blocks import as_stored
from ..errors import ChangedMeanwhile, CountChanged, NeedsAnotherPerson, NotADraft, NotReady, TooManyVariants
from ..keeping import releasers_of

#: The kind of test mails in the outbox.
TEST = "campaign_test"
#: Who asks twice within so many seconds gets one test mail.
TEST_SECONDS = 10
#: Where a campaign's segment holds how many people were confirmed when it was released.
CONFIRMED = "confirmed"
#: A list may grow by a tenth, and by some more, before somebody has to confirm anew.
MOST_GROWTH, FEW_MORE = 1.1, 10
UNRELEASED = frozenset({CampaignState.DRAFT, CampaignState.REVIEW})


def send_test(campaign: Campaign, *, to: Person, at: datetime) -> None:
    """Send the campaign to one of its makers, as that person would get it. Raises NotADraft.

    It is no mail of the list: it comes to whoever is not on it, and pausing does not hold it.
    """
    db.session.refresh(campaign, with_for_update=True)
    if campaign.state not in UNRELEASED:
        raise NotADraft
    recipients = audience.recipients(campaign, at=at)
    form = rendering.mail(campaign, audience.variant_for(to, recipients), recipients.circles, at=at)
    mailbox = mailing.mailbox_for(to.address, name=to.name, language=to.language, at=at)
    links = {
        "unsubscribe_url": unsubscribe_url(campaign.list_id, mailbox.id),
        "preferences_url": preferences_url(mailbox.id),
        "reading_token": reading_token(campaign.list_id, mailbox.id),
    }
    mail = Mail(
        kind=TEST,
        subject=f"campaign:{campaign.id}",
        revision=int(at.timestamp()) // TEST_SECONDS,
        recipient=to.address,
        form=replace(form, subject=f"[Test] {form.subject}"),
        values={"name": to.name, **links},
        has_secrets=True,
    )
    mailing.post(mail, at=at)
    campaign.tested_version = queries.newest_version(campaign).version
    db.session.flush()


def submit(campaign: Campaign, *, by: Person, version: int, at: datetime) -> None:
    """Hand a draft over to a second pair of eyes, and tell whoever may release it, once.

    Raises ChangedMeanwhile, NotADraft, NotReady.
    """
    _hold(campaign, version)
    if campaign.state != CampaignState.DRAFT:
        raise NotADraft
    _require_written(campaign)
    recipients = audience.recipients(campaign, at=at)
    _require_readers(campaign, recipients, at=at)
    campaign.state = CampaignState.REVIEW
    db.session.flush()
    count = recipients.count()
    for person in releasers_of(campaign):
        mailing.post(messages_to_keepers.release_wanted(campaign, person, by, count, at=at), at=at)


def call_back(campaign: Campaign, *, version: int) -> None:
    """Make what waits for release, or for its time, a draft again. Raises ChangedMeanwhile, NotADraft."""
    _hold(campaign, version)
    if campaign.state == CampaignState.SCHEDULED:
        campaigning.take_back_release(campaign)
        return
    if campaign.state != CampaignState.REVIEW:
        raise NotADraft
    campaign.state = CampaignState.DRAFT
    db.session.flush()


def release(
    campaign: Campaign, *, by: Person, count: int, version: int, when: datetime | None = None, at: datetime
) -> None:
    """Let it go out, now or at a moment to come, to as many people as were confirmed.

    The click does not wait for a million rows to be counted: where many are known, the worker looks before the first
    mail is written, as it does for what was scheduled, and sends back what may not go out (set_in_type).

    Raises ChangedMeanwhile, NotADraft, NotReady, NeedsAnotherPerson and CountChanged; then nothing has changed.
    """
    _hold(campaign, version)
    if campaign.state not in UNRELEASED:
        raise NotADraft
    if not rules.may_release(by, campaign, queries.newest_version(campaign).saved_by):
        raise NeedsAnotherPerson
    _require_written(campaign)
    if audience.are_few():
        recipients = audience.recipients(campaign, at=at)
        _require_readers(campaign, recipients, at=at)
        if recipients.count() != count:
            raise CountChanged
    campaign.segment = {**campaign.segment, CONFIRMED: count}
    db.session.flush()
    if when is None:
        campaigning.release_campaign(campaign, by=by.address_key, at=at)
    else:
        campaigning.schedule(campaign, by=by.address_key, due=when, at=at)


def _hold(campaign: Campaign, version: int) -> None:
    db.session.refresh(campaign, with_for_update=True)
    if campaign.version != version:
        raise ChangedMeanwhile


def _require_written(campaign: Campaign) -> None:
    """Raise NotReady if something is missing that can be seen without its readers."""
    if campaign.mailing_list.closed_at:
        raise NotReady(_("Dieser Verteiler ist geschlossen."))
    if fault := checks.first_fault(campaign):
        raise NotReady(fault.sentence)
    if not queries.is_tested(campaign):
        raise NotReady(_("Bitte senden Sie sich erst eine Testmail dieser Fassung und sehen Sie sie an."))


def _require_readers(campaign: Campaign, recipients: audience.Recipients, *, at: datetime) -> None:
    """Raise NotReady for what only its readers show: nobody, mails that are too long, too many different ones."""
    if fault := next((one for one in checks.findings(campaign, recipients, at=at) if one.is_serious), None):
        raise NotReady(fault.sentence)
    if not recipients.count():
        raise NotReady(_("An diesen Kreis ginge die Aussendung an niemanden. Bitte prüfen Sie die Auswahl."))
    if len(recipients.counts_by_variant()) > audience.MOST_VARIANTS:
        raise TooManyVariants


def set_in_type(campaign: Campaign, *, at: datetime) -> None:
    """Make and keep all mails of a campaign that has begun, and what its web version says for ever.

    What may not go out, or would reach far more people than was confirmed, is a draft again, and who released it is
    told why. For the worker. What was kept already stays, so a second time changes nothing.
    """
    db.session.refresh(campaign, with_for_update=True)
    if campaign.state != CampaignState.SENDING or queries.form_keys(campaign):
        return
    audience.bring_mailboxes(campaign.mailing_list, at=at)
    recipients = audience.recipients(campaign, at=at)
    releaser = people.person_with_key(campaign.released_by)
    try:
        with force_locale(releaser.language if releaser else "de"):
            _require_readers(campaign, recipients, at=at)
            _require_confirmed(campaign, recipients)
    except Refusal as refusal:
        campaigning.send_back(campaign)
        if releaser is not None:
            mailing.post(messages_to_keepers.sent_back(campaign, releaser, refusal, at=at), at=at)
        return
    forms = rendering.variants(campaign, recipients, at=at)
    campaign.blocks = as_stored(rendering.frozen(campaign, at=at))
    campaign.segment = {**campaign.segment, "own_circles": list(recipients.circles)}
    campaign.search_text = rendering.search_text(campaign)
    campaigning.store_campaign_forms(campaign, forms)
    db.session.flush()


def _require_confirmed(campaign: Campaign, recipients: audience.Recipients) -> None:
    """Raise CountChanged if far more people would get it than was confirmed. That a few come and go is fine."""
    confirmed = campaign.segment.get(CONFIRMED)
    if confirmed is not None and recipients.count() > confirmed * MOST_GROWTH + FEW_MORE:
        raise CountChanged
