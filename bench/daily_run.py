"""
The daily DAG over 20 databases against the same graph of empty tasks, on the same Airflow, in one run. Aim: at most 1.3 times.

Starts its own Airflow (LocalExecutor, parallelism 4), report database and a server with the databases in a temporary folder, and
removes them. Takes about twenty minutes on two cores; the arguments are the number of databases and of rounds.
"""

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import httpx

from upkeep.demo import airflow, servers
from upkeep.demo.show import say
from upkeep.demo.state import State
from upkeep.demo.supervise import Supervisor
from upkeep.sources.scratch import ScratchServer, free_port

AIM = 1.3
SETTINGS = {"shared_preload_libraries": "pg_stat_statements", "max_connections": "200", "logging_collector": "on"}


def main() -> None:
    """Run both DAGs in turn, and print their wall times and the ratio of the sums."""
    count, rounds = map(int, sys.argv[1:3] if len(sys.argv) > 2 else (20, 2))
    home = Path(tempfile.mkdtemp(prefix="upkeep-bench-"))
    home.chmod(0o755)
    looked_after = ScratchServer(home / "looked_after", free_port(), servers.MAJOR, settings=SETTINGS)
    state = State.load(home)
    state.settle_ports(say)
    try:
        with Supervisor(say) as supervisor:
            client = _start(home, state, supervisor, looked_after, count)
            took = dict.fromkeys(("empty", "daily"), 0.0)
            for dag in ("empty", "daily") * rounds:
                took[dag] += _run(client, dag)
        ratio = took["daily"] / took["empty"]
        print(f"{count} databases: empty {took['empty']:.1f} s, daily {took['daily']:.1f} s, ratio {ratio:.2f} (aim {AIM})")
    finally:
        looked_after.stop()
        shutil.rmtree(home, ignore_errors=True)


def _start(home: Path, state: State, supervisor: Supervisor, looked_after: ScratchServer, count: int) -> httpx.Client:
    reports = servers.report_server(home, state)
    for server in (reports, looked_after):
        supervisor.own_server(server.data)
        server.start()
    store = servers.prepare_reports(reports, state)
    names = [f"shop_{index:02}" for index in range(count)]
    with looked_after.endpoint().connect("bench") as admin:
        for name in names:
            admin.execute(f"create database {name}".encode())
    for name in names:
        with looked_after.endpoint(name).connect("bench") as there:
            there.execute("create extension pg_stat_statements")
    (home / "inventory.yaml").write_text(_inventory(names))
    connections = {"upkeep_db": airflow.postgres_connection(store)}
    connections |= {f"{name}_db": airflow.postgres_connection(looked_after.endpoint(name)) for name in names}
    told = airflow.environment(state, reports.endpoint("airflow", "airflow", state.secret("airflow database")), connections)
    told["AIRFLOW__CORE__DAGS_FOLDER"] = str(Path(__file__).parent / "twins")
    airflow.migrate_metadata(state, told)
    airflow.start(supervisor, state, told)
    airflow.wait_until_healthy(state, supervisor.mend)
    return _client(state)


def _inventory(names: list[str]) -> str:
    people = [{"name": "on-call", "role": "Operations", "slack": "U0000001", "on_call": 1}]
    accepted = {"settings": {"accept": "fsync"}}
    databases = [{"name": n, "owner": "on-call", "connection": f"{n}_db", "thresholds": accepted} for n in names]
    # Switched on, a schedule would start a run of its own beside the measured ones.
    return json.dumps({"people": people, "schedule": {"daily": None}, "databases": databases})


def _client(state: State) -> httpx.Client:
    address = airflow.base_url(state)
    login = {"username": "admin", "password": json.loads(airflow.passwords_file(state).read_text())["admin"]}
    token = httpx.post(f"{address}/auth/token", json=login, timeout=60).json()["access_token"]
    client = httpx.Client(base_url=f"{address}/api/v2", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    for dag in ("empty", "daily"):
        while client.patch(f"/dags/{dag}", json={"is_paused": False}).status_code == httpx.codes.NOT_FOUND:
            time.sleep(1)
    return client


def _run(client: httpx.Client, dag: str) -> float:
    run = client.post(f"/dags/{dag}/dagRuns", json={"logical_date": None}).json()["dag_run_id"]
    while True:
        response = client.get(f"/dags/{dag}/dagRuns/{run}").json()
        if response["state"] in {"success", "failed"}:
            print(f"{dag}: {response['state']} in {response['duration']:.1f} s", flush=True)
            return float(response["duration"])
        time.sleep(0.5)


if __name__ == "__main__":
    main()
