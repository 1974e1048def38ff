"""What an event asks those who register, and what they answered."""

from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...ground.database import NUMBERS_NEVER_COME_AGAIN, Model
from ...ground.files import File
from .registration import Registration


class QuestionKind(StrEnum):
    """How a question is answered."""

    LINE = "line"
    TEXT = "text"
    ONE_OF = "one_of"
    SEVERAL_OF = "several_of"
    YES_NO = "yes_no"
    NUMBER = "number"
    FILE = "file"


class Question(Model):
    """One question of an event's form."""

    __tablename__ = "question"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    #: Cannot be changed once somebody has answered.
    kind: Mapped[QuestionKind]
    label: Mapped[str]
    hint: Mapped[str] = mapped_column(default="")
    #: What can be chosen, in order.
    options: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_required: Mapped[bool] = mapped_column(default=False)
    #: Asked only if this other question was answered so.
    shown_if_id: Mapped[int | None] = mapped_column(ForeignKey("question.id", ondelete="SET NULL"))
    shown_if_answer: Mapped[str] = mapped_column(default="")
    #: Filled in by the organisers, never seen by participants.
    is_for_organisers: Mapped[bool] = mapped_column(default=False)
    #: For how many days after the event answers are kept; None: as long as the list of participants.
    kept_days: Mapped[int | None]

    __table_args__ = (
        CheckConstraint("kept_days IS NULL OR kept_days BETWEEN 1 AND 183", name="kept"),
        NUMBERS_NEVER_COME_AGAIN,
    )


class Answer(Model):
    """One registration's answer to one question."""

    __tablename__ = "answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), index=True)
    #: As shown; several chosen options stand on a line each, yes and no as "ja" and "nein", a file by its name.
    value: Mapped[str]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id", ondelete="SET NULL"))

    registration: Mapped[Registration] = relationship(back_populates="answers")
    question: Mapped[Question] = relationship()
    file: Mapped[File | None] = relationship()

    __table_args__ = (UniqueConstraint("registration_id", "question_id"),)
