"""The kinds of secrets and of their stores, found by walking: a new one is one file."""

from functools import cache

from upkeep.members import subclasses
from upkeep.rotation import kinds, stores
from upkeep.rotation.service import Kind
from upkeep.rotation.stages import Place


@cache
def places() -> tuple[type[Place], ...]:
    """Where secrets are kept, by module."""
    return subclasses(stores, Place)


@cache
def services() -> tuple[type[Kind], ...]:
    """What secrets open, by module."""
    return subclasses(kinds, Kind)
