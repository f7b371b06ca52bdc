"""Filling a new database: definitions, rows, then what stands on rows, while they are read back."""

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from upkeep.backups import programs, rows_back
from upkeep.backups.definitions import ARCHIVE, PgRestore
from upkeep.backups.destination import Destination
from upkeep.backups.manifest import Content, DamagedError, Manifest, StoredObject
from upkeep.backups.rows_in import RowsIn
from upkeep.backups.stages import Stages
from upkeep.backups.unpacking import raw_name, unpack
from upkeep.errors import BrokenError
from upkeep.humanize import plural, size
from upkeep.sources.objects import ObjectStore

_IN_PIECES_SINCE, _PIECE = 17, 300
_POST_DATA = "post-data"


class IndexesError(BrokenError):
    """Rows are there, but what stands on them could not be made."""


@dataclass
class Filling:
    """One backup on its way into one database. `words` are options for pg_restore, `keys` open what is encrypted."""

    place: ObjectStore
    into: Destination
    manifest: Manifest
    major: int
    keys: Sequence[Any]
    jobs: int
    stages: Stages
    args: Sequence[str] = ()

    def fetch(self, folder: Path) -> Path:
        """The definitions as a file, judged before anything of them is used. Raises DamagedError."""
        archive = folder / ARCHIVE
        with self.stages.stage("fetch"), archive.open("wb") as file:
            unpack(self.place, stored(self.manifest, ARCHIVE), file.write, self.keys)
        return archive

    def run(self, archive: Path) -> tuple[Content, ...]:
        """Fill the database; what its tables then hold. Raises BrokenError for anything that a program said."""
        pieces = [f"--transaction-size={_PIECE}"] if self._program[0] >= _IN_PIECES_SINCE else []
        with self.stages.stage("definitions"):
            self._restore(archive, "pre-data", 1, pieces)
        rows = RowsIn(self.place, self.manifest, self.into, self._program[1], self.major, self.keys, self.jobs, self.args)
        with self.stages.stage("rows", f"{plural(len(self.manifest.objects), 'object')}, {size(self.manifest.raw_bytes)}"):
            rows.run(lambda text: self.stages.now_and_then("rows", text))
        reading = rows_back.RowsBack(self.manifest, self.into, self._program[1], self.major, self.jobs)
        with self.stages.stage("indexes", "and read every row back"), ThreadPoolExecutor(1, "read back") as beside:
            found = beside.submit(reading.run)
            self._restore(archive, _POST_DATA, self.jobs, [])
            return found.result()

    @property
    def _program(self) -> tuple[int, Path]:
        return programs.client(max(self.manifest.client_version, self.major))

    def _restore(self, archive: Path, section: str, jobs: int, more: Sequence[str]) -> None:
        program = self._program[1] / "pg_restore"
        restoring = PgRestore(program, self.into.endpoint, self.into.application, self.major, (*self.args, *more))
        with tempfile.TemporaryFile() as stderr:
            process = restoring.section(archive, section, jobs, stderr)
            try:
                process.wait()
            finally:
                programs.kill(process)
            stderr.seek(0)
            text = stderr.read().decode(errors="replace")
        if process.returncode or text.strip():
            error = programs.complaint(f"pg_restore of {section}", process.returncode, text)
            raise IndexesError(error.reason, error.remedy, retry=error.retry) if section == _POST_DATA else error


def stored(manifest: Manifest, name: str) -> StoredObject:
    """The object that holds this. Raises DamagedError when the manifest has none."""
    found = next((each for each in manifest.objects if raw_name(each.name) == name), None)
    if found is None:
        raise DamagedError(f"backup {manifest.id} has no {name}")
    return found
