"""A circle, and who leads it."""

import pytest

from nextevents.communities.models import Community
from tests.factories import make_community, make_lead, make_person


@pytest.fixture
def community(db) -> Community:
    """A circle."""
    return make_community("chatbot", name="Chatbot")


@pytest.fixture
def lead(community, signed_in):
    """A browser of its lead."""
    person = make_person("tarek@stadt.example", name="Tarek")
    make_lead(person, community)
    return signed_in(person)
