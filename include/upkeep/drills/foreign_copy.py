"""A copy made by pgBackRest or Barman, on a server of ours: fetched, rolled forward to the end of the WAL, and opened to us."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from upkeep.backups.scratch_restore import FAST
from upkeep.drills.drill_copy import Restored
from upkeep.drills.foreign_tool import ForeignTool, is_damage
from upkeep.drills.needs import Need
from upkeep.duty import Progress
from upkeep.errors import BrokenError, CannotAskError
from upkeep.humanize import plural
from upkeep.sources import physical_copy
from upkeep.sources.foreign_backups import Landing, NotRestoredError
from upkeep.sources.physical_copy import NotRecoveredError, Recovered
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors
from upkeep.sources.scratch import ScratchServer, installed

LONGEST_S = 6 * 3600.0
# Without the one that a check of ours makes in the copy.
_EXTENSIONS = """
    select count(*)
    from pg_catalog.pg_extension as extension
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = extension.extnamespace
    where extension.extname <> 'plpgsql'
    and namespace.nspname <> 'upkeep_amcheck'
"""


@dataclass(frozen=True, slots=True)
class Fetching:
    """One backup of another tool into the empty folder of a server. `lap` is told of each stage that ended."""

    tool: ForeignTool
    server: ScratchServer
    progress: Progress
    lap: Callable[[str], None]
    jobs: int = 2

    def run(self, backup_id: str, *, newest: bool, has_socket: bool = False) -> Recovered:
        """
        Fetch it and replay its WAL: all of it for the `newest`, else until it is consistent. Then the server lets us in.

        Raises CannotAskError, NotRestoredError and NotRecoveredError.
        """
        server = self.server
        self.progress("fetch", f"{backup_id} by {self.tool.listing.tool}")
        command = self.tool.fetch(backup_id, Landing(server.data, server.folder / "tablespaces", self.jobs))
        self.lap("fetch")
        server.major = _major_of(server)
        refuse_major(server.major, fetched=True)
        self.progress("recover", "to the end of the WAL" if newest else "until it is consistent")
        control = physical_copy.settle(server, FAST, command, at_once=not newest, sockets="." if has_socket else "")
        recovered = physical_copy.recover(server, control, LONGEST_S)
        physical_copy.let_us_in(server)
        self.lap("recover")
        return recovered


@dataclass(frozen=True, slots=True)
class ForeignCopy:
    """For a drill. `database` is production's own name of it."""

    server: ScratchServer
    tool: ForeignTool
    backup_id: str
    database: str
    server_needed: Need

    @property
    def endpoint(self) -> Endpoint:
        """The restored database."""
        return self.server.endpoint(self.database)

    def restore(self, progress: Progress) -> Restored:
        """Restore it and ask it. Raises CannotAskError for what this worker lacks, BrokenError for what may pass by itself."""
        fetching = Fetching(self.tool, self.server, progress, lambda _: None)
        try:
            recovered = fetching.run(self.backup_id, newest=True, has_socket=True)
        except NotRecoveredError as error:
            return Restored(is_there=False, is_right=False, message=str(error))
        except NotRestoredError as error:
            if not is_damage(error.reason):
                raise
            return Restored(is_there=False, is_right=False, message=error.reason)
        with translate_errors(), self.endpoint.connect("upkeep drill") as connection:
            connection.execute("select 1")
        until = f", with every commit until {recovered.newest_commit:%Y-%m-%d %H:%M:%S} UTC" if recovered.newest_commit else ""
        return Restored(is_there=True, is_right=True, message=f"restored by {self.tool.listing.tool}{until}")

    def needs(self) -> list[Need]:
        """A server of the same kind, with the libraries of the extensions that the copy has."""
        extensions = self._extensions()
        why = f"the libraries of {plural(extensions, 'extension')} had to be installed on the server"
        return [self.server_needed, *([Need("extensions", why)] if extensions else [])]

    def _extensions(self) -> int:
        """How many a copy that is there has."""
        if not self.server.running():
            return 0
        try:
            with translate_errors(), self.endpoint.connect("upkeep drill") as connection:
                row = connection.execute(_EXTENSIONS).fetchone()
        except (BrokenError, CannotAskError):
            return 0
        return int(row[0]) if row else 0


def refuse_major(major: int | None, *, fetched: bool = False) -> None:
    """Raises CannotAskError when no server of this major version is here."""
    here = installed()
    if major in here or (major is None and not fetched):
        return
    reason = f"no server of PostgreSQL {major} is installed here, which a restore of its files needs"
    raise CannotAskError(reason, f"installed here: {', '.join(map(str, here)) or 'none'}")


def _major_of(server: ScratchServer) -> int:
    try:
        return int((Path(server.data) / "PG_VERSION").read_text().split(".")[0])
    except (OSError, ValueError) as error:
        raise NotRecoveredError(f"what was restored is no data directory: {error}") from error
