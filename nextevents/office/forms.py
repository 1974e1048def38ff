"""What the office types."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField

from ..ground.fields import LineField
from ..people.models import Level


class DomainForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """Whose a mail domain is: a known body, a new one, or nobody's in particular."""

    domain = HiddenField()
    organisation = SelectField(_("Organisation"), coerce=int)
    new_name = LineField(_("Name der neuen Organisation"))
    level = SelectField(_("Ebene"), coerce=Level)
