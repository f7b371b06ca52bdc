"""A sample of the kill matrix; `make kill-matrix` does all of it."""

from collections.abc import Iterator

import pytest

from tests.kill.matrix import WORKS, Matrix, matrix


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """Servers, store and three backups."""
    with matrix(tmp_path_factory.mktemp("kill")) as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("work", WORKS)
def test_what_is_struck_heals_by_a_rerun_and_earlier_backups_stay(table: Matrix, work: str) -> None:
    points = table.points(work)
    assert len(points) > 5
    faults = list(table.made.faults())
    # Every fault once, and SIGKILL at more points: spread over the whole run.
    chosen = [(fault, (number * 2 + 1) * len(points) // (2 * len(faults))) for number, fault in enumerate(faults)]
    chosen += [("SIGKILL", number) for number in range(0, len(points), max(1, len(points) // 5))]
    wrong = {(points[number], fault): table.cell(work, number, fault) for fault, number in chosen}
    assert not {where: what for where, what in wrong.items() if what}
