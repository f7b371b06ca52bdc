"""What `docker compose up` makes, without containers: its secrets, databases, environment and commands as plain programs."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.machines.compose import ROOT, services
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer, free_port


@dataclass
class Installation:
    """
    The services of docker-compose.yaml at `host`, which stands for the names of its network.

    `postgres` and `redis` are the ports that these are reached at there.
    """

    folder: Path
    host: str
    postgres: int
    redis: int
    api: int = field(default_factory=free_port)
    server: ScratchServer | None = None
    logs: dict[str, str] = field(default_factory=dict)
    running: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @property
    def secrets(self) -> Path:
        """What stands for the volume of secrets."""
        return self.folder / "secrets"

    def secret(self, name: str) -> str:
        """One of them."""
        return (self.secrets / name).read_text(encoding="utf-8")

    def make_secrets(self) -> None:
        """As the service `secrets` does; then the names of the containers' network become this one's address."""
        self.secrets.mkdir()
        run(["bash", str(ROOT / "deploy/make-secrets"), str(self.secrets)], environment())
        moved = {"@postgres/": f"@{self.host}:{self.postgres}/", "@redis:6379": f"@{self.host}:{self.redis}"}
        moved |= {'"postgres", "port": 5432': f'"{self.host}", "port": {self.postgres}'}
        for name in ("metadata", "connections.json", "broker", "results"):
            text = self.secret(name)
            for known, here in moved.items():
                text = text.replace(known, here)
            (self.secrets / name).write_text(text, encoding="utf-8")

    def make_databases(self, server: ScratchServer) -> None:
        """As the first start of the service `postgres` does."""
        script = self.folder / "databases.sql"
        text = (ROOT / "deploy/databases.sql").read_text(encoding="utf-8")
        script.write_text(text.replace("/secrets/", f"{self.secrets}/"), encoding="utf-8")
        admin = server.endpoint()
        args = [
            str(server.program("psql")),
            "-X",
            "-q",
            "-h",
            admin.host,
            "-p",
            str(admin.port),
            "-U",
            str(admin.user),
            "postgres",
        ]
        run([*args, "-f", str(script)], {**environment(), "PGPASSWORD": str(admin.password)})

    def told(self, service: str, home: Path, **more: str) -> dict[str, str]:
        """The environment of a service, with what is where in an image put in its place here."""
        url = f"http://{self.host}:{self.api}"
        compose = services(UPKEEP_EXECUTOR="CeleryExecutor", UPKEEP_URL=url)[service]["environment"]
        given = {name: word.replace("/secrets", str(self.secrets)) for name, word in compose.items()}
        image = {
            "AIRFLOW_HOME": home,
            "AIRFLOW__API__HOST": self.host,
            "AIRFLOW__API__PORT": self.api,
            "AIRFLOW__CORE__DAGS_FOLDER": ROOT / "dags",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
            "AIRFLOW__CORE__PLUGINS_FOLDER": ROOT / "plugins",
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": free_port(),
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": free_port(),
            "GX_ANALYTICS_ENABLED": "false",
            "UPKEEP_INVENTORY": self.folder / "inventory.yaml",
        }
        return {**environment(), **given, **{name: str(word) for name, word in image.items()}, **more}

    def start(self, name: str, told: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        """One of Airflow's components on this machine."""
        with (self.folder / f"{name}.log").open("ab") as log:
            args = [sys.executable, "-m", "airflow", name]
            process = subprocess.Popen(args, env=dict(told), stdout=log, stderr=log, cwd=self.folder, start_new_session=True)
        self.running.append(process)
        return process

    def stop(self) -> None:
        """End every component that runs."""
        for process in self.running:
            end(process)

    def answers(self) -> bool:
        """Whether the API server does."""
        try:
            return httpx.get(f"http://{self.host}:{self.api}/api/v2/version", timeout=120).is_success
        except httpx.TransportError:
            return False

    def ask(self, method: str, path: str, **body: Any) -> Any:
        """A call of Airflow's API as its administrator."""
        login = {"username": "admin", "password": self.secret("admin")}
        url = f"http://{self.host}:{self.api}"
        token = httpx.post(f"{url}/auth/token", json=login, timeout=120).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        response = httpx.request(method, f"{url}/api/v2/{path}", headers=headers, json=body or None, timeout=120)
        return response.json() if response.is_success else None

    def reports(self, database: str = "upkeep") -> Endpoint:
        """The report database, as Upkeep logs in."""
        return Endpoint(self.host, self.postgres, "upkeep", self.secret("reports_login"), database)

    def connection(self, database: str) -> str:
        """An Airflow connection to it, as JSON."""
        given = json.loads(self.secret("connections.json"))["upkeep_db"]
        return json.dumps({**given, "schema": database})


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a component and what it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def environment() -> dict[str, str]:
    """Ours, without settings of another Airflow, and with this Python's programs first."""
    kept = {name: word for name, word in os.environ.items() if not name.startswith(("AIRFLOW", "UPKEEP_", "PYTHON"))}
    return {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"}


def run(args: list[str], told: Mapping[str, str]) -> str:
    """Run to its end, which must be a good one; what it printed."""
    done = subprocess.run(args, env=dict(told), capture_output=True, text=True, errors="replace", check=False)
    assert not done.returncode, f"{args} ended with {done.returncode}: {(done.stdout + done.stderr)[-3000:]}"
    return done.stdout


def until(what: Any, why: str, timeout_s: float = 300) -> Any:
    """Wait for something that is true, and give it."""
    deadline = time.monotonic() + timeout_s
    while not (found := what()):
        assert time.monotonic() < deadline, why
        time.sleep(1)
    return found
