"""No job without a kill matrix, and no matrix that `make kill-matrix` leaves out."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.kill import archive, costs, drills, maintenance, matrix, rotation, small
from upkeep.discovery import discover

MATRICES: dict[object, Iterable[str]] = {
    matrix: matrix.WORKS,
    drills: drills.WORKS,
    maintenance: maintenance.JOBS,
    archive: archive.WORKS,
    costs: costs.WORKS,
    rotation: rotation.WORKS,
    small: small.WORKS,
}
NOT_A_JOB = {"restore"}  # a command


def test_every_job_is_in_a_kill_matrix() -> None:
    jobs = {duty.name for duty in discover() if duty.kind == "job"}
    struck = [work for works in MATRICES.values() for work in works]
    missing = jobs - set(struck)
    assert not missing, (
        f"no kill matrix has {', '.join(sorted(missing))}: add it to tests/kill/small.py, or give it one of its own"
    )
    assert len(struck) == len(set(struck))
    assert set(struck) - NOT_A_JOB <= jobs, "a matrix of a job that is not there any more"


@pytest.mark.parametrize("module", MATRICES, ids=str)
def test_every_matrix_is_run_and_a_part_of_it_with_the_tests(module: object) -> None:
    name = str(getattr(module, "__name__", ""))
    root = Path(__file__).parents[2]
    assert f"-m {name}\n" in (root / "Makefile").read_text()
    assert (root / "tests/kill" / f"test_{name.rpartition('.')[2]}.py").exists()
