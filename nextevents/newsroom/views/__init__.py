"""The doors of the newsroom, a file for each part of the way; and those of the archive, for everybody."""

from ...mailing.naming import answer_for_rules
from ..audience import is_named
from ..blueprint import bp, writers
from ..showing import campaign_pages
from . import archiving, composing, drafting, moderating, own_data, preferring, previewing, reading, sending, versions

bp.add_app_template_global(writers, "may_open_newsroom")
bp.add_app_template_global(campaign_pages)
answer_for_rules(is_named)

__all__ = [
    "archiving",
    "bp",
    "composing",
    "drafting",
    "moderating",
    "own_data",
    "preferring",
    "previewing",
    "reading",
    "sending",
    "versions",
]
