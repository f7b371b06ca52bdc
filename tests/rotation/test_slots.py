"""Three slots: a promote that is cut off leaves a legal state, which the next run brings to its end."""

from pathlib import Path

import pytest

from tests.rotation.world import KilledError, world
from upkeep.rotation.stages import Stage


@pytest.mark.parametrize("store", ["text file", "parameter_store"])
def test_killed_before_pending_is_taken_away_the_next_run_takes_it_away_and_rotates_nothing(tmp_path: Path, store: str) -> None:
    with world(None, tmp_path, "command", store) as made:
        made.rotator(applied=False).advance("by hand")
        last_put = max(number for number, name in enumerate(made.watch.calls) if name == "store.put")
    folder = tmp_path / "again"
    folder.mkdir()
    with world(None, folder, "command", store) as made:
        with pytest.raises(KilledError):
            made.rotator(last_put, "SIGKILL after").advance("by hand")
        pending, current = made.store.read(Stage.PENDING), made.current
        assert pending
        assert pending.value == current != made.first
        assert not made.legal(), "what is pending is what is current"
        assert made.left()
        assert not made.rotator().advance().rotated
        assert not made.left()
        assert made.current == current
        assert not made.failed
