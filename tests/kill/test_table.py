"""How a kill matrix is printed."""

import pytest

from tests.kill.table import JobMatrix, print_matrix


def strike(number: int, fault: str) -> list[str]:
    return ["a row is lost"] if (number, fault) == (2, "network cut") else []


@pytest.mark.parametrize(("each", "total", "failed"), [(1, 6, True), (2, 4, True), (3, 2, False)])
def test_what_did_not_heal_is_named_and_counted(
    capsys: pytest.CaptureFixture[str], each: int, total: int, failed: object
) -> None:
    job = JobMatrix("backup", ["begin", "copy", "end"], ["SIGKILL", "network cut"], strike)
    assert print_matrix([job], each, " in all") == int(failed is True)
    output = capsys.readouterr().out
    assert output.count("NOT HEALED") == int(failed is True)
    assert ("backup, network cut at 'end': a row is lost" in output) is failed
    assert f"{total} faults, {total - int(failed is True)} healed, 0 s in all" in output
