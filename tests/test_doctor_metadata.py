"""The doctor on Airflow's own metadata database: its kind, and what stays unknown of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from upkeep.config.inventory import Inventory, load
from upkeep.discovery import discover
from upkeep.doctor.metadata import metadata
from upkeep.targets.diagnosis import Level, needs_a_person


@pytest.fixture
def inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inventory:
    """One that names no database of Airflow."""
    monkeypatch.delenv("AIRFLOW_CONN_AIRFLOW_MONITOR_DB", raising=False)
    path = tmp_path / "inventory.yaml"
    path.write_text("people: [{name: ann, role: dba, slack: U0ANN}]\n")
    return load(path)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("sqlite", "SQLite, which is for trying only: metadata_retention and "),
        ("mysql", "MySQL, which Upkeep does not look after: metadata_retention and "),
        ("oracle", "Airflow keeps it in oracle: metadata_retention and "),
        ("postgresql", "it is no target: metadata_retention and "),
    ],
)
def test_what_stays_unknown_is_named(inventory: Inventory, kind: str, text: str) -> None:
    (message,) = metadata(kind, inventory, discover(), "inventory.yaml:1")
    assert text in message.text
    assert (message.level, message.where) == (Level.NOTE, "inventory.yaml:1")
    assert "airflow_monitor_db" in message.remedy
    assert not needs_a_person([message]), "a kind of database is no fault of today"


def test_one_that_is_a_target_needs_no_word(inventory: Inventory, tmp_path: Path) -> None:
    assert list(metadata("", inventory, discover(), "")) == []
    path = tmp_path / "watched.yaml"
    path.write_text("people: [{name: ann, role: dba, slack: U0ANN}]\nown_databases: {airflow: meta}\n")
    assert list(metadata("postgresql", load(path), discover(), "")) == []
    assert list(metadata("sqlite", load(path), discover(), "")), "that of another Airflow is not this one"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("sqlite:////tmp/x.db", "sqlite"),
        ("postgresql+psycopg2://u:secret@h/d", "postgresql"),
        ("postgres://u:secret@h/d", "postgresql"),
    ],
)
def test_the_kind_is_that_of_airflows_setting(tmp_path: Path, address: str, kind: str) -> None:
    text = "from upkeep.airflow_bridge.connections import metadata_kind; print(metadata_kind())"
    told = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": address}
    done = subprocess.run([sys.executable, "-c", text], env=told, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == kind
