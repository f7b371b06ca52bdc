"""One backup of another tool tested: restored by that tool into a server of ours, rolled forward, compared and looked at."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from upkeep.drills import catalogue, copy_checks
from upkeep.drills.choice import NEWEST, Choice
from upkeep.drills.copy_checks import DeadCopyError
from upkeep.drills.foreign_copy import Fetching, refuse_major
from upkeep.drills.foreign_tool import ForeignTool, is_damage
from upkeep.drills.outcome import RestoreTest, Seen, Tested
from upkeep.drills.room import check_room
from upkeep.drills.stages import ORDER
from upkeep.drills.testing import about, failure
from upkeep.duty import Progress
from upkeep.errors import BrokenError, CannotAskError
from upkeep.humanize import plural, span
from upkeep.sources.connections import Connections
from upkeep.sources.foreign_backups import NotRestoredError, environment
from upkeep.sources.physical_copy import NotRecoveredError, Recovered
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer, free_port
from upkeep.sources.scratch_folder import scratch_folder, sweep
from upkeep.sources.server_user import give, server_user
from upkeep.targets.database import Database

_OLDEST = 12
_FEW = 5


@dataclass(frozen=True, slots=True)
class ForeignTesting:
    """
    Tests of backups that pgBackRest or Barman took.

    A test writes nothing but a folder and a server that end with us: it may be killed anywhere and made again.
    """

    db: Database
    tool: ForeignTool
    connections: Connections
    tested_at: Any
    progress: Progress
    jobs: int = 2

    def test(self, choice: Choice) -> Tested:
        """Restore it and look. Raises BrokenError for what may pass by itself."""
        try:
            return self._restored(choice)
        except (NotRecoveredError, DeadCopyError) as error:
            return self._failed(choice, "copy_does_not_start", str(error))
        except (CannotAskError, BrokenError) as error:
            if isinstance(error, NotRestoredError) and is_damage(error.reason):
                return self._failed(choice, "restore_failed", f"could not be restored: {error.reason}")
            if isinstance(error, BrokenError) and error.retry:
                raise
            return self._unknown(choice, error.reason)

    def _restored(self, choice: Choice) -> Tested:
        production = self.connections.postgres(self.db.connection)
        refuse_major(choice.record.server_version)
        check_room(choice.record.raw_bytes or 0, about(choice))
        clock = Clock()
        with scratch(choice.record.server_version) as server:
            clock.lap("server")
            fetching = Fetching(self.tool, server, self.progress, clock.lap, self.jobs)
            recovered = fetching.run(choice.record.id, newest=choice.chosen_as == NEWEST)
            return self._looked_at(choice, server, recovered, production, clock)

    def _looked_at(
        self, choice: Choice, server: ScratchServer, recovered: Recovered, production: Endpoint, clock: "Clock"
    ) -> Tested:
        copy = server.endpoint(str(production.database))
        self.progress("compare", "the catalogue with production's")
        seen = Seen()
        wrong, counts = self._compared(choice, copy, production, recovered, seen)
        clock.lap("compare")
        looked = copy_checks.look(self.db, server, copy, self.progress, about(choice), self.jobs)
        clock.lap("check")
        looked.unsure = [*seen.unsure, *looked.unsure]
        _point(looked, recovered, choice)
        gap = self._gap(choice, recovered)
        if wrong:
            message = f"differs: {'; '.join(wrong[:_FEW])}"
            looked.findings.append(failure("restore_differs", choice, message, {"differences": wrong[:20]}))
        looked.findings += gap
        text = "; ".join(wrong[:_FEW]) or f"{counts}, in {span(clock.total)}"
        row = self._row(
            choice, "differs" if wrong else "proven", text, server_version=server.major, seconds=clock.seconds,
            recovery_seconds=clock.total, snapshot_at=recovered.newest_commit or choice.record.snapshot_at, **looked.columns,
        )  # fmt: skip
        return Tested(row, tuple(looked.findings), tuple(looked.unsure))

    def _compared(
        self, choice: Choice, copy: Endpoint, production: Endpoint, recovered: Recovered, seen: Seen
    ) -> tuple[list[str], str]:
        """What the copy lacks, and what it has, in words."""
        mine = catalogue.read(copy)
        counts = ", ".join(plural(number, kind, _PLURALS.get(kind, "")) for kind, number in mine.counts.items()) or "no relation"
        meant = choice.record.system_identifier
        wrong = []
        if meant and meant != recovered.control.system_identifier:
            wrong.append(f"it is of the cluster {recovered.control.system_identifier}, not of {meant}")
        theirs = catalogue.catalogue_of(production)
        if theirs is None:
            seen.unsure.append("production is away: the copy's catalogue could not be compared with it")
            return wrong, counts
        if theirs.system_identifier not in (None, recovered.control.system_identifier):
            wrong.append(f"production is the cluster {theirs.system_identifier}, the copy is of another")
            return wrong, counts
        lacks = catalogue.lacking(theirs, mine, recovered.control.oldest_xid)
        return wrong + [f"{each} of production is missing, though it is older than the backup" for each in lacks], counts

    def _gap(self, choice: Choice, recovered: Recovered) -> list[Any]:
        """The archive has WAL behind what could be replayed: a segment between them is missing."""
        reaches, size = self.tool.reaches, recovered.control.segment_bytes
        if choice.chosen_as != NEWEST or not reaches or int(reaches[:8], 16) != recovered.timeline:
            return []
        newest = int(reaches[8:16], 16) * (2**32 // size) + int(reaches[16:24], 16)
        if recovered.end and (recovered.end - 1) // size >= newest:
            return []
        end = f"{recovered.end >> 32:X}/{recovered.end & 0xFFFFFFFF:X}"
        message = f"can be rolled forward to {end} only: the archive reaches {reaches}, with a gap before it"
        return [failure("wal_gap", choice, message, {"reaches": reaches})]

    def _failed(self, choice: Choice, rule: str, message: str) -> Tested:
        message = " ".join(message.split())
        return Tested(self._row(choice, "failed", message), (failure(rule, choice, message),))

    def _unknown(self, choice: Choice, reason: str) -> Tested:
        return Tested(self._row(choice, "unknown", reason), unsure=(f"the {about(choice)} could not be tested: {reason}",))

    def _row(self, choice: Choice, result: str, message: str, **more: Any) -> RestoreTest:
        usual = {"snapshot_at": choice.record.snapshot_at, **more}
        return RestoreTest(
            backup_id=choice.record.id,
            chosen_as=choice.chosen_as,
            result=result,
            message=message,
            tested_at=self.tested_at,
            **usual,
        )


_PLURALS = {"index": "indexes"}


@dataclass
class Clock:
    """Seconds by stage since it was made."""

    seconds: dict[str, float] = field(default_factory=dict)
    _last: float = field(default_factory=time.monotonic)

    def lap(self, stage: str) -> None:
        """The time since the last one was this stage's."""
        now = time.monotonic()
        found = {**self.seconds, stage: round(self.seconds.get(stage, 0) + now - self._last, 3)}
        self.seconds, self._last = {name: found[name] for name in ORDER if name in found}, now

    @property
    def total(self) -> float:
        """All stages together."""
        return round(sum(self.seconds.values()), 3)


@contextmanager
def scratch(major: int | None) -> Iterator[ScratchServer]:
    """A folder for one copy, with its server, which ends with us; what killed ones left behind is swept first."""
    user = server_user()
    sweep(*([user.pw_uid] if user else []))
    with scratch_folder() as folder:
        give(folder)
        for name in ("data", "tablespaces"):
            (folder / name).mkdir(mode=0o700)
            give(folder / name)
        server = ScratchServer(folder, free_port(), major, environment=environment())
        try:
            yield server
        finally:
            server.remove()


def _point(seen: Seen, recovered: Recovered, choice: Choice) -> None:
    """Without a heartbeat, the newest commit that was replayed shows how far the copy reaches."""
    if "recovery_point" in seen.columns:
        return
    if recovered.newest_commit:
        seen.columns |= {"recovery_point": recovered.newest_commit, "recovery_point_from": "newest commit in the WAL"}
    elif choice.record.snapshot_at:
        seen.columns |= {"recovery_point": choice.record.snapshot_at, "recovery_point_from": "end of the backup"}
