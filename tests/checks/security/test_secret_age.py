"""secret_age: how old a secret may become, and rotations that stopped half-way."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.lab import Lab
from tests.rotation.shop import Shop, shop_of
from upkeep.answer import Severity, Status
from upkeep.checks.security.secret_age import secret_age


@pytest.fixture
def world(lab: Lab, reports: Lab, tmp_path: Path) -> Shop:
    """A first value that works."""
    return shop_of(lab, reports, tmp_path)


@pytest.mark.baseline
def test_a_young_secret_is_fine(world: Shop) -> None:
    answer = world.ask(secret_age)
    assert (answer.status, answer.findings) == (Status.OK, ())
    assert answer.summary.endswith("rotated after 90 d; no rotation of it is known")


@pytest.mark.near_miss
def test_one_that_is_due_and_not_late(world: Shop) -> None:
    world.older(92.9)
    assert world.ask(secret_age).status is Status.OK


@pytest.mark.fault
@pytest.mark.parametrize(
    ("days", "severity"), [(92.9, None), (93.1, Severity.HIGH), (179.9, Severity.HIGH), (180.1, Severity.CRITICAL)]
)
def test_age_is_judged_against_what_is_allowed(world: Shop, days: float, severity: Severity | None) -> None:
    world.older(days)
    answer = world.ask(secret_age)
    assert [(f.rule, f.severity) for f in answer.findings] == ([("secret_too_old", severity)] if severity else [])
    assert [round(m.value) for m in answer.metrics] == [round(days)]


@pytest.mark.fault
@pytest.mark.parametrize("hours", [23, 25])
def test_a_pending_value_that_waits_is_a_rotation_that_stopped(world: Shop, hours: float) -> None:
    pending = world.path.with_name("shop.json.pending")
    pending.write_text(world.path.read_text())
    at = datetime.now(UTC).timestamp() - hours * 3600
    os.utime(pending, (at, at))
    rules = [f.rule for f in world.ask(secret_age).findings]
    assert rules == (["rotation_stuck"] if hours > 24 else [])
