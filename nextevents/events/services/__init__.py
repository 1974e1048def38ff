"""What one can do with events: register, wait, withdraw, change, cancel, remind."""

from .importing import ImportedRow, import_rows
from .organising import EventChange, cancel_event, change_event, make_event, publish_event
from .registration import (
    Request,
    accept_offer,
    cancel_registration,
    confirm_registrations,
    decline_offer,
    drop_unconfirmed,
    lapse_offers,
    register,
    restore_registration,
)
from .reminders import remind

__all__ = [
    "EventChange",
    "ImportedRow",
    "Request",
    "accept_offer",
    "cancel_event",
    "cancel_registration",
    "change_event",
    "confirm_registrations",
    "decline_offer",
    "drop_unconfirmed",
    "import_rows",
    "lapse_offers",
    "make_event",
    "publish_event",
    "register",
    "remind",
    "restore_registration",
]
