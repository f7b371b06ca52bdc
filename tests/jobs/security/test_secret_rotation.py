"""secret_rotation and secret_age as tasks ask them: with real rows, a real file and real logins."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab
from tests.rotation.shop import Shop, shop_of
from tests.rotation.world import FIRST, users
from upkeep.answer import Status
from upkeep.checks.security.secret_age import secret_age
from upkeep.duty import Duty
from upkeep.errors import ClaimedError
from upkeep.jobs.security.secret_rotation import secret_rotation
from upkeep.rotation.rotation import Rotation, State
from upkeep.sources.connections import OneDatabase
from upkeep.targets.secret import Secret

DAY = 86_400


@pytest.fixture
def world(lab: Lab, reports: Lab, tmp_path: Path) -> Shop:
    """A first value that works."""
    return shop_of(lab, reports, tmp_path)


@pytest.mark.baseline
def test_a_young_secret_is_left_alone(world: Shop) -> None:
    before = world.path.read_bytes()
    for duty in (secret_rotation, secret_age):
        answer = world.ask(duty)
        assert answer.status is Status.OK, answer.summary
    assert world.path.read_bytes() == before
    assert world.log().newest("shop login") is None


@pytest.mark.near_miss
def test_a_secret_just_within_its_age(world: Shop) -> None:
    world.older(89.9)
    assert "due in" in world.ask(secret_rotation).summary
    assert world.log().newest("shop login") is None


@pytest.mark.fault
def test_a_secret_past_its_age_is_rotated_with_each_step_in_a_row(world: Shop) -> None:
    world.older(90.1)
    answer = world.ask(secret_rotation)
    first, second = users(world.lab)
    assert answer.status is Status.OK, answer.summary
    assert f"rotated: {second} is current; the one before still works until" in answer.summary
    row = world.log().newest("shop login")
    assert row
    assert (row.reason, row.state, row.old, row.new) == ("age", State.GRACE, first, second)
    assert {text.partition(": ")[0] for text in world.said} == {"claim", "rotate"}
    again = world.ask(secret_rotation)
    assert "rotated: " not in again.summary
    written = world.reports.value("select string_agg(to_jsonb(rotation)::text, '') from upkeep.rotation")
    assert FIRST not in written
    assert world.path.read_text() not in written


def test_each_consumer_has_its_own_lag(world: Shop) -> None:
    world.older(100)
    world.ask(secret_rotation)
    fields = json.loads(world.path.read_text())
    place = replace(world.lab.endpoint, user=fields["username"], password=fields["password"])
    with place.connect("web"), place.connect("web"):
        world.ask(secret_rotation)
        with place.connect("reports"):
            world.ask(secret_rotation)
    world.ask(secret_rotation)
    newest = world.log().newest("shop login")
    assert newest
    assert newest.promoted_at
    by = {who.partition(" from ")[0]: at for who, at in newest.picked_up_by.items()}
    assert newest.promoted_at <= by["web"] < by["reports"]
    assert newest.picked_up_at == by["web"]
    lags = """
        select count(*)
        from upkeep.rotation
        cross join jsonb_each_text(picked_up_by) as one
        where one.value::timestamptz > promoted_at
    """
    assert world.reports.value(lags) == 2


@pytest.mark.near_miss
def test_a_dry_run_changes_nothing(world: Shop) -> None:
    world.older(100)
    before = world.path.read_bytes()
    answer = world.ask(secret_rotation, dry_run=True)
    assert answer.summary.endswith("due now; dry run, nothing was changed")
    assert world.path.read_bytes() == before
    assert world.log().newest("shop login") is None


@pytest.mark.fault
def test_an_old_value_in_use_past_its_grace_is_a_finding_and_is_not_ended(world: Shop) -> None:
    world.older(100)
    world.ask(secret_rotation)
    log = world.log()
    row = log.newest("shop login")
    assert row
    log.put(replace(row, promoted_at=datetime.now(UTC) - timedelta(days=3)))
    with replace(world.lab.endpoint, user=users(world.lab)[0], password=FIRST).connect("reports"):
        answer = world.ask(secret_rotation)
        assert [(f.rule, f.object.partition(" from ")[0]) for f in answer.findings] == [("old_secret_in_use", "reports")]
        lives = world.ask(secret_age)
        assert [f.rule for f in lives.findings] == ["old_secret_lives"]
        assert "reports" in lives.findings[0].title
    assert "was ended, and a try of it was refused" in world.ask(secret_rotation).summary
    after = world.ask(secret_age)
    assert after.status is Status.OK
    assert f"{users(world.lab)[0]} was proven dead on" in after.summary


@pytest.mark.parametrize("duty", [secret_rotation, secret_age], ids=lambda duty: duty.name)
def test_a_secret_that_is_not_there_is_unknown(world: Shop, duty: Duty) -> None:
    world.path.unlink()
    answer = world.ask(duty)
    assert answer.status is Status.UNKNOWN
    assert "has no current value" in answer.summary


def test_two_rotations_at_once_one_waits_and_says_who_it_waits_for(world: Shop) -> None:
    with (
        world.log().claimed("shop login"),
        pytest.raises(ClaimedError, match="secret shop login"),
        world.log().claimed("shop login"),
    ):
        pass


def test_rows_are_put_twice_and_come_back_as_they_were(world: Shop) -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    row = Rotation(
        id="7d0e2a3c-8f4b-4a86-9d3e-1f2a3b4c5d6e", secret="s", reason="age", state=State.GRACE, begun_at=at, old="a", new="b",
        promoted_at=at, used_by=("x from 10.0.0.1",),
    )  # fmt: skip
    log = world.log(at)
    log.put(row)
    log.put(replace(row, state=State.ROTATED, dead_at=at))
    older = replace(row, id="7d0e2a3c-8f4b-4a86-9d3e-1f2a3b4c5d6f", begun_at=at - timedelta(days=1))
    log.put(older)
    assert log.past("s") == [replace(row, state=State.ROTATED, dead_at=at), older]
    assert log.newest("other") is None
    assert log.asked_at == at
    assert abs(log.now() - datetime.now(UTC)) < timedelta(minutes=5)


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "grace within the cache": ({"grace": "5 min"}, "grace must be longer than cache"),
    "age within the grace": ({"max_age": "1 d"}, "max_age must be longer than grace"),
    "one user": ({"opens": {"kind": "postgres_users", "connection": "a", "users": ["x", "x"]}}, "two different users"),
    "unknown store": ({"store": {"kind": "drawer"}}, "drawer"),
    "unknown kind": ({"opens": {"kind": "key"}}, "key"),
    "relative file": ({"store": {"kind": "file", "path": "x"}}, "whole path"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_entry_that_would_lock_somebody_out_is_refused(world: Shop, change: str) -> None:
    fields, text = CHANGES[change]
    whole = world.secret.model_dump(exclude={"max_age", "grace", "cache"})
    with pytest.raises(ValueError, match=text):
        Secret.model_validate({**whole, **fields})


def test_the_doctor_says_whether_it_could_be_rotated(world: Shop) -> None:
    [well] = world.secret.examine(OneDatabase(world.lab.endpoint), ())
    assert (well.level.value, well.about) == ("ok", "rotation")
    assert users(world.lab)[0] in well.text
    world.lab.run(f'alter role "{users(world.lab)[1]}" connection limit 3')
    [no] = world.secret.examine(OneDatabase(world.lab.endpoint), ())
    assert (no.level.value, no.unmet) == ("no", None)
    assert "are not alike" in no.text
    world.path.unlink()
    [gone] = world.secret.examine(OneDatabase(world.lab.endpoint), ())
    assert "has no current value" in gone.text
