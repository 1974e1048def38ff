"""Who sits at the desk."""

from collections.abc import Callable

import pytest

from nextevents.people.models import Person
from tests.factories import make_person
from tests.house.visitors import Visitor


@pytest.fixture
def office(signed_in: Callable[[Person], Visitor]) -> Visitor:
    """A browser of the office, which may open every desk."""
    return signed_in(make_person("buero@next.example", name="Jona", office=True))
