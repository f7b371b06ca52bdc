"""A small part of the kill matrix of restore test and drill: each fault once, spread over the run, and SIGKILL in a restore."""

from pathlib import Path

import pytest

from tests.kill.drills import FAULTS, WORKS, cells


@pytest.mark.slow
@pytest.mark.parametrize("work", WORKS)
def test_what_is_struck_leaves_nothing_and_heals_by_a_rerun(tmp_path: Path, work: str) -> None:
    with cells(tmp_path, work) as table:
        points = table.points()
        assert len(points) > 10
        chosen = [(fault, (number * 2 + 1) * len(points) // (2 * len(FAULTS))) for number, fault in enumerate(FAULTS)]
        chosen.append(("SIGKILL", points.index("read definitions.dump.zst")))
        wrong = {(points[number], fault): table.cell(number, fault) for fault, number in chosen}
    assert not {where: what for where, what in wrong.items() if what}
