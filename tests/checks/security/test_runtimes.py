"""runtimes: the end of what Upkeep itself runs on."""

import platform
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.lab import asking
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.security import runtimes as module
from upkeep.checks.security.runtimes import runtimes
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.sources.runtimes import own_runtimes
from upkeep.targets.system import System

NOWHERE = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))


def answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end_in: int, version: str = "3.11.7") -> Answer:
    monkeypatch.setattr(module, "own_runtimes", lambda: {"python": version, "airflow": "3.3.2"})
    day = datetime.now(UTC).date() + timedelta(days=end_in)
    path = tmp_path / "support.yaml"
    path.write_text(f"as_of: 2026-01-01\nproducts: {{python: {{'3.11': {day}}}, airflow: {{'3': none}}}}\n", encoding="utf-8")
    return ask(asking(runtimes, System(thresholds={"runtimes": {"support_file": str(path)}}), NOWHERE))


@pytest.mark.baseline
@pytest.mark.near_miss
def test_more_than_a_year_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = answer(tmp_path, monkeypatch, 366)
    assert (result.status, result.summary) == (Status.OK, "python 3.11.7; airflow 3.3.2")


@pytest.mark.fault
@pytest.mark.parametrize(("end_in", "severity"), [(365, Severity.LOW), (100, Severity.MEDIUM), (-1, Severity.HIGH)])
def test_the_end_of_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end_in: int, severity: Severity) -> None:
    (finding,) = answer(tmp_path, monkeypatch, end_in).findings
    assert (finding.rule, finding.object, finding.severity) == ("end_of_life", "worker: python 3.11", severity)


def test_a_release_that_the_table_does_not_have_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = answer(tmp_path, monkeypatch, 900, "3.99.0")
    assert (result.status, "python 3.99.0 does not stand in the table" in result.summary) == (Status.UNKNOWN, True)


def test_what_this_process_runs_on() -> None:
    found = own_runtimes()
    assert found["python"] == platform.python_version()
    assert all(found.values())
