"""A real Airflow API server over SQLite with the plugin mounted: for tests of login, permissions, frames and tabs."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx

from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import free_port

ROOT = Path(__file__).resolve().parents[2]
USERS = {"ada": "admin", "vera": "viewer"}
PASSWORD = "airflow-tests-only"


@dataclass(frozen=True)
class Airflow:
    """Where it listens, and a client that waits long enough for a cold start."""

    url: str
    run_id: str

    def token(self, user: str) -> str:
        """A token of one of USERS."""
        answer = httpx.post(f"{self.url}/auth/token", json={"username": user, "password": PASSWORD}, timeout=60)
        return str(answer.json()["access_token"])

    def get(self, path: str, token: str | None = None) -> httpx.Response:
        """A page, with or without a login."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.get(f"{self.url}/{path}", headers=headers, timeout=60)


@contextmanager
def airflow_server(home: Path, store: Endpoint, run_id: str) -> Iterator[Airflow]:
    """Start it with the project's DAGs and one queued run of `daily`; ends with the block. Takes half a minute."""
    port = free_port()
    environment = _environment(home, port, store)
    for case in (["db", "migrate"], ["dags", "reserialize"]):
        _airflow(case, environment)
    with (home / "api.log").open("wb") as log:
        process = subprocess.Popen(
            [*_program(), "api-server"], env=environment, stdout=log, stderr=log, cwd=ROOT, start_new_session=True
        )
    try:
        started = Airflow(f"http://127.0.0.1:{port}", run_id)
        _wait(started, home)
        _queue_run(started)
        yield started
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _environment(home: Path, port: int, store: Endpoint) -> dict[str, str]:
    (home / "passwords.json").write_text(json.dumps(dict.fromkeys(USERS, PASSWORD)))
    inventory = home / "inventory.yaml"
    inventory.write_text(
        "people:\n  - {name: on-call, role: Operations, slack: U0000001}\n"
        "databases:\n  - {name: shop, owner: on-call, connection: shop_db}\n"
    )
    url, login = f"http://127.0.0.1:{port}", f"{store.user}:{quote(store.password or '')}"
    given = {
        "AIRFLOW_HOME": home,
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": port,
        "AIRFLOW__API__SECRET_KEY": "for-these-tests-only",
        "AIRFLOW__API__WORKERS": 1,
        "AIRFLOW__API_AUTH__JWT_SECRET": "for-these-tests-only-" * 4,
        "AIRFLOW__CORE__DAGS_FOLDER": ROOT / "dags",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__LOAD_EXAMPLES": False,
        "AIRFLOW__CORE__PLUGINS_FOLDER": ROOT / "plugins",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": home / "passwords.json",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{role}" for name, role in USERS.items()),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": free_port(),
        "AIRFLOW_CONN_UPKEEP_DB": f"postgres://{login}@{store.host}:{store.port}/{store.database}",
        "UPKEEP_INVENTORY": inventory,
    }
    return {**os.environ, **{name: str(word) for name, word in given.items()}}


def _program() -> list[str]:
    return [sys.executable, "-m", "airflow"]


def _airflow(args: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run([*_program(), *args], env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr[-2000:]


def _wait(started: Airflow, home: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{started.url}/api/v2/monitor/health", timeout=30).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    raise AssertionError((home / "api.log").read_text()[-2000:])


def _queue_run(started: Airflow) -> None:
    answer = httpx.post(
        f"{started.url}/api/v2/dags/daily/dagRuns",
        headers={"Authorization": f"Bearer {started.token('ada')}"},
        json={"dag_run_id": started.run_id, "logical_date": None},
        timeout=60,
    )
    assert answer.is_success, answer.text
