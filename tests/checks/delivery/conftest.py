"""A fresh world for each test."""

import pytest

from tests.delivery.world import World
from tests.lab import Lab


@pytest.fixture
def world(reports: Lab) -> World:
    """Nothing was deployed yet."""
    return World(reports)
