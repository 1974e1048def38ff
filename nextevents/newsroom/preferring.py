"""Everything that somebody gets by mail, as one form without a password: lists, communities, reminders, language."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField

from ..communities import queries as communities
from ..communities.models import Belonging
from ..ground.fields import SeveralOfField, options, required
from ..ground.web import language_code
from ..mailing import queries as mailing
from ..mailing.models import Delivery, ListKind, Mailbox, MailingList, Subscription, SubscriptionState
from ..mailing.services import words_of_consent
from ..mailing.web_forms import as_choices
from ..people.models import Person

#: A list that does not come.
OFF = "off"


@dataclass(frozen=True)
class Offer:
    """A list as it stands in the form."""

    mailing_list: MailingList
    subscription: Subscription | None

    @property
    def delivery(self) -> str:
        """How it comes now."""
        found = self.subscription
        if found is None:
            return Delivery.EACH if self.mailing_list.rule else OFF
        if self.mailing_list.rule and found.state != SubscriptionState.ENDED:
            return found.delivery
        return found.delivery if found.state == SubscriptionState.ACTIVE else OFF

    @property
    def is_new(self) -> bool:
        """Whether choosing it needs a consent."""
        return self.delivery == OFF and not self.mailing_list.rule


def offers_for(mailbox: Mailbox | None, address_key: str) -> list[Offer]:
    """What somebody gets, could get again, and could get, in this order. Closed lists are left out."""
    standing = {one.list_id: one for one in mailing.subscriptions_of(mailbox)} if mailbox else {}
    shown = [Offer(one.mailing_list, one) for one in standing.values() if not one.mailing_list.closed_at]
    named = [Offer(one, None) for one in mailing.lists_naming(address_key) if one.id not in standing]
    others = [Offer(one, None) for one in mailing.open_lists() if one.id not in standing]
    return sorted([*shown, *named, *others], key=lambda one: one.delivery == OFF)


class PreferencesForm(FlaskForm):
    """All kinds of mail. It shows what stands, so a robot that sends it changes nothing (guarantee G22)."""

    language = SelectField(
        lazy_gettext("Sprache unserer Mails"), choices=options(("de", "Deutsch"), ("en", "English")), default="de"
    )


class LeaveAllForm(FlaskForm):
    """Leaving everything at once must be ticked, so that no link scanner can press it (guarantee G22)."""

    is_meant = BooleanField(
        lazy_gettext("Ja, alle Verteiler abbestellen."),
        validators=[required(lazy_gettext("Bitte setzen Sie das Häkchen, wenn Sie alles abbestellen möchten."))],
    )


class ForgetForm(FlaskForm):
    """Being forgotten cannot be undone, so it must be ticked."""

    is_meant = BooleanField(
        lazy_gettext("Ja, meine Adresse auf allen Verteilern vergessen."),
        validators=[required(lazy_gettext("Bitte setzen Sie das Häkchen, wenn wir Ihre Adresse vergessen sollen."))],
    )
    keep_away = BooleanField(
        lazy_gettext("Auch in Zukunft soll niemand diese Adresse eintragen."),
        description=lazy_gettext(
            "Dafür behalten wir einen Fingerabdruck, aus dem sich die Adresse nicht zurückrechnen lässt."
        ),
    )


#: What somebody can want of a circle beside its mails.
PARTS = ("gets_invitations", "is_in_feed", "always_comes")


def preferences_form(
    offers: Sequence[Offer],
    belongings: Sequence[Belonging],
    person: Person | None,
    language: str,
    *,
    is_empty: bool,
) -> PreferencesForm:
    """The form with a field for each list and for each part of each circle; of reminders if one can be registered."""
    fields: dict[str, object] = {}
    if person:
        fields["gets_reminders"] = BooleanField(
            _("An Termine erinnern, zu denen ich angemeldet bin"), default=person.gets_reminders
        )
    for offer in offers:
        one = offer.mailing_list
        fields[f"list_{one.id}"] = SelectField(
            one.name,
            choices=options(*_ways(one)),
            default=offer.delivery,
            description=words_of_consent(one, language_code()) if offer.is_new else one.purpose,
        )
        if one.topics:
            chosen = [topic.id for topic in offer.subscription.topics] if offer.subscription else []
            fields[f"topics_{one.id}"] = _topics(one, chosen)
    for belonging in belongings:
        words = {
            "gets_invitations": _("Einladung zu jedem neuen Termin"),
            "is_in_feed": _("Termine in meinem abonnierten Kalender"),
            "always_comes": _("Immer dabei"),
        }
        for part in PARTS:
            fields[f"circle_{belonging.community_id}_{part}"] = BooleanField(
                words[part], default=getattr(belonging, part)
            )
    kind = type("PreferencesForm", (PreferencesForm,), fields)
    form: PreferencesForm = kind(formdata=None) if is_empty else kind()
    if is_empty:
        form.language.data = language
    return form


def _topics(one: MailingList, chosen: Sequence[int]) -> SeveralOfField:
    return SeveralOfField(
        _("Worüber möchten Sie lesen? (%(name)s)", name=one.name),
        description=_("Wenn Sie nichts auswählen, kommt alles."),
        default=list(chosen),
        choices=as_choices(one.topics),
        coerce=int,
    )


def _ways(one: MailingList) -> list[tuple[str, str]]:
    ways = [(Delivery.EACH.value, _("Jede Mail"))]
    if one.kind == ListKind.DISCUSSION:
        ways += [
            (Delivery.DAILY.value, _("Einmal am Tag gesammelt")),
            (Delivery.WEEKLY.value, _("Einmal in der Woche gesammelt")),
        ]
    return [*ways, (Delivery.PAUSED.value, _("Pause: gerade keine")), (OFF, _("Keine Mails"))]


def belongings_of(person: Person | None) -> Sequence[Belonging]:
    """The circles of somebody; of nobody none."""
    return communities.belongings_of(person) if person else []
