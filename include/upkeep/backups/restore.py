"""
Restoring one backup, and proving it: streamed into a database, then compared with the manifest object by object.

Nothing there is touched that was there before: the database is made, or is empty. Until it is whole it carries a mark, and only a
database with that mark is dropped and made again by the next try. Any word of pg_restore on stderr fails the restore.
"""

import secrets
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.backups import catalogue, digest, programs, readback, unpacking
from upkeep.backups.compare import LEFT_OUT, Compared, Found, Meant, compare
from upkeep.backups.destination import Destination
from upkeep.backups.feed import Feed, kill
from upkeep.backups.manifest import Manifest, StoredObject
from upkeep.backups.registry import Registry, Restoration
from upkeep.backups.roles import Roles, check_mapping, create_missing, for_scratch, hand_over, named
from upkeep.backups.spool import spool_folder
from upkeep.errors import BrokenError, UpkeepError
from upkeep.quantity import plural, size
from upkeep.sources.objects import ObjectStore

if TYPE_CHECKING:
    import psycopg

    from upkeep.duty import Progress

_SAY_EVERY_S = 1.0
_GLOBALS = "globals.sql"
_DEADLOCK = "deadlock detected"
_TABLESPACES = "select spcname from pg_catalog.pg_tablespace"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it. `seconds` by stage; no `differences` means proven; `uncertain` are for a person to judge."""

    backup_id: str
    target: str
    destination: str
    server_version: int
    rows: int
    seconds: dict[str, float]
    differences: tuple[str, ...]
    uncertain: tuple[str, ...]

    @property
    def proven(self) -> bool:
        """Whether the copy is the backup's content in every respect that was compared."""
        return not self.differences


@dataclass
class Restoring:
    """
    One restore. `place` is the backup's own folder in its store, `keys` texts of age private keys.

    `expected_sha256` is the manifest's sum as the report database remembers it; `asked_by` goes into the registry's row.
    """

    place: ObjectStore
    into: Destination
    progress: "Progress"
    roles: Roles = field(default_factory=Roles)
    keys: Sequence[str] = ()
    jobs: int = 2
    registry: Registry | None = None
    expected_sha256: str | None = None
    asked_by: str | None = None
    called: str | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def backup_id(self) -> str:
        """The folder's name."""
        return self.place.root.rstrip("/").rpartition("/")[2]

    def run(self) -> Restored:
        """Restore, compare, register. Raises BrokenError and DamagedError; a copy that differs is returned, not raised."""
        with self._stage("manifest", self.place.url):
            manifest = readback.read_manifest(self.place, self.backup_id, self.expected_sha256)
        row = self._begin(manifest)
        try:
            done = self._restore(manifest)
        except BaseException as error:
            self._end(row, state="failed", error=" ".join(str(error).split()) or type(error).__name__)
            raise
        state = "proven" if done.proven else "differs"
        self._end(row, state=state, server_version=done.server_version, rows=done.rows, differences=done.differences)
        # Last: until the row says what came of it, the next try may make the database again.
        self.into.unmark(manifest)
        return done

    def _restore(self, manifest: Manifest) -> Restored:
        keys = unpacking.identities(self.keys)
        with self._stage("check"):
            major, was_there = self.into.check(manifest)
            tablespaces = self._tablespaces(manifest)
        with self._stage("roles"):
            temporary = self._make_roles(manifest, keys)
        with self._stage("create", self.into.database):
            self._make_database(manifest, major, was_there=was_there)
        with self._stage("restore", f"{plural(len(manifest.objects), 'object')}, {size(manifest.raw_bytes)}"):
            self._fill_or_again(manifest, major, keys, tablespaces=tablespaces)
        with self._stage("finish"):
            self._hand_over(temporary)
            mapped = dict(self.roles.mapped)
            self.into.finish(manifest, mapped, no_owner=self.roles.no_owner)
        with self._stage("compare"):
            compared = self._compare(manifest, was_there=was_there, tablespaces=tablespaces)
        return Restored(
            backup_id=manifest.id,
            target=manifest.target,
            destination=self._called,
            server_version=major,
            rows=manifest.rows,
            seconds=dict(self.seconds),
            differences=compared.differences,
            uncertain=compared.uncertain,
        )

    @property
    def _called(self) -> str:
        return self.called or f"{self.into.server.host}:{self.into.server.port}/{self.into.database}"

    def _make_roles(self, manifest: Manifest, keys: Sequence[Any]) -> list[str]:
        """Make the roles that are missing; those returned exist only until they are handed over."""
        if self.roles.from_globals:
            self._run_globals(manifest, keys)
        wanted = named(manifest, no_owner=self.roles.no_owner)
        mapped = {old: new for old, new in self.roles.mapped.items() if old in wanted}
        with self.into.admin() as admin:
            check_mapping(admin, mapped)
            made = create_missing(admin, wanted)
        lasting = sorted(set(made) - mapped.keys())
        if lasting:
            self.progress("roles", f"made without login and password: {', '.join(lasting)}")
        return sorted(mapped)

    def _run_globals(self, manifest: Manifest, keys: Sequence[Any]) -> None:
        stored = next((each for each in manifest.objects if unpacking.raw_name(each.name) == _GLOBALS), None)
        if stored is None:
            raise BrokenError(f"{self.place.url} has no {_GLOBALS}", "restore without the globals", retry=False)
        text = bytearray()
        unpacking.unpack(self.place, stored, text.extend, keys)
        psql = self._program("psql", manifest)
        with self.into.admin() as admin:
            environment = programs.environment(replace(self.into.server, database=admin.info.dbname), "upkeep restore")
        done = subprocess.run(  # noqa: S603 - our own words
            programs.command(psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"),
            input=for_scratch(text.decode()).encode(),
            env=environment,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise programs.complaint("psql with the backup's globals", done.returncode, done.stderr.decode(errors="replace"))

    def _make_database(self, manifest: Manifest, major: int, *, was_there: bool) -> None:
        if was_there:
            with self.into.admin() as admin:
                self.into.mark(admin, manifest.id)
        else:
            self.into.create(manifest, major)
        self.into.prepare(manifest)

    def _fill_or_again(self, manifest: Manifest, major: int, keys: Sequence[Any], *, tablespaces: bool) -> None:
        """Workers of pg_restore can deadlock where they attach indexes of partitions' partitions; one alone cannot."""
        try:
            self._fill(manifest, major, keys, tablespaces=tablespaces)
        except BrokenError as error:
            if self.jobs == 1 or _DEADLOCK not in str(error):
                raise
            self.progress(
                "restore", "pg_restore's workers blocked each other (deadlock): once more from the start, one at a time"
            )
            self.into.check(manifest)  # drops what carries our mark
            self._make_database(manifest, major, was_there=False)
            self.jobs = 1
            self._fill(manifest, major, keys, tablespaces=tablespaces)

    def _fill(self, manifest: Manifest, major: int, keys: Sequence[Any], *, tablespaces: bool) -> None:
        with spool_folder(f"restore {self.into.server.host}:{self.into.server.port}/{self.into.database}") as folder:
            feed = Feed(self.place, manifest.objects, folder / "dump", self.jobs, keys, _Said(self.progress, manifest.objects))
            pipes = feed.prepare()
            with (folder / "stderr").open("w+b") as said:
                process = self._pg_restore(manifest, major, feed.folder, said, tablespaces=tablespaces)
                try:
                    feed.run(process, pipes)
                finally:
                    kill(process)
                said.seek(0)
                words = said.read().decode(errors="replace")
            if process.returncode or words.strip():
                raise programs.complaint("pg_restore", process.returncode, words)

    def _pg_restore(
        self, manifest: Manifest, major: int, folder: Path, said: Any, *, tablespaces: bool
    ) -> "subprocess.Popen[bytes]":
        words = ["--format=directory", "--exit-on-error", "--no-subscriptions", f"--jobs={self.jobs}"]
        words += ["--no-owner", "--no-privileges"] if self.roles.no_owner else []
        words += [] if tablespaces else ["--no-tablespaces"]
        name = self.into.database.replace("\\", "\\\\").replace("'", "\\'")
        return programs.popen(
            self._program("pg_restore", manifest, major),
            *words,
            f"--dbname=dbname='{name}'",
            str(folder),
            env=programs.environment(self.into.endpoint, "upkeep restore"),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )

    def _program(self, name: str, manifest: Manifest, major: int = 0) -> Path:
        return programs.client(max(manifest.client_version, major))[1] / name

    def _hand_over(self, temporary: Sequence[str]) -> None:
        with self.into.session() as connection:
            for old in temporary:
                hand_over(connection, old, self.roles.mapped[old])

    def _tablespaces(self, manifest: Manifest) -> bool:
        wanted = {entry.definition for entry in manifest.entries if entry.kind == "tablespace"}
        with self.into.admin() as admin:
            return wanted <= {row[0] for row in admin.execute(_TABLESPACES)}

    def _compare(self, manifest: Manifest, *, was_there: bool, tablespaces: bool) -> Compared:
        left_out = LEFT_OUT | (frozenset() if tablespaces else {"tablespace"})
        with self.into.session() as connection:
            digest.settle(connection)
            tables = digest.relations(connection)
            found = Found(
                server_version=connection.info.server_version // 10000,
                contents=digest.contents(self._settled, tables, self.jobs),
                sequences=catalogue.sequence_values(connection),
                entries=catalogue.entries(connection),
                # The mark stands in the comment's place until the very end.
                database={**catalogue.database_facts(connection), "comment": manifest.database.get("comment")},
            )
            user = _one(connection, "select current_user")
        owner = user if self.roles.no_owner else None
        meant = Meant(dict(self.roles.mapped), owner, left_out, own_locale=was_there)
        compared = compare(manifest, found, meant)
        skipped = tuple(f"left out: {e.kind} {e.key}" for e in manifest.entries if e.kind in left_out)
        return Compared(compared.differences, (*compared.uncertain, *skipped))

    @contextmanager
    def _settled(self) -> "Iterator[psycopg.Connection[Any]]":
        with self.into.session() as connection:
            digest.settle(connection)
            yield connection

    def _begin(self, manifest: Manifest) -> Restoration | None:
        if self.registry is None:
            return None
        now = datetime.now(UTC)
        for old in self.registry.restorations(manifest.target):
            if old.state == "running" and old.destination == self._called:
                error = "its process ended before it was finished"
                self.registry.put_restoration(replace(old, state="failed", error=error, finished_at=now))
        row = Restoration(
            id=f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
            backup_id=manifest.id,
            target=manifest.target,
            destination=self._called,
            state="running",
            begun_at=now,
            asked_by=self.asked_by,
        )
        self.registry.put_restoration(row)
        return row

    def _end(self, row: Restoration | None, **more: Any) -> None:
        if self.registry is None or row is None:
            return
        done = replace(row, finished_at=datetime.now(UTC), seconds=dict(self.seconds), **more)
        if done.state != "failed":
            self.registry.put_restoration(done)
            return
        with suppress(UpkeepError):  # the failure itself is what is told
            self.registry.put_restoration(done)

    @contextmanager
    def _stage(self, step: str, text: str = "") -> Iterator[None]:
        self.progress(step, text)
        begun = time.monotonic()
        yield
        self.seconds[step] = round(time.monotonic() - begun, 3)


class _Said:
    """Says now and then how much was fed."""

    def __init__(self, progress: "Progress", objects: Sequence[StoredObject]) -> None:
        self._progress, self._objects, self._bytes = progress, len(objects), sum(stored.raw_bytes for stored in objects)
        self._said = time.monotonic()

    def __call__(self, objects: int, fed: int) -> None:
        if time.monotonic() - self._said >= _SAY_EVERY_S:
            self._said = time.monotonic()
            self._progress("restore", f"{objects} of {self._objects} objects, {size(fed)} of {size(self._bytes)}")


def _one(connection: "psycopg.Connection[Any]", sql: str) -> Any:
    row = connection.execute(sql.encode()).fetchone()
    return row[0] if row else None
