"""What people type about events."""

from .afterwards import CertificateForm, FeedbackForm
from .polling import OpenVoteForm, VoteForm, vote_form
from .questions import AnswersForm, QuestionsForm, answer_word, answers_form
from .registration import (
    AnswerForm,
    CodeForm,
    ConfirmationForm,
    RegistrationForm,
    RestorationForm,
    RetractionForm,
    WithdrawalForm,
    registration_form,
)
from .replying import ComingForm, ReplyForm, TransferForm, YesOrNoForm
from .rooms import RoomForm

__all__ = [
    "AnswerForm",
    "AnswersForm",
    "CertificateForm",
    "CodeForm",
    "ComingForm",
    "ConfirmationForm",
    "FeedbackForm",
    "OpenVoteForm",
    "QuestionsForm",
    "RegistrationForm",
    "ReplyForm",
    "RestorationForm",
    "RetractionForm",
    "RoomForm",
    "TransferForm",
    "VoteForm",
    "WithdrawalForm",
    "YesOrNoForm",
    "answer_word",
    "answers_form",
    "registration_form",
    "vote_form",
]
