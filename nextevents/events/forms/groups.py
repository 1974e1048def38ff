"""Colleagues whom somebody registers along: rows of name and address."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from ...ground.fields import EmailField, LineField, add_error
from ...ground.text import NAME_LENGTH
from ...people import queries as people
from ...people.addresses import address_of
from ...people.errors import AddressRefused
from ...people.models import Organisation
from ..services import MOST_COLLEAGUES, Colleague

FIRST_ROWS = 3
#: The button that asks for more rows.
MORE_ROWS = "weitere-zeilen"
_ROW = re.compile(r"person-([0-9]{1,6})-(?:name|email)\Z")


@dataclass(frozen=True)
class Row:
    """One colleague's fields."""

    number: int
    name: LineField
    email: EmailField

    @property
    def is_filled(self) -> bool:
        """Whether something was typed."""
        return bool(self.name.data or (self.email.data or "").strip() or self.name.errors or self.email.errors)


def row_fields(count: int) -> dict[str, Any]:
    """The fields of so many rows, numbered from 1."""
    fields: dict[str, Any] = {}
    for number in range(1, count + 1):
        fields[f"person-{number}-name"] = LineField(_("Name"), longest=NAME_LENGTH)
        fields[f"person-{number}-email"] = EmailField(_("Dienstliche E-Mail-Adresse"))
    return fields


def row_count(sent: Iterable[str], *, wants_more: bool) -> int:
    """How many rows to show: as many as were sent, and some more if they are wanted."""
    known = [number for number in row_numbers(sent) if 1 <= number <= MOST_COLLEAGUES]
    return min(max(FIRST_ROWS, *known, 0) + (FIRST_ROWS if wants_more else 0), MOST_COLLEAGUES)


def row_numbers(sent: Iterable[str]) -> Iterator[int]:
    """The numbers of the rows that these fields belong to."""
    for name in sent:
        if found := _ROW.match(name):
            yield int(found[1])


def colleague_in(row: Row, organisation: Organisation | None, taken: set[str]) -> Colleague | None:
    """Who stands in a row; None if it says nothing or is wrong, which then stands next to its fields.

    The address must be one of the organisation, and none of those taken already.
    """
    if not row.is_filled or row.name.errors or row.email.errors:
        return None
    if not row.name.data:
        add_error(row.name, gettext("Bitte geben Sie den Namen an."))
        return None
    try:
        address = address_of(row.email.data or "")
    except AddressRefused as refusal:
        add_error(row.email, str(refusal))
        return None
    if organisation is None or people.organisation_of_domain(address.domain) != organisation:
        add_error(row.email, _reason(organisation))
        return None
    if address.key in taken:
        add_error(row.email, gettext("Diese Adresse steht hier schon."))
        return None
    return Colleague(row.name.data, address)


def _reason(organisation: Organisation | None) -> str:
    if organisation is None:
        return gettext(
            "Wir kennen Ihre Organisation noch nicht. Ihre Kolleginnen und Kollegen können sich selbst anmelden."
        )
    return gettext(
        "Das ist keine Adresse von %(organisation)s. Für andere Organisationen gilt: bitte selbst anmelden.",
        organisation=organisation.name,
    )
