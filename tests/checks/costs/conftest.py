"""Empty books for each test."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from moto import mock_aws

from tests.checks.costs.cloud import NOW, Cloud
from tests.lab import Lab
from tests.ledger.conftest import costs_database, ledger
from tests.ledger.world import emptied
from upkeep.checks.costs import opportunities as module

__all__ = ["costs_database", "ledger"]


@pytest.fixture
def cloud(costs_database: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """An empty account of AWS with an empty ledger, a month after everything in it was made."""

    def clock(now: datetime) -> None:
        monkeypatch.setattr(module, "present", lambda: now)

    clock(NOW)
    folder = tmp_path / "bills"
    folder.mkdir()
    # Else there are 1,286 volumes and snapshots of images that nobody made.
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    with mock_aws():
        yield Cloud(emptied(costs_database, folder), clock=clock)
