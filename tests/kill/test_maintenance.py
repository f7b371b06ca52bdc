"""A small part of the kill matrix of vacuum and statistics: each fault once, spread over the run, and one within a statement."""

from pathlib import Path

import pytest

from tests.kill.maintenance import FAULTS, JOBS, cells


@pytest.mark.slow
@pytest.mark.parametrize("work", JOBS)
def test_what_is_struck_heals_by_a_rerun(tmp_path: Path, work: str) -> None:
    with cells(tmp_path, work) as table:
        points = table.points()
        assert len(points) > 8
        chosen = [(fault, (number * 2 + 1) * len(points) // (2 * len(FAULTS))) for number, fault in enumerate(FAULTS)]
        chosen.append(("SIGKILL", next(n for n, name in enumerate(points) if name.startswith("during"))))
        wrong = {(points[number], fault): table.cell(number, fault) for fault, number in chosen}
    assert not {where: what for where, what in wrong.items() if what}
