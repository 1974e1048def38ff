"""What people type to register, and to prove that it was them."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField

from ...ground.fields import EmailField, LineField, required
from ...ground.text import NAME_LENGTH
from ...ground.web import NONCE_FIELD


class RegistrationForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """Who registers."""

    name = LineField(_("Name"), validators=[required(_("Bitte geben Sie Ihren Namen an."))], longest=NAME_LENGTH)
    email = EmailField(
        _("Dienstliche E-Mail-Adresse"), validators=[required(_("Bitte geben Sie Ihre E-Mail-Adresse an."))]
    )
    organisation = LineField(_("Organisation"))
    nonce = HiddenField(name=NONCE_FIELD)


class CodeForm(FlaskForm):  # type: ignore[misc]
    """The six digits from the mail."""

    code = LineField(_("Code aus der Mail"), validators=[required(_("Bitte geben Sie den Code aus der Mail ein."))])


class ConfirmationForm(FlaskForm):  # type: ignore[misc]
    """The button behind the link; nothing to type in the browser that asked."""


class WithdrawalForm(FlaskForm):  # type: ignore[misc]
    """A withdrawal must be ticked, so that no link scanner can press it (guarantee G22)."""

    is_meant = BooleanField(
        _("Ja, ich sage ab und gebe meinen Platz frei."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn Sie absagen möchten."))],
    )


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """Taking an offered seat must be ticked too."""

    is_meant = BooleanField(
        _("Ja, ich nehme den Platz an."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn Sie den Platz annehmen möchten."))],
    )


class RestorationForm(FlaskForm):  # type: ignore[misc]
    """So must undoing a withdrawal."""

    is_meant = BooleanField(
        _("Ja, ich bin doch dabei."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn Sie doch teilnehmen möchten."))],
    )
