"""Who stands at the door without a registration."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField

from ...ground.fields import EmailField, LineField, required
from ...ground.text import NAME_LENGTH


class WalkInForm(FlaskForm):
    """Registers somebody and checks them in at once."""

    name = LineField(_("Name"), validators=[required(_("Bitte geben Sie den Namen an."))], longest=NAME_LENGTH)
    email = EmailField(
        _("E-Mail-Adresse"),
        validators=[
            required(_("Ohne Adresse geht es leider nicht: An ihr hängt die Anmeldung, auch die Bescheinigung."))
        ],
    )
    organisation = LineField(_("Organisation"))
    is_beyond = BooleanField(_("Auch dann, wenn alle Plätze belegt sind"))
