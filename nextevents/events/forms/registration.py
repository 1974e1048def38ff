"""What people type to register, and to prove that it was them."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField

from ...ground.fields import EmailField, LineField, required
from ...ground.text import NAME_LENGTH
from ...ground.web import NONCE_FIELD
from ...people.models import Organisation, Person
from .. import rules
from ..models import Event, Question
from ..services import MOST_COLLEAGUES, Colleague
from .groups import MORE_ROWS, Row, colleague_in, row_count, row_fields, row_numbers
from .questions import QuestionsForm, asking


class RegistrationForm(QuestionsForm):
    """Who registers, what the event asks, and who comes along."""

    name = LineField(_("Name"), validators=[required(_("Bitte geben Sie Ihren Namen an."))], longest=NAME_LENGTH)
    email = EmailField(
        _("Dienstliche E-Mail-Adresse"), validators=[required(_("Bitte geben Sie Ihre E-Mail-Adresse an."))]
    )
    organisation = LineField(_("Organisation"))
    nonce = HiddenField(name=NONCE_FIELD)
    #: How many rows for colleagues there are.
    row_count: ClassVar[int] = 0

    @property
    def rows(self) -> Iterator[Row]:
        """The rows for colleagues."""
        for number in range(1, self.row_count + 1):
            row = Row(number, self[f"person-{number}-name"], self[f"person-{number}-email"])
            row.name.about = row.email.about = gettext("Person %(number)s", number=number)
            yield row

    @property
    def has_colleagues(self) -> bool:
        """Whether somebody is to be registered along."""
        return any(row.is_filled for row in self.rows)

    @property
    def wants_more_rows(self) -> bool:
        """Whether the button for more rows was pressed."""
        return bool(self.row_count) and MORE_ROWS in request.form

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and that there are not more colleagues than one form takes."""
        is_fine = super().validate(extra_validators=extra_validators)
        if self.row_count and any(not 1 <= number <= MOST_COLLEAGUES for number in row_numbers(request.form)):
            message = gettext("Höchstens %(most)s Personen auf einmal, bitte.", most=MOST_COLLEAGUES)
            self.form_errors.append(message)
            return False
        return is_fine

    def colleagues(self, organisation: Organisation | None, own_key: str) -> list[Colleague]:
        """Who is to be registered along; errors stand next to the rows.

        All must have an address of this organisation, and none the registrant's own.
        """
        found: list[Colleague] = []
        for row in self.rows:
            taken = {own_key, *(one.address.key for one in found)}
            if colleague := colleague_in(row, organisation, taken):
                found.append(colleague)
        return found


def registration_form(
    event: Event, questions: Sequence[Question], person: Person | None, *, is_sent: bool
) -> RegistrationForm:
    """The form of this event for this visitor; whoever is signed in is not asked who they are."""
    kind = asking(RegistrationForm, event, questions)
    if rules.may_register_colleagues(event):
        count = row_count(request.form, wants_more=MORE_ROWS in request.form)
        kind = type(kind.__name__, (kind,), {"row_count": count, **row_fields(count)})
    form = kind() if is_sent else kind(formdata=None)
    if person:
        del form.email
        if person.name:
            del form.name, form.organisation
    return form


class CodeForm(FlaskForm):
    """The six digits from the mail."""

    code = LineField(_("Code aus der Mail"), validators=[required(_("Bitte geben Sie den Code aus der Mail ein."))])


class ConfirmationForm(FlaskForm):
    """The button behind the link; nothing to type in the browser that asked."""


class WithdrawalForm(FlaskForm):
    """A withdrawal must be ticked, so that no link scanner can press it (guarantee G22)."""

    is_meant = BooleanField(
        _("Ja, ich sage ab und gebe meinen Platz frei."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn Sie absagen möchten."))],
    )


class RetractionForm(FlaskForm):
    """So must taking back a request that nobody has answered yet."""

    is_meant = BooleanField(
        _("Ja, ich ziehe meine Anfrage zurück."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn Sie Ihre Anfrage zurückziehen möchten."))],
    )


class AnswerForm(FlaskForm):
    """Taking an offered seat must be ticked too."""

    is_meant = BooleanField(
        _("Ja, ich nehme den Platz an."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn Sie den Platz annehmen möchten."))],
    )


class RestorationForm(FlaskForm):
    """So must undoing a withdrawal."""

    is_meant = BooleanField(
        _("Ja, ich bin doch dabei."),
        validators=[required(_("Bitte setzen Sie das Häkchen, wenn Sie doch teilnehmen möchten."))],
    )
