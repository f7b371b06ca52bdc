"""What a duty may take by type: one file for each thing, found by walking this folder."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from upkeep.given.asked import Asked

Provider = Callable[[Asked], AbstractContextManager[Any]]


@cache
def providers() -> Mapping[type, Provider]:
    """Every provider of this folder by the type that it gives."""
    modules = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    found = [value for module in modules for value in vars(module).values() if hasattr(value, "provides")]
    return {provider.provides: provider for provider in found}
