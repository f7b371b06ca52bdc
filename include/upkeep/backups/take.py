"""
Taking one backup, in steps that a kill may fall between.

Nothing counts before the manifest is stored, and that is stored last, after every object was read back. What a killed run left is
found by the next one (`heal`): objects without a manifest are removed, a whole backup whose row was not written is read back and
registered. Earlier backups are never touched. One process at a time changes a target's backups: it holds the target's claim.
"""

import hashlib
import socket
import time
from collections import Counter
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from upkeep.backups import entries_file, packing, programs, readback, sequences, standalone, tables
from upkeep.backups.definitions import ARCHIVE, GLOBALS, LARGE_OBJECTS, Definitions, check_own_programs, text_encoding
from upkeep.backups.heal import completed, heal, remove
from upkeep.backups.local_folder import local_folder
from upkeep.backups.manifest import NAME, Manifest, StoredObject
from upkeep.backups.measure import Measured, measure
from upkeep.backups.psql import SessionError
from upkeep.backups.registry import Record, Registry, State, backups_of
from upkeep.backups.rows_out import RowsOut
from upkeep.backups.snapshot import ChangedError, Snapshot, Source
from upkeep.backups.stages import Stages, made_at
from upkeep.errors import BrokenError, UpkeepError
from upkeep.humanize import plural, size
from upkeep.sources.objects import ObjectStore
from upkeep.sources.pooler import Pooling, pooling
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors
from upkeep.targets.database import Backup

_ATTEMPTS = 4
_LOOK_EVERY_S = 1.0
_LEFT_OVER = """
    select pg_catalog.pg_terminate_backend(pid)
    from pg_catalog.pg_stat_activity
    where application_name = %s and usename = current_user and pid <> pg_catalog.pg_backend_pid()
"""


@dataclass
class Held:
    """What one snapshot has given so far, beside its rows."""

    objects: list[StoredObject] = field(default_factory=list)
    warnings: tuple[str, ...] = ()
    measured: Measured | None = None


@dataclass
class Taking:
    """One backup of one target. `place` is the target's folder in the store."""

    target: str
    source: Endpoint
    plan: Backup
    place: ObjectStore
    registry: Registry
    stages: Stages

    @property
    def application(self) -> str:
        """How its sessions are known on the server: this installation's, and no other target's however alike the names."""
        known = hashlib.sha256(f"{self.registry.installation}/{self.target}".encode()).hexdigest()[:12]
        return f"upkeep backup {known} {self.target}".encode()[:63].decode(errors="ignore")

    def run(self) -> Record:
        """Heal, take, read back, register. Raises BrokenError and DamagedError; then nothing of it counts."""
        self.stages.progress("claim", f"to be the only one at the backups of {self.target}")
        with self.registry.claimed(backups_of(self.target)):
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
            host=socket.gethostname() if self.place.is_local else None,
            connection=self.plan.connection,
        )
        self.stages.progress("begin", record.location)
        self.registry.put(record)
        return record

    def _take(self, record: Record) -> Manifest:
        place = self.place.at(record.id)
        with local_folder(self.place.url) as folder:
            manifest = self._from_a_quiet_moment(record, place, folder)
        with self.stages.stage("read back", f"{plural(len(manifest.objects), 'object')}, {size(manifest.stored_bytes)}"):
            readback.read_back(place, manifest.objects, self.plan.jobs)
        self.registry.assert_claimed(backups_of(self.target))
        with self.stages.stage("manifest"):
            manifest = replace(manifest, seconds=dict(self.stages.seconds))
            place.put(NAME, manifest.to_json())
            readback.read_manifest(place, record.id, manifest.sha256)
        return manifest

    def _from_a_quiet_moment(self, record: Record, place: ObjectStore, folder: Path) -> Manifest:
        """Start over while something changes that a snapshot does not keep, or a standby ends a session to go on."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._in_a_snapshot(record, place, folder)
            except (ChangedError, SessionError) as error:
                if isinstance(error, SessionError) and error.sqlstate not in _AGAIN:
                    raise
                if attempt == _ATTEMPTS:
                    raise _given_up(error) from error
                self.stages.progress("start over", str(error))
                place.delete_all()
                time.sleep(attempt)
        raise AssertionError  # the last attempt returns or raises

    def _in_a_snapshot(self, record: Record, place: ObjectStore, folder: Path) -> Manifest:
        with self.stages.stage("snapshot"):
            major, program_folder, pooled = self._programs()
        source = Source(
            self.source,
            self.application,
            program_folder / "psql",
            self.plan.jobs,
            lambda text: self.stages.progress("snapshot", text),
        )
        with source.snapshot() as snapshot:
            version = snapshot.catalog.info.server_version // 10000
            definitions = Definitions(self.source, self.application, program_folder, 0 if pooled else version)
            rows, held = RowsOut(snapshot, place, self.plan.encrypt_to), Held()
            with self.stages.stage("copy", f"{plural(len(snapshot.tables), 'table')}, {self.plan.jobs} at a time"):
                self._together(
                    snapshot,
                    rows,
                    lambda: self._definitions(definitions, snapshot, place, folder, held),
                    lambda: self._measure(snapshot, held),
                )
            manifest = self._manifest(record, snapshot, rows, held, major)
        return self._with_manual(place, manifest, held)

    def _together(self, snapshot: Snapshot, rows: RowsOut, *beside: Any) -> None:
        """Copy rows, definitions and measurements at once. The first error ends the sessions of all and is raised."""
        with ThreadPoolExecutor(1 + len(beside), "take") as pool:
            working: list[Future[Any]] = [pool.submit(work) for work in (rows.run, *beside)]
            while True:
                done, left = wait(working, _LOOK_EVERY_S, FIRST_EXCEPTION)
                failed = next((each for each in done if each.exception()), None)
                cause = rows.failure  # a session that ended takes the snapshot from the others, who then say only that
                if failed or not left:
                    break
                self.stages.now_and_then("copy", rows.progress)
            if failed:
                for session in (snapshot.control, *snapshot.helpers):
                    session.end()
                with suppress(UpkeepError):
                    self._end_sessions()  # else what the others ask would go on for nobody
        if failed and cause:
            raise cause
        for each in [failed] if failed else working:
            each.result()

    def _definitions(self, definitions: Definitions, snapshot: Snapshot, place: ObjectStore, folder: Path, held: Held) -> None:
        archive = folder / ARCHIVE
        version = snapshot.catalog.info.server_version // 10000
        held.warnings = definitions.dump(archive, snapshot.name, text_encoding(snapshot.encoding))
        check_own_programs(archive, programs.client(version)[0], version)
        with archive.open("rb") as file:
            self._keep(place, ARCHIVE, file, held)
        text = definitions.globals(passwords=self.plan.passwords)
        self._keep(place, GLOBALS, BytesIO(text.encode(errors=programs.ANY_BYTES)), held)
        if snapshot.has_large_objects:
            with definitions.large_objects(snapshot.name) as stream:
                self._keep(place, LARGE_OBJECTS, stream, held)

    def _keep(self, place: ObjectStore, name: str, source: packing.Readable, held: Held) -> None:
        held.objects.append(packing.store(place, name, source, self.plan.encrypt_to))

    def _measure(self, snapshot: Snapshot, held: Held) -> None:
        held.measured = measure(snapshot, self.source, self.application)

    def _with_manual(self, place: ObjectStore, manifest: Manifest, held: Held) -> Manifest:
        """Store what sets the sequences, and beside it how to restore without us."""
        held.objects.append(entries_file.store(place, manifest.entries, self.plan.encrypt_to))
        script = sequences.script(manifest.sequences)
        self._keep(place, sequences.OBJECT, BytesIO(script.encode(tables.codec(manifest.encoding))), held)
        found = sorted((*manifest.objects, *held.objects), key=lambda stored: stored.name)
        manifest = replace(manifest, objects=tuple(found))
        files = standalone.files(manifest, encrypted=bool(self.plan.encrypt_to)).items()
        manual = [packing.store_plain(place, name, data) for name, data in files]
        return replace(manifest, objects=(*manifest.objects, *manual), entries=())

    def _manifest(self, record: Record, snapshot: Snapshot, rows: RowsOut, held: Held, major: int) -> Manifest:
        assert held.measured  # noqa: S101 - done with the rest
        found = held.measured
        return Manifest(
            id=record.id,
            target=self.target,
            database=found.database,
            system_identifier=found.system_identifier,
            encoding=snapshot.encoding,
            server_version=snapshot.catalog.info.server_version // 10000,
            client_version=major,
            begun_at=record.begun_at,
            snapshot_at=snapshot.at,
            objects=tuple(rows.objects),
            contents=(*rows.contents(), found.large_objects),
            sequences=found.sequences,
            kinds=Counter(entry.kind for entry in found.entries),
            entries=found.entries,
            roles=tuple(each.to_json() for each in found.roles),
            not_covered=(*found.not_covered, *held.warnings),
            encrypted_to=tuple(self.plan.encrypt_to),
        )

    def _complete(self, record: Record, manifest: Manifest) -> Record:
        """Write its row. Where that fails the backup is whole all the same, and the next run registers it."""
        self.stages.progress("register", manifest.id)
        done = completed(record, manifest, datetime.now(UTC))
        self.registry.put(done)
        return done

    def _programs(self) -> tuple[int, Path, bool]:
        """End what a killed run left open, and choose the programs. A pooler in transaction mode is refused."""
        with translate_errors():
            pooled = pooling(self.source)
        if pooled is Pooling.TRANSACTION:
            raise BrokenError(
                f"{self.source.place} is a pooler in transaction mode: no snapshot outlives a statement there",
                "give the backup a `login:` that reaches the server itself, or a pooler in session mode",
                retry=False,
            )
        self._end_sessions()
        with translate_errors(), self.source.connect(self.application) as connection:
            return *programs.client(connection.info.server_version // 10000), pooled is not Pooling.NONE

    def _end_sessions(self) -> None:
        with translate_errors(), self.source.connect(f"clean: {self.application}") as admin:
            admin.execute(_LEFT_OVER, [self.application])

    def _failed(self, record: Record, error: BaseException) -> None:
        """Say so in the row and remove what was stored, as far as both can be reached; `heal` does the rest."""
        failed = replace(record, state=State.FAILED, error=str(error), finished_at=datetime.now(UTC))
        with suppress(UpkeepError, OSError):
            remove(self.place.at(record.id))
            self.registry.put(failed)


_AGAIN = {"40001", "42P01", "XX000"}


def _given_up(error: ChangedError | SessionError) -> UpkeepError:
    return BrokenError(f"{error}, {_ATTEMPTS} times", error.remedy or "try again later", retry=True)
