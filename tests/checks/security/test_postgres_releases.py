"""postgres_releases: what a server misses, by how long and by what it mends; what the table does not know is unknown."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab, rules
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.security.postgres_releases import postgres_releases
from upkeep.errors import BrokenError
from upkeep.formats.postgres_releases import version_of


def ago(days: int) -> str:
    """That day, by the clock of now: a run may pass midnight."""
    return (datetime.now(UTC).date() - timedelta(days=days)).isoformat()


def ask(lab: Lab, tmp_path: Path, *newer: tuple[int, bool], end_in: int = 2000, known: bool = True, **more: Any) -> Answer:
    """Ask with a table in which releases came so many days ago, security releases or not, after the server's own."""
    major, minor = version_of(int(lab.value("show server_version_num")))
    own = minor if known else minor - 1
    releases = [{"date": ago(900), "versions": f"{major}.{own}"}]
    for number, (days, security) in enumerate(newer, 1):
        mends = {"security": ["CVE-2026-1", "CVE-2026-2"]} if security else {}
        releases.append({"date": ago(days), "versions": f"{major}.{minor + number}", **mends})  # type: ignore[dict-item]
    table = {"as_of": ago(0), "end_of_life": {str(major): ago(-end_in)}, "releases": releases, **more}
    path = tmp_path / "releases.yaml"
    path.write_text(json.dumps(table), encoding="utf-8")
    return lab.ask(postgres_releases, releases_file=str(path))


@pytest.mark.baseline
def test_the_newest_is_fine(lab: Lab, tmp_path: Path) -> None:
    answer = ask(lab, tmp_path)
    assert (answer.status, answer.findings) == (Status.OK, ())
    assert "the newest minor release (table of " in answer.summary
    assert {m.name: m.value for m in answer.metrics} == {"postgres_releases_missed": 0, "postgres_behind": 0}


@pytest.mark.near_miss
def test_one_that_mends_no_flaw_has_two_months(lab: Lab, tmp_path: Path) -> None:
    answer = ask(lab, tmp_path, (60, False))
    assert (answer.status, [m.value for m in answer.metrics]) == (Status.OK, [1, 60])


@pytest.mark.near_miss
def test_an_end_in_more_than_a_year(lab: Lab, tmp_path: Path) -> None:
    assert ask(lab, tmp_path, end_in=366).status is Status.OK


@pytest.mark.fault
@pytest.mark.parametrize(
    ("newer", "rule", "severity"),
    [
        ([(61, False)], "minor_release_missed", Severity.LOW),
        ([(0, True)], "security_release_missed", Severity.MEDIUM),
        ([(30, True)], "security_release_missed", Severity.MEDIUM),
        ([(31, True)], "security_release_missed", Severity.HIGH),
        ([(200, False), (10, True)], "security_release_missed", Severity.MEDIUM),
        ([(200, True), (10, False)], "security_release_missed", Severity.HIGH),
    ],
)
def test_a_release_that_is_missed(lab: Lab, tmp_path: Path, newer: list[tuple[int, bool]], rule: str, severity: Severity) -> None:
    (finding,) = ask(lab, tmp_path, *newer).findings
    assert (finding.rule, finding.object, finding.severity) == (rule, "lab", severity)
    assert finding.value == next(days for days, security in newer if security or rule == "minor_release_missed")
    assert ("CVE-2026-1, CVE-2026-2" in finding.title) is (rule == "security_release_missed")


@pytest.mark.fault
@pytest.mark.parametrize(
    ("end_in", "severity", "message"),
    [
        (365, Severity.LOW, "ends on"),
        (100, Severity.MEDIUM, "in 100 days (limit 365)"),
        (0, Severity.MEDIUM, "in 0 days"),
        (-1, Severity.HIGH, "has ended on"),
    ],
)
def test_the_end_of_a_major_release(lab: Lab, tmp_path: Path, end_in: int, severity: Severity, message: str) -> None:
    (finding,) = ask(lab, tmp_path, end_in=end_in).findings
    assert (finding.rule, finding.severity, message in finding.title) == ("end_of_life", severity, True)
    assert finding.due_by is not None
    assert finding.due_by.date().isoformat() == ago(-end_in)


def test_a_release_newer_than_the_table_is_unknown_and_not_at_its_end(lab: Lab, tmp_path: Path) -> None:
    answer = ask(lab, tmp_path, known=False)
    assert (answer.status, "does not stand in the table" in answer.summary) == (Status.UNKNOWN, True)


def test_a_table_that_ends_before_a_day_of_releases_knows_no_newest(lab: Lab, tmp_path: Path) -> None:
    late: dict[str, Any] = {"as_of": ago(5), "scheduled": [ago(4)]}
    answer = ask(lab, tmp_path, **late)
    assert (answer.status, f"were due on {ago(4)}" in answer.summary) == (Status.UNKNOWN, True)
    assert rules(ask(lab, tmp_path, (70, True), **late)) == [("security_release_missed", "lab")]


@pytest.mark.parametrize(
    ("text", "message"),
    [("[1]", "it holds no mapping"), ("a: [", "cannot be read"), ("a: b", "is no table of releases"), (None, "No such file")],
)
def test_a_table_that_cannot_be_read(lab: Lab, tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "x.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(BrokenError, match=message):
        lab.ask(postgres_releases, releases_file=str(path))


def test_the_shipped_table_answers(lab: Lab) -> None:
    assert lab.ask(postgres_releases).summary
