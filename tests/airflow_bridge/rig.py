"""A real Airflow for tests of DAGs in which people answer: API server, DAG processor and scheduler over SQLite."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.lab import Lab
from tests.ui import airflow_server
from upkeep.sources.scratch import free_port

PATIENCE_S = 300
"""A cold server on a busy machine takes its time; one that is away is told at once."""


@dataclass
class Airflow:
    """A running one, asked as one of USERS."""

    url: str
    home: Path
    dag: str = "restore"

    def ask(self, user: str, method: str, path: str, **body: Any) -> httpx.Response:
        """One call of its API."""
        login = {"username": user, "password": airflow_server.PASSWORD}
        token = httpx.post(f"{self.url}/auth/token", json=login, timeout=PATIENCE_S).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.request(method, f"{self.url}/api/v2/{path}", headers=headers, json=body or None, timeout=PATIENCE_S)

    def waits(self, run: str, task: str, *states: str) -> str:
        """The task's state, when it is one of these."""
        deadline, state = time.monotonic() + PATIENCE_S, ""
        while time.monotonic() < deadline:
            response = self.ask("ada", "GET", f"dags/{self.dag}/dagRuns/{run}/taskInstances/{task}")
            state = response.json().get("state") or ""
            if state in states:
                return state
            assert state not in {"failed", "upstream_failed"} or state in states, self.log(run, task)
            time.sleep(1)
        raise AssertionError(f"{task} is {state or 'not begun'}: {self.log(run, task)}")

    def of(self, dag: str) -> "Airflow":
        """The same, asked about another DAG."""
        return replace(self, dag=dag)

    def log(self, run: str, task: str) -> str:
        """The end of its log."""
        files = sorted(self.home.rglob(f"*run_id={run}*/task_id={task}/*.log"))
        return files[-1].read_text()[-3000:] if files else (self.home / "scheduler.log").read_text()[-3000:]


@contextmanager
def running(home: Path, lab: Lab, users: dict[str, str], inventory: str, **more: str) -> Iterator[Airflow]:
    """API server, DAG processor and scheduler over SQLite; `more` are settings of the environment."""
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(airflow_server, "USERS", users)
        environment = airflow_server._environment(home, port, lab.endpoint)  # noqa: SLF001 - the same server as the pages' tests
    (home / "inventory.yaml").write_text(inventory)
    environment["AIRFLOW_CONN_SHOP_DB"] = environment["AIRFLOW_CONN_UPKEEP_DB"]
    environment["AIRFLOW__CORE__EXECUTOR"] = "LocalExecutor"
    environment |= {"AIRFLOW__CORE__PARALLELISM": "2", "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60"}
    # The files do not change here: parsed again every half minute, they would take most of a core.
    environment |= {"AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600", **more}
    for case in (["db", "migrate"], ["dags", "reserialize"]):
        airflow_server._airflow(case, environment)  # noqa: SLF001
    processes = []
    try:
        for name in ("api-server", "dag-processor", "scheduler"):
            with (home / f"{name}.log").open("wb") as log:
                processes.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "airflow", name], env=environment, stdout=log, stderr=log, cwd=airflow_server.ROOT,
                        start_new_session=True,
                    )
                )  # fmt: skip
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and not _answers(port):
            time.sleep(1)
        yield Airflow(f"http://127.0.0.1:{port}", home)
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGTERM)
        for process in processes:
            process.wait(60)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/api/v2/monitor/health", timeout=30).is_success
    except httpx.TransportError:
        return False
