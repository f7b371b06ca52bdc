"""The kinds of places that signals are read from, found by walking: a new one is one file."""

from functools import cache

from upkeep.members import subclasses
from upkeep.signals import kinds
from upkeep.signals.place import SignalPlace


@cache
def places() -> tuple[type[SignalPlace], ...]:
    """Every kind, by module."""
    return subclasses(kinds, SignalPlace)
