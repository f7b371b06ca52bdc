"""Real repositories of pgBackRest and Barman for the tests, made as the unprivileged user that PostgreSQL runs as."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from upkeep.sources.scratch import ScratchServer, bin_folder, free_port

# The newest that the tested releases of both tools know.
MAJOR = 15


def owner() -> pwd.struct_passwd | None:
    """Who the tools run as when we are root; Barman insists on it."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def owned_folder(path: Path) -> Path:
    """A new folder of that user."""
    path.mkdir(parents=True)
    who = owner()
    if who:
        os.chown(path, who.pw_uid, who.pw_gid)
    return path


@dataclass
class Tool:
    """One of the tools with its configuration, called through a program of its own in `bin` that also stands for it in PATH."""

    bin: Path
    name: str
    config: Path
    environment: dict[str, str] = field(default_factory=dict)

    def install(self) -> None:
        """Write the program."""
        who = owner()
        drop = f"setpriv --reuid={who.pw_uid} --regid={who.pw_gid} --clear-groups" if who else ""
        lines = [f"export {key}='{value}'" for key, value in self.environment.items()]
        real, option = shutil.which(self.name), "--config" if self.name == "pgbackrest" else "-c"
        joined = f"{option}={self.config}" if self.name == "pgbackrest" else f"{option} {self.config}"
        program = self.bin / self.name
        drops = f'[ "$(id -u)" = 0 ] && cd / && drop="{drop}"'
        program.write_text("\n".join(["#!/bin/sh", "drop=", drops, *lines, f'exec $drop {real} {joined} "$@"', ""]))
        program.chmod(0o755)

    def run(self, *args: str, check: bool = True) -> str:
        """What it prints."""
        done = subprocess.run([str(self.bin / self.name), *args], capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, f"{args}: {done.stdout} {done.stderr}"
        return done.stdout


@contextmanager
def pgbackrest(folder: Path) -> Iterator[tuple[Tool, ScratchServer, Path]]:
    """A server that archives into a new repository with a stanza `main`; the tool, the server, the repository."""
    folder.chmod(0o755)
    port, config = free_port(), folder / "pgbackrest.conf"
    repository = owned_folder(folder / "repository")
    paths = {name: owned_folder(folder / name) for name in ("log", "lock", "spool")}
    settings = {
        "fsync": "off",
        "archive_mode": "on",
        "archive_command": f"pgbackrest --config={config} --stanza=main archive-push %p",
        "unix_socket_directories": str(folder / "server"),
    }
    server = ScratchServer(folder / "server", port, major=MAJOR, settings=settings)
    tool = Tool(folder, "pgbackrest", config, {"PGPASSFILE": str(server.passfile)})
    tool.install()
    lines = [f"[global]\nrepo1-path={repository}", *(f"{key}-path={path}" for key, path in paths.items())]
    lines += [
        "start-fast=y",
        f"[main]\npg1-path={server.data}\npg1-port={port}",
        f"pg1-socket-path={server.folder}\npg1-user=postgres",
    ]
    config.write_text("\n".join([*lines, ""]))
    try:
        server.start()
        tool.run("--stanza=main", "stanza-create")
        yield tool, server, repository
    finally:
        server.remove()


@contextmanager
def barman(folder: Path) -> Iterator[tuple[Tool, ScratchServer, Path]]:
    """A server streamed to a new Barman with one server `main`; the tool, the server, Barman's home."""
    folder.chmod(0o755)
    port, config = free_port(), folder / "barman.conf"
    home = owned_folder(folder / "home")
    who = owner() or pwd.getpwuid(os.geteuid())
    server = ScratchServer(folder / "server", port, major=MAJOR, settings={"fsync": "off", "wal_level": "replica"})
    tool = Tool(folder, "barman", config, {"HOME": str(home), "PGPASSFILE": str(server.passfile)})
    tool.install()
    config.write_text(
        f"[barman]\nbarman_user={who.pw_name}\nbarman_home={home}\nlog_file={home}/barman.log\n"
        f"configuration_files_directory={home}/barman.d\n[main]\ndescription=main\n"
        f"conninfo=host=127.0.0.1 port={port} user=postgres dbname=postgres\n"
        f"streaming_conninfo=host=127.0.0.1 port={port} user=postgres\nbackup_method=postgres\nstreaming_archiver=on\n"
        f"slot_name=barman\ncreate_slot=auto\npath_prefix={bin_folder(MAJOR)}\n"
    )
    try:
        server.start()
        tool.run("receive-wal", "--create-slot", "main")
        tool.run("cron")
        _wait_for_receiver(server)
        _archive_one(tool)
        yield tool, server, home
    finally:
        tool.run("receive-wal", "--stop", "main", check=False)
        server.remove()


def _wait_for_receiver(server: ScratchServer) -> None:
    """What is closed before anybody receives it never arrives."""
    with server.endpoint().connect("wait") as connection:
        for _ in range(300):
            row = connection.execute("select count(*) from pg_stat_replication where state = 'streaming'").fetchone()
            if row and row[0]:
                return
            time.sleep(0.1)


def _archive_one(tool: Tool) -> None:
    """Barman takes no backup before a segment of WAL has arrived."""
    tool.run("switch-wal", "--force", "--archive", "--archive-timeout", "60", "main")
