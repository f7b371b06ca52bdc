"""
Definitions and large objects as PostgreSQL's own programs write and read them, as archives in its custom format.

pg_dump divides an archive into sections: pre-data and post-data are the definitions, with what makes materialised views anew;
the data section without any schema is the large objects with their comments and rights.
"""

import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from upkeep.backups import programs
from upkeep.backups.neutral import program_options
from upkeep.backups.psql import STANDBY
from upkeep.backups.snapshot import ChangedError
from upkeep.errors import BrokenError
from upkeep.sources.keepalives import Flow, keepalive_conninfo
from upkeep.sources.libpq import merged, without_variable
from upkeep.sources.objects import CHUNK
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import SHORTAGES

ARCHIVE = "definitions.dump"
LARGE_OBJECTS = "large_objects.dump"
GLOBALS = "globals.sql"
LOCK_TIMEOUT_S = 5
_STAMP = b"pg_attver"
# What pg_dump itself goes on after, and what it means for the backup.
_NAMED = {
    "subscriptions not dumped because current user is not a superuser": "subscriptions: only a superuser may read them",
}
# pg_dump waits for locks under a statement timeout. Its own words are English, the reason is in the server's language: of a
# lock that was not had for want of a right, the session that took the snapshot has said so before.
_LOCK = re.compile(r"\A(?!.*(?:permission denied|does not exist)).*LOCK TABLE", re.DOTALL)
_RACE = re.compile(
    r"cache lookup failed|could not open relation with OID"
    r"|(?:relation|table|index|sequence|type|function|schema|operator|collation|constraint)\b.{0,200} does not exist"
)


@dataclass(frozen=True, slots=True)
class Definitions:
    """
    One database seen by PostgreSQL's programs of `folder`.

    `major` is the server's version; 0 where a pooler in between would refuse options, so that the login's own settings hold.
    """

    endpoint: Endpoint
    application: str
    folder: Path
    major: int = 0

    def dump(
        self, to: Path, snapshot: str | None = None, encoding: str = "UTF8", *, holds_data: bool = True
    ) -> tuple[str, ...]:  # fmt: skip
        """
        Write the definitions to a file, and say what they do not hold. Raises ChangedError when another start may see all.

        `encoding` is that of the text: SQL_ASCII for a database that has none. `holds_data` says whether there are materialised
        views or large objects: to make the former anew and to know the latter, pg_dump locks and reads every sequence too.

        Raises BrokenError with pg_dump's own words otherwise, whatever it complains about.
        """
        sections = ["--section=pre-data", "--section=post-data"] if holds_data else ["--schema-only"]
        args = [*sections, "--quote-all-identifiers", f"--encoding={encoding}", f"--file={to}"]
        code, _, complaints = programs.ended(self._pg_dump(*args, snapshot=snapshot), self._environment)
        return _warnings("pg_dump", code, complaints)

    @contextmanager
    def large_objects(self, snapshot: str) -> Iterator["LargeObjects"]:
        """The large objects as a stream. Raises BrokenError when it is closed before pg_dump has ended well."""
        command = self._pg_dump("--section=data", "--exclude-schema=*", snapshot=snapshot)
        process = subprocess.Popen(  # noqa: S603 - our own words
            command, env=self._environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
            start_new_session=True,
        )  # fmt: skip
        try:
            yield LargeObjects(process)
        finally:
            programs.kill(process)
            for pipe in (process.stdout, process.stderr):
                with suppress(OSError):
                    pipe.close()  # type: ignore[union-attr] # both are pipes

    def globals(self, *, passwords: bool) -> str:
        """Roles, memberships, their settings and tablespaces as a script; passwords only when asked for."""
        args = ("--globals-only", *([] if passwords else ["--no-role-passwords"]))
        return programs.run(self.folder / "pg_dumpall", *args, env=self._environment)

    def _pg_dump(self, *args: str, snapshot: str | None) -> list[str]:
        seen = [f"--snapshot={snapshot}"] if snapshot else []
        usual = ["-Fc", "--compress=0", f"--lock-wait-timeout={LOCK_TIMEOUT_S}s", *seen]
        return programs.command(self.folder / "pg_dump", *usual, *args, f"--dbname={_database(self.endpoint, Flow.OUT)}")

    @property
    def _environment(self) -> dict[str, str]:
        return _environment(self.endpoint, self.application, self.major)


class LargeObjects:
    """A stream of pg_dump's, whose end is an end only when pg_dump says so."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def read(self, size: int = -1) -> bytes:
        """At most a megabyte; empty at the end."""
        assert self._process.stdout  # noqa: S101 - it is a pipe
        data: bytes = self._process.stdout.read(size if 0 < size <= CHUNK else CHUNK)
        if not data:
            self._ended()
        return data

    def _ended(self) -> None:
        assert self._process.stderr  # noqa: S101 - it is a pipe
        stderr = self._process.stderr.read().decode(errors="replace")
        _warnings("pg_dump", self._process.wait(), stderr)


@dataclass(frozen=True, slots=True)
class PgRestore:
    """pg_restore into one database of a server of this `major` version. `words` are options for all that it restores."""

    program: Path
    endpoint: Endpoint
    application: str
    major: int
    args: Sequence[str] = ()

    def section(self, archive: Path, section: str, jobs: int, stderr: Any) -> "subprocess.Popen[bytes]":
        """
        Start it on one section of the definitions. Whatever it says is to be taken for a failure.

        Where indexes of partitions are to be attached it does one thing at a time: several at once deadlock, or leave the
        index of the parent invalid, as each does not see the other's.
        """
        if jobs > 1 and " INDEX ATTACH " in programs.run(self.program, "--list", str(archive), env=self._environment):
            jobs = 1
        return programs.popen(
            self.program,
            f"--section={section}",
            f"--jobs={jobs}",
            "--no-subscriptions",
            *self._usual(),
            str(archive),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=stderr,
            stderr=stderr,
        )

    def large_objects(self, stderr: Any) -> "subprocess.Popen[bytes]":
        """Start it on large objects that are written to its standard input."""
        args = self._usual(Flow.IN)
        return programs.popen(self.program, *args, env=self._environment, stdin=subprocess.PIPE, stdout=stderr, stderr=stderr)

    def _usual(self, flow: Flow = Flow.NONE) -> list[str]:
        return ["--exit-on-error", *self.args, f"--dbname={_database(self.endpoint, flow)}"]

    @property
    def _environment(self) -> dict[str, str]:
        return _environment(self.endpoint, self.application, self.major)


def check_own_programs(archive: Path, client: int, server: int) -> None:
    """
    Raises BrokenError when programs of another major version have written what no server reads.

    PostgreSQL 15.20 stamps columns in its catalog. Its own pg_dump leaves that out, newer ones take it for an option.
    """
    if client != server and _STAMP in archive.read_bytes():
        raise BrokenError(
            f"pg_dump {client} writes definitions of this PostgreSQL {server} that cannot be restored ({_STAMP.decode()})",
            f"install postgresql-client-{server} on the workers, or name its folder in UPKEEP_PG_BIN",
            retry=False,
        )


def text_encoding(server_encoding: str) -> str:
    """The encoding in which definitions of a database are written."""
    return "SQL_ASCII" if server_encoding == "SQL_ASCII" else "UTF8"


def _environment(endpoint: Endpoint, application: str, major: int) -> dict[str, str]:
    """Whatever is set for the login or the database, the programs work, and word things, alike."""
    given = programs.environment(endpoint, application)
    options = {"PGOPTIONS": merged(given.get("PGOPTIONS"), program_options(major))} if major else {}
    return {**given, "PGTZ": "UTC", **options}


def _database(endpoint: Endpoint, flow: Flow) -> str:
    """A connection string without any secret: those are in the environment."""
    return keepalive_conninfo(endpoint.database, flow, own=without_variable(endpoint.options))


def _warnings(program: str, code: int, stderr: str) -> tuple[str, ...]:
    lines = [line for line in stderr.splitlines() if line.strip()]
    named = [meaning for line in lines for text, meaning in _NAMED.items() if text in line]
    if code == 0 and len(named) == len(lines):
        return tuple(named)
    if "max_locks_per_transaction" in stderr:  # the hint names it in every language
        raise BrokenError(f"{program}: {lines[0]}", SHORTAGES["53200"], retry=True)
    if _LOCK.search(stderr):
        raise ChangedError(f"{program} waited for a lock behind somebody who waits for ours")
    if code and _RACE.search(stderr):
        raise ChangedError(f"{program} lost what it was looking at: {' '.join(stderr.split())[-200:]}")
    if "conflict with recovery" in stderr:
        raise ChangedError(f"a standby ended {program} to go on with recovery", STANDBY)
    if "permission denied for large object" in stderr or "could not open large object" in stderr:
        raise BrokenError(
            f"{program}: {lines[0]}",
            "only owners and superusers read large objects: give the backup a `login:` that is one, or grant select on each",
            retry=False,
        )
    raise programs.complaint(program, code, stderr)
