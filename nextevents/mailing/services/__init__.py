"""What one can do with mail: post it, deliver it, put it right."""

from .delivery import (
    Claimed,
    claim_due,
    free_abandoned,
    give_up_expired,
    is_paused,
    note_failure,
    note_sent_and_begin,
    pause_sending,
    prepare_presses,
    release,
    replay,
    resume_sending,
)
from .forgetting import count_old_messages, forget_old_messages
from .posting import Mail, post, post_all

__all__ = [
    "Claimed",
    "Mail",
    "claim_due",
    "count_old_messages",
    "forget_old_messages",
    "free_abandoned",
    "give_up_expired",
    "is_paused",
    "note_failure",
    "note_sent_and_begin",
    "pause_sending",
    "post",
    "post_all",
    "prepare_presses",
    "release",
    "replay",
    "resume_sending",
]
