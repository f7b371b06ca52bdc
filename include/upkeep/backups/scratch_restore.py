"""A restore that touches nothing of anybody: into a server of our own, started for it and removed afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from upkeep.backups.destination import Destination
from upkeep.backups.manifest import NAME, Manifest
from upkeep.backups.programs import client
from upkeep.backups.restore import Restored, Restoring
from upkeep.backups.roles import Roles
from upkeep.errors import BrokenError
from upkeep.sources.objects import ObjectStore
from upkeep.sources.scratch import ScratchServer, free_port, installed

# No globals have such a role.
SUPERUSER = "upkeep_restore"
_FAST = {
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
    with _server(manifest, major, keep=keep) as server:
        progress("server", f"PostgreSQL {server.major} in {server.folder}")
        into = Destination(server.endpoint(), str(manifest.database["name"]))
        called = f"scratch ({server.major})"
        done = Restoring(place, into, progress, roles=roles, called=called, **more).run()
        return done, server if keep else None


@contextmanager
def _server(manifest: Manifest, major: int | None, *, keep: bool) -> Iterator[ScratchServer]:
    folder = Path(tempfile.mkdtemp(prefix="upkeep-scratch-"))
    folder.chmod(0o755)  # the server runs as another user when we are root
    chosen = major or client(manifest.server_version)[0]
    if chosen not in installed() or chosen < manifest.server_version:
        here = ", ".join(map(str, installed()))
        reason = f"no scratch server of PostgreSQL {chosen} for a backup of {manifest.server_version}"
        raise BrokenError(reason, f"installed here: {here}", retry=False)
    server = ScratchServer(
        folder / "server", free_port(), major=chosen, settings={**_FAST, **_level(manifest)}, superuser=SUPERUSER
    )
    kept = False
    try:
        server.start()
        yield server
        kept = keep
    finally:
        if not kept:
            server.remove()
            shutil.rmtree(folder, ignore_errors=True)


def _level(manifest: Manifest) -> dict[str, str]:
    if any(entry.kind == "publication" for entry in manifest.entries):
        return {"wal_level": "logical"}
    return {"wal_level": "minimal", "max_wal_senders": "0"}
