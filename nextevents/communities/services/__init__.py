"""What one can do with circles: join, choose, leave; lead; found, rename, pause, merge, close; keep and publish."""

from .belonging import Parts, choose_parts, join, leave
from .closing import ask_before_closing, close_ended, closes_on
from .keeping import Description, close, describe, found, merge, pause, rename, reopen, resume
from .leading import appoint, ask_leads, hand_over, release
from .library import DocumentWish, add_document, change_document, remove_document
from .publishing import ResultWish, add_result, change_result, remove_result

__all__ = [
    "Description",
    "DocumentWish",
    "Parts",
    "ResultWish",
    "add_document",
    "add_result",
    "appoint",
    "ask_before_closing",
    "ask_leads",
    "change_document",
    "change_result",
    "choose_parts",
    "close",
    "close_ended",
    "closes_on",
    "describe",
    "found",
    "hand_over",
    "join",
    "leave",
    "merge",
    "pause",
    "release",
    "remove_document",
    "remove_result",
    "rename",
    "reopen",
    "resume",
]
