"""A network namespace that stands for another machine, whose cable can be cut; for tests, on addresses of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from upkeep.sources.scratch import ScratchServer, free_port

# Of each process its own, so that two sessions of tests, or what a killed one left, do not meet.
_BLOCK = os.getpid() % 16384
HERE, THERE = (f"10.213.{_BLOCK // 64}.{_BLOCK % 64 * 4 + host}" for host in (1, 2))


@dataclass
class Elsewhere:
    """A machine at `THERE` that reaches this one at `HERE`."""

    name: str

    def python(self, script: str, *args: str) -> "subprocess.Popen[str]":
        """Run a script there."""
        command = [_ip(), "netns", "exec", self.name, sys.executable, "-c", script, *args]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def cut(self) -> None:
        """Let every packet be lost from now on; nobody is told."""
        _run("-n", self.name, "link", "set", f"{self.name}b", "down")

    def mend(self) -> None:
        """Packets arrive again."""
        _run("-n", self.name, "link", "set", f"{self.name}b", "up")


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """Another machine; the test is skipped where none can be made."""
    name = f"upk{os.getpid() % 100000}"
    if os.geteuid() != 0 or not shutil.which("ip") or not _try("netns", "add", name):
        pytest.skip("no network namespace can be made here")
    try:
        if not _try("link", "add", f"{name}a", "type", "veth", "peer", "name", f"{name}b", "netns", name):
            pytest.skip("no pair of network devices can be made here")
        _run("addr", "add", f"{HERE}/30", "dev", f"{name}a")
        _run("link", "set", f"{name}a", "up")
        _run("-n", name, "addr", "add", f"{THERE}/30", "dev", f"{name}b")
        _run("-n", name, "link", "set", f"{name}b", "up")
        _run("-n", name, "link", "set", "lo", "up")
        yield Elsewhere(name)
    finally:
        _try("link", "del", f"{name}a")
        _try("netns", "del", name)


@contextmanager
def reachable_server(folder: Path, **settings: str) -> Iterator[ScratchServer]:
    """A server of this machine in this folder, which the other one reaches."""
    folder.chmod(0o755)
    both = {"fsync": "off", "listen_addresses": f"127.0.0.1,{HERE}", **settings}
    made = ScratchServer(folder / "server", free_port(), settings=both)
    try:
        made.start()
        with (made.data / "pg_hba.conf").open("a") as file:
            file.write(f"host all all {THERE}/32 scram-sha-256\n")
        with made.endpoint().connect("reload") as connection:
            connection.execute("select pg_reload_conf()")
        yield made
    finally:
        made.remove()


def _ip() -> str:
    return shutil.which("ip") or "ip"


def _run(*args: str) -> None:
    subprocess.run([_ip(), *args], check=True, capture_output=True)


def _try(*args: str) -> bool:
    return subprocess.run([_ip(), *args], check=False, capture_output=True).returncode == 0
