"""A forge on loopback, and a cache of its answers that ends with the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.forge_server import ForgeServer, forge_server


@pytest.fixture
def forge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForgeServer]:
    """Nothing is there yet."""
    monkeypatch.setenv("UPKEEP_FORGE_CACHE", str(tmp_path / "forge-cache"))
    with forge_server() as server:
        yield server
