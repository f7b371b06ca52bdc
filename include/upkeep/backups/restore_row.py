"""The report database's row of one restore, from its beginning to its end."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from upkeep.backups.registry import Registry, Restoration
from upkeep.backups.stages import made_at
from upkeep.errors import UpkeepError

_SAYS_NOTHING = {"failed", "refused"}


@dataclass
class RestoreRow:
    """A row that is written when a registry is there, and by nobody otherwise."""

    registry: Registry | None
    backup_id: str
    destination: str
    asked_by: str | None
    _row: Restoration | None = None

    def begin(self, target: str) -> None:
        """Write it as running. What a killed restore into the same place left running has failed."""
        if self.registry is None:
            return
        now = datetime.now(UTC)
        for old in self.registry.restorations(target):
            if old.state == "running" and old.destination == self.destination:
                error = "its process ended before it was finished"
                self.registry.put_restoration(replace(old, state="failed", error=error, finished_at=now))
        self._row = Restoration(
            id=made_at(now),
            backup_id=self.backup_id,
            target=target,
            destination=self.destination,
            state="running",
            begun_at=now,
            asked_by=self.asked_by,
        )
        self.registry.put_restoration(self._row)

    def end(self, state: str, seconds: Mapping[str, float], **more: Any) -> None:
        """Write what came of it. Where a failure cannot be written, the failure itself is what is told."""
        if self.registry is None or self._row is None:
            return
        done = replace(self._row, state=state, finished_at=datetime.now(UTC), seconds=dict(seconds), **more)
        if state not in _SAYS_NOTHING:
            self.registry.put_restoration(done)
            return
        with suppress(UpkeepError):
            self.registry.put_restoration(done)
