"""How bodies are said to people."""

from flask_babel import gettext as _

from .models import Level


def level_word(level: Level) -> str:
    """The kind of body."""
    return {
        Level.FEDERAL: _("Bund"),
        Level.STATE: _("Land"),
        Level.MUNICIPAL: _("Kommune"),
        Level.RESEARCH: _("Wissenschaft"),
        Level.SOCIAL_INSURANCE: _("Sozialversicherung"),
        Level.PUBLIC_COMPANY: _("Öffentliches Unternehmen"),
        Level.ASSOCIATION: _("Verband"),
        Level.OTHER: _("Sonstige"),
    }[level]
