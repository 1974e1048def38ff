"""What one can do with events: register, wait, withdraw, change, cancel, remind."""

from .importing import ImportedRow, import_rows
from .organising import (
    EventChange,
    cancel_event,
    change_event,
    copy_parts,
    make_event,
    postpone_event,
    publish_event,
)
from .picturing import add_partner, remove_partner, remove_picture, set_picture
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
from .reminders import ReminderWish, add_reminder, plan_reminders, remind, remove_reminder, rules_of

__all__ = [
    "EventChange",
    "ImportedRow",
    "ReminderWish",
    "Request",
    "accept_offer",
    "add_partner",
    "add_reminder",
    "cancel_event",
    "cancel_registration",
    "change_event",
    "confirm_registrations",
    "copy_parts",
    "decline_offer",
    "drop_unconfirmed",
    "import_rows",
    "lapse_offers",
    "make_event",
    "plan_reminders",
    "postpone_event",
    "publish_event",
    "register",
    "remind",
    "remove_partner",
    "remove_picture",
    "remove_reminder",
    "restore_registration",
    "rules_of",
    "set_picture",
]
