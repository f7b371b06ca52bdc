"""What the modules of a package hold, so that one more file is found without a list."""

import importlib
import pkgutil
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def subclasses(package: ModuleType, base: type[T]) -> tuple[type[T], ...]:
    """Every class below `base` in the modules of `package`, each once, by the names of its modules. They are imported."""
    modules = sorted(module.name for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."))
    found = [member for name in modules for member in vars(importlib.import_module(name)).values()]
    classes = [member for member in found if isinstance(member, type) and issubclass(member, base) and member is not base]
    return tuple(dict.fromkeys(classes))
