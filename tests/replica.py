"""A standby of a scratch server, made by a base backup."""

import os
import pwd
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from upkeep.sources.scratch import ScratchServer, free_port


@contextmanager
def standby_of(primary: ScratchServer, folder: Path, *, slot: str | None = None, streams: bool = True) -> Iterator[ScratchServer]:
    """A hot standby that has caught up, or one that is fed finished WAL files only; it is removed at the end, its slot is not."""
    server = ScratchServer(folder, free_port(), major=primary.major, password=primary.endpoint().password)
    folder.mkdir(parents=True, exist_ok=True)
    # Written into the standby's settings by pg_basebackup, in a folder that only the server may enter.
    connection = f"host=127.0.0.1 port={primary.port} user=postgres application_name=standby password={server.password}"
    args = ["-D", str(server.data), "-d", connection, "-X", "stream", "-c", "fast"]
    args += ["-R"] if streams else []
    args += ["-S", slot, "-C"] if slot else []
    _as_server_user(folder, [str(primary.program("pg_basebackup")), *args])
    if not streams:
        (server.data / "standby.signal").touch()
        with (server.data / "postgresql.auto.conf").open("a") as conf:
            conf.write(f"restore_command = 'cp {primary.data}/pg_wal/%f %p'\n")
    try:
        server.start()
        if streams:
            wait_until(primary, "select count(*) > 0 from pg_stat_replication where state = 'streaming'")
        yield server
    finally:
        server.remove()


def wait_until(server: ScratchServer, question: str, timeout_s: float = 20) -> None:
    """Ask again and again until the answer is true; raises TimeoutError."""
    deadline = time.monotonic() + timeout_s
    with server.endpoint().connect("wait") as connection:
        while time.monotonic() < deadline:
            row = connection.execute(question.encode()).fetchone()
            if row and row[0]:
                return
            time.sleep(0.05)
    raise TimeoutError(question)


def _as_server_user(folder: Path, command: list[str]) -> None:
    if os.geteuid() != 0:
        subprocess.run(command, check=True, capture_output=True)
        return
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    owner = names.get("postgres") or names["nobody"]
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    subprocess.run(command, check=True, capture_output=True, cwd=folder, user=owner.pw_uid, group=owner.pw_gid, extra_groups=[])
