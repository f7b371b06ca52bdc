"""PostgreSQL's own programs, run so that they die with us and never show a password."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from upkeep.errors import BrokenError
from upkeep.sources.libpq import variables
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import installed

# Names and texts of a database may be in any encoding: whatever bytes a program prints come through as they are.
ANY_BYTES: Final = "surrogateescape"


def client(server_major: int) -> tuple[int, Path]:
    """
    Major and folder of the programs for a server: of UPKEEP_PG_BIN, else its own version, else the next newer.

    Raises BrokenError.
    """
    found, given = installed("pg_dump"), os.environ.get("UPKEEP_PG_BIN")
    if given:
        found = {major: folder for major, folder in found.items() if folder == Path(given)}
    fitting = [major for major in found if major >= server_major]
    if not fitting:
        here = ", ".join(map(str, found)) or "none"
        if given:
            reason = f"the server is PostgreSQL {server_major}; the programs of UPKEEP_PG_BIN ({given}) are of {here}"
            raise BrokenError(reason, f"name a folder with pg_dump of {server_major} or newer, or unset it", retry=False)
        remedy = f"install postgresql-client-{server_major} on the workers, or set UPKEEP_PG_BIN"
        raise BrokenError(f"the server is PostgreSQL {server_major}; the programs here are of {here}", remedy, retry=False)
    return min(fitting), found[min(fitting)]


def environment(endpoint: Endpoint, application: str) -> dict[str, str]:
    """
    How libpq finds the server: all that a session of ours would be told, or find in our own environment.

    The password is in the environment of that one process, never among its arguments. Raises BrokenError for a secret that
    cannot be given so.
    """
    fields = {
        "PGHOST": endpoint.host,
        "PGPORT": str(endpoint.port or ""),
        "PGUSER": endpoint.user or "",
        "PGPASSWORD": endpoint.password or "",
        "PGDATABASE": endpoint.database or "",
        "PGAPPNAME": application[:63],
    }
    libpq = {
        **variables({"connect_timeout": "10", **endpoint.options}),
        **{name: value for name, value in fields.items() if value},
    }
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", **libpq}


def command(program: Path, *args: str) -> list[str]:
    """The words that start it; where the system can, it is killed when we are."""
    setpriv = shutil.which("setpriv")
    return [*([setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []), str(program), *args]


def run(program: Path, *args: str, env: Mapping[str, str]) -> str:
    """What a program printed, bytes that are not UTF-8 kept as surrogates. Raises BrokenError when it fails or complains."""
    code, printed, complaints = ended(command(program, *args), env)
    if code or complaints.strip():
        raise complaint(program.name, code, complaints)
    return printed


def ended(args: Sequence[str], env: Mapping[str, str], text: str = "") -> tuple[int, str, str]:
    """Run to its end with `text` as its input: exit code, output with line breaks as they are, and complaints to be read."""
    given = text.encode(errors=ANY_BYTES)
    done = subprocess.run(args, env=dict(env), input=given, capture_output=True, check=False)  # noqa: S603 - our own words
    return done.returncode, done.stdout.decode(errors=ANY_BYTES), done.stderr.decode(errors="replace")


def complaint(name: str, code: int | None, stderr: str) -> BrokenError:
    """A failed program as an error that carries its last lines."""
    lines = [line for line in stderr.splitlines() if line.strip()][-8:]
    text = "\n".join(lines) or "(it said nothing)"
    hopeless = any(word in text for word in ("permission denied", "must be superuser", "row-level security", "server version"))
    return BrokenError(f"{name} ended with {code}: {text}", "grant what it names" if hopeless else "", retry=not hopeless)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End a program and its workers at once."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def popen(program: Path, *args: str, env: Mapping[str, str], **streams: Any) -> "subprocess.Popen[bytes]":
    """Start one in a process group of its own."""
    return subprocess.Popen(command(program, *args), env=dict(env), start_new_session=True, **streams)  # noqa: S603 - our own words
