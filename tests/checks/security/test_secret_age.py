"""secret_age: how old a secret may become, and rotations that stopped half-way."""

import os
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.lab import Lab
from tests.rotation.shop import Shop, shop_of
from tests.rotation.world import FIRST, users
from upkeep.answer import Severity, Status
from upkeep.checks.security.secret_age import SecretSeen, secret_age
from upkeep.jobs.security.secret_rotation import secret_rotation
from upkeep.rotation.rotation import Rotation, State
from upkeep.targets.secret import Secret


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
    assert [(f.rule, f.severity) for f in answer.findings] == ([("secret_never_rotated", severity)] if severity else [])
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


@pytest.mark.fault
def test_one_that_was_rotated_before_is_too_old(world: Shop) -> None:
    world.older(91)
    world.ask(secret_rotation)
    world.older(95)
    [finding] = world.ask(secret_age).findings
    assert (finding.rule, round(finding.value or 0, 1), finding.limit) == ("secret_too_old", 95, 90)
    assert "upkeep secret rotate 'shop login'" in finding.remedy


@pytest.mark.baseline
def test_who_uses_it_is_seen_and_remembered(world: Shop) -> None:
    world.older(10)
    with replace(world.lab.endpoint, user=users(world.lab)[0], password=FIRST).connect("checkout"):
        [seen] = world.ask(secret_age).records
    assert isinstance(seen, SecretSeen)
    assert [who.partition(" from ")[0] for who in seen.used_by or ()] == ["checkout"]
    assert seen.used_at
    [later] = world.ask(secret_age, datetime.now(UTC) + timedelta(days=1)).records
    assert isinstance(later, SecretSeen)
    assert (later.used_by, later.used_at, later.watched_since) == ([], seen.used_at, seen.watched_since)
    assert FIRST not in repr(later)


@pytest.mark.parametrize(
    ("days", "rules"),
    [
        pytest.param(89.9, [], marks=pytest.mark.near_miss),
        pytest.param(90.1, ["secret_unused"], marks=pytest.mark.fault),
    ],
)
def test_one_that_nobody_uses(world: Shop, days: float, rules: list[str]) -> None:
    world.ask(secret_age)
    world.older(-80)
    found = world.ask(secret_age, datetime.now(UTC) + timedelta(days=days)).findings
    assert [f.rule for f in found] == rules


@pytest.mark.near_miss
def test_where_nobody_can_tell_nothing_is_said_of_use(world: Shop) -> None:
    world.path.write_text("plain value")
    plain = Secret.model_validate({**world.secret.model_dump(include={"name", "owner", "store"}), "opens": {"kind": "generated"}})
    for days in (0, 89):
        [seen] = world.ask(secret_age, datetime.now(UTC) + timedelta(days=days), target=plain).records
        assert isinstance(seen, SecretSeen)
        assert seen.watched_since is None


@pytest.mark.fault
def test_a_rotation_that_was_begun_in_vain_is_none(world: Shop) -> None:
    world.older(95)
    world.lab.run(f'alter role "{users(world.lab)[1]}" connection limit 3')
    assert "are not alike" in world.ask(secret_rotation).summary
    answer = world.ask(secret_age)
    assert [f.rule for f in answer.findings] == ["secret_never_rotated"]
    assert "; a rotation failed on 20" in answer.summary
    assert "are not alike" in answer.summary


@pytest.mark.parametrize(
    ("minutes", "rules"),
    [
        pytest.param(59, [], marks=pytest.mark.near_miss),
        pytest.param(61, ["rotation_stuck"], marks=pytest.mark.fault),
    ],
)
def test_a_rotation_that_was_killed_and_never_run_again(world: Shop, minutes: float, rules: list[str]) -> None:
    begun = datetime.now(UTC) - timedelta(minutes=minutes + 5)
    row = Rotation(id=str(uuid.uuid4()), secret="shop login", reason="by hand", state=State.RUNNING, begun_at=begun, old="a")
    world.log().put(replace(row, staged_at=begun + timedelta(minutes=5)))
    found = world.ask(secret_age).findings
    assert [f.rule for f in found] == rules
    for finding in found:
        assert "stopped half-way since 20" in finding.title
        assert finding.title.endswith("at step staged")
        assert "upkeep secret rotate 'shop login'" in finding.remedy


@pytest.mark.baseline
def test_one_that_was_cut_off_before_it_made_a_value_is_over_with_the_next_run(world: Shop) -> None:
    begun = datetime.now(UTC) - timedelta(hours=5)
    row = Rotation(id=str(uuid.uuid4()), secret="shop login", reason="by hand", state=State.RUNNING, begun_at=begun, old="a")
    world.log().put(row)
    world.ask(secret_rotation)
    [left] = world.log().past("shop login")
    assert (left.state, left.stopped_why) == (State.FAILED, "it was cut off before its next value was in the store")
    assert world.ask(secret_age).status is Status.OK
