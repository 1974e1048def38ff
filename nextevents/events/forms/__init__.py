"""What people type about events."""

from .registration import (
    AnswerForm,
    CodeForm,
    ConfirmationForm,
    RegistrationForm,
    RestorationForm,
    WithdrawalForm,
)

__all__ = [
    "AnswerForm",
    "CodeForm",
    "ConfirmationForm",
    "RegistrationForm",
    "RestorationForm",
    "WithdrawalForm",
]
