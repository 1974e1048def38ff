"""Taking back what has not left yet."""

from sqlalchemy import delete

from ...ground.database import change_rows
from ..models import WAITING, Message


def take_back(kind: str, subject: str) -> int:
    """Delete the waiting mails of one kind about one thing, as if they had never been posted; returns how many.

    What a worker has claimed already leaves.
    """
    is_meant = (Message.kind == kind, Message.subject == subject, Message.state.in_(WAITING))
    return change_rows(delete(Message).where(*is_meant))
