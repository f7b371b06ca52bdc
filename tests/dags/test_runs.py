"""What Airflow itself makes of a run that goes wrong: `dag.test()` on a metadata database of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = """
people: [{name: on-call, role: Operations, slack: U0000001}]
databases: [{name: shop, owner: on-call, connection: a_db}]
"""


def run(env: dict[str, str], *args: str) -> None:
    done = subprocess.run([sys.executable, *args], env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What became of each way that a run can go."""
    home = tmp_path_factory.mktemp("airflow")
    (home / "inventory.yaml").write_text(INVENTORY)
    env = {
        **{k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW")},
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "tests" / "dags" / "ways"),
        "UPKEEP_INVENTORY": str(home / "inventory.yaml"),
        "PYTHONPATH": str(ROOT),
    }
    run(env, "-m", "airflow", "db", "migrate")
    run(env, "-m", "tests.dags.ways", str(home / "seen.json"))
    return dict(json.loads((home / "seen.json").read_text()))


@pytest.mark.baseline
def test_a_run_without_faults_is_green_and_tells_nothing_more(seen: dict[str, Any]) -> None:
    assert (seen["well"]["state"], seen["well"]["reported"], seen["well"]["told"]) == ("success", "success", [])


@pytest.mark.baseline
def test_what_was_not_selected_is_skipped_without_a_task_and_the_report_comes(seen: dict[str, Any]) -> None:
    run = seen["selected"]
    assert (run["database.sequences"], run["database.later"]) == ("skipped", "skipped"), "either would fail if it were started"
    assert (run["state"], run["report"], run["reported"], run["told"]) == ("success", "success", "success", [])


@pytest.mark.fault
def test_a_red_duty_fails_the_run_and_its_report_has_told_it(seen: dict[str, Any]) -> None:
    assert (seen["red"]["state"], seen["red"]["report"], seen["red"]["told"]) == ("failed", "success", [])


@pytest.mark.fault
def test_a_report_that_fails_fails_the_run_and_is_told_once(seen: dict[str, Any]) -> None:
    assert seen["unreported"]["report"] == "failed"
    assert seen["unreported"]["reported"] == "upstream_failed"
    assert (seen["unreported"]["state"], seen["unreported"]["told"]) == ("failed", ["task failed"])


@pytest.mark.fault
def test_a_run_that_cannot_begin_is_told_once(seen: dict[str, Any]) -> None:
    assert seen["unbegun"]["report"] != "success"
    assert (seen["unbegun"]["state"], seen["unbegun"]["told"]) == ("failed", ["task failed"])


@pytest.mark.fault
def test_rows_that_are_not_fit_fail_the_run_and_the_report_tells_it(seen: dict[str, Any]) -> None:
    assert (seen["unfit"]["state"], seen["unfit"]["report"], seen["unfit"]["told"]) == ("failed", "success", [])
