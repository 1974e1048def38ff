"""What people type about events."""

from .registration import (
    AnswerForm,
    CodeForm,
    ConfirmationForm,
    RegistrationForm,
    RestorationForm,
    WithdrawalForm,
)
from .replying import ReplyForm, TransferForm

__all__ = [
    "AnswerForm",
    "CodeForm",
    "ConfirmationForm",
    "RegistrationForm",
    "ReplyForm",
    "RestorationForm",
    "TransferForm",
    "WithdrawalForm",
]
