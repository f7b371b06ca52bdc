"""Upkeep's own databases are targets where their connections are there, and nobody has to write them down."""

from pathlib import Path

import pytest

from upkeep.config.inventory import Inventory, load
from upkeep.config.own_databases import known_connections, metadata_left_out
from upkeep.errors import InventoryError
from upkeep.targets.airflow_database import AirflowDatabase
from upkeep.targets.database import Database

FILE = """
people:
  - {name: ann, role: dba, slack: U0ANN}
  - {name: bob, role: dba, slack: U0BOB, on_call: 1}
databases: [{name: shop, owner: ann, connection: shop_db}]
"""
THERE = ("upkeep_db", "upkeep_monitor_db", "airflow_monitor_db")


@pytest.fixture(autouse=True)
def nothing_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*THERE, "airflow_maintenance_db"):
        monkeypatch.delenv(f"AIRFLOW_CONN_{name.upper()}", raising=False)
    monkeypatch.delenv("UPKEEP_CONNECTIONS", raising=False)


def there(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for name in names:
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", "{}")


def read(tmp_path: Path, more: str = "") -> Inventory:
    path = tmp_path / "inventory.yaml"
    path.write_text(FILE + more)
    return load(path)


def names(inventory: Inventory) -> list[str]:
    return [target.name for target in inventory.of(Database)]


@pytest.mark.baseline
def test_where_their_connections_are_there_they_are_targets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there(monkeypatch, *THERE)
    found = read(tmp_path)
    assert names(found) == ["shop", "report database", "airflow database"]
    report, airflow = found.target("report database"), found.target("airflow database")
    assert isinstance(report, Database)
    assert isinstance(airflow, AirflowDatabase)
    assert (report.connection, report.owner, report.tags) == ("upkeep_monitor_db", "bob", ("upkeep",))
    assert (airflow.connection, airflow.maintenance) == ("airflow_monitor_db", None)


def test_who_may_clean_is_a_connection_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there(monkeypatch, *THERE, "airflow_maintenance_db")
    airflow = read(tmp_path).target("airflow database")
    assert isinstance(airflow, AirflowDatabase)
    assert airflow.maintenance
    assert airflow.maintenance.login == "airflow_maintenance_db"


@pytest.mark.near_miss
def test_without_connections_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert names(read(tmp_path)) == ["shop"]
    there(monkeypatch, "upkeep_db")  # the login that owns the tables is none that only reads
    assert names(read(tmp_path)) == ["shop"]


def test_connections_of_a_backend_are_named_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPKEEP_CONNECTIONS", "upkeep_monitor_db, airflow_monitor_db")
    assert names(read(tmp_path)) == ["shop", "report database", "airflow database"]
    assert known_connections({"AIRFLOW_CONN_A_B": "", "UPKEEP_CONNECTIONS": " c d,\n"}) == {"a_b", "c", "d"}
    assert known_connections({}) == frozenset()


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("own_databases: false\n", []),
        ("own_databases: {airflow: false}\n", ["report database"]),
        ("own_databases: {report: false}\n", ["airflow database"]),
        ("airflow_databases: [{name: af, owner: ann, connection: airflow_monitor_db}]\n", ["report database"]),
        ("airflow_databases: [{name: airflow database, owner: ann, connection: other}]\n", ["report database"]),
    ],
)
def test_they_are_switched_off_or_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, message: str, left: list[str]
) -> None:
    there(monkeypatch, *THERE)
    derived = [name for name in names(read(tmp_path, message)) if "upkeep" in read(tmp_path, message).target(name).tags]
    assert derived == left


def test_any_connection_may_be_named(tmp_path: Path) -> None:
    message = "own_databases: {report: reports, airflow: meta, airflow_login: meta_owner, owner: ann}\n"
    found = read(tmp_path, message)
    airflow = found.target("airflow database")
    assert isinstance(airflow, AirflowDatabase)
    assert (airflow.connection, airflow.maintenance and airflow.maintenance.login, airflow.owner) == ("meta", "meta_owner", "ann")


@pytest.mark.fault
@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("{owner: amy}", '"amy" is no person of this file'),
        ("{airflw: x}", "airflw"),
        ("[]", "own_databases"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, message: str, text: str) -> None:
    with pytest.raises(InventoryError) as refused:
        read(tmp_path, f"own_databases: {message}\n")
    assert text in str(refused.value)
    assert "inventory.yaml:6" in str(refused.value)


@pytest.mark.parametrize(
    ("message", "left_out"),
    [
        ("", True),
        ("own_databases: {report: false}\n", True),
        ("own_databases: {airflow: meta}\n", False),
        ("own_databases: {airflow: false}\n", False),
        ("own_databases: false\n", False),
        ("airflow_databases: [{name: af, owner: ann, connection: any}]\n", False),
    ],
)
def test_metadata_is_left_out_only_where_nobody_said_anything(tmp_path: Path, message: str, *, left_out: bool) -> None:
    found = read(tmp_path, message)
    assert metadata_left_out(found.settings.own_databases, found.targets) is left_out


def test_metadata_under_databases_is_looked_after(tmp_path: Path) -> None:
    path = tmp_path / "inventory.yaml"
    path.write_text(FILE.replace("shop_db", "airflow_monitor_db"))
    found = load(path)
    assert not metadata_left_out(found.settings.own_databases, found.targets)
