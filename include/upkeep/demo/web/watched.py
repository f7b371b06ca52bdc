"""A real Prometheus that watches the shop's API, where one is installed, and the machine where node_exporter is."""

import json
import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from upkeep.demo.state import State
from upkeep.demo.supervise import Program, Supervisor
from upkeep.demo.web import api_past
from upkeep.demo.web.settings import HOST, NAME, RULES, TARGETS, commands, configuration
from upkeep.errors import UpkeepError
from upkeep.sources.http_address import HttpAddress

CONNECTION = "shop_prometheus"
NONE = "/no-prometheus"
"""Where the shop's web server says that there is none, and what to install."""
INSTALL = "Prometheus is not installed on this machine: apt-get install prometheus prometheus-node-exporter, then make demo"
_EXPORTERS = ("prometheus-node-exporter", "node_exporter")
_WAIT_S = 30.0


def installed() -> bool:
    """Whether there is a Prometheus here, and the tool that writes its past."""
    return all(shutil.which(program) for program in ("prometheus", "promtool"))


def exporter() -> str | None:
    """The program of node_exporter, by the names that packages give it."""
    return next((found for name in _EXPORTERS if (found := shutil.which(name))), None)


def url(state: State) -> str:
    """Its address; without one, where it is said that there is none."""
    if installed():
        return f"http://{HOST}:{state.ports['prometheus']}"
    return f"http://{HOST}:{state.ports['web']}{NONE}"


def known_at(state: State) -> str:
    """The address of what knows the past; empty where nothing does."""
    return url(state) if installed() else ""


def connections(state: State) -> dict[str, dict[str, object]]:
    """Its connection, in Airflow's JSON form."""
    return {CONNECTION: {"conn_type": "http", "host": url(state)}}


def folder(home: Path) -> Path:
    """Where it keeps its samples."""
    return home / "web" / "prometheus"


def targets(home: Path) -> Path:
    """The file by which the web server says where it listens."""
    return folder(home) / TARGETS


def announce(file: Path, port: int) -> None:
    """Say where the API is scraped: only now is there anything to answer."""
    draft = file.with_suffix(".new")
    file.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text(
        json.dumps([{"targets": [f"{HOST}:{port}"], "labels": {"job": NAME, "instance": f"{NAME}-1"}}]), encoding="utf-8"
    )
    draft.replace(file)


def begin(home: Path, state: State, supervisor: Supervisor, end: datetime) -> None:
    """Its first start, with a past until now; `end` is that of the first day. Where none is installed, that is said."""
    if not installed():
        supervisor.say(f"{INSTALL}; until then nothing is known of {NAME}")
        return
    api_past.write(folder(home), end, datetime.now(UTC))
    start(home, state, supervisor)
    wait_until_ready(state)


def start(home: Path, state: State, supervisor: Supervisor) -> None:
    """Start it and the exporter where they are installed. What listens nowhere yet is scraped when it says that it does."""
    if not installed() or any(program.name == "prometheus" for program in supervisor.programs):
        return
    place = folder(home)
    place.mkdir(parents=True, exist_ok=True)
    targets(home).unlink(missing_ok=True)
    (place / "prometheus.yml").write_text(json.dumps(configuration(state, exporter=exporter() is not None)), encoding="utf-8")
    (place / "rules.yml").write_text(json.dumps(RULES), encoding="utf-8")
    for name, args in commands(state, exporter()):
        supervisor.start(Program(name, args, dict(os.environ), place, home / "logs" / f"{name}.log"))


def wait_until_ready(state: State) -> None:
    """Raises UpkeepError when it does not begin to answer."""
    deadline = time.monotonic() + _WAIT_S
    with HttpAddress(url(state)).client(5) as client:
        while not _is_ready(client):
            if time.monotonic() > deadline:
                raise UpkeepError(f"Prometheus did not become ready in {_WAIT_S:g} s; see logs/prometheus.log")
            time.sleep(0.1)


def inventory() -> str:
    """Its part of the inventory: a service of its own, below those of the log."""
    host = (
        f"\n      - {{connection: {CONNECTION}, preset: node, match: 'job=\"shop-host\"'}}" if exporter() and installed() else ""
    )
    return _INVENTORY.format(name=NAME, connection=CONNECTION, host=host, days=api_past.DAYS)


def _is_ready(client: Any) -> bool:
    import httpx

    try:
        return bool(client.get("/-/ready").status_code == httpx.codes.OK)
    except httpx.HTTPError:
        return False


_INVENTORY = """  - name: {name}
    owner: developer-on-call
    tags: [production]
    runbook: https://wiki.example.com/runbooks/shop-api
    # A real Prometheus reads the counters of a real API; the {days} days before the demo are made up.
    signals:
      kind: prometheus
      connection: {connection}
      match: job="{name}"
    slow: 500 ms
    infrastructure:
      - {{connection: {connection}, preset: up, match: 'job="{name}"'}}{host}
    alerts:
      - {{connection: {connection}, match: 'service="{name}"'}}
"""
