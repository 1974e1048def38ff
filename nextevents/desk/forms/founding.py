"""What is typed to make a community out of a date."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from ...ground.fields import LineField, TextField, required
from ...ground.text import NAME_LENGTH


class ProposedCircleForm(FlaskForm):
    """How the community is called, and what it is for."""

    name = LineField(
        _("Name"),
        validators=[required(_("Bitte geben Sie der Community einen Namen."))],
        longest=NAME_LENGTH,
        description=_("Ohne „NExTcommunity“ davor, zum Beispiel: Barrierefreiheit"),
    )
    summary = TextField(_("Worum geht es, in ein, zwei Sätzen?"), longest=500)
