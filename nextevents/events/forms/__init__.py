"""What people type about events."""

from .afterwards import CertificateForm, FeedbackForm
from .questions import AnswersForm, QuestionsForm, answers_form
from .registration import (
    AnswerForm,
    CodeForm,
    ConfirmationForm,
    RegistrationForm,
    RestorationForm,
    WithdrawalForm,
    registration_form,
)
from .replying import ReplyForm, TransferForm

__all__ = [
    "AnswerForm",
    "AnswersForm",
    "CertificateForm",
    "CodeForm",
    "ConfirmationForm",
    "FeedbackForm",
    "QuestionsForm",
    "RegistrationForm",
    "ReplyForm",
    "RestorationForm",
    "TransferForm",
    "WithdrawalForm",
    "answers_form",
    "registration_form",
]
