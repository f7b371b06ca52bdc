"""A real PgBouncer before a scratch server, for tests."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import free_port
from upkeep.sources.server_user import server_user

PLACES = "/usr/sbin:/usr/local/sbin"


def program() -> str | None:
    """Where it is installed."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path=PLACES)


@contextmanager
def pgbouncer(
    folder: Path, to: Endpoint, mode: str, *, size: int = 5, wait_s: int = 30, forced: str = "", more: Sequence[str] = ()
) -> Iterator[Endpoint]:
    """
    The same database through a pooler in this mode: "session", "transaction" or "statement"; skips without a pooler.

    `forced` ends the line of its databases; `more` are lines of its own settings.
    """
    found = program()
    if found is None:
        pytest.skip("no PgBouncer here: install the package pgbouncer")
    port, user = free_port(), server_user()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    (folder / "users").write_text(f'"{to.user}" "{to.password}"\n')
    lines = [
        "[databases]", f"* = host={to.host} port={to.port} {forced}",
        "[pgbouncer]", "listen_addr = 127.0.0.1", f"listen_port = {port}", "unix_socket_dir =", "auth_type = scram-sha-256",
        f"auth_file = {folder}/users", f"pool_mode = {mode}", f"default_pool_size = {size}", f"query_wait_timeout = {wait_s}",
        *more,
    ]  # fmt: skip
    (folder / "pgbouncer.ini").write_text("\n".join([*lines, ""]))
    as_user: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    for name in ("users", "pgbouncer.ini"):
        (folder / name).chmod(0o600)
        if user:
            os.chown(folder / name, user.pw_uid, user.pw_gid)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([found, str(folder / "pgbouncer.ini")], stdout=log, stderr=log, cwd="/", **as_user)
    try:
        _wait_for(port, process, folder / "log")
        yield replace(to, port=port)
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise AssertionError(log.read_text())
