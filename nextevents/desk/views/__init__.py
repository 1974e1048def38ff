"""The doors of the desk, a file for each of its pages."""

from ..blueprint import bp, leads
from ..showing import desk_pages, stage_word
from . import creating, editing, overview, participants, picturing

bp.add_app_template_global(leads, "may_open_desk")
bp.add_app_template_global(desk_pages)
bp.add_app_template_global(stage_word)

__all__ = ["bp", "creating", "editing", "overview", "participants", "picturing"]
