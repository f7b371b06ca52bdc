"""A rotation that goes no further says why in its row, and the next one goes on rightly."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.lab import Lab
from tests.rotation.shop import shop_of
from tests.rotation.world import GRACE, World, users, world
from upkeep.errors import BrokenError, CannotAskError
from upkeep.jobs.security.secret_rotation import secret_rotation
from upkeep.rotation.rotation import Rotation, State, halted
from upkeep.rotation.service import RefusedError


@pytest.fixture
def shop(lab: Lab, tmp_path: Path) -> Iterator[World]:
    """Two users, and a secret in a file."""
    with world(lab, tmp_path, "postgres_users", "text file") as made:
        yield made


def newest(shop: World) -> Rotation:
    """The row of the last rotation."""
    row = shop.log.newest("shop")
    assert row
    return row


def test_one_whose_first_check_fails_has_failed_with_its_reason(shop: World, lab: Lab) -> None:
    lab.run(f'alter role "{users(lab)[1]}" connection limit 3')
    for _ in range(3):
        with pytest.raises(CannotAskError, match="not alike"):
            shop.rotator().advance("by hand")
    [row] = shop.log.rows.values()
    assert (row.state, row.staged_at) == (State.FAILED, None)
    assert "not alike" in (row.stopped_why or "")
    assert row.stopped_at
    assert not shop.legal()


def test_the_next_one_takes_its_place_and_ends_rightly(shop: World, lab: Lab) -> None:
    lab.run(f'alter role "{users(lab)[1]}" connection limit 3')
    shop.rotator().advance()  # nothing is due
    with pytest.raises(CannotAskError):
        shop.rotator().advance("by hand")
    shop.true_time += timedelta(days=3)
    lab.run(f'alter role "{users(lab)[1]}" connection limit -1')
    shop.rotator().advance("by hand")
    [row] = shop.log.rows.values()
    assert (row.state, row.begun_at, row.stopped_why) == (State.GRACE, shop.true_time, None)
    shop.pass_time(GRACE + timedelta(minutes=1))
    shop.look()
    assert shop.rotator().advance().ended
    assert not shop.failed


def test_one_that_stops_with_a_value_in_the_store_says_why_and_goes_on(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise BrokenError("the server is away", retry=True)

    with monkeypatch.context() as patched:
        patched.setattr("upkeep.rotation.kinds.postgres_users.PostgresUsers.prove", away)
        with pytest.raises(BrokenError):
            shop.rotator().advance("by hand")
    row = newest(shop)
    assert (row.state, row.proven_at, row.stopped_why) == (State.RUNNING, None, "the server is away")
    shop.rotator().advance()
    assert (newest(shop).state, newest(shop).stopped_why, len(shop.log.rows)) == (State.GRACE, None, 1)


def test_a_value_that_the_service_refuses_leaves_a_failed_one(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RefusedError("too short")

    with monkeypatch.context() as patched:
        patched.setattr("upkeep.rotation.kinds.postgres_users.PostgresUsers.install", refuse)
        with pytest.raises(RefusedError):
            shop.rotator().advance("by hand")
    row = newest(shop)
    assert (row.state, row.stopped_why) == (State.FAILED, "too short")
    assert not shop.left()
    shop.rotator().advance("by hand")
    assert [each.state for each in shop.log.rows.values()] == [State.GRACE]


@pytest.mark.parametrize(("minutes", "stopped"), [(59, False), (61, True)])
def test_it_has_stopped_when_its_last_step_is_an_hour_ago(minutes: int, *, stopped: bool) -> None:
    begun = datetime(2026, 3, 1, tzinfo=UTC)
    row = Rotation(id="1", secret="s", reason="age", state=State.RUNNING, begun_at=begun, old="a", staged_at=begun)
    row = replace(row, installed_at=begun + timedelta(hours=2))
    halt = halted(row, begun + timedelta(hours=2, minutes=minutes))
    assert bool(halt) is stopped
    if halt:
        assert (halt.since, halt.step) == (row.installed_at, "accepted")
    assert halted(replace(row, state=State.GRACE), begun + timedelta(days=9)) is None


def test_an_urgent_one_is_so_in_its_stored_row_too(lab: Lab, reports: Lab, tmp_path: Path) -> None:
    stored = shop_of(lab, reports, tmp_path)
    lab.run(f'alter role "{users(lab)[1]}" connection limit 3')
    stored.older(95)
    assert "not alike" in stored.ask(secret_rotation).summary
    [row] = stored.log().past("shop login")
    assert (row.state, row.reason) == (State.FAILED, "age")
    assert "not alike" in (row.stopped_why or "")
    log = stored.log()
    log.put(replace(row, reason="compromised", state=State.RUNNING))
    assert [(each.reason, each.state) for each in log.past("shop login")] == [("compromised", State.RUNNING)]
