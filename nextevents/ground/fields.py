"""Form fields that say no clearly, and take one value only (bad inputs 2 to 4, 8, 10, 26, 34, 35)."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import BooleanField, Field, SelectMultipleField, StringField, TextAreaField, TimeField
from wtforms import EmailField as AnyEmailField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from .text import LINE_LENGTH, TEXT_LENGTH, UnreadableText, one_line, several_lines

Value = TypeVar("Value")

_DIGITS = re.compile(r"[0-9]{1,7}\Z")


class _FilledIn(InputRequired):
    """Something was typed, or the box was ticked: a box that comes with a no is not ticked."""

    def __call__(self, form: Any, field: Any) -> None:
        if isinstance(field, BooleanField) and not field.data:
            raise StopValidation(str(self.message))
        super().__call__(form, field)


def required(message: str = "") -> InputRequired:
    """The field must be filled in. The message is made while forms are declared, so it is a lazy one."""
    return _FilledIn(message or lazy_gettext("Bitte füllen Sie dieses Feld aus."))


def once(values: Sequence[Value]) -> Value | None:
    """The one value that came, if any. Raises ValueError, for the field to show, where it came twice."""
    if len(values) > 1:
        raise ValueError(_("Dieses Feld kam mehrfach an. Bitte laden Sie die Seite neu."))
    return values[0] if values else None


def options(*pairs: tuple[str | int, Any]) -> list[Any]:
    """What can be chosen: values and what is said for them."""
    return [SelectChoice(value, label) for value, label in pairs]


class _SingleValue:
    """Takes what was typed once. A field that comes twice is refused, not guessed at."""

    data: Any
    #: Of whom it asks, where a form asks the same of several people; said in the summary of what is wrong.
    about: str = ""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the value; ValueError becomes the field's error."""
        if not valuelist:
            return
        if not isinstance(valuelist[0], str):  # a file, where a form takes some elsewhere
            self.data = ""
            raise ValueError(_("Hier passt nur Text hinein, keine Datei."))  # noqa: TRY004 - the library shows these
        self.data = valuelist[0]
        once(valuelist)
        self.data = self.read(valuelist[0])

    def read(self, typed: str) -> Any:
        """Make the typed text a value."""
        return typed


class _ReadableText(_SingleValue):
    """Text without characters that nobody can see, up to a length."""

    longest: int
    flags: Any
    errors: Any

    def read(self, typed: str) -> str:
        """Normalise it, or say what is wrong."""
        try:
            text = self.clean(typed)
        except UnreadableText:
            raise ValueError(
                _("Der Text enthält Zeichen, die man nicht sehen kann. Bitte tippen Sie ihn neu.")
            ) from None
        if len(text) > self.longest:
            raise ValueError(_("Höchstens %(count)s Zeichen, bitte.", count=self.longest))
        return text

    #: Brings it into the form in which it is kept.
    clean: Callable[[str], str]

    def pre_validate(self, form: Any) -> None:
        """Blanks are not an answer to a required question."""
        del form
        if self.flags.required and not self.data and not self.errors:
            raise ValidationError(_("Bitte füllen Sie dieses Feld aus."))


class LineField(_ReadableText, StringField):
    """One line of readable text."""

    def __init__(self, *args: Any, longest: int = LINE_LENGTH, **options: Any) -> None:
        super().__init__(*args, **options)
        self.longest = longest

    clean = staticmethod(one_line)


class TextField(_ReadableText, TextAreaField):
    """Several lines of readable text."""

    def __init__(self, *args: Any, longest: int = TEXT_LENGTH, **options: Any) -> None:
        super().__init__(*args, **options)
        self.longest = longest

    clean = staticmethod(several_lines)


class AddressField(LineField):
    """The address of a web page: http or https, nothing else."""

    def read(self, typed: str) -> str:
        """Normalise it, or say what is wrong; "https://" may be left out."""
        text = super().read(typed)
        if not text:
            return text
        if "://" not in text and not text.lower().startswith(("javascript:", "data:", "mailto:")):
            text = f"https://{text}"
        if not _is_web_address(text):
            raise ValueError(_("Bitte geben Sie eine Webadresse an, zum Beispiel https://www.beispiel.de."))
        return text


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets that hold no address
        return False
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and " " not in text


class EmailField(_SingleValue, AnyEmailField):
    """A mail address as typed; whether it is one, people.addresses says."""


class ClockField(TimeField):
    """A time of day."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read it, or say what is wrong in words of ours: the library has no German ones."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Bitte geben Sie eine Uhrzeit an, zum Beispiel 14:30.")) from None


class CountField(_SingleValue, StringField):
    """A whole number from 0, at most seven ASCII digits; None if left empty."""

    def read(self, typed: str) -> int | None:
        """Make it a number, or say what is wrong."""
        text = typed.strip()
        if not text:
            return None
        if not _DIGITS.match(text):
            raise ValueError(_("Bitte geben Sie eine ganze Zahl ein, zum Beispiel 60."))
        return int(text)

    def _value(self) -> str:
        return "" if self.data is None else str(self.data)


def add_error(field: Field, message: str) -> None:
    """Show a refusal next to a field."""
    field.errors = [*field.errors, message]


class SeveralOfField(SelectMultipleField):
    """Any of several; what is not among them is refused."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: Any) -> None:
        """Refuse what was never offered, and what comes twice."""
        del form
        chosen = self.data or []
        if len(set(chosen)) < len(chosen) or not set(chosen) <= {value for value, *_rest in self.iter_choices()}:
            raise ValidationError(_("Bitte wählen Sie unter den Möglichkeiten."))
