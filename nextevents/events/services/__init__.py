"""What one can do with events: register, wait, withdraw, change, cancel, remind."""

from .announcing import announce
from .approving import approve_requests, refuse_requests
from .enrolling import cancel_as_organiser, enrol
from .importing import ImportedRow, import_rows
from .inviting import Report, accept_invitation, decline_invitation, invite, look_through, remind_silent
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
from .transferring import accept_transfer, decline_transfer, offer_transfer, transfer_seat
from .waiting_list import Move, give_seat, move_waiting

__all__ = [
    "EventChange",
    "ImportedRow",
    "Move",
    "ReminderWish",
    "Report",
    "Request",
    "accept_invitation",
    "accept_offer",
    "accept_transfer",
    "add_partner",
    "add_reminder",
    "announce",
    "approve_requests",
    "cancel_as_organiser",
    "cancel_event",
    "cancel_registration",
    "change_event",
    "confirm_registrations",
    "copy_parts",
    "decline_invitation",
    "decline_offer",
    "decline_transfer",
    "drop_unconfirmed",
    "enrol",
    "give_seat",
    "import_rows",
    "invite",
    "lapse_offers",
    "look_through",
    "make_event",
    "move_waiting",
    "offer_transfer",
    "plan_reminders",
    "postpone_event",
    "publish_event",
    "refuse_requests",
    "register",
    "remind",
    "remind_silent",
    "remove_partner",
    "remove_picture",
    "remove_reminder",
    "restore_registration",
    "rules_of",
    "set_picture",
    "transfer_seat",
]
