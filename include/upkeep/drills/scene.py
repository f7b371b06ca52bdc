"""What a drill begins with: the newest backup of whoever takes them, and a server of ours for its copy."""

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from upkeep.backups import readback
from upkeep.backups.manifest import DamagedError
from upkeep.backups.private_keys import keys_for
from upkeep.backups.registry import Registry
from upkeep.backups.restore_request import check_here
from upkeep.backups.scratch_restore import fitting, scratch_server, wal_settings
from upkeep.backups.shelf import folder_of, own_plan
from upkeep.drills.choice import Rotation, choose
from upkeep.drills.drill_copy import DrillCopy, OwnCopy
from upkeep.drills.foreign_copy import ForeignCopy, refuse_major
from upkeep.drills.foreign_testing import scratch
from upkeep.drills.foreign_tool import ForeignTool, foreign_tool
from upkeep.drills.needs import Need, needs
from upkeep.drills.room import check_room
from upkeep.errors import CannotAskError
from upkeep.humanize import size
from upkeep.sources.connections import Connections
from upkeep.targets.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

# Beside its data: a program without a network finds it there.
_SOCKET = {"unix_socket_directories": "."}
_NO_BACKUP = ("there is no whole backup to drill with", "see backup_completed")


@dataclass(frozen=True, slots=True)
class Scene:
    """A backup, what its recovery asks for as far as is known before, and how a server for its copy is made."""

    backup_id: str
    needed: list[Need]
    copy: Callable[[], AbstractContextManager[DrillCopy]]


def scene_of(db: Database, connections: Connections, registry: Registry) -> Scene:
    """By who takes its backups. Raises CannotAskError when there is none that can be drilled with here, and BrokenError."""
    tool = foreign_tool(db, registry)
    return _foreign(db, tool, connections, registry) if tool else _own(db, connections, registry)


def _own(db: Database, connections: Connections, registry: Registry) -> Scene:
    own_plan(db, "whose own restore is not drilled here yet")
    chosen = choose(registry.records(db.name), (), Rotation(registry.window, timedelta(days=1)), db.name, drawn=0)
    if not chosen:
        raise CannotAskError(*_NO_BACKUP)
    record = chosen[0].record
    place = folder_of(record, db, connections)
    check_here(record, place)
    try:
        manifest = readback.read_manifest(place, record.id, record.manifest_sha256)
    except DamagedError as error:
        raise CannotAskError(f"the newest backup is damaged: {error}", "see restore_test; take another one") from error
    keys = keys_for(manifest, db, connections)

    @contextmanager
    def copy() -> "Iterator[DrillCopy]":
        check_room(manifest.raw_bytes, "newest backup")
        with scratch_server(fitting(manifest, None), {**wal_settings(manifest), **_SOCKET}) as server:
            yield OwnCopy(server, record, place, manifest, registry, keys)

    return Scene(record.id, list(needs(manifest)), copy)


def _foreign(db: Database, tool: ForeignTool, connections: Connections, registry: Registry) -> Scene:
    chosen = tool.chosen((), registry, timedelta(days=1), drawn=0)
    if not chosen:
        raise CannotAskError(*_NO_BACKUP)
    record, database = chosen[0].record, str(connections.postgres(db.connection).database)
    refuse_major(record.server_version)
    room = f" with room for {size(record.raw_bytes)}" if record.raw_bytes else ""
    server_needed = Need("server", f"a server of the very same PostgreSQL {record.server_version or ''}{room} had to be made")

    @contextmanager
    def copy() -> "Iterator[DrillCopy]":
        check_room(record.raw_bytes or 0, "newest backup")
        with scratch(record.server_version) as server:
            yield ForeignCopy(server, tool, record.id, database, server_needed)

    return Scene(record.id, [server_needed], copy)
