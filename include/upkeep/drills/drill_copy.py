"""The copy that a drill makes: how it is restored, where it is then, and what the recovery needed. One kind for each tool."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from upkeep.backups.destination import Destination
from upkeep.backups.manifest import DamagedError, Manifest
from upkeep.backups.registry import Record, Registry
from upkeep.backups.restore import Restoring
from upkeep.backups.roles import Roles
from upkeep.drills.needs import Need, needs
from upkeep.duty import Progress
from upkeep.errors import BrokenError
from upkeep.humanize import plural
from upkeep.sources.objects import ObjectStore
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it, in words: whether there is a copy that may be asked, and whether it is as it was."""

    is_there: bool
    is_right: bool
    message: str


class DrillCopy(Protocol):
    """Everything it makes is on `server`, which ends with us: killed anywhere, it is made again from the start."""

    @property
    def server(self) -> ScratchServer:
        """A server of ours."""

    @property
    def backup_id(self) -> str:
        """The backup that is restored."""

    @property
    def endpoint(self) -> Endpoint:
        """The restored database."""

    def restore(self, progress: Progress) -> Restored:
        """Restore it. Raises what may pass by itself."""

    def needs(self) -> list[Need]:
        """What the recovery asks for beside the restore, as far as is known now."""


@dataclass(frozen=True, slots=True)
class OwnCopy:
    """A copy made of a backup of Upkeep's own."""

    server: ScratchServer
    backup: Record
    place: ObjectStore
    manifest: Manifest
    registry: Registry
    keys: Sequence[str] = field(default=(), repr=False)

    @property
    def backup_id(self) -> str:
        """The backup that is restored."""
        return self.backup.id

    @property
    def endpoint(self) -> Endpoint:
        """The restored database."""
        return self.server.endpoint(str(self.manifest.database["name"]))

    def restore(self, progress: Progress) -> Restored:
        """Restore and compare it. Raises BrokenError when the server ended meanwhile."""
        into = Destination(self.server.endpoint(), self.manifest.database["name"])
        restoring = Restoring(
            self.place, into, progress, roles=Roles(from_globals=True), keys=self.keys, registry=self.registry,
            expected_sha256=self.backup.manifest_sha256, asked_by="disaster_drill", called=f"drill ({self.server.major})",
        )  # fmt: skip
        try:
            done = restoring.run()
        except DamagedError as error:
            return Restored(is_there=False, is_right=False, message=str(error))
        except BrokenError as error:
            if error.retry and not self.server.running():
                raise
            return Restored(is_there=False, is_right=False, message=error.reason)
        if not done.proven:
            message = f"{plural(len(done.differences), 'difference')}, such as {done.differences[0]}"
            return Restored(is_there=True, is_right=False, message=message)
        return Restored(is_there=True, is_right=True, message=f"{plural(done.rows, 'row')} as backed up")

    def needs(self) -> list[Need]:
        """By its manifest."""
        return list(needs(self.manifest))
