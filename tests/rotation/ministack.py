"""A second stand-in for AWS, beside moto: MiniStack, a server of its own, on loopback alone."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from upkeep.sources.scratch import free_port

REGION = "us-east-1"  # of its STS


def program() -> str | None:
    """
    Where it is installed: on the path, or where UPKEEP_MINISTACK says.

    It is no development extra: it wants one version of botocore, which the AWS libraries that run do not accept.
    """
    return os.environ.get("UPKEEP_MINISTACK") or shutil.which("ministack")


@contextmanager
def ministack(folder: Path, found: str) -> Iterator[str]:
    """Its URL. It keeps nothing on disk but a log, checks signatures and rights, and ends with the block."""
    port = free_port()
    told = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "AUTH": "true", "SERVICES": "secretsmanager,ssm,iam,sts"}
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), **told}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([found], stdout=log, stderr=log, cwd=folder, env=environment)
    try:
        _wait(port, process, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def client(url: str, service: str, key_id: str = "test", key: str = "test") -> Any:
    """A client by this key."""
    config = Config(retries={"total_max_attempts": 1})
    login = {"aws_access_key_id": key_id, "aws_secret_access_key": key}
    return boto3.session.Session().client(service, region_name=REGION, endpoint_url=url, config=config, **login)


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError(log.read_text(errors="replace")[-2000:])
