"""The world of the laws, also for the tests of this folder."""

from tests.house.fixtures import at_noon, house, standing  # noqa: F401 - fixtures are found by name
