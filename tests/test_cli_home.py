"""Commands on a machine without Airflow's settings: they say what they were not told, and leave no folder behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from upkeep.cli import airflow_home

INVENTORY = "people: [{name: ann, role: dba}]\ndatabases:\n  - {name: shop, owner: ann, connection: shop_db}\n"
COMMANDS = {
    "doctor": 1,
    "ask sequences shop": 2,
    "migrate": 2,
    "backups": 2,
    "restore shop": 2,
    "inventory --check": 0,
}
_THERE = ("AIRFLOW", "_AIRFLOW", "UPKEEP", "TMPDIR")


@pytest.mark.airflow
@pytest.mark.parametrize("command", COMMANDS)
def test_no_folder_is_left_where_there_is_no_airflow(tmp_path: Path, command: str) -> None:
    home, temp, file = tmp_path / "home", tmp_path / "temp", tmp_path / "inventory.yaml"
    home.mkdir()
    temp.mkdir()
    file.write_text(INVENTORY)
    (tmp_path / "waivers.yaml").write_text("waivers: []\n")
    told = {name: value for name, value in os.environ.items() if not name.startswith(_THERE)}
    told |= {
        "HOME": str(home),
        "TMPDIR": str(temp),
        "UPKEEP_INVENTORY": str(file),
        "UPKEEP_WAIVERS": str(tmp_path / "waivers.yaml"),
    }
    args = [sys.executable, "-m", "upkeep.cli", *command.split()]
    done = subprocess.run(args, env=told, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == COMMANDS[command], done.stdout + done.stderr
    assert [*home.iterdir(), *temp.iterdir()] == []
    if done.returncode:
        assert "Airflow has no connection" in done.stdout + done.stderr, "missing is not unreadable"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A home that is empty, and no setting of Airflow."""
    for name in (*airflow_home.ANY_OF, "_AIRFLOW_PROCESS_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return monkeypatch


@pytest.mark.parametrize("name", airflow_home.ANY_OF)
def test_an_airflow_that_is_named_is_asked(told: pytest.MonkeyPatch, name: str) -> None:
    told.setenv(name, "something")
    airflow_home.settle()
    assert os.environ["_AIRFLOW_PROCESS_CONTEXT"] == "server"
    told.setenv("AIRFLOW_HOME", "")  # what settle made goes with the test


def test_an_airflow_at_its_usual_place_is_asked(told: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert told
    (tmp_path / "airflow").mkdir()
    airflow_home.settle()
    assert os.environ["_AIRFLOW_PROCESS_CONTEXT"] == "server"
    assert "AIRFLOW_HOME" not in os.environ
