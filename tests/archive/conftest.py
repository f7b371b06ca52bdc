"""A world for each test."""

from pathlib import Path

import pytest

from tests.archive.world import World
from tests.lab import Lab


@pytest.fixture
def world(lab: Lab, tmp_path: Path) -> World:
    """A fresh database and an empty store."""
    return World(lab, tmp_path / "store")
