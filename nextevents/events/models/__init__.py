"""The tables of events: dates, who comes, what is asked, and what organisers do."""

from .desk import (
    Anchor,
    Announcement,
    Certificate,
    Feedback,
    FrozenFigures,
    Invitation,
    Material,
    MaterialKind,
    PlannedReminder,
    ReminderRule,
    ReminderState,
)
from .event import (
    Audience,
    Event,
    Format,
    Partner,
    Place,
    Stage,
    Viewers,
    WaitingMode,
    event_community,
    event_host,
)
from .questions import Answer, Question, QuestionKind
from .registration import ACTIVE, ATTENDANCE, Photos, Registration, State
from .transfer import Transfer

__all__ = [
    "ACTIVE",
    "ATTENDANCE",
    "Anchor",
    "Announcement",
    "Answer",
    "Audience",
    "Certificate",
    "Event",
    "Feedback",
    "Format",
    "FrozenFigures",
    "Invitation",
    "Material",
    "MaterialKind",
    "Partner",
    "Photos",
    "Place",
    "PlannedReminder",
    "Question",
    "QuestionKind",
    "Registration",
    "ReminderRule",
    "ReminderState",
    "Stage",
    "State",
    "Transfer",
    "Viewers",
    "WaitingMode",
    "event_community",
    "event_host",
]
