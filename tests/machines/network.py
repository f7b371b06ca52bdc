"""Two machines beside this one: a network, a process table, a host name and a user each, and nothing that they share."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = "10.213.89.1"
"""Where this machine is reached from both."""
NOBODYS = 64_100


@dataclass(frozen=True)
class Machine:
    """One of them. `folder` is all that its user may write to, and nobody else may enter it."""

    name: str
    user: int
    folder: Path

    def start(self, args: Sequence[str], environment: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
        """A program there. Killed, it is gone at once with all that it started: as if the machine had burnt."""
        apart = ["unshare", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
        as_user = f'exec setpriv --pdeathsig KILL --reuid {self.user} --regid {self.user} --clear-groups -- "$@"'
        script = "\n".join(["set -e", f"hostname {self.name}", *_open_the_way(Path(sys.base_prefix)), as_user])
        command = ["ip", "netns", "exec", self.name, *apart, "sh", "-c", script, "sh", *args]
        with log.open("ab") as out:
            return subprocess.Popen(command, env=dict(environment), stdout=out, stderr=out, cwd=self.folder)


def _open_the_way(folder: Path) -> list[str]:
    """Commands that let every user there through to a folder which is in one that only root may enter here."""
    hidden = next((above for above in reversed(folder.parents) if not above.stat().st_mode & 0o001), None)
    if hidden is None:
        return []
    aside = "/mnt"
    emptied = [f"mount --bind {folder} {aside}", f"mount -t tmpfs -o mode=755 none {hidden}", f"mkdir -p {folder}"]
    return [*emptied, f"mount --bind {aside} {folder}", f"umount {aside}"]


@contextmanager
def two_machines(folder: Path) -> Iterator[list[Machine]]:
    """Both reach this machine at `HERE`, and not each other. The test is skipped where none can be made."""
    missing = [name for name in ("ip", "unshare", "setpriv", "hostname") if not shutil.which(name)]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"machines are made by root with ip, unshare, setpriv and hostname; missing: {', '.join(missing) or 'root'}")
    folder.chmod(0o711)
    made = [_machine(folder, number) for number in (0, 1)]
    try:
        for number, machine in enumerate(made):
            _connect(machine, number)
        yield made
    finally:
        for machine in made:
            _ip("link", "del", f"{machine.name}h", check=False)
            _ip("netns", "del", machine.name, check=False)


def _machine(folder: Path, number: int) -> Machine:
    machine = Machine(f"upkm{os.getpid() % 100_000}{'ab'[number]}", NOBODYS + number, folder / f"machine-{number}")
    machine.folder.mkdir(mode=0o700)
    os.chown(machine.folder, machine.user, machine.user)
    return machine


def _connect(machine: Machine, number: int) -> None:
    here, there = f"10.213.89.{4 * number + 1}", f"10.213.89.{4 * number + 2}"
    try:
        _ip("netns", "add", machine.name)
        _ip("link", "add", f"{machine.name}h", "type", "veth", "peer", "name", "eth0", "netns", machine.name)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network namespace can be made here: {error.stderr.decode(errors='replace').strip()}")
    _ip("addr", "add", f"{here}/30", "dev", f"{machine.name}h")
    _ip("link", "set", f"{machine.name}h", "up")
    for case in (("addr", "add", f"{there}/30", "dev", "eth0"), ("link", "set", "eth0", "up"), ("link", "set", "lo", "up")):
        _ip("-n", machine.name, *case)
    _ip("-n", machine.name, "route", "add", "default", "via", here)


def _ip(*args: str, check: bool = True) -> None:
    subprocess.run([shutil.which("ip") or "ip", *args], check=check, capture_output=True)
