"""security_patches: one change for each package, worst first."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.advisories.made import advisory
from tests.checks.security.test_vulnerabilities import NOWHERE, WEEK, Known, bad
from tests.lab import asking, rules
from tests.test_cli_scan import POETRY
from upkeep.advisories.advisory import Advisory
from upkeep.advisories.knowledge import Knowledge
from upkeep.advisories.places import Advisories
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.dependencies.security_patches import security_patches
from upkeep.runner import ask
from upkeep.sources.folder_tree import FolderTree
from upkeep.sources.repository import Repository
from upkeep.targets.repository import CodeRepository


def asked(folder: Path, *advisories: Advisory, lock: str = POETRY.format(it="1.0"), **more: Any) -> Answer:
    """The answer about a folder with this lockfile."""
    (folder / "poetry.lock").write_text(lock)
    known = Knowledge(advisories, {"PyPI": WEEK.end}, **more)
    given = {Repository: Repository("shop", FolderTree(folder)), Advisories: Known(known)}
    return ask(asking(security_patches, CodeRepository(name="shop", owner="ann", path=str(folder)), NOWHERE, window=WEEK), given)


@pytest.mark.baseline
def test_nothing_known_needs_no_change(tmp_path: Path) -> None:
    answer = asked(tmp_path, advisory("A", "unused", "introduced=0"))
    assert (answer.status, answer.summary) == (Status.OK, "0 changes would close 0 of 0 known faults")


@pytest.mark.near_miss
def test_a_fault_without_a_mended_version_is_no_patch(tmp_path: Path) -> None:
    answer = asked(tmp_path, advisory("A", "it", "introduced=0"))
    assert rules(answer) == []
    assert answer.summary == "0 changes would close 0 of 1 known fault"


@pytest.mark.near_miss
def test_what_is_not_known_yet_needs_no_change(tmp_path: Path) -> None:
    assert rules(asked(tmp_path, bad(published=datetime(2026, 7, 1, tzinfo=UTC).isoformat()))) == []


@pytest.mark.fault
def test_one_change_closes_all_of_a_package(tmp_path: Path) -> None:
    answer = asked(tmp_path, bad("A"), advisory("B", "it", "introduced=0", "fixed=1.5"), advisory("C", "it", "introduced=0"))
    (finding,) = answer.findings
    assert (finding.rule, finding.object, finding.severity) == ("patch_available", "it (PyPI)", Severity.LOW)
    assert finding.title == "it 1.0 → 1.5 closes A, B; 1 other stays"
    assert finding.remedy == "lock it 1.5 or later, and run the tests"
    assert answer.metrics[0].value == 2


@pytest.mark.fault
def test_who_brings_it_has_to_move(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.poetry.dependencies]\npython = "*"\nother = "*"\n')
    lock = POETRY.format(it="1.0").replace('name = "other"\nversion = "1.0"\n', 'name = "other"\nversion = "1.0"\n').replace(
        "\n[metadata]", '\n[package.dependencies]\nit = "*"\n\n[metadata]'
    )  # fmt: skip
    (finding,) = asked(tmp_path, bad(), lock=lock).findings
    assert finding.remedy == "move other to a version that asks for it 1.2 or later, and lock anew"


def test_advisories_that_are_too_old_are_unknown(tmp_path: Path) -> None:
    (tmp_path / "poetry.lock").write_text(POETRY.format(it="1.0"))
    known = Knowledge((bad(),), {"PyPI": WEEK.end - timedelta(days=15)})
    given = {Repository: Repository("shop", FolderTree(tmp_path)), Advisories: Known(known)}
    target = CodeRepository(name="shop", owner="ann", path=str(tmp_path))
    assert ask(asking(security_patches, target, NOWHERE, window=WEEK), given).status is Status.UNKNOWN
