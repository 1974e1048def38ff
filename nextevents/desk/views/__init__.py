"""The doors of the desk, a file for each of its pages."""

from ..blueprint import bp, leads
from ..pages import desk_steps
from ..showing import circle_pages, stage_word
from . import (
    announcing,
    approving,
    calling,
    circles,
    closing,
    conference,
    creating,
    door,
    editing,
    enrolling,
    figures,
    founding,
    hosting,
    inviting,
    library,
    mailing_list,
    overview,
    participants,
    picturing,
    polls,
    publishing,
    questions,
    reminders,
    scheduling,
    series,
    taking,
    waiting,
)

bp.add_app_template_global(leads, "may_open_desk")
bp.add_app_template_global(circles.led_circles)
bp.add_app_template_global(desk_steps)
bp.add_app_template_global(circle_pages)
bp.add_app_template_global(stage_word)
bp.add_app_template_global(scheduling.next_meeting_form)
bp.add_app_template_global(enrolling.deeds_of)

__all__ = [
    "announcing",
    "approving",
    "bp",
    "calling",
    "circles",
    "closing",
    "conference",
    "creating",
    "door",
    "editing",
    "enrolling",
    "figures",
    "founding",
    "hosting",
    "inviting",
    "library",
    "mailing_list",
    "overview",
    "participants",
    "picturing",
    "polls",
    "publishing",
    "questions",
    "reminders",
    "scheduling",
    "series",
    "taking",
    "waiting",
]
