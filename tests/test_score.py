"""The score itself: what is counted as what, and how versions stand side by side."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.every_version import page, version_of, wanted_here
from upkeep.sources.scratch import bin_folder, installed

ROOT = Path(__file__).parents[1]
PLANTED = """
import pytest

@pytest.mark.fault
def test_found():
    assert True

@pytest.mark.fault
def test_missed():
    assert False

@pytest.mark.fault
def test_absent():
    raise RuntimeError('extension "pgstattuple" is not available')

@pytest.mark.near_miss
def test_quiet():
    assert True

@pytest.mark.baseline
def test_invented():
    assert False

def test_nothing_is_planted():
    assert False
"""
NAMED_ONES = """
import os
import pytest
from tests.lab import Lab

@pytest.mark.fault
def test_shared(lab: Lab):
    assert str(lab.server.major) == os.environ["EXPECTED"]
    assert lab.value("show server_version").split(".")[0] == os.environ["EXPECTED"]
"""


def tally(**given: Any) -> dict[str, Any]:
    return {"caught": 0, "missed": [], "quiet": 0, "false_alarms": [], "untried": 0, **given}


@pytest.mark.slow
def test_each_outcome_is_counted_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "test_sample.py").write_text(PLANTED)
    into = tmp_path / "counted.json"
    args = [sys.executable, "-m", "tests.score", f"--into={into}", str(tmp_path / "test_sample.py"), "-p", "no:cacheprovider"]
    done = subprocess.run(args, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    counted = json.loads(into.read_text())["sample"]
    assert (counted["caught"], counted["quiet"], counted["untried"]) == (1, 1, 1)
    assert [name.rpartition("::")[2] for name in counted["missed"] + counted["false_alarms"]] == ["test_missed", "test_invented"]


def test_versions_stand_side_by_side() -> None:
    text = page({
        "15.19": {"sequences": tally(caught=3, quiet=2), "settings": tally(caught=1, missed=["x"], untried=1)},
        "18.6": {"sequences": tally(caught=3, quiet=1, false_alarms=["y"])},
    })  # fmt: skip
    assert "| sequences | 3/3 | 0/2 | 3/3 | 1/2 |" in text
    assert "| settings | 1/2 +1 | 0/0 | - | - |" in text
    assert "| **all** | 4/5 +1 | 0/2 | 3/3 | 1/2 |" in text
    assert "* 15.19 missed `x`" in text
    assert "* 18.6 false alarm `y`" in text


def test_nothing_wrong_is_not_said() -> None:
    assert "Not as it should be" not in page({"18.6": {"sequences": tally(caught=3)}})


@pytest.mark.slow
def test_a_version_that_is_named_is_the_one_that_is_asked(tmp_path: Path) -> None:
    (tmp_path / "test_named.py").write_text(NAMED_ONES)
    for major in (min(installed()), max(installed())):
        into = tmp_path / f"{major}.json"
        args = [sys.executable, "-m", "tests.score", f"--into={into}", str(tmp_path / "test_named.py"), "-p", "tests.conftest"]
        told = {**os.environ, "UPKEEP_TEST_MAJOR": str(major), "EXPECTED": str(major)}
        subprocess.run(args, cwd=ROOT, env=told, capture_output=True, check=False)
        counted = json.loads(into.read_text())
        assert (counted["named"]["caught"], counted["named"]["missed"]) == (1, [])


def test_what_asks_no_server_is_counted_with_the_newest_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asks, does_not = SimpleNamespace(Lab=Any), SimpleNamespace()
    assert [wanted_here(asks), wanted_here(does_not)] == [True, True]
    monkeypatch.setenv("UPKEEP_TEST_MAJOR", str(max(installed())))
    assert [wanted_here(asks), wanted_here(does_not)] == [True, True]
    monkeypatch.setenv("UPKEEP_TEST_MAJOR", "9")
    assert [wanted_here(asks), wanted_here(does_not)] == [True, False]


def test_a_version_is_what_the_server_says() -> None:
    assert int(version_of(bin_folder()).split(".")[0]) in installed()
