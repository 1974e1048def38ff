"""What the office types about lists."""

from dataclasses import fields
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, FileField, HiddenField, SelectField

from ..desk.forms.mailing_list import SettingsForm, kinds, settings_of
from ..events.models import Event
from ..ground.database import db
from ..ground.fields import EmailField, LineField, TextField, add_error, options, required
from ..ground.text import NAME_LENGTH, slug_of
from ..mailing import queries as mailing
from ..mailing.models import Joining, ListKind, MailingList
from ..mailing.services import ListWish
from ..people.models import Level
from ..people.showing import level_word

#: Who can be on a list without subscribing; events are named by their number.
NO_RULE, MEMBERS, LEADS, LEVEL, REGISTERED = "", "members", "leads", "level", "registered"


def _is_event(typed: str) -> bool:
    """Whether there is an event with this number; at most nine digits come here."""
    return typed.isascii() and typed.isdecimal() and db.session.get(Event, int(typed)) is not None


class ListForm(SettingsForm):
    """A list of the office's own."""

    name = LineField(_("Name"), validators=[required()], longest=NAME_LENGTH)
    slug = LineField(_("Adresse"), description=_("Steht im Web und vor dem @."), validators=[required()], longest=60)
    earlier = TextField(
        _("Frühere Adressen"),
        description=_("Eine je Zeile, auch vom alten System. Im Web und vor dem @ führen sie hierher."),
        longest=1000,
    )
    joining = SelectField(_("Wer darf sich eintragen?"), coerce=Joining)
    rule = SelectField(_("Wer steht von selbst darauf?"))
    event = LineField(
        _("Nummer der Veranstaltung"), description=_("Nur für „Alle Angemeldeten einer Veranstaltung“."), longest=9
    )
    topics = TextField(
        _("Themen"), description=_("Eines je Zeile. Nur für Newsletter; wer nichts wählt, bekommt alles."), longest=1000
    )
    needs_second_pair = BooleanField(_("Jede Aussendung gibt eine zweite Person frei."))

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.kind.choices = options((ListKind.NEWSLETTER, gettext("Newsletter")), *kinds())
        self.joining.choices = options(
            (Joining.EVERYBODY, gettext("Alle")),
            (Joining.INVITED, gettext("Niemand: die Geschäftsstelle trägt ein")),
        )
        self.rule.choices = options(
            (NO_RULE, gettext("Niemand: man abonniert")),
            (MEMBERS, gettext("Alle Mitglieder")),
            (LEADS, gettext("Alle, die eine Community leiten")),
            *((f"{LEVEL}:{level}", gettext("Alle aus: %(level)s", level=level_word(level))) for level in Level),
            (REGISTERED, gettext("Alle Angemeldeten einer Veranstaltung")),
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Fields by themselves, and that there is the event whose people are meant."""
        is_fine = bool(super().validate(extra_validators))
        if self.rule.data != REGISTERED or self.event.errors or _is_event(self.event.data or ""):
            return is_fine
        add_error(self.event, gettext("Eine Veranstaltung mit dieser Nummer gibt es nicht."))
        return False

    @classmethod
    def of(cls, one: MailingList) -> "ListForm":
        """The form as the list stands."""
        kind, _colon, value = one.rule.partition(":")
        is_event = kind == REGISTERED
        form = cls(
            formdata=None,
            data={
                **{wish.name: getattr(one, wish.name) for wish in fields(ListWish)},
                "slug": one.slug,
                "rule": REGISTERED if is_event else one.rule,
                "event": value if is_event else "",
                "topics": "\n".join(topic.name for topic in one.topics),
                "earlier": "\n".join(mailing.earlier_slugs(one)),
                "version": str(one.version),
            },
        )
        form.propose_posting()
        return form

    @property
    def chosen_rule(self) -> str:
        """The rule as it is stored."""
        if self.rule.data != REGISTERED:
            return str(self.rule.data)
        return f"{REGISTERED}:{int(self.event.data)}"

    @property
    def earlier_slugs(self) -> list[str]:
        """The addresses of before."""
        return [slug for line in (self.earlier.data or "").splitlines() if (slug := slug_of(line))]

    @property
    def topic_names(self) -> list[str]:
        """The topics, in their order."""
        return [line.strip() for line in (self.topics.data or "").splitlines() if line.strip()]

    @property
    def wish(self) -> ListWish:
        """The list as it shall be."""
        return ListWish(
            name=self.name.data,
            rule=self.chosen_rule,
            joining=Joining.INVITED if self.chosen_rule else self.joining.data,
            needs_second_pair=self.needs_second_pair.data,
            **settings_of(self),
        )


class AddForm(FlaskForm):
    """Somebody whom the office enters; they are asked by mail (rule L-06)."""

    email = EmailField(_("E-Mail-Adresse"), validators=[required(_("Bitte geben Sie eine E-Mail-Adresse an."))])
    name = LineField(_("Name"), longest=NAME_LENGTH)
    reason = LineField(_("Warum?"), validators=[required(_("Bitte sagen Sie, warum: Es gehört zum Nachweis."))])


class ReasonForm(FlaskForm):
    """What the office does with somebody on a list, and why."""

    deed = HiddenField(name="tun")
    reason = LineField(_("Warum?"), validators=[required(_("Bitte sagen Sie, warum: Es gehört zum Nachweis."))])


class ImportForm(FlaskForm):
    """A roster from elsewhere."""

    file = FileField(
        _("Datei"),
        description=_("CSV mit einer Spalte „E-Mail“, eine Liste aus Mailman, ein Export aus listmonk. Bis 11 MB."),
    )
    evidence = TextField(
        _("Welcher Nachweis liegt für alle vor?"),
        description=_(
            "Zum Beispiel: Double-Opt-in im alten System, Protokoll vom 3. November. "
            "Ohne Nachweis wird jede Adresse per Mail um Bestätigung gebeten."
        ),
        longest=1000,
    )
