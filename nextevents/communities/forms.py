"""What people type to join a circle, to choose what they want of it, and to ask its leads."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField

from ..ground.fields import EmailField, LineField, TextField, required
from ..ground.text import NAME_LENGTH
from ..ground.web import NONCE_FIELD
from .models import Belonging
from .services import Parts

NOTE_LENGTH = 4_000


class JoinForm(FlaskForm):
    """Who wants to join."""

    name = LineField(_("Name"), validators=[required(_("Bitte geben Sie Ihren Namen an."))], longest=NAME_LENGTH)
    email = EmailField(
        _("Dienstliche E-Mail-Adresse"), validators=[required(_("Bitte geben Sie Ihre E-Mail-Adresse an."))]
    )


class PartsForm(FlaskForm):
    """What somebody wants of a circle. It shows what stands, so a robot that sends it changes nothing (G22)."""

    gets_mail = BooleanField(_("Mails der Community"))
    gets_invitations = BooleanField(_("Einladung zu jedem neuen Termin"))
    is_in_feed = BooleanField(_("Termine in meinem abonnierten Kalender"))
    always_comes = BooleanField(
        _("Immer dabei"),
        description=_("Zu jedem neuen Termin sind Sie dann von selbst angemeldet. Absagen können Sie jeden einzeln."),
    )
    back = HiddenField()

    @classmethod
    def of(cls, belonging: Belonging) -> "PartsForm":
        """The form as it stands, with names that are its own where several stand on a page."""
        form = cls(formdata=None, obj=belonging)
        for one in form:
            one.id = f"{one.short_name}-{belonging.community_id}"
        return form

    @property
    def parts(self) -> Parts:
        """What was chosen."""
        return Parts(
            gets_mail=self.gets_mail.data,
            gets_invitations=self.gets_invitations.data,
            is_in_feed=self.is_in_feed.data,
            always_comes=self.always_comes.data,
        )


class LeaveForm(FlaskForm):
    """Leaving must be ticked, so that no link scanner can press it (guarantee G22)."""

    is_meant = BooleanField(
        _("Ja, ich trete aus."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn Sie austreten möchten."))],
    )


class JoinByLinkForm(FlaskForm):
    """Joining behind a mailed link must be ticked, so that no link scanner can press it (guarantee G22)."""

    is_meant = BooleanField(
        _("Ja, ich mache mit."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn Sie mitmachen möchten."))],
    )


class NoteForm(FlaskForm):
    """A question to the leads of a circle."""

    sender = LineField(_("Ihr Name"), validators=[required(_("Bitte geben Sie Ihren Namen an."))], longest=NAME_LENGTH)
    address = EmailField(_("Ihre E-Mail-Adresse"), validators=[required(_("Bitte geben Sie Ihre E-Mail-Adresse an."))])
    text = TextField(
        _("Ihre Frage"), validators=[required(_("Bitte schreiben Sie, worum es geht."))], longest=NOTE_LENGTH
    )
    nonce = HiddenField(name=NONCE_FIELD)
