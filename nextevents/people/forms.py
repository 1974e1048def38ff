"""What people type about themselves."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField

from ..ground.fields import EmailField, LineField, required
from ..ground.text import NAME_LENGTH


class SignInForm(FlaskForm):
    """Who wants in."""

    email = EmailField(_("E-Mail-Adresse"), validators=[required(_("Bitte geben Sie Ihre E-Mail-Adresse an."))])
    next = HiddenField()


class CodeForm(FlaskForm):
    """The six digits from the mail."""

    code = LineField(_("Code aus der Mail"), validators=[required(_("Bitte geben Sie den Code aus der Mail ein."))])
    next = HiddenField()


class NameForm(FlaskForm):
    """How somebody is called, and where they work if we do not know."""

    name = LineField(_("Name"), validators=[required(_("Bitte geben Sie Ihren Namen an."))], longest=NAME_LENGTH)
    organisation = LineField(_("Organisation"))
