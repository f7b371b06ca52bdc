"""patches: what waits on a machine, since when, and what its report could not tell."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab, Past, asking, rules
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.security.patches import PendingUpdate, patches
from upkeep.duty import History
from upkeep.errors import BrokenError
from upkeep.runner import ask, ask_and_store
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.store.migrate import migrate
from upkeep.targets.diagnosis import Level
from upkeep.targets.host import Host

NOWHERE = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))
NOW = datetime.now(UTC)
SUPPORT = "as_of: 2026-01-01\nproducts: {debian: {'12': 2999-01-01}, python: {'3.11': 2999-01-01, '3.9': 2025-10-31}}\n"


def ago(**span: float) -> str:
    return (NOW - timedelta(**span)).strftime("%Y-%m-%dT%H:%M:%SZ")


def host(tmp_path: Path, **thresholds: Any) -> Host:
    (tmp_path / "support.yaml").write_text(SUPPORT, encoding="utf-8")
    own = {"patches": {"support_file": str(tmp_path / "support.yaml"), **thresholds}}
    return Host(name="web-1", owner="ann", reports=tmp_path.as_uri(), thresholds=own)


def report(tmp_path: Path, *lines: str, at: str = "", lists: str = "", end: str = "end\n") -> None:
    head = ["upkeep-host-report\t1", "host\tweb-1", f"at\t{at or ago(hours=1)}", "os\tdebian\t12\tDebian 12"]
    text = "\n".join([*head, f"lists\t{lists or ago(hours=2)}", *lines, ""]) + end
    (tmp_path / "web-1.report").write_text(text, encoding="utf-8")


def answer(tmp_path: Path, *lines: str, past: Past | None = None, **more: str) -> Answer:
    report(tmp_path, *lines, **more)
    return ask(asking(patches, host(tmp_path), NOWHERE), {History: past or Past()})


SECURITY = "update\topenssl\t3.0.2\t3.0.3\tsecurity"
OTHER = "update\tvim\t1\t2\tother"


@pytest.mark.baseline
def test_nothing_waits(tmp_path: Path) -> None:
    result = answer(tmp_path, "runtime\tpython\t3.11.7")
    assert (result.status, result.summary) == (Status.OK, "0 updates waiting, 0 of security")
    assert {m.labels["kind"]: m.value for m in result.metrics} == {"security": 0, "other": 0, "unknown": 0}


@pytest.mark.near_miss
def test_updates_that_mend_no_flaw_and_times_just_within_limits(tmp_path: Path) -> None:
    result = answer(tmp_path, OTHER, at=ago(days=2.9), lists=ago(days=9.8))
    assert (result.status, result.summary) == (Status.OK, "1 update waiting, 0 of security")
    assert result.records == (PendingUpdate("vim", "1", "2", "other", (NOW - timedelta(days=2.9)).date()),)


def since(days: int) -> Past:
    day = (NOW - timedelta(hours=1)).date() - timedelta(days=days)
    return Past(remembered={"first_seen": {"openssl": day.isoformat(), "gone": "2020-01-01"}})


@pytest.mark.fault
@pytest.mark.parametrize(
    ("lines", "past", "severity"),
    [
        ([SECURITY], None, Severity.MEDIUM),
        ([SECURITY], since(30), Severity.MEDIUM),
        ([SECURITY], since(31), Severity.HIGH),
        ([SECURITY.replace("3.0.3", "3.0.4")], since(31), Severity.HIGH),
        ([SECURITY.replace("security", "unknown")], since(31), Severity.LOW),
    ],
)
def test_security_updates_wait(tmp_path: Path, lines: list[str], past: Past | None, severity: Severity) -> None:
    result = answer(tmp_path, OTHER, *lines, past=past)
    (finding,) = result.findings
    assert (finding.rule, finding.object, finding.severity) == ("security_updates", "web-1", severity)
    assert finding.remedy.endswith(": openssl")
    assert result.state is not None
    assert set(result.state["first_seen"]) == {"openssl", "vim"}


@pytest.mark.fault
def test_a_restart_is_needed_and_python_has_ended(tmp_path: Path) -> None:
    result = answer(tmp_path, "reboot\tlinux-image", "runtime\tpython\t3.9.2")
    assert rules(result) == [("end_of_life", "web-1: python 3.9"), ("reboot_needed", "web-1")]
    assert result.findings[0].title.startswith("support of python 3.9.2 has ended on 2025-10-31")


@pytest.mark.parametrize(
    ("lines", "more", "message"),
    [
        ([], {"at": ago(days=3.1)}, "its report is of"),
        ([], {"lists": ago(days=7.2)}, "its package lists are of"),
        (["failed\tapt-get: broken"], {}, "the machine could not tell: apt-get: broken"),
        (["runtime\tnode\t99.1"], {}, "node 99.1 does not stand in the table of support"),
    ],
)
def test_what_could_not_be_told_is_unknown(tmp_path: Path, lines: list[str], more: dict[str, str], message: str) -> None:
    report(tmp_path, *lines, **more)
    found = ask(asking(patches, host(tmp_path), NOWHERE), {History: Past()})
    assert (found.status, message in found.summary) == (Status.UNKNOWN, True)


def test_what_waits_is_remembered_while_it_is_unknown(tmp_path: Path) -> None:
    found = answer(tmp_path, SECURITY, "failed\tx", past=since(50))
    assert found.state == {"first_seen": {"openssl": since(50).remembered["first_seen"]["openssl"]}}  # type: ignore[index]


def test_a_release_that_is_not_in_the_table_hides_no_finding(tmp_path: Path) -> None:
    found = answer(tmp_path, SECURITY, "runtime\tnode\t99.1")
    assert rules(found) == [("security_updates", "web-1")]
    assert "node 99.1 does not stand" in found.summary


@pytest.mark.parametrize("end", ["", "en"])
def test_a_report_that_was_cut_off(tmp_path: Path, end: str) -> None:
    with pytest.raises(BrokenError, match="it was cut off"):
        answer(tmp_path, SECURITY, end=end)


def test_a_report_that_never_came(tmp_path: Path) -> None:
    with pytest.raises(BrokenError, match=r"web-1\.report"):
        ask(asking(patches, host(tmp_path), NOWHERE), {History: Past()})


def test_doctor_says_whether_there_is_one(tmp_path: Path) -> None:
    (before,) = host(tmp_path).examine(NOWHERE, [])
    report(tmp_path)
    (after,) = host(tmp_path).examine(NOWHERE, [])
    assert (before.level, after.level) == (Level.NO, Level.OK)
    assert "there is no web-1.report in file://" in before.text


def test_what_waits_is_stored_and_since_when_is_kept(tmp_path: Path, lab: Lab) -> None:
    migrate(lab.endpoint)
    report(tmp_path, SECURITY, SECURITY.replace("openssl", "libssl3"), OTHER)
    for _ in range(2):
        ask_and_store(asking(patches, host(tmp_path), NOWHERE), lab.endpoint)
    rows = lab.value(
        "select string_agg(concat_ws(' ', package, installed, candidate, kind), '; ' order by package) from upkeep.pending_update"
    )
    assert rows == "libssl3 3.0.2 3.0.3 security; openssl 3.0.2 3.0.3 security; vim 1 2 other"
    assert lab.value("select count(distinct first_seen) from upkeep.pending_update") == 1
