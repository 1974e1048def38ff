"""What the office types."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.validators import AnyOf

from ..communities.models import Kind
from ..ground.fields import EmailField, LineField, TextField, required
from ..ground.text import NAME_LENGTH
from ..people.models import Level


class DomainForm(FlaskForm):
    """Whose a mail domain is: a known body, a new one, or nobody's in particular."""

    domain = HiddenField()
    organisation = SelectField(_("Organisation"), coerce=int)
    new_name = LineField(_("Name der neuen Organisation"))
    level = SelectField(_("Ebene"), coerce=Level)


class ArrivalForm(FlaskForm):
    """What becomes of a mail that came in: its answer counts, it is done, or of no use."""

    what = StringField(name="tun", validators=[AnyOf(["gilt", "erledigt", "verwerfen"])])


class FoundForm(FlaskForm):
    """A new circle."""

    name = LineField(_("Name"), validators=[required()], longest=NAME_LENGTH)
    kind = SelectField(_("Art"), coerce=Kind)
    summary = TextField(_("Worum geht es, in ein, zwei Sätzen?"), longest=500)
    lead = EmailField(
        _("E-Mail-Adresse der Leitung"),
        description=_("Die Person muss sich hier schon einmal angemeldet haben. Sie bekommt eine Mail."),
    )


class RenameForm(FlaskForm):
    """What a circle is called, and its address."""

    name = LineField(_("Name"), validators=[required()], longest=NAME_LENGTH)
    slug = LineField(_("Adresse der Seite"), validators=[required()], longest=80)


class MergeForm(FlaskForm):
    """Which circle another one becomes part of. It cannot be undone, so it must be ticked."""

    target = SelectField(_("Wird Teil von"), coerce=int)
    is_meant = BooleanField(
        _("Ja, zusammenlegen. Das lässt sich nicht rückgängig machen."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn Sie zusammenlegen möchten."))],
    )
