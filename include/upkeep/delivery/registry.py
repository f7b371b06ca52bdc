"""The kinds of places that deployments are read from, found by walking: a new one is one file."""

from functools import cache

from upkeep.delivery import kinds
from upkeep.delivery.place import DeploymentPlace
from upkeep.members import subclasses


@cache
def deployment_places() -> tuple[type[DeploymentPlace], ...]:
    """Every kind, by module. What kinds have in common is a class without `kind`."""
    return tuple(found for found in subclasses(kinds, DeploymentPlace) if "kind" in found.model_fields)
