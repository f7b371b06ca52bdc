"""A daily run on two Celery workers that share nothing stores what LocalExecutor stores; a dead one's logs are still read."""

import json
import subprocess
import sys
from typing import Any

import pytest
from psycopg.sql import SQL, Identifier

from tests.machines.compose import ROOT, services
from tests.machines.conftest import keep
from tests.machines.installation import Installation, end, run, until
from tests.machines.network import Machine
from upkeep.sources.scratch import ScratchServer

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
TARGETS = ("shop", "books")
# One area goes every way that a run has; all of them take ten minutes on two busy cores.
AREAS = ["backups"]
FAULTS = """
    create sequence nearly_used as smallint start 32000;
    select nextval('nearly_used');
    create table kept (id int primary key, name text);
    create index one on kept (name);
    create index two on kept (name);
"""
# What every run must agree about; numbers of a live server differ from minute to minute.
ROWS = {
    "answers": "select duty, target, window_start, window_end, status::text from upkeep.answer order by 1, 2",
    "findings": "select duty, target, fingerprint, severity::text, title from upkeep.finding order by 1, 2, 3",
    "metrics": "select distinct duty, target, name, unit from upkeep.metric order by 1, 2, 3",
    "reports": "select cadence, window_start, window_end, name from upkeep.report order by 1, 4",
}
# All that a worker is told: neither the metadata database nor the keys of its secrets.
WITHHELD = ("DATABASE__SQL_ALCHEMY_CONN_CMD", "CORE__FERNET_KEY_CMD", "API_AUTH__JWT_SECRET_CMD")


def test_two_workers_store_what_one_scheduler_stores(installation: Installation, machines: list[Machine]) -> None:
    _plant(installation)
    started = _start(installation)
    local = _scheduler(installation, "LocalExecutor", AIRFLOW_CONN_UPKEEP_DB=installation.connection("compared"))
    _daily(installation, "local")
    end(local)
    workers = [_worker(installation, machine) for machine in machines]
    try:
        _scheduler(installation, "CeleryExecutor")
        tasks = _daily(installation, "celery")
        assert {task["hostname"] for task in tasks if task["hostname"]} == {machine.name for machine in machines}
        assert _rows(installation, "upkeep") == _rows(installation, "compared")
        assert len(_rows(installation, "upkeep")["answers"]) >= len(TARGETS) * len(AREAS)
        _healthy(started)
        workers[0].kill()
        workers[0].wait()
        _logs_are_read(installation, tasks, machines[0])
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def _plant(installation: Installation) -> None:
    server: ScratchServer = installation.server  # type: ignore[assignment] # the fixture gave it
    with server.endpoint().connect("plant") as admin:
        admin.execute("create role shop_monitor login password 'monitor-tests-only'; grant pg_monitor to shop_monitor")
        for name in (*TARGETS, "compared"):
            admin.execute(SQL("create database {}").format(Identifier(name)))
    with server.endpoint("compared").connect("plant") as there:
        there.execute("create schema upkeep authorization upkeep")
    for name in TARGETS:
        with server.endpoint(name).connect("plant") as there:
            there.execute(FAULTS.encode())
    databases = [{"name": name, "owner": "on-call", "connection": f"{name}_db"} for name in TARGETS]
    inventory = {"people": [{"name": "on-call", "role": "Operations"}], "schedule": {"daily": None}, "databases": databases}
    (installation.folder / "inventory.yaml").write_text(json.dumps(inventory))


def _start(installation: Installation) -> dict[str, dict[str, str]]:
    """The schemas, then every component but the scheduler; what each was told."""
    told = installation.told("init", installation.folder / "init", **installation.logs)
    output = run(["bash", str(ROOT / "deploy/initialise"), str(installation.secrets)], told)
    assert f"http://{installation.host}:{installation.api}" in output, "the welcome names where it is"
    run(["upkeep", "migrate"], {**told, "AIRFLOW_CONN_UPKEEP_DB": installation.connection("compared")})
    login = {"login": "shop_monitor", "password": "monitor-tests-only"}
    given = {f"{name}_db": {**json.loads(installation.connection(name)), **login} for name in TARGETS}
    (installation.folder / "targets.json").write_text(json.dumps(given))
    run(["airflow", "connections", "import", str(installation.folder / "targets.json")], told)
    started = {}
    for name in ("api-server", "dag-processor", "triggerer"):
        started[name] = installation.told(name, installation.folder / name, **installation.logs)
        installation.start(name, started[name])
    return started


def _scheduler(installation: Installation, executor: str, **more: str) -> "subprocess.Popen[bytes]":
    told = installation.told("scheduler", installation.folder / "scheduler", **installation.logs, **more)
    return installation.start("scheduler", {**told, "AIRFLOW__CORE__EXECUTOR": executor, "AIRFLOW__CORE__PARALLELISM": "4"})


def _worker(installation: Installation, machine: Machine) -> "subprocess.Popen[bytes]":
    """A worker as compose starts it, on a machine that has its own copy of the three secrets that it needs."""
    told = installation.told("worker", machine.folder, **installation.logs)
    told = {name: word for name, word in told.items() if not name.endswith(WITHHELD)}
    for name in ("broker", "results", "api"):
        keep(machine, installation.secrets / name, f"secrets/{name}")
    told = {name: word.replace(str(installation.secrets), str(machine.folder / "secrets")) for name, word in told.items()}
    inventory = keep(machine, installation.folder / "inventory.yaml", "include/inventory.yaml")
    told |= {"UPKEEP_INVENTORY": str(inventory), "HOME": str(machine.folder), "TMPDIR": str(machine.folder), "USER": machine.name}
    args = [*services()["worker"]["command"], "--concurrency", "1"]
    log = installation.folder / f"{machine.name}.log"
    return machine.start([sys.executable, "-m", "airflow", *args], told, log)


def _daily(installation: Installation, run_id: str) -> list[dict[str, Any]]:
    """Run it to its end; its task instances."""
    until(installation.answers, "the API server does not answer")
    until(lambda: installation.ask("GET", "dags/daily"), "Airflow never knew the DAG")
    installation.ask("PATCH", "dags/daily", is_paused=False)
    assert installation.ask("POST", "dags/daily/dagRuns", dag_run_id=run_id, logical_date=None, conf={"areas": AREAS})
    path = f"dags/daily/dagRuns/{run_id}"
    until(lambda: installation.ask("GET", path)["state"] in {"success", "failed"}, f"{run_id} did not end", 900)
    found: list[dict[str, Any]] = []
    while page := installation.ask("GET", f"{path}/taskInstances?limit=100&offset={len(found)}")["task_instances"]:
        found += page
    return found


def _rows(installation: Installation, database: str) -> dict[str, list[tuple[Any, ...]]]:
    with installation.reports(database).connect("look") as connection:
        return {name: connection.execute(sql.encode()).fetchall() for name, sql in ROWS.items()}


def _healthy(started: dict[str, dict[str, str]]) -> None:
    """What the health checks of compose run is well with what their containers are told, and with nothing more."""
    for name in ("dag-processor", "triggerer"):
        kind, *args = services()[name]["healthcheck"]["test"]
        assert kind == "CMD"
        run(args, started[name])
    assert "nothing to do" in run(["upkeep", "migrate"], started["api-server"]), "as `exec api-server upkeep migrate` does"


def _logs_are_read(installation: Installation, tasks: list[dict[str, Any]], dead: Machine) -> None:
    task = next(each for each in tasks if each["hostname"] == dead.name and each["map_index"] >= 0)
    path = f"dags/daily/dagRuns/celery/taskInstances/{task['task_id']}/logs/1?map_index={task['map_index']}"
    message = json.dumps(installation.ask("GET", path))
    assert f"s3://logs/airflow/dag_id=daily/run_id=celery/task_id={task['task_id']}" in message, message[-2000:]
    assert "upkeep.airflow_bridge.tasks" in message, "what the task logged, not that its worker is away"
