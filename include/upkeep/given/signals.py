"""The signals of the service that is asked about."""

from collections.abc import Iterator

from upkeep.errors import CannotAskError
from upkeep.given.asked import Asked, provides
from upkeep.signals.place import Signals
from upkeep.targets.service import Service


@provides(Signals)
def signals(asked: Asked) -> Iterator[Signals]:
    """Its opened place, counted against `at_once`. Raises CannotAskError when the target is no service."""
    if not isinstance(asked.target, Service):
        raise CannotAskError(f"{asked.duty.name} reads signals, but {asked.target.name} is no service")
    with asked.turn():
        yield asked.target.signals.open(asked.connections)
