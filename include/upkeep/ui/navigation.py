"""Pages, found by walking `pages/`: their routes, and the entries of the navigation that they ask for."""

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from upkeep.ui import pages


@dataclass(frozen=True, slots=True)
class Entry:
    """
    An entry of the navigation, which a page module gives as its `NAVIGATION`.

    `page` is the address; entries stand in the order of `place`. `templates` are those that it is marked as current for.
    """

    page: str
    label: str
    place: int
    templates: tuple[str, ...]


@cache
def page_modules() -> tuple[ModuleType, ...]:
    """Every module of `pages/` that has a `router`, by name."""
    modules = (importlib.import_module(f"{pages.__name__}.{info.name}") for info in pkgutil.iter_modules(pages.__path__))
    return tuple(module for module in modules if hasattr(module, "router"))


@cache
def entries() -> tuple[Entry, ...]:
    """What the navigation shows, in its order."""
    found = [module.NAVIGATION for module in page_modules() if hasattr(module, "NAVIGATION")]
    return tuple(sorted(found, key=lambda entry: (entry.place, entry.label)))
