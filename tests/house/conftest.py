"""The world of the laws, for the tests of this folder."""

from tests.house.fixtures import house, standing, world_clock  # noqa: F401 - fixtures are found by name
