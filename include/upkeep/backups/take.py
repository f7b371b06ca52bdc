"""
Taking one backup, in steps that a kill may fall between.

Nothing counts before the manifest is stored, and that is stored last, after every object was read back. What a killed run left is
found by the next one (`heal`): objects without a manifest are removed, a whole backup whose row was not written is read back and
registered. Earlier backups are never touched. One process at a time changes a target's backups: it holds the target's claim.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.backups import catalogue, digest, readback
from upkeep.backups.dump import Dump
from upkeep.backups.heal import completed, heal, remove
from upkeep.backups.manifest import NAME, Content, DamagedError, Entry, Manifest
from upkeep.backups.registry import Record, Registry, State
from upkeep.backups.spool import spool_folder
from upkeep.backups.stages import Stages, made_at
from upkeep.errors import UpkeepError
from upkeep.inventory import Backup
from upkeep.quantity import plural, size
from upkeep.sources.objects import ObjectStore
from upkeep.sources.postgres import Endpoint, translated

if TYPE_CHECKING:
    import psycopg

_SYSTEM = "select system_identifier::text from pg_catalog.pg_control_system()"
_LEFT_OVER = """
    select pg_catalog.pg_terminate_backend(pid)
    from pg_catalog.pg_stat_activity
    where application_name = %s and usename = current_user and pid <> pg_catalog.pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured in the snapshot beside the dump."""

    contents: tuple[Content, ...]
    tables: tuple[digest.Table, ...]
    entries: tuple[Entry, ...]
    database: Mapping[str, Any]


@dataclass
class Taking:
    """One backup of one target. `place` is the target's folder in the store; `spool_bytes` bounds the local disk used."""

    target: str
    source: Endpoint
    plan: Backup
    place: ObjectStore
    registry: Registry
    stages: Stages
    spool_bytes: int = 1 << 30

    @property
    def application(self) -> str:
        """How its sessions are known on the server."""
        return f"upkeep backup {self.target}"

    def run(self) -> Record:
        """Heal, take, read back, register. Raises BrokenError and DamagedError; then nothing of it counts."""
        self.stages.progress("claim", f"to be the only one at the backups of {self.target}")
        with self.registry.claimed(self.target):
            self.stages.progress("heal")
            heal(self.target, self.place, self.registry, self.stages.progress)
            record = self._begin()
            try:
                manifest = self._take(record)
            except BaseException as error:
                self._failed(record, error)
                raise
            return self._complete(record, manifest)

    def _begin(self) -> Record:
        begun = datetime.now(UTC)
        made = made_at(begun)
        record = Record(
            id=made,
            target=self.target,
            location=self.place.at(made).url,
            state=State.TAKING,
            window=self.registry.window,
            begun_at=begun,
            encrypted=bool(self.plan.encrypt_to),
        )
        self.stages.progress("begin", record.location)
        self.registry.put(record)
        return record

    def _take(self, record: Record) -> Manifest:
        place = self.place.at(record.id)
        with spool_folder(self.place.url) as folder, self._snapshot() as (control, snapshot, at):
            version = control.info.server_version // 10000
            dump = Dump(
                self.source, place, self.application, version, self.plan.jobs, self.plan.encrypt_to, self.plan.passwords,
                self.spool_bytes,
            )  # fmt: skip
            measured = self._dump(dump, snapshot, folder)
            manifest = self._manifest(record, dump, measured, at, _system_identifier(control), folder)
        with self.stages.stage("read back", f"{plural(len(manifest.objects), 'object')}, {size(manifest.stored_bytes)}"):
            readback.read_back(place, manifest.objects, self.plan.jobs)
        self.registry.assert_claimed(self.target)
        with self.stages.stage("manifest"):
            manifest = replace(manifest, seconds=dict(self.stages.seconds))
            place.put(NAME, manifest.to_json())
            readback.read_manifest(place, record.id, manifest.sha256)
        return manifest

    def _complete(self, record: Record, manifest: Manifest) -> Record:
        """Write its row. Where that fails the backup is whole all the same, and the next run registers it."""
        self.stages.progress("register", manifest.id)
        done = completed(record, manifest, datetime.now(UTC))
        self.registry.put(done)
        return done

    def _dump(self, dump: Dump, snapshot: str, folder: Path) -> Measured:
        with self.stages.stage("globals"):
            dump.take_globals()
        text = f"pg_dump {dump.client_version} of PostgreSQL {dump.server_version}, {self.plan.jobs} jobs"
        with (
            self.stages.stage("dump", text),
            ThreadPoolExecutor(1, "measure") as beside,
            dump.started(snapshot, folder) as spool,
        ):
            measuring = beside.submit(self._measure, snapshot)
            try:
                spool.drain(dump.take, self.plan.jobs, lambda waiting: self._look(dump, measuring, waiting))
                return measuring.result()
            except BaseException:
                with suppress(Exception):
                    self._end_sessions()  # else the digests of large tables would go on for nobody
                raise

    def _look(self, dump: Dump, measuring: "Future[Measured]", waiting: int) -> None:
        """While the dump runs: stop at once when measuring has failed, and say how far it is."""
        if measuring.done():
            measuring.result()
        self.stages.now_and_then("dump", lambda: dump.progress(waiting))

    def _end_sessions(self) -> None:
        """End what this run or a killed one left open on the server."""
        with self.source.connect(f"{self.application}: clean") as admin:
            admin.execute(_LEFT_OVER, [self.application[:63]])

    def _measure(self, snapshot: str) -> Measured:
        @contextmanager
        def session() -> "Iterator[psycopg.Connection[Any]]":
            with self._session() as connection:
                connection.execute(f"set transaction snapshot '{snapshot}'".encode())
                yield connection

        with translated(), session() as connection:
            tables = tuple(digest.relations(connection))
            entries, database = catalogue.entries(connection), catalogue.database_facts(connection)
        with translated():
            return Measured(digest.contents(session, tables), tables, entries, database)

    @contextmanager
    def _session(self) -> "Iterator[psycopg.Connection[Any]]":
        import psycopg

        with self.source.connect(self.application, autocommit=True) as connection:
            digest.settle(connection)
            connection.autocommit = False
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            yield connection

    @contextmanager
    def _snapshot(self) -> "Iterator[tuple[psycopg.Connection[Any], str, datetime]]":
        """A session that holds the snapshot, its name, and the moment that it shows."""
        with self.stages.stage("snapshot"), translated():
            self._end_sessions()
        with translated(), self._session() as control:
            row = control.execute("select pg_catalog.pg_export_snapshot(), pg_catalog.transaction_timestamp()").fetchone()
            assert row  # noqa: S101 - two functions make one row
            yield control, str(row[0]), row[1].astimezone(UTC)

    def _manifest(self, record: Record, dump: Dump, measured: Measured, at: datetime, system: str, folder: Path) -> Manifest:
        listed = dump.listed(folder)
        files = dump.tables(listed)
        oids = {table.key: table.oid for table in measured.tables}
        contents = tuple(replace(c, file=files.get(oids.get(c.key, 0))) for c in measured.contents)
        _compare_rows(dump, contents)
        return Manifest(
            id=record.id,
            target=self.target,
            database=measured.database,
            system_identifier=system,
            server_version=dump.server_version,
            client_version=dump.client_version,
            begun_at=record.begun_at,
            snapshot_at=at,
            objects=tuple(sorted(dump.objects, key=lambda stored: stored.name)),
            contents=contents,
            sequences=dump.sequences(folder, listed),
            entries=measured.entries,
            not_covered=digest.not_covered(measured.tables),
            encrypted_to=tuple(self.plan.encrypt_to),
        )

    def _failed(self, record: Record, error: BaseException) -> None:
        """Say so in the row and remove what was stored, as far as both can be reached; `heal` does the rest."""
        failed = replace(record, state=State.FAILED, error=str(error), finished_at=datetime.now(UTC))
        with suppress(UpkeepError, OSError):
            remove(self.place.at(record.id))
            self.registry.put(failed)


def _compare_rows(dump: Dump, contents: tuple[Content, ...]) -> None:
    wrong = [
        f"{c.key}: {c.rows} rows in the snapshot, {dump.rows_of(c.file)} in the dump"
        for c in contents
        if c.file is not None and dump.rows_of(c.file) != c.rows
    ]
    missing = [c.key for c in contents if c.file is None and c.rows and c.key != digest.LARGE_OBJECTS]
    wrong += [f"{key}: the dump has no file of it" for key in missing]
    if wrong:
        raise DamagedError("the dump does not hold what the snapshot shows: " + "; ".join(wrong))


def _system_identifier(control: "psycopg.Connection[Any]") -> str:
    import psycopg

    try:
        with control.transaction():
            row = control.execute(_SYSTEM).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return ""
    return str(row[0]) if row else ""
