"""The rows of rotations."""

from collections.abc import Iterator

from upkeep.given.asked import Asked, provides
from upkeep.rotation.rotation import RotationLog
from upkeep.store.rotation import StoredRotations


@provides(RotationLog)
def rotations(asked: Asked) -> Iterator[RotationLog]:
    """The stored rows. Raises CannotAskError without a report database: nothing would keep two rotations apart."""
    yield StoredRotations(asked.stored(), asked.provenance)
