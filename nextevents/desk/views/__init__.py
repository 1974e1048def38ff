"""The doors of the desk, a file for each of its pages."""

from ..blueprint import bp, leads
from ..showing import desk_pages, stage_word
from . import (
    announcing,
    approving,
    closing,
    creating,
    door,
    editing,
    enrolling,
    figures,
    inviting,
    overview,
    participants,
    picturing,
    questions,
    reminders,
    taking,
    waiting,
)

bp.add_app_template_global(leads, "may_open_desk")
bp.add_app_template_global(desk_pages)
bp.add_app_template_global(stage_word)
bp.add_app_template_global(enrolling.deeds_of)

__all__ = [
    "announcing",
    "approving",
    "bp",
    "closing",
    "creating",
    "door",
    "editing",
    "enrolling",
    "figures",
    "inviting",
    "overview",
    "participants",
    "picturing",
    "questions",
    "reminders",
    "taking",
    "waiting",
]
