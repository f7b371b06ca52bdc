"""The private keys with which a job opens encrypted backups, from a connection that the inventory names."""

from typing import Protocol, runtime_checkable

from upkeep.backups import unpacking
from upkeep.backups.manifest import Manifest
from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.connections import Connections
from upkeep.targets.database import Database

_DECLARE = (
    "name a connection of type generic in backup.identity, with the age private key as its password, on workers of queue heavy "
    "alone; or prove it where the key is: `upkeep restore --to scratch --identity FILE`"
)


@runtime_checkable
class KeyConnections(Protocol):
    """Connections that hold private keys too."""

    def key(self, connection_id: str) -> str:
        """The text of a private key. Raises BrokenError when it cannot be had."""
        ...


def keys_for(manifest: Manifest, db: Database, connections: Connections) -> tuple[str, ...]:
    """
    What opens this backup, to be kept in memory alone; nothing for one that is not encrypted.

    Raises CannotAskError when no key is declared or the one there opens nothing of it, and BrokenError when it cannot be had.
    """
    if not manifest.encrypted_to:
        return ()
    declared = db.backup.identity if db.backup else None
    if declared is None:
        raise CannotAskError("it is encrypted, and no private key is here", _DECLARE)
    if not isinstance(connections, KeyConnections):
        raise BrokenError(f"there is no connection {declared} to a private key here", retry=False)
    text = connections.key(declared)
    public = {str(each.to_public()) for each in unpacking.identities([text])}
    if not public & set(manifest.encrypted_to):
        reason = f'the private key of connection "{declared}" is none of those that this backup is sealed to'
        raise CannotAskError(reason, "keep the earlier key too: a connection may hold several, one a line")
    return (text,)
