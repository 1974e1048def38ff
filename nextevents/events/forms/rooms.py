"""What people type to go into a video conference."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from ...ground.fields import LineField, required
from ...ground.text import NAME_LENGTH


class RoomForm(FlaskForm):
    """The name under which somebody goes in; nothing else is passed on."""

    name = LineField(
        _("Name in der Videokonferenz"),
        validators=[required(_("Bitte geben Sie einen Namen an."))],
        longest=NAME_LENGTH,
        description=_("So sehen Sie die anderen. Nur dieser Name geht an den Konferenzserver."),
    )
