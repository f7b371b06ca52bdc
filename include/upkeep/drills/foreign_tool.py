"""pgBackRest and Barman as restore tests use them: their backups by lot, and one of them fetched."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from upkeep.backups.registry import Record, Registry, State
from upkeep.drills.choice import ROTATION, Choice, Past, Rotation, choose
from upkeep.errors import CannotAskError
from upkeep.formats.backup_listing import COMPLETE, Listing, Taken
from upkeep.sources import barman, pgbackrest
from upkeep.sources.foreign_backups import Landing
from upkeep.targets.database import Backup, Database

TOOLS = ("pgbackrest", "barman")
# What these tools say of a repository whose files are not what was stored; anything else may be this worker's lack.
_DAMAGE = re.compile(
    r"checksum|FormatError|threw error|missing file|does not match|corrupt|unexpected eof|inflate|decompress"
    r"|lz4|zstd?:|not found in (?:the )?archive",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"backup\.info|archive\.info|no backup set found|permission denied|operation not permitted|valid repository|no space left"
    r"|unable to connect|timed? ?out|not in PATH|host key|unable to find child|could not be started",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ForeignTool:
    """The tool that takes one database's backups, with what it lists now."""

    db: Database
    plan: Backup
    listing: Listing

    @property
    def reaches(self) -> str:
        """The newest segment of WAL in the archive, "" where it is not known."""
        return max((str(each or "") for each in self.listing.details.get("wal_archived_to", {}).values()), default="")

    def taken(self, backup_id: str) -> Taken:
        """One of its backups."""
        return next(each for each in self.listing.backups if each.id == backup_id)

    def fetch(self, backup_id: str, landing: Landing) -> str | None:
        """Restore it; the command that fetches WAL where there is one. Raises CannotAskError and NotRestoredError."""
        if self.plan.taken_by == "pgbackrest":
            return pgbackrest.fetch(str(self.plan.name), backup_id, landing)
        return barman.fetch(str(self.plan.name), backup_id, landing)

    def chosen(self, past: Iterable[Past], registry: Registry, within: timedelta, drawn: int) -> list[Choice]:
        """The newest and some by lot, as of Upkeep's own; what is only read back is the tool's own to verify."""
        records = [self._record(each, registry) for each in self.listing.backups if each.state == COMPLETE]
        found = choose(records, past, Rotation(registry.window, within), self.db.name, drawn=drawn)
        return [each for each in found if each.chosen_as != ROTATION]

    def _record(self, taken: Taken, registry: Registry) -> Record:
        return Record(
            id=taken.id, target=self.db.name, location=self.plan.taken_by, state=State.COMPLETE, window=registry.window,
            begun_at=taken.at, snapshot_at=taken.at, verified_at=taken.at, raw_bytes=taken.raw_bytes,
            server_version=taken.server_version, system_identifier=taken.system_identifier,
        )  # fmt: skip


def foreign_tool(db: Database, registry: Registry) -> ForeignTool | None:
    """Who else takes its backups and can restore them here; None for Upkeep's own. Raises CannotAskError and BrokenError."""
    plan = db.backup
    if plan is None or plan.taken_by not in TOOLS:
        return None
    name = str(plan.name)
    if plan.taken_by == "pgbackrest":
        found = pgbackrest.listing(name, plan.report)
    else:
        found = barman.listing(name, registry.asked_at, plan.report)
    if found.missing and not found.backups:
        raise CannotAskError(f"there is no backup to restore: {found.missing}", found.remedy)
    return ForeignTool(db, plan, found)


def is_damage(message: str) -> bool:
    """Whether a tool's last words are about the backup itself."""
    return bool(_DAMAGE.search(message)) and not _AWAY.search(message)
