"""Told that a value is compromised again after it was killed, a rotation ends what it began and rotates nothing more."""

from contextlib import suppress
from pathlib import Path

import pytest

from tests.rotation.world import KilledError, world

FAULTS = ("SIGKILL before", "SIGKILL after")


def points(folder: Path, kind: str) -> list[str]:
    """The calls of a rotation that is urgent."""
    folder.mkdir()
    with world(None, folder, kind, "text file") as made:
        made.rotator(applied=False).advance("compromised")
        return list(made.watch.calls)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", ["generated", "command", "aws_access_key"])
def test_killed_at_any_call_and_told_again_it_rotates_once(tmp_path: Path, kind: str, fault: str) -> None:
    wrong = []
    for number, call in enumerate(points(tmp_path / "points", kind)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with world(None, folder, kind, "text file") as made:
            with suppress(KilledError):
                made.rotator(number, fault, applied=False).advance("compromised")
            newest = made.log.newest("shop")
            if newest and newest.dead_at:
                continue  # nothing was left to do: another order is another rotation
            made.scene.pass_time(60)
            made.rotator(applied=False).advance("compromised")
            promoted = [row for row in made.log.rows.values() if row.promoted_at]
            if len(promoted) != 1 or made.current == made.first or not made.service.is_dead(made.first):
                wrong.append((number, call, promoted))
    assert not wrong


def test_a_rotation_that_was_under_way_becomes_urgent(tmp_path: Path) -> None:
    with world(None, tmp_path, "command", "text file") as made:
        with pytest.raises(KilledError):
            made.rotator(20, "SIGKILL before").advance("by hand")
        outcome = made.rotator(applied=False).advance("compromised")
        assert (outcome.rotated, bool(outcome.ended)) == (True, True)
        assert [row.reason for row in made.log.rows.values()] == ["compromised"]
        assert made.service.is_dead(made.first)


@pytest.mark.near_miss
def test_a_new_order_after_a_whole_one_rotates_again(tmp_path: Path) -> None:
    with world(None, tmp_path, "command", "text file") as made:
        made.rotator(applied=False).advance("compromised")
        second = made.current
        made.rotator(applied=False).advance("compromised")
        assert made.current not in (made.first, second)
        assert made.service.is_dead(second)
