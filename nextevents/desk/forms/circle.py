"""What the leads of a circle type: what it is, who leads it, whose turn it is."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, SelectField
from wtforms.validators import Optional

from ...communities.models import Community, Kind
from ...communities.services import Description
from ...events.conferences import offers_rooms
from ...ground.fields import EmailField, LineField, TextField, required
from .way_in import LINK, ROOM, way_in_field


class CircleForm(FlaskForm):
    """What a circle says of itself."""

    version = HiddenField()
    summary = TextField(_("Worum geht es, in ein, zwei Sätzen?"), longest=500)
    description = TextField(_("Beschreibung"), description=_("Markdown: ## Überschrift, - Liste, **fett**"))
    dial_in = LineField(
        _("Zugang zur Videokonferenz"),
        longest=1000,
        description=_("Damit fängt jeder neue Termin an. Nur Angemeldete sehen ihn."),
    )
    way_in = way_in_field()
    invites = BooleanField(
        _("Wird ein Termin veröffentlicht, alle einladen"),
        description=_("Die Einladung kommt als Kalendereintrag, auf den man mit einem Klick antwortet."),
    )
    goal = TextField(_("Ziel: Was soll am Ende da sein?"), longest=500)
    ends_on = DateField(_("Fertig am"), validators=[Optional()])

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        if not offers_rooms():
            del self.way_in

    @classmethod
    def of(cls, community: Community) -> "CircleForm":
        """The form as the circle stands."""
        return cls(formdata=None, obj=community, way_in=ROOM if community.uses_room else LINK)

    def described(self, community: Community) -> Description:
        """What was typed; a goal and an end have only workshops."""
        is_workshop = community.kind == Kind.WORKSHOP
        return Description(
            summary=self.summary.data or "",
            description=self.description.data or "",
            dial_in=self.dial_in.data or "",
            invites=self.invites.data,
            uses_room=self.way_in.data == ROOM if "way_in" in self else community.uses_room,
            goal=(self.goal.data or "") if is_workshop else community.goal,
            ends_on=self.ends_on.data if is_workshop else community.ends_on,
        )


class LeadForm(FlaskForm):
    """Whom a circle shall be led by."""

    email = EmailField(
        _("E-Mail-Adresse"),
        validators=[required(_("Bitte geben Sie eine E-Mail-Adresse an."))],
        description=_("Die Person muss sich hier schon einmal angemeldet haben."),
    )


class HandOverForm(LeadForm):
    """Whom one hands the leading over to."""

    is_meant = BooleanField(
        _("Ja, ich gebe die Leitung ab."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn Sie die Leitung abgeben möchten."))],
    )


class TurnForm(FlaskForm):
    """Who hosts in which month."""

    month = SelectField(_("Monat"), coerce=date.fromisoformat)
    host = EmailField(
        _("E-Mail-Adresse"),
        validators=[required(_("Bitte geben Sie eine E-Mail-Adresse an."))],
        description=_("Die Person muss sich hier schon einmal angemeldet haben."),
    )


class HandTurnForm(LeadForm):
    """Who shall host in one's place."""

    note = TextField(_("Was möchten Sie dazu sagen?"), longest=1_000, description=_("Steht in der Mail an die Person."))


class AskCircleForm(FlaskForm):
    """Which circle to hold a meeting together with."""

    community = SelectField(_("Community"), coerce=int)
