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
from .forgetting import count_old_arrivals, count_old_messages, forget_old_arrivals, forget_old_messages
from .posting import LIFETIME, Mail, post, post_all
from .receiving import MAIL_CAME_IN, begin_reading, is_expected, mail_to_read, receive, settle
from .taking_back import take_back

__all__ = [
    "LIFETIME",
    "MAIL_CAME_IN",
    "Claimed",
    "Mail",
    "begin_reading",
    "claim_due",
    "count_old_arrivals",
    "count_old_messages",
    "forget_old_arrivals",
    "forget_old_messages",
    "free_abandoned",
    "give_up_expired",
    "is_expected",
    "is_paused",
    "mail_to_read",
    "note_failure",
    "note_sent_and_begin",
    "pause_sending",
    "post",
    "post_all",
    "prepare_presses",
    "receive",
    "release",
    "replay",
    "resume_sending",
    "settle",
    "take_back",
]
