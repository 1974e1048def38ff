"""What people type when an event is over: what they thought of it, and the code of a certificate."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField

from ...ground.fields import LineField, TextField, add_error, options, required

#: From 5 (very much) to 1 (not at all).
MARKS = options(
    ("5", _("sehr")),
    ("4", _("eher ja")),
    ("3", _("teils, teils")),
    ("2", _("eher nein")),
    ("1", _("gar nicht")),
)
CODE_LENGTH = 40


class FeedbackForm(FlaskForm):
    """Two marks and a free text; the first is needed."""

    rating = RadioField(
        _("Hat sich der Termin für Sie gelohnt?"),
        choices=list(MARKS),
        validators=[required(_("Bitte wählen Sie eine Antwort aus."))],
    )
    useful = RadioField(
        _("Können Sie etwas davon für Ihre Arbeit gebrauchen?"),
        choices=[*MARKS, *options(("", _("keine Angabe")))],
        default="",
        validate_choice=False,
    )
    text = TextField(
        _("Was sollten wir wissen?"),
        longest=2000,
        description=_("Bitte schreiben Sie nichts, woran man Sie erkennt, wenn Sie unerkannt bleiben möchten."),
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """The second mark may be left out, but not be something else."""
        is_fine = super().validate(extra_validators)
        if (self.useful.data or "") not in {"", *"12345"}:
            add_error(self.useful, str(_("Bitte wählen Sie eine Antwort aus.")))
            return False
        return bool(is_fine)


class CertificateForm(FlaskForm):
    """The code of a certificate, sent with the address of the page: looking changes nothing."""

    class Meta:
        """No token: the form only asks."""

        csrf = False

    code = LineField(_("Code der Bescheinigung"), longest=CODE_LENGTH, validators=[required()])
