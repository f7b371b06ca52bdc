"""The DAG `restore` in a real Airflow: a plan, the approval of the right person, and exactly what was approved."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.backups.world import in_folder
from tests.lab import Lab
from tests.ui import airflow_server
from upkeep.sources.scratch import free_port
from upkeep.store.answers import Provenance, connected
from upkeep.store.backups import StoredRegistry
from upkeep.store.migrate import migrate
from upkeep.window import Window

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
USERS = {"ada": "admin", "otto": "op", "olga": "op"}
INVENTORY = """
people:
  - {name: first, role: DBA, slack: U0000001, airflow: ada, on_call: 1}
  - {name: owner, role: DBA, slack: U0000002, airflow: olga}
databases:
  - {name: shop, owner: owner, connection: shop_db}
"""


@dataclass
class Airflow:
    """A running one, asked as one of USERS."""

    url: str
    home: Path

    def ask(self, user: str, method: str, path: str, **body: Any) -> httpx.Response:
        """One call of its API."""
        login = {"username": user, "password": airflow_server.PASSWORD}
        token = httpx.post(f"{self.url}/auth/token", json=login, timeout=60).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.request(method, f"{self.url}/api/v2/{path}", headers=headers, json=body or None, timeout=60)

    def waits(self, run: str, task: str, *states: str) -> str:
        """The task's state, when it is one of these."""
        deadline, state = time.monotonic() + 150, ""
        while time.monotonic() < deadline:
            said = self.ask("ada", "GET", f"dags/restore/dagRuns/{run}/taskInstances/{task}")
            state = said.json().get("state") or ""
            if state in states:
                return state
            assert state not in {"failed", "upstream_failed"} or state in states, self.log(run, task)
            time.sleep(1)
        raise AssertionError(f"{task} is {state or 'not begun'}: {self.log(run, task)}")

    def log(self, run: str, task: str) -> str:
        """The end of its log."""
        files = sorted(self.home.rglob(f"*run_id={run}*/task_id={task}/*.log"))
        return files[-1].read_text()[-3000:] if files else (self.home / "scheduler.log").read_text()[-3000:]


@contextmanager
def running(home: Path, lab: Lab) -> Iterator[Airflow]:
    """API server, DAG processor and scheduler over SQLite."""
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(airflow_server, "USERS", USERS)
        environment = airflow_server._environment(home, port, lab.endpoint)  # noqa: SLF001 - the same server as the pages' tests
    (home / "inventory.yaml").write_text(INVENTORY)
    environment["AIRFLOW_CONN_SHOP_DB"] = environment["AIRFLOW_CONN_UPKEEP_DB"]
    environment["AIRFLOW__CORE__EXECUTOR"] = "LocalExecutor"
    environment["AIRFLOW__CORE__PARALLELISM"] = "2"
    for words in (["db", "migrate"], ["dags", "reserialize"]):
        airflow_server._airflow(words, environment)  # noqa: SLF001
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
        deadline = time.monotonic() + 120
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


def test_asked_approved_by_another_and_restored(lab: Lab, tmp_path: Path) -> None:
    lab.run("create table t (a int); insert into t select generate_series(1, 7)")
    shelf, now = in_folder(tmp_path / "store"), datetime.now(UTC)
    approved = shelf.take(lab.endpoint)
    migrate(lab.endpoint)

    def known() -> StoredRegistry:
        return StoredRegistry(connection, Window(now - timedelta(days=1), now), Provenance("daily", "r", "backup", -1, 1, now, 0))

    with connected(lab.endpoint) as connection, running(tmp_path, lab) as airflow:
        known().put(approved)
        airflow.ask("ada", "PATCH", "dags/restore", is_paused=False)
        asked = airflow.ask(
            "ada",
            "POST",
            "dags/restore/dagRuns",
            dag_run_id="one",
            logical_date=None,
            conf={"backup": "shop", "destination": "scratch"},
        )
        assert asked.is_success, asked.text
        airflow.waits("one", "approve", "awaiting_input", "deferred")
        detail = airflow.ask("ada", "GET", "dags/restore/dagRuns/one/taskInstances/approve/-1/hitlDetails").json()
        assert [user["id"] for user in detail["assigned_users"]] == ["olga"], "not ada, who asked"
        assert approved.id in detail["body"]
        assert str(approved.manifest_sha256) in detail["body"]
        known().put(shelf.take(lab.endpoint))
        answer = "dags/restore/dagRuns/one/taskInstances/approve/-1/hitlDetails"
        for user in ("ada", "otto"):
            assert airflow.ask(user, "PATCH", answer, chosen_options=["Approve"], params_input={}).status_code == 403
        said = airflow.ask("olga", "PATCH", answer, chosen_options=["Approve"], params_input={})
        assert said.is_success, said.text
        airflow.waits("one", "restore", "success")
        (done,) = known().restorations("shop")
    assert (done.backup_id, done.state, done.manifest_sha256) == (approved.id, "proven", approved.manifest_sha256)
    assert done.asked_by == "ada, approved by olga (in Airflow)"
