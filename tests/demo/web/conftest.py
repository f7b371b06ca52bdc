"""The demo's web server over a small shop."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import Lab
from upkeep.demo.web.__main__ import Shop
from upkeep.sources.scratch import free_port


@pytest.fixture
def shop(tmp_path: Path, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Shop, str, Path]]:
    """The server over a small shop."""
    lab.run("create table public.products as select n as id, 'lamp ' || n as name from generate_series(1, 2000) as n")
    where = lab.endpoint
    for name, value in {"PGHOST": where.host, "PGPORT": where.port, "PGDATABASE": where.database}.items():
        monkeypatch.setenv(name, str(value))
    secret = tmp_path / "login.json"
    secret.write_text(json.dumps({"username": where.user, "password": where.password or ""}), encoding="utf-8")
    server = Shop(free_port(), tmp_path / "access.log", secret)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server, f"http://127.0.0.1:{server.server_port}", tmp_path
    server.shutdown()
    server.server_close()
    thread.join(10)
