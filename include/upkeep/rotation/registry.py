"""The kinds of secrets and of their stores, found by walking: a new one is one file."""

import importlib
import pkgutil
from functools import cache
from types import ModuleType
from typing import TypeVar

from upkeep.rotation import kinds, stores
from upkeep.rotation.service import Kind
from upkeep.rotation.stages import Place

T = TypeVar("T")


@cache
def places() -> tuple[type[Place], ...]:
    """Where secrets are kept, by module."""
    return _found(stores, Place)


@cache
def services() -> tuple[type[Kind], ...]:
    """What secrets open, by module."""
    return _found(kinds, Kind)


def _found(package: ModuleType, base: type[T]) -> tuple[type[T], ...]:
    modules = sorted(module.name for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."))
    members = [member for name in modules for member in vars(importlib.import_module(name)).values()]
    found = [member for member in members if isinstance(member, type) and issubclass(member, base) and member is not base]
    return tuple(dict.fromkeys(found))
