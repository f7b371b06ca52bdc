"""A small part of the kill matrix of import_costs: each fault in the middle of the merge, and before its end."""

from pathlib import Path

import pytest

from tests.kill.costs import FAULTS, cells


@pytest.mark.slow
def test_what_is_struck_heals_by_a_rerun(tmp_path: Path) -> None:
    with cells(tmp_path) as table:
        points = table.points()
        assert len(points) > 10
        chosen = [(number, fault) for fault in FAULTS for number in (points.index("before merge_spend"), len(points) - 2)]
        wrong = {(points[number], fault): table.cell(number, fault) for number, fault in chosen}
    assert not {where: what for where, what in wrong.items() if what}
