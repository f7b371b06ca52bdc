"""What a recovery needed beside the restore itself, so that a plan that does not have it is found out. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from upkeep.backups.manifest import Manifest
from upkeep.drills.plan import Step
from upkeep.humanize import plural, size

_PLPGSQL = 1
_FEW = 3


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that had to be there. `name` is its word in a step's `covers`."""

    name: str
    why: str


def needs(manifest: Manifest) -> Iterator[Need]:
    """All that this backup asks for."""
    room = size(manifest.raw_bytes * 2)
    yield Need("server", f"a server of PostgreSQL {manifest.server_version} with room for about {room} had to be made")
    if manifest.roles:
        yield Need("roles", f"{plural(len(manifest.roles), 'role')} had to be made again, with passwords that no backup may hold")
    extensions = manifest.kinds.get("extension", 0)
    if extensions > _PLPGSQL:
        yield Need("extensions", f"{plural(extensions, 'extension')} had to be installed on the server before")
    if manifest.kinds.get("publication"):
        yield Need("settings", "the server had to be started with wal_level = logical, for its publications")
    if manifest.not_covered:
        yield Need("left out", f"the backup leaves out what must be made by hand: {'; '.join(manifest.not_covered[:_FEW])}")


def missing(steps: Sequence[Step], needed: Iterable[Need]) -> Iterator[Need]:
    """What was needed and no step has. A copy must be restored before anything is asked of it."""
    covered = {word for step in steps for word in step.covers}
    yield from (need for need in needed if need.name not in covered)
    kinds = [step.kind for step in steps]
    restored = kinds.index("restore") if "restore" in kinds else len(kinds)
    early = [step.name for step in steps[:restored] if step.kind in {"query", "check", "command"}]
    if "restore" not in kinds:
        yield Need("restore", "the newest backup had to be restored")
    elif early:
        yield Need("restore", f'the backup had to be restored before step "{early[0]}"')
    if not {"query", "command"} & set(kinds[restored:]):
        yield Need("question", "nothing asks the restored copy whether it is the application's")
