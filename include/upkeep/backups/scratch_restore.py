"""A restore that touches nothing of anybody: into a server of our own, started for it and removed afterwards."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from upkeep.backups.destination import Destination
from upkeep.backups.manifest import NAME, Manifest
from upkeep.backups.programs import client
from upkeep.backups.restore import Restored, Restoring
from upkeep.backups.roles import Roles
from upkeep.errors import BrokenError
from upkeep.sources.objects import ObjectStore
from upkeep.sources.scratch import ScratchServer, free_port, installed
from upkeep.sources.scratch_folder import keep as kept
from upkeep.sources.scratch_folder import scratch_folder, sweep
from upkeep.sources.server_user import server_user

# No globals have such a role.
SUPERUSER = "upkeep_restore"
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "maintenance_work_mem": "256MB",
    "max_connections": "60",
}


def restore_to_scratch(
    place: ObjectStore, progress: Any, *, major: int | None = None, keep: bool = False, **more: Any
) -> tuple[Restored, ScratchServer | None]:
    """
    Restore one backup into a new server of its major version, or of `major`, and compare. `more` goes to Restoring.

    The server is removed unless `keep`; then it is returned, running, with the database under its own name.
    """
    manifest = Manifest.parse(place.get(NAME))
    roles = replace(more.pop("roles", Roles()), from_globals=True)
    with scratch_server(fitting(manifest, major), wal_settings(manifest), keep=keep) as server:
        progress("server", f"PostgreSQL {server.major} in {server.folder}")
        into = Destination(server.endpoint(), str(manifest.database["name"]))
        called = f"scratch ({server.major})"
        done = Restoring(place, into, progress, roles=roles, called=called, **more).run()
        return done, server if keep else None


@contextmanager
def scratch_server(major: int, settings: Mapping[str, str] | None = None, *, keep: bool = False) -> Iterator[ScratchServer]:
    """
    A fast, empty server of this major version that ends with us. First, what killed ones left behind is swept.

    With `keep`, and when all went well inside, it stays as it is, running, for a person. Raises BrokenError.
    """
    user = server_user()
    sweep(*([user.pw_uid] if user else []))
    with scratch_folder() as folder:
        server = ScratchServer(folder, free_port(), major=major, settings={**FAST, **(settings or {})}, superuser=SUPERUSER)
        try:
            server.start()
            yield server
        except BaseException:
            server.remove()
            raise
        if not keep:
            server.remove()
            return
        server.release()
        kept(folder)


def fitting(manifest: Manifest, major: int | None) -> int:
    """The major version to restore into. Raises BrokenError when no server of it is installed here, or it is too old."""
    chosen = major or client(manifest.server_version)[0]
    if chosen not in installed() or chosen < manifest.server_version:
        here = ", ".join(map(str, installed()))
        reason = f"no scratch server of PostgreSQL {chosen} for a backup of {manifest.server_version}"
        raise BrokenError(reason, f"installed here: {here}", retry=False)
    return chosen


def wal_settings(manifest: Manifest) -> dict[str, str]:
    """What a scratch server needs for the publications of a backup, and the fastest where it has none."""
    if manifest.kinds.get("publication"):
        return {"wal_level": "logical"}
    return {"wal_level": "minimal", "max_wal_senders": "0"}
