"""A sample of the archive's kill matrix; `make kill-matrix` does all of it."""

from pathlib import Path

import pytest

from tests.kill.archive import Matrix
from tests.lab import Lab


@pytest.mark.slow
def test_an_archive_that_is_killed_loses_no_row_has_none_twice_and_heals(lab: Lab, tmp_path: Path) -> None:
    table = Matrix(lab, tmp_path)
    points = table.points()
    assert len(points) > 30
    commits = [number for number, name in enumerate(points) if name.endswith("the commit")][2:4]
    chosen = {*commits, *range(3, len(points), max(1, len(points) // 4))}
    wrong = {points[number]: table.cell(number) for number in sorted(chosen)}
    assert not {where: what for where, what in wrong.items() if what}
