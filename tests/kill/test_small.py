"""A part of the kill matrix of jobs of few steps: SIGKILL and an error, spread over the run."""

from pathlib import Path

import pytest

from tests.kill.small import FAULTS, WORKS, cells
from tests.lab import Lab


@pytest.mark.slow
@pytest.mark.parametrize("work", WORKS)
def test_what_is_struck_heals_by_a_rerun(lab: Lab, tmp_path: Path, work: str) -> None:
    with cells(tmp_path, lab, work) as table:
        points = table.points()
        assert len(points) > 8
        chosen = [(fault, number) for fault in FAULTS for number in range(1, len(points), max(1, len(points) // 5))]
        wrong = {(points[number], fault): table.cell(number, fault) for fault, number in chosen}
    assert not {where: what for where, what in wrong.items() if what}
