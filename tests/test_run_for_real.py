"""docs/run-for-real.md on a plain Airflow, step by step, with the document's own words."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.airflow_bridge.rig import Airflow, running
from tests.conftest import FULL
from tests.lab import Lab, fresh_database
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer, installed

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

TEXT = (Path(__file__).parents[1] / "docs/run-for-real.md").read_text(encoding="utf-8")
PASSWORD = "of-these-tests"
# Sequences of another schema, and extensions: what the document leaves to the doctor.
SHOP = """
create table public.orders (id bigserial primary key); insert into public.orders select from generate_series(1, 50);
create schema stock; create table stock.items (id serial primary key, "order" bigint)
"""
# What is the machine's or the server's of these tests: its room, and a log that it does not keep.
OF_THIS_MACHINE = {"logs", "temporary files", "server log"}
INVENTORY = """
people: [{{name: dba, role: Keeps the databases, on_call: 1}}]
databases:
  - name: shop
    owner: dba
    connection: shop_db
    red_at: critical
    backup: {{to: "{folder}", login: shop_backup}}
"""


def step(number: int, language: str) -> list[str]:
    """The blocks of one step."""
    section = TEXT.split(f"\n## {number}. ")[1].split("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


def as_administrator(at: Endpoint, script: str) -> None:
    """Pasted into psql; the password that it asks for is given."""
    script = re.sub(r"^\\password (\w+)", rf"alter role \1 password '{PASSWORD}';", script, flags=re.MULTILINE)
    folder = installed("psql")[FULL]
    args = [
        str(folder / "psql"),
        "-X",
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        "-h",
        str(at.host),
        "-p",
        str(at.port),
        "-U",
        str(at.user),
    ]
    told = {**os.environ, "PGPASSWORD": str(at.password)}
    done = subprocess.run([*args, str(at.database)], input=script, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def shop(server: ScratchServer) -> Iterator[Lab]:
    with fresh_database(server, "run_for_real") as made:
        made.run(SHOP)
        yield made


@dataclass
class Walked:
    """How far the commands have led: an inventory that is whole, connections, a schema, rights."""

    folder: Path
    inventory: str
    connections: dict[str, str]
    upkeep: Callable[..., Any]


@pytest.fixture(scope="module")
def walked(server: ScratchServer, shop: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """Steps 1 to 6."""
    try:
        yield _walked(server, shop, tmp_path_factory.mktemp("real"))
    finally:
        with server.endpoint().connect("end") as admin:
            admin.execute("drop database if exists upkeep with (force)")
        for role in ("upkeep_monitor", "upkeep_backup", "upkeep"):
            if shop.value(f"select count(*) from pg_roles where rolname = '{role}'"):
                shop.run(f"drop owned by {role}; drop role {role}")


def _walked(server: ScratchServer, shop: Lab, folder: Path) -> Walked:
    there = shop.value("select count(*) from pg_roles where rolname = 'upkeep_reader'")
    for block in step(1, "sql"):
        # The role of readers belongs to the whole server: another file's databases may have it already.
        script = block.replace("create role upkeep_reader nologin;\n", "") if there else block
        as_administrator(server.endpoint(), script)
    (login,) = step(2, "sql")
    bare, full = login.split("grant pg_monitor")
    as_administrator(shop.endpoint, bare)
    shop.run(f"create role upkeep_backup login password '{PASSWORD}'")
    connections = _connections(server, shop)
    (folder / "backups").mkdir()
    inventory = INVENTORY.format(folder=(folder / "backups").as_uri())
    upkeep = _command(folder, inventory, connections)
    assert "nothing wrong" in _done(upkeep(*_words(4)), 0)
    assert "applied" in _done(upkeep(*_words(5)), 0)
    _grants_at_once(shop, upkeep, full)
    return Walked(folder, inventory, connections, upkeep)


def test_a_run_is_rehearsed_while_everything_is_paused(server: ScratchServer, walked: Walked) -> None:
    message = _done(walked.upkeep(*_words(8)), 0, 1)
    assert "could not ask" not in message
    assert len(message.splitlines()) > 15
    with server.endpoint("upkeep", "upkeep", PASSWORD).connect("look") as store:
        assert store.execute("select count(*) from upkeep.answer").fetchone() == (0,), "nothing was stored"


def test_unpaused_each_dag_runs_once(server: ScratchServer, shop: Lab, walked: Walked) -> None:
    with fresh_database(server, "run_for_real_airflow") as made:
        at = made.endpoint
        url = f"postgresql+psycopg2://{at.user}:{quote(at.password or '', safe='')}@{at.host}:{at.port}/{at.database}"
        more = {**walked.connections, "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url}
        with running(walked.folder, shop, {"ada": "admin"}, walked.inventory, **more) as airflow:
            _first_runs(airflow)


def _grants_at_once(shop: Lab, upkeep: Callable[..., Any], documented: str) -> None:
    """Without a single right the doctor's first script is the last."""
    told = json.loads(_done(upkeep(*_words(6), "--json"), 1))
    (script,) = told["grants"].values()
    as_administrator(shop.endpoint, script)
    again = json.loads(_done(upkeep(*_words(6), "--json"), 0, 1))
    assert again["grants"] == {}, "one script, not one after the other"
    as_administrator(shop.endpoint, "grant pg_monitor" + documented)
    missing = [found for found in again["diagnoses"] if found["level"] == "no" and found["about"] not in OF_THIS_MACHINE]
    assert missing == [], "everything else is well"


def _first_runs(airflow: Airflow) -> None:
    """Unpaused, each DAG makes one run, of its own accord, and that one is all there is. The daily one may well be red."""
    assert airflow.ask("ada", "GET", "dags/daily").json()["is_paused"], "they start paused"
    begun = datetime.now(UTC).date()
    for dag, states in {"backups": {"success"}, "daily": {"success", "failed"}}.items():
        assert _runs(airflow, dag) == []
        airflow.ask("ada", "PATCH", f"dags/{dag}", is_paused=False)
        for run in _ended(airflow, dag):
            assert run["run_type"] == "scheduled"
            assert run["state"] in states, airflow.of(dag).log(run["dag_run_id"], "begin")
    midnights = (datetime.now(UTC).date() - begun).days
    for dag in ("backups", "daily"):
        assert 1 <= len(_runs(airflow, dag)) <= 1 + midnights, "no doubled run"


def _runs(airflow: Airflow, dag: str) -> list[dict[str, Any]]:
    return list(airflow.ask("ada", "GET", f"dags/{dag}/dagRuns").json()["dag_runs"])


def _ended(airflow: Airflow, dag: str, count: int = 1) -> list[dict[str, Any]]:
    for _ in range(600):
        found = _runs(airflow, dag)
        if len(found) >= count and all(run["state"] in {"success", "failed"} for run in found):
            return found
        time.sleep(1)
    raise AssertionError(f"{dag}: {found}; {airflow.of(dag).log('', '')}")


def _connections(server: ScratchServer, shop: Lab) -> dict[str, str]:
    """As the document writes them; these servers speak no TLS."""
    shown = dict(re.findall(r"export (AIRFLOW_CONN_\w+)='(.*)'", step(3, "sh")[0]))
    here = {"host": shop.endpoint.host, "port": shop.endpoint.port, "password": PASSWORD, "extra": {}}
    made = {name: {**json.loads(text), **here} for name, text in shown.items()}
    made["AIRFLOW_CONN_SHOP_DB"]["schema"] = shop.endpoint.database
    made["AIRFLOW_CONN_SHOP_BACKUP"] = made["AIRFLOW_CONN_SHOP_DB"] | {"login": "upkeep_backup"}
    assert {server.port} == {each["port"] for each in made.values()}
    return {name: json.dumps(content) for name, content in made.items()}


def _command(folder: Path, inventory: str, connections: dict[str, str]) -> Callable[..., Any]:
    """`upkeep`, as somebody types it who has exported what the document says."""
    (folder / "inventory.yaml").write_text(inventory)
    (folder / "waivers.yaml").write_text("waivers: []\n")
    files = {"UPKEEP_INVENTORY": folder / "inventory.yaml", "UPKEEP_WAIVERS": folder / "waivers.yaml"}
    told = {**os.environ, **connections, **{name: str(file) for name, file in files.items()}, "AIRFLOW_HOME": str(folder)}
    told.pop("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", None)
    args = [sys.executable, "-m", "upkeep.cli"]
    return lambda *more: subprocess.run([*args, *more], env=told, capture_output=True, text=True, check=False)


def _words(number: int) -> list[str]:
    """The command of one step."""
    (command,) = [line for block in step(number, "sh") for line in block.splitlines() if line.startswith("upkeep ")]
    return command.split()[1:]


def _done(done: Any, *codes: int) -> str:
    assert done.returncode in codes, done.stdout[-3000:] + done.stderr[-3000:]
    return str(done.stdout)
