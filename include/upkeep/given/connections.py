"""Connections by id, for duties that reach several places."""

from collections.abc import Iterator

from upkeep.given.asked import Asked, provides
from upkeep.sources.connections import Connections


@provides(Connections)
def connections(asked: Asked) -> Iterator[Connections]:
    """All of them; each is opened when it is asked for."""
    yield asked.connections
