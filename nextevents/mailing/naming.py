"""Lists by rule: whom a rule names is known on a higher floor, which says so here, once, as a condition.

It is asked wherever somebody may be on a list: when digests are written, when somebody posts or looks at the list's
page, and of each mail in the moment before it leaves.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Boolean, ColumnElement, SQLColumnExpression, false
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from .models import Mailbox, MailingList

#: Whether a rule (as MailingList.rule holds it) names whoever has an address (its key).
Naming = Callable[[SQLColumnExpression[str], SQLColumnExpression[str]], ColumnElement[bool]]


def _nobody(_rule: SQLColumnExpression[str], _address_key: SQLColumnExpression[str]) -> ColumnElement[bool]:
    return false()


_naming: Naming = _nobody


def answer_for_rules(naming: Naming) -> None:
    """Let a room say whom rules name."""
    global _naming  # noqa: PLW0603 - there is one answer, said when the rooms are imported
    _naming = naming


def is_named(rule: SQLColumnExpression[str], address_key: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Whether this rule names the owner of this address."""
    return _naming(rule, address_key)


class _OwnerIsNamed(ColumnElement[bool]):
    """Whether the rule of MailingList names the owner of Mailbox; both stand in the statement around it.

    Asked when the statement is compiled, so that it can be written down before the room that answers is imported.
    """

    inherit_cache = True
    type = Boolean()


@compiles(_OwnerIsNamed)
def _asked(_element: _OwnerIsNamed, compiler: SQLCompiler, **more: Any) -> str:
    return f"({compiler.process(is_named(MailingList.rule, Mailbox.address_key), **more)})"


OWNER_IS_NAMED: ColumnElement[bool] = _OwnerIsNamed()
