"""What is looked after: one file for each kind of target, found by walking this folder."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from upkeep.targets.target import Target


@cache
def kinds() -> Mapping[str, type[Target]]:
    """Every kind of target by its key in the inventory, in alphabetical order."""
    modules = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    found = {kind.section: kind for module in modules for kind in vars(module).values() if _is_kind(kind)}
    return dict(sorted(found.items()))


def _is_kind(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Target) and "section" in vars(value)
