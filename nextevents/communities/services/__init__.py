"""What one can do with circles: join, choose, leave; lead; found, rename, pause, merge, close."""

from .belonging import Parts, choose_parts, join, leave
from .closing import ask_before_closing, close_ended
from .keeping import Description, close, describe, found, merge, pause, rename, reopen, resume
from .leading import appoint, ask_leads, hand_over, release

__all__ = [
    "Description",
    "Parts",
    "appoint",
    "ask_before_closing",
    "ask_leads",
    "choose_parts",
    "close",
    "close_ended",
    "describe",
    "found",
    "hand_over",
    "join",
    "leave",
    "merge",
    "pause",
    "release",
    "rename",
    "reopen",
    "resume",
]
