"""Airflow's four components for the demo: their environment, their commands, their health."""

import base64
import hashlib
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.demo.state import ROOT, State, write_private
from upkeep.demo.supervise import Program, Supervisor
from upkeep.errors import UpkeepError
from upkeep.sources.postgres import Endpoint

if TYPE_CHECKING:
    import httpx

COMPONENTS = {"scheduler": "scheduler", "dag-processor": "dag_processor", "api-server": "metadatabase", "triggerer": "triggerer"}
"""Command by what its health is called."""
PAGES = ("api-server",)
REST = tuple(name for name in COMPONENTS if name not in PAGES)
# The pages read logs from the same disk: nothing needs to serve them, and Airflow would on every address of this machine.
MORE_WORDS = {"scheduler": ("--skip-serve-logs",), "triggerer": ("--skip-serve-logs",)}
USERS = {"admin": "admin", "viewer": "viewer"}


def environment(state: State, metadata: Endpoint, connections: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """All that Airflow's processes are told. Connections are given by id, in Airflow's JSON form."""
    address = base_url(state)
    settings = {
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "4",
        "CORE__LOAD_EXAMPLES": "false",
        "CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "CORE__FERNET_KEY": _fernet(state.secret("fernet key")),
        "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role}" for user, role in USERS.items()),
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file(state)),
        "API__HOST": "127.0.0.1",
        "API__PORT": str(state.ports["airflow"]),
        "API__BASE_URL": address,
        "API__SECRET_KEY": state.secret("api key"),
        "API__INSTANCE_NAME": "Upkeep demo",
        "API_AUTH__JWT_SECRET": state.secret("jwt key"),
        "DATABASE__SQL_ALCHEMY_CONN": (
            f"postgresql+psycopg2://{metadata.user}:{metadata.password}@{metadata.host}:{metadata.port}/{metadata.database}"
        ),
        "DATABASE__SQL_ALCHEMY_POOL_SIZE": "20",
        "DATABASE__SQL_ALCHEMY_MAX_OVERFLOW": "20",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "15",
        # The first request to a fresh API server takes seconds, and more on a busy machine.
        "WORKERS__EXECUTION_API_TIMEOUT": "60",
        "USAGE_DATA_COLLECTION__ENABLED": "false",
    }
    ours = {
        "AIRFLOW_HOME": str(home(state)),
        "UPKEEP_INVENTORY": str(state.file.parent / "inventory.yaml"),
        "GX_ANALYTICS_ENABLED": "false",
        **{f"AIRFLOW__{name}": value for name, value in settings.items()},
        **{f"AIRFLOW_CONN_{name.upper()}": json.dumps(content) for name, content in connections.items()},
    }
    return {**_inherited(), **ours}


def postgres_connection(endpoint: Endpoint) -> dict[str, Any]:
    """An endpoint in Airflow's JSON form."""
    return {
        "conn_type": "postgres",
        "host": endpoint.host,
        "port": endpoint.port,
        "login": endpoint.user,
        "password": endpoint.password,
        "schema": endpoint.database,
    }


def migrate_metadata(state: State, told: Mapping[str, str]) -> None:
    """Airflow's own tables, once for each version of Airflow. Raises UpkeepError with what it printed."""
    from importlib.metadata import version

    step = f"airflow {version('apache-airflow-core')} migrated"
    if state.is_done(step):
        return
    args = [sys.executable, "-m", "airflow", "db", "migrate"]
    done = subprocess.run(args, env=told, cwd=ROOT, capture_output=True, encoding="utf-8", errors="replace", check=False)  # noqa: S603 - our own words
    if done.returncode:
        raise UpkeepError(f"airflow db migrate failed:\n{(done.stdout + done.stderr)[-2000:]}")
    state.mark(step)


def write_environment(state: State, told: Mapping[str, str]) -> None:
    """What a shell needs to reach this Airflow and its connections, for its owner's eyes only: `. .demo/environment`."""
    ours = {name: value for name, value in told.items() if name.startswith(("AIRFLOW", "UPKEEP_INVENTORY"))}
    lines = [f"export {name}={shlex.quote(value)}" for name, value in sorted(ours.items())]
    write_private(environment_file(state), "\n".join(["# Holds passwords. The demo writes it at each start.", *lines, ""]))


def environment_file(state: State) -> Path:
    """Where it is."""
    return state.file.with_name("environment")


def start(supervisor: Supervisor, state: State, told: Mapping[str, str], components: Collection[str]) -> None:
    """Start some of the four components."""
    users = {user: state.secret(f"airflow {user}") for user in USERS}
    write_private(passwords_file(state), json.dumps(users))
    write_environment(state, told)
    for name in components:
        log = state.file.parent / "logs" / f"{name}.log"
        args = (sys.executable, "-m", "airflow", name, *MORE_WORDS.get(name, ()))
        supervisor.start(Program(f"airflow {name}", args, told, ROOT, log))


def wait_until_healthy(
    state: State, mend: Callable[[], None], components: Collection[str] = COMPONENTS, timeout_s: float = 180
) -> None:
    """Until each of these components says it is. Raises UpkeepError that names those which did not."""
    import httpx

    deadline = time.monotonic() + timeout_s
    # One client: each new one reads every certificate of this machine first, which costs more than the question.
    with httpx.Client(base_url=base_url(state), timeout=30) as client:
        while ill := [name for name in _ill(client, components) if name in components]:
            if time.monotonic() > deadline:
                raise UpkeepError(
                    f"Airflow's {', '.join(ill)} did not become healthy in {timeout_s:g} s; see {state.file.parent / 'logs'}"
                )
            mend()
            time.sleep(0.5)


def base_url(state: State) -> str:
    """Where Airflow is in a browser."""
    return f"http://127.0.0.1:{state.ports['airflow']}"


def home(state: State) -> Path:
    """AIRFLOW_HOME."""
    folder = state.file.parent / "airflow"
    folder.mkdir(exist_ok=True)
    return folder


def passwords_file(state: State) -> Path:
    """Where Airflow keeps its users' passwords."""
    return home(state) / "passwords.json"


def _ill(client: "httpx.Client", components: Collection[str]) -> list[str]:
    """Those that do not say that they are healthy; all of them while nobody answers."""
    import httpx

    try:
        health = client.get("/api/v2/monitor/health").json()
    except (httpx.HTTPError, ValueError):
        return [*PAGES, *components]
    return [name for name, key in COMPONENTS.items() if health.get(key, {}).get("status") != "healthy"]


def _inherited() -> dict[str, str]:
    # Airflow imports twice as fast with bytecode; settings of another Airflow on this machine must not leak in.
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "UPKEEP_")) and k != "PYTHONDONTWRITEBYTECODE"}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    given = {k: v for k, v in os.environ.items() if k == "UPKEEP_PG_BIN"}
    return {**kept, **given, "PATH": path}


def _fernet(key: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()).decode()
