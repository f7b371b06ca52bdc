"""One backup tested: restored into a server of ours, compared, and looked at; or only read back."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from upkeep.answer import Finding, Severity
from upkeep.backups import readback
from upkeep.backups.destination import Destination
from upkeep.backups.manifest import NAME, DamagedError, Manifest
from upkeep.backups.private_keys import keys_for
from upkeep.backups.registry import Record, Registry, State, backup_itself
from upkeep.backups.restore import Restored, Restoring
from upkeep.backups.restore_request import check_here
from upkeep.backups.roles import Roles
from upkeep.backups.scratch_restore import fitting, scratch_server, wal_settings
from upkeep.backups.shelf import folder_of, shows_anything
from upkeep.drills import copy_checks
from upkeep.drills.choice import NEWEST, ROTATION, Choice
from upkeep.drills.copy_checks import DeadCopyError
from upkeep.drills.outcome import RestoreTest, Seen, Tested
from upkeep.drills.room import check_room
from upkeep.drills.stages import by_stage
from upkeep.duty import Progress
from upkeep.errors import BrokenError, CannotAskError, ClaimedError
from upkeep.humanize import plural, span
from upkeep.sources.connections import Connections
from upkeep.sources.objects import ObjectStore
from upkeep.sources.scratch import ScratchServer
from upkeep.targets.database import Database

ASKED_BY = "restore_test"
_PROGRAM = re.compile(r"^(pg_restore|pg_dump|pg_dumpall|psql)\b")
_FEW = 20


@dataclass(frozen=True, slots=True)
class Testing:
    """
    Tests of one database's backups.

    A test writes nothing but the row of its restore, in a server that ends with us: it may be killed anywhere and made again.
    """

    db: Database
    connections: Connections
    registry: Registry
    progress: Progress
    jobs: int = 2

    def test(self, choice: Choice) -> Tested:
        """Restore it, or read it back. Raises BrokenError for what may pass by itself, such as a store that is away."""
        place, record = folder_of(choice.record, self.db, self.connections), choice.record
        try:
            check_here(record, place)
            manifest = self._manifest(place, record)
            return (
                self._read_back(choice, place, manifest)
                if choice.chosen_as == ROTATION
                else self._restore(choice, place, manifest)
            )
        except CannotAskError as error:
            return self._unknown(choice, error.reason)
        except DamagedError as error:
            return self._damaged(choice, str(error))
        except BrokenError as error:
            if error.retry and not isinstance(error, ClaimedError):
                raise
            return self._unknown(choice, error.reason)

    def _manifest(self, place: ObjectStore, record: Record) -> Manifest:
        if not place.exists(NAME):
            raise DamagedError(f"{place.url}: {NAME} is missing")
        return readback.read_manifest(place, record.id, record.manifest_sha256)

    def _read_back(self, choice: Choice, place: ObjectStore, manifest: Manifest) -> Tested:
        self.progress("read back", f"{choice.record.id}: {plural(len(manifest.objects), 'object')}")
        with self.registry.claimed(backup_itself(choice.record.id), wait=False):
            readback.read_back(place, manifest.objects, self.jobs)
        return Tested(self._row(choice, "whole", "every object is as it was stored", objects=sums(manifest)))

    def _restore(self, choice: Choice, place: ObjectStore, manifest: Manifest) -> Tested:
        keys = keys_for(manifest, self.db, self.connections)
        major = fitting(manifest, None)
        check_room(manifest.raw_bytes, about(choice))
        begun = time.monotonic()
        with scratch_server(major, wal_settings(manifest)) as server:
            more = {"server": time.monotonic() - begun}
            into = Destination(server.endpoint(), str(manifest.database["name"]))
            try:
                done = self._restoring(place, into, choice, server, keys).run()
            except (BrokenError, DamagedError) as error:
                return self._failed(choice, server, error)
            return self._looked_at(choice, manifest, server, into, done, more)

    def _restoring(
        self, place: ObjectStore, into: Destination, choice: Choice, server: ScratchServer, keys: Sequence[str]
    ) -> Restoring:
        return Restoring(
            place, into, self.progress, roles=Roles(from_globals=True), keys=keys, jobs=self.jobs, registry=self.registry,
            expected_sha256=choice.record.manifest_sha256, asked_by=ASKED_BY, called=f"scratch ({server.major})",
        )  # fmt: skip

    def _looked_at(
        self, choice: Choice, manifest: Manifest, server: ScratchServer, into: Destination, done: Restored, more: dict[str, float]
    ) -> Tested:
        begun = time.monotonic()
        try:
            seen = copy_checks.look(self.db, server, into.endpoint, self.progress, about(choice), self.jobs)
        except DeadCopyError as error:
            row = self._row(choice, "failed", str(error), seconds=by_stage(done.seconds, more))
            return Tested(row, (failure("copy_does_not_start", choice, f"was restored, but its server does not start: {error}"),))
        seconds = by_stage(done.seconds, {**more, "check": time.monotonic() - begun})
        if not done.proven:
            seen.findings.append(_differs(choice, done))
        row = self._row(
            choice, "proven" if done.proven else "differs", _result_text(done, seen), server_version=done.server_version,
            rows=done.rows, seconds=seconds, recovery_seconds=round(sum(seconds.values()), 3), objects=sums(manifest),
            restore_id=self._last_restore(choice), **seen.columns,
        )  # fmt: skip
        return Tested(row, tuple(seen.findings), tuple(seen.unsure))

    def _failed(self, choice: Choice, server: ScratchServer, error: BrokenError | DamagedError) -> Tested:
        """A restore that could not be made: the backup's fault, unless something went away or the server lacks something."""
        if isinstance(error, DamagedError):
            return self._damaged(choice, str(error))
        if self._last_state(choice) == "refused":
            return self._unknown(choice, f"the scratch server cannot take it: {error.reason}")
        if error.retry and not (_PROGRAM.match(error.reason) and server.running()):
            raise error
        message = " ".join(error.reason.split())
        row = self._row(choice, "failed", message, restore_id=self._last_restore(choice))
        return Tested(row, (failure("restore_failed", choice, f"could not be restored: {message}"),))

    def _damaged(self, choice: Choice, message: str) -> Tested:
        """What the store has is not what was stored: every later look is to know, and retention keeps another one."""
        if not shows_anything(folder_of(choice.record, self.db, self.connections)):
            reason = f"{choice.record.location}: the store shows nothing of {self.db.name}, neither this backup nor any other"
            raise BrokenError(reason, "see whether it is mounted and reached; a store that is away is no damage", retry=True)
        with self.registry.claimed(backup_itself(choice.record.id)):
            now = next((each for each in self.registry.records(self.db.name) if each.id == choice.record.id), None)
            if now and now.state is State.COMPLETE:
                self.registry.put(replace(now, damaged=message[:2000]))
        row = self._row(choice, "damaged", message)
        return Tested(row, (failure("backup_damaged", choice, f"is not what was stored: {message}"),))

    def _unknown(self, choice: Choice, reason: str) -> Tested:
        return Tested(self._row(choice, "unknown", reason), unsure=(f"the {about(choice)} could not be tested: {reason}",))

    def _row(self, choice: Choice, result: str, message: str, **more: Any) -> RestoreTest:
        record = choice.record
        return RestoreTest(
            backup_id=record.id, chosen_as=choice.chosen_as, result=result, message=message, tested_at=self.registry.asked_at,
            snapshot_at=record.snapshot_at, manifest_sha256=record.manifest_sha256, **more,
        )  # fmt: skip

    def _last_restore(self, choice: Choice) -> str | None:
        return next((each.id for each in self._restores(choice)), None)

    def _last_state(self, choice: Choice) -> str | None:
        return next((each.state for each in self._restores(choice)), None)

    def _restores(self, choice: Choice) -> list[Any]:
        return [each for each in self.registry.restorations(self.db.name) if each.backup_id == choice.record.id]


def about(choice: Choice) -> str:
    """The backup in words that stay the same from month to month."""
    return "newest backup" if choice.chosen_as == NEWEST else "older backup"


def sums(manifest: Manifest) -> dict[str, str]:
    """SHA-256 of every object, by its name."""
    return {stored.name: stored.sha256 for stored in manifest.objects}


def _result_text(done: Restored, seen: Seen) -> str:
    if not done.proven:
        return f"{plural(len(done.differences), 'difference')}, such as {done.differences[0]}"
    checked = (
        f", {plural(seen.columns['indexes_checked'], 'index', 'indexes')} sound" if "indexes_checked" in seen.columns else ""
    )
    return f"{plural(done.rows, 'row')} as backed up, in {span(sum(done.seconds.values()))}{checked}"


def _differs(choice: Choice, done: Restored) -> Finding:
    message = f"differs from its manifest in {plural(len(done.differences), 'place')}, such as {done.differences[0]}"
    return failure("restore_differs", choice, message, {"differences": list(done.differences[:_FEW])})


def failure(rule: str, choice: Choice, message: str, details: dict[str, Any] | None = None) -> Finding:
    """What is wrong with a backup that was tested, as a finding."""
    newest = choice.chosen_as == NEWEST
    return Finding(
        rule=rule,
        object=about(choice) if newest else choice.record.id,
        severity=Severity.CRITICAL if newest else Severity.HIGH,
        title=f"the {about(choice)} ({choice.record.id}) {message}",
        remedy="take another backup at once, then look at the store and at what wrote it; afterwards clear this task",
        details={"backup": choice.record.id, **(details or {})},
    )
