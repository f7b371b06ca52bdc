"""
One attempt at a backup: definitions, rows and measurements of one moment, copied at once in an exported snapshot.

Killed anywhere it leaves objects without a manifest, which count for nothing and which the next run removes.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from upkeep.backups import entries_file, packing, programs, sequences, standalone, tables
from upkeep.backups.definitions import ARCHIVE, GLOBALS, LARGE_OBJECTS, Definitions, check_own_programs, text_encoding
from upkeep.backups.manifest import Entry, Manifest, StoredObject
from upkeep.backups.measure import Measured, measure
from upkeep.backups.registry import Record
from upkeep.backups.rows_out import RowsOut
from upkeep.backups.snapshot import Snapshot, Source
from upkeep.backups.stages import Stages
from upkeep.errors import BrokenError, UpkeepError
from upkeep.humanize import plural
from upkeep.sources.objects import ObjectStore
from upkeep.sources.pooler import Pooling, pooling
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors
from upkeep.targets.database import Backup

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


@dataclass(frozen=True, slots=True)
class CopyOut:
    """
    One attempt. `place` is the backup's own folder in the store, `folder` one on this disk for the definitions.

    `application` is the name by which its sessions are known on the server.
    """

    record: Record
    source: Endpoint
    application: str
    plan: Backup
    place: ObjectStore
    folder: Path
    stages: Stages

    def run(self) -> Manifest:
        """Copy it all. Raises ChangedError when another attempt may see a quiet moment, and BrokenError."""
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
            rows, held = RowsOut(snapshot, self.place, self.plan.encrypt_to), Held()
            with self.stages.stage("copy", f"{plural(len(snapshot.tables), 'table')}, {self.plan.jobs} at a time"):
                self._together(
                    snapshot,
                    rows,
                    lambda: self._definitions(definitions, snapshot, held),
                    lambda: self._measure(snapshot, held),
                )
            manifest = self._manifest(snapshot, rows, held, major)
        return self._with_manual(manifest, held)

    def _together(self, snapshot: Snapshot, rows: RowsOut, *beside: Callable[[], None]) -> None:
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

    def _definitions(self, definitions: Definitions, snapshot: Snapshot, held: Held) -> None:
        archive = self.folder / ARCHIVE
        version = snapshot.catalog.info.server_version // 10000
        holds_data = snapshot.has_large_objects or any(table.kind == "m" for table in snapshot.tables)
        encoding = text_encoding(snapshot.encoding)
        held.warnings = definitions.dump(archive, snapshot.name, encoding, holds_data=holds_data)
        check_own_programs(archive, programs.client(version)[0], version)
        with archive.open("rb") as file:
            self._keep(ARCHIVE, file, held)
        text = definitions.globals(passwords=self.plan.passwords)
        self._keep(GLOBALS, BytesIO(text.encode(errors=programs.ANY_BYTES)), held)
        if snapshot.has_large_objects:
            with definitions.large_objects(snapshot.name) as stream:
                self._keep(LARGE_OBJECTS, stream, held)

    def _keep(self, name: str, source: packing.Readable, held: Held) -> None:
        held.objects.append(packing.store(self.place, name, source, self.plan.encrypt_to))

    def _measure(self, snapshot: Snapshot, held: Held) -> None:
        def store(entries: Iterator[Entry]) -> None:
            held.objects.append(entries_file.store(self.place, entries, self.plan.encrypt_to))

        held.measured = measure(snapshot, self.source, self.application, store)

    def _with_manual(self, manifest: Manifest, held: Held) -> Manifest:
        """Store what sets the sequences, and beside it how to restore without us."""
        script = sequences.script(manifest.sequences)
        self._keep(sequences.OBJECT, BytesIO(script.encode(tables.codec(manifest.encoding))), held)
        found = sorted((*manifest.objects, *held.objects), key=lambda stored: stored.name)
        manifest = replace(manifest, objects=tuple(found))
        files = standalone.files(manifest, encrypted=bool(self.plan.encrypt_to)).items()
        manual = [packing.store_plain(self.place, name, data) for name, data in files]
        return replace(manifest, objects=(*manifest.objects, *manual), entries=())

    def _manifest(self, snapshot: Snapshot, rows: RowsOut, held: Held, major: int) -> Manifest:
        assert held.measured  # noqa: S101 - done with the rest
        found = held.measured
        return Manifest(
            id=self.record.id,
            target=self.record.target,
            database=found.database,
            system_identifier=found.system_identifier,
            encoding=snapshot.encoding,
            server_version=snapshot.catalog.info.server_version // 10000,
            client_version=major,
            begun_at=self.record.begun_at,
            snapshot_at=snapshot.at,
            objects=tuple(rows.objects),
            contents=(*rows.contents(), found.large_objects),
            sequences=found.sequences,
            kinds=found.kinds,
            entries=found.entries,
            roles=tuple(each.to_json() for each in found.roles),
            not_covered=(*found.not_covered, *held.warnings),
            encrypted_to=tuple(self.plan.encrypt_to),
        )

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
