"""What writers type."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    HiddenField,
    RadioField,
    SelectField,
)
from wtforms.validators import AnyOf, Optional

from ..communities.models import Community
from ..events.models import Event
from ..events.showing import date_label
from ..ground import clock
from ..ground.fields import (
    AddressField,
    ClockField,
    CountField,
    LineField,
    SeveralOfField,
    TextField,
    add_error,
    options,
    required,
)
from ..mailing.models import Campaign, CampaignVersion, MailingList, Topic
from ..people.models import Level, Organisation
from ..people.showing import level_word
from . import blocks, starters
from .audience import Segment
from .blocks import Block
from .checks import SUBJECT_LENGTH
from .services import Settings

MOST_WEEKS = 26
MARKDOWN = _(
    "Markdown: ## Überschrift, - Liste, **fett**, [Text](https://…). {name} wird zum Namen der lesenden Person."
)


class StartForm(FlaskForm):
    """A new draft."""

    to_list = SelectField(_("Für welchen Verteiler?"), coerce=int)
    begin_with = RadioField(_("Womit beginnen?"), default=starters.MONTH)

    def __init__(self, lists: Iterable[MailingList], earlier: Iterable[Campaign] = (), **more: Any) -> None:
        super().__init__(**more)
        self.to_list.choices = [(one.id, one.name) for one in lists]
        self.begin_with.choices = [
            (starters.MONTH, gettext("Vorlage „Der kommende Monat“: Termine und Ergebnisse sind schon drin")),
            (starters.EMPTY, gettext("Leer")),
            *(
                (str(one.id), gettext("Kopie von „%(subject)s“", subject=one.subject or gettext("ohne Betreff")))
                for one in earlier
            ),
        ]


class VersionForm(FlaskForm):
    """A button's form: which version the page showed."""

    version = HiddenField()


class SettingsForm(VersionForm):
    """What a campaign is beside its blocks, and whom it goes to."""

    subject = LineField(
        _("Betreff"),
        validators=[required()],
        longest=SUBJECT_LENGTH,
        description=_("Höchstens 70 Zeichen. Er ist zugleich die Überschrift der Mail."),
    )
    language = SelectField(
        _("Sprache, in der Sie schreiben"), choices=options(("de", _("Deutsch")), ("en", _("Englisch")))
    )
    topics = SeveralOfField(_("Nur für diese Themen"), coerce=int)
    communities = SeveralOfField(_("Nur Menschen dieser Communities"), coerce=int)
    levels = SeveralOfField(_("Nur Menschen aus"))
    organisations = SeveralOfField(_("Nur Menschen dieser Organisationen"), coerce=int)
    events = SeveralOfField(_("Nur Menschen mit Anmeldung zu"), coerce=int)
    languages = SeveralOfField(_("Nur Menschen, die in dieser Sprache lesen"))

    def offer(
        self,
        topics: Sequence[Topic],
        circles: Iterable[Community],
        organisations: Iterable[Organisation],
        events: Iterable[Event],
    ) -> None:
        """Say what can be chosen; without topics there is no such choice."""
        self.topics.choices = [(one.id, one.name) for one in topics]
        self.communities.choices = [(one.id, one.full_name) for one in circles]
        self.levels.choices = [(one.value, level_word(one)) for one in Level]
        self.organisations.choices = [(one.id, one.name) for one in organisations]
        self.events.choices = [(one.id, f"{one.title}, {date_label(one.starts_at)}") for one in events]
        self.languages.choices = [("de", gettext("Deutsch")), ("en", gettext("Englisch"))]

    @classmethod
    def of(cls, campaign: Campaign | CampaignVersion) -> "SettingsForm":
        """The form filled with what stands, or with what a version says."""
        chosen: dict[str, Any] = {name: list(some) for name, some in asdict(Segment.of(campaign)).items()}
        return cls(
            formdata=None,
            version=str(campaign.version),
            subject=campaign.subject,
            language=campaign.language,
            **chosen,
        )

    def settings(self) -> Settings:
        """What was typed, as a value."""
        segment = Segment(**{one.name: tuple(self[one.name].data or ()) for one in fields(Segment)})
        return Settings(subject=self.subject.data or "", language=self.language.data, segment=segment)


class BlockForm(VersionForm):
    """What the forms of all blocks have."""

    #: Fields whose data is what the block holds, as it is.
    AS_TYPED: tuple[str, ...] = ()

    def changed(self, block: Block) -> Block:
        """The block as it was typed."""
        return replace(block, **{name: self[name].data or "" for name in self.AS_TYPED})


class LookForm(FlaskForm):
    """How a block is looked at while it is being written. Its fields are sent with those of the block."""

    look = RadioField(
        _("Ansicht"),
        default="wide",
        choices=options(("wide", _("Breit")), ("phone", _("Telefon")), ("text", _("Nur Text"))),
    )


class TextForm(BlockForm):
    """Words of one's own."""

    AS_TYPED = ("text",)
    text = TextField(_("Text"), validators=[required()], description=MARKDOWN)


class PictureForm(BlockForm):
    """A picture with its description."""

    AS_TYPED = ("alt", "caption")
    picture = FileField(
        _("Bilddatei"),
        description=_(
            "PNG, JPEG oder WebP. In der Mail steht die Beschreibung mit einem Link zum Bild in der Web-Fassung."
        ),
    )
    alt = LineField(
        _("Was ist zu sehen?"),
        validators=[required()],
        longest=300,
        description=_("Für alle, die das Bild nicht sehen."),
    )
    caption = LineField(_("Bildunterschrift"), longest=300)


class ButtonForm(BlockForm):
    """One thing to do."""

    AS_TYPED = ("label", "url")
    label = LineField(
        _("Aufschrift"),
        validators=[required()],
        longest=60,
        description=_("Was geschieht: „Jetzt anmelden“, „Programm ansehen“."),
    )
    url = AddressField(_("Wohin führt er?"), validators=[required()], longest=500)


class _WeeksForm(BlockForm):
    heading = LineField(_("Überschrift"), longest=120, description=_("Leer: die übliche."))
    weeks = CountField(_("Wie viele Wochen?"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and that the time is one that a mail can hold."""
        is_fine = super().validate(extra_validators)
        if not self.weeks.errors and not 1 <= (self.weeks.data or 0) <= MOST_WEEKS:
            add_error(self.weeks, gettext("Zwischen 1 und 26 Wochen, bitte."))
            return False
        return bool(is_fine)

    def changed(self, block: Block) -> Block:
        """The block as it was typed."""
        return replace(block, heading=self.heading.data or "", weeks=self.weeks.data)  # type: ignore[call-arg]  # a block of its kind


class EventsForm(_WeeksForm):
    """Coming events of some circles, or of all."""

    communities = SeveralOfField(
        _("Nur von diesen Communities"), coerce=int, description=_("Ohne Auswahl: alle Termine.")
    )

    def changed(self, block: Block) -> Block:
        """The block as it was typed."""
        return replace(super().changed(block), communities=tuple(self.communities.data or ()))  # type: ignore[call-arg]  # a block of its kind


class OwnEventsForm(_WeeksForm):
    """Coming events of each reader's own circles."""


class ResultsForm(_WeeksForm):
    """What was published lately."""


class BoardForm(BlockForm):
    """A word from the board."""

    AS_TYPED = ("heading", "text", "author")
    heading = LineField(_("Überschrift"), longest=120)
    text = TextField(_("Text"), validators=[required()], description=MARKDOWN)
    author = LineField(_("Wer spricht?"), longest=120, description=_("Name und Amt."))


_FORMS: dict[str, type[BlockForm]] = {
    blocks.Text.kind: TextForm,
    blocks.Picture.kind: PictureForm,
    blocks.Button.kind: ButtonForm,
    blocks.Events.kind: EventsForm,
    blocks.OwnEvents.kind: OwnEventsForm,
    blocks.Results.kind: ResultsForm,
    blocks.Board.kind: BoardForm,
}


def form_for(
    block: Block, circles: Iterable[Community], campaign: Campaign | CampaignVersion | None = None
) -> BlockForm:
    """The form of a block: filled with what stands in it if it is said of which campaign, else with what was typed."""
    kind = _FORMS[block.kind]
    if campaign is None:
        form = kind()
    else:
        standing = {one.name: getattr(block, one.name) for one in fields(block) if one.name not in {"id", "shown"}}
        form = kind(formdata=None, version=str(campaign.version), **standing)
    if isinstance(form, EventsForm):
        form.communities.choices = [(one.id, one.full_name) for one in circles]
    return form


class ReleaseForm(VersionForm):
    """How many people get it, and when."""

    count = HiddenField()
    is_meant = BooleanField(validators=[required(_("Bitte bestätigen Sie, an wie viele Menschen die Mail geht."))])
    when = RadioField(
        _("Wann?"), default="now", choices=options(("now", _("Jetzt")), ("later", _("Zu einer bestimmten Zeit")))
    )
    on_day = DateField(_("Am"), validators=[Optional()])
    at_time = ClockField(_("Um"), validators=[Optional()])

    #: The moment that was chosen; None: now. Known once the form is valid.
    moment: datetime | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and that the moment is one that comes (rule C-26)."""
        is_fine = super().validate(extra_validators)
        if self.when.data != "later":
            return bool(is_fine)
        if not (self.on_day.data and self.at_time.data):
            add_error(self.on_day, gettext("Bitte geben Sie Tag und Uhrzeit an."))
            return False
        try:
            self.moment = clock.moment_of(datetime.combine(self.on_day.data, self.at_time.data))
        except clock.NoSuchLocalTimeError as gap:
            suggestion = f"{gap.suggestion:%H:%M}"
            add_error(
                self.at_time,
                gettext("Diese Uhrzeit gibt es nicht: die Uhr wird vorgestellt. Meinen Sie %(time)s?", time=suggestion),
            )
            return False
        except clock.AmbiguousLocalTimeError:
            add_error(
                self.at_time, gettext("Diese Uhrzeit gibt es in dieser Nacht zweimal. Bitte wählen Sie eine andere.")
            )
            return False
        except OverflowError:
            self.moment = None
        if self.moment is None or self.moment <= clock.now():
            add_error(self.on_day, gettext("Dieser Zeitpunkt ist schon vorbei."))
            return False
        return bool(is_fine)


class DecisionForm(FlaskForm):
    """What becomes of a post that waits; to send it back takes a reason."""

    decision = LineField(validators=[AnyOf(["accept", "reject", "discard"])])
    reason = TextField(_("Begründung"), longest=1000)

    def validate(self, extra_validators: Any = None) -> bool:
        """Fields by themselves, and the reason where it is needed."""
        is_fine = bool(super().validate(extra_validators))
        if self.decision.data == "reject" and not (self.reason.data or "").strip():
            add_error(self.reason, gettext("Bitte schreiben Sie, warum der Beitrag nicht verteilt wird."))
            return False
        return is_fine


class MailedDecisionForm(DecisionForm):
    """The same behind the link in a mail, where machines that read mail press whatever button they find (rule M-39)."""

    is_read = BooleanField(
        _("Ich habe den Beitrag gelesen."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn Sie den Beitrag gelesen haben."))],
    )
