"""How people get into a video conference: by a link of one's own, or into a room that we make."""

from flask_babel import lazy_gettext as _
from wtforms import RadioField

from ...ground.fields import options

LINK, ROOM = "link", "room"


def way_in_field() -> RadioField:
    """The choice between the two; forms leave it out where no rooms are offered."""
    return RadioField(
        _("Videokonferenz"),
        choices=options((LINK, _("Eigener Link")), (ROOM, _("Raum bei BigBlueButton"))),
        default=LINK,
        description=_(
            "Einen Raum öffnen wir von selbst, sobald die erste Person kommt. Aufgezeichnet wird nichts; "
            "Organisierende kommen als Moderation hinein."
        ),
    )
