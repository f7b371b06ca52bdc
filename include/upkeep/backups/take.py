"""
Taking one backup, in steps that a kill may fall between.

Nothing counts before the manifest is stored, and that is stored last, after every object was read back. What a killed run left is
found by the next one (`heal`): objects without a manifest are removed, a whole backup whose row was not written is read back and
registered. Earlier backups are never touched. One process at a time changes a target's backups: it holds the target's claim.
"""

import hashlib
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from upkeep.backups import readback
from upkeep.backups.copy_out import CopyOut
from upkeep.backups.heal import completed, heal, remove
from upkeep.backups.local_folder import local_folder
from upkeep.backups.manifest import NAME, Manifest
from upkeep.backups.psql import SessionError
from upkeep.backups.registry import Record, Registry, State, backups_of
from upkeep.backups.snapshot import ChangedError
from upkeep.backups.stages import Stages, made_at
from upkeep.errors import BrokenError, UpkeepError
from upkeep.humanize import plural, size
from upkeep.sources.objects import ObjectStore
from upkeep.sources.postgres import Endpoint
from upkeep.targets.database import Backup

_ATTEMPTS = 4


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
        attempt = CopyOut(record, self.source, self.application, self.plan, place, folder, self.stages)
        for number in range(1, _ATTEMPTS + 1):
            try:
                return attempt.run()
            except (ChangedError, SessionError) as error:
                if isinstance(error, SessionError) and error.sqlstate not in _AGAIN:
                    raise
                if number == _ATTEMPTS:
                    raise _given_up(error) from error
                self.stages.progress("start over", str(error))
                place.delete_all()
                time.sleep(number)
        raise AssertionError  # the last attempt returns or raises

    def _complete(self, record: Record, manifest: Manifest) -> Record:
        """Write its row. Where that fails the backup is whole all the same, and the next run registers it."""
        self.stages.progress("register", manifest.id)
        done = completed(record, manifest, datetime.now(UTC))
        self.registry.put(done)
        return done

    def _failed(self, record: Record, error: BaseException) -> None:
        """Say so in the row and remove what was stored, as far as both can be reached; `heal` does the rest."""
        failed = replace(record, state=State.FAILED, error=str(error), finished_at=datetime.now(UTC))
        with suppress(UpkeepError, OSError):
            remove(self.place.at(record.id))
            self.registry.put(failed)


_AGAIN = {"40001", "42P01", "XX000"}


def _given_up(error: ChangedError | SessionError) -> UpkeepError:
    return BrokenError(f"{error}, {_ATTEMPTS} times", error.remedy or "try again later", retry=True)
