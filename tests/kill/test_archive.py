"""A sample of the archive's kill matrix; `make kill-matrix` does all of it."""

from pathlib import Path

import pytest

from tests.kill.archive import PARTED, Matrix
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


STEPS = ("SQL('alter table ')", "SQL('drop table ')", "the commit")


@pytest.mark.slow
def test_a_partition_on_its_way_out_that_is_killed_loses_no_row_and_heals(lab: Lab, tmp_path: Path) -> None:
    table = Matrix(lab, tmp_path, PARTED)
    points = table.points()
    chosen = [number for step in STEPS for number in [n for n, name in enumerate(points) if step in name][-2:]]
    assert len(chosen) == 5
    wrong = {f"{number} {points[number]}": table.cell(number) for number in chosen}
    assert not {where: what for where, what in wrong.items() if what}
