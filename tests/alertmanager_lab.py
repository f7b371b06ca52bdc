"""A real Alertmanager for tests."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from tests.prometheus_lab import wait_for
from upkeep.sources.scratch import free_port

_CONFIG = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
_PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
needs_alertmanager = pytest.mark.skipif(_PROGRAM is None, reason="needs alertmanager (Debian's prometheus-alertmanager)")


@contextmanager
def alertmanager(folder: Path) -> Iterator[str]:
    """Its address."""
    (folder / "config.yml").write_text(_CONFIG)
    port = free_port()
    settings = {"config.file": "config.yml", "storage.path": "data", "cluster.listen-address": ""}
    settings["web.listen-address"] = f"127.0.0.1:{port}"
    command = [str(_PROGRAM), *(f"--{name}={value}" for name, value in settings.items())]
    with (folder / "log").open("w") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/-/ready")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def silence(url: str, start: datetime, end: datetime, **labels: str) -> None:
    """As a person does on its page."""
    matchers = [{"name": name, "value": value, "isRegex": False, "isEqual": True} for name, value in labels.items()]
    span = {"startsAt": start.isoformat(), "endsAt": end.isoformat()}
    span = {"startsAt": start.isoformat(), "endsAt": end.isoformat()}
    body = {"matchers": matchers, **span, "createdBy": "on call", "comment": "seen"}
    httpx.post(f"{url}/api/v2/silences", json=body).raise_for_status()
