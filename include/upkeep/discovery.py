"""Finding the duties by walking the package. A module that cannot be imported is an error of its own, never of the others."""

import importlib
import pkgutil
import re
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from upkeep.duty import Duty
from upkeep.window import Cadence

KINDS = ("checks", "jobs", "reviews")
_CADENCE = re.compile(r"\bCadence\.([A-Z]+)\b")


@dataclass(frozen=True, slots=True)
class BrokenModule:
    """A module of duties that cannot be imported. `traceback` says why; `cadence` is what its text names, else daily."""

    module: str
    cadence: Cadence
    traceback: str

    @property
    def area(self) -> str:
        """The folder it stands in."""
        return self.module.split(".")[-2]

    @property
    def name(self) -> str:
        """The name of its duty: that of its file."""
        return self.module.rsplit(".", 1)[-1]


def discover() -> tuple[Duty, ...]:
    """Every duty of the package, by area and name. Importing a module is all it takes to be found."""
    return _found()[0]


def broken_modules() -> tuple[BrokenModule, ...]:
    """Modules of duties that could not be imported, by area and name."""
    return _found()[1]


def find(name: str) -> Duty:
    """The duty of this name; raises KeyError when there is none."""
    return {duty.name: duty for duty in discover()}[name]


@cache
def _found() -> tuple[tuple[Duty, ...], tuple[BrokenModule, ...]]:
    duties: dict[int, Duty] = {}
    broken: list[BrokenModule] = []
    for module, path in sorted(_modules()):
        try:
            members = vars(importlib.import_module(module)).values()
        except Exception:  # noqa: BLE001 - whatever a module raises is its own
            broken.append(BrokenModule(module, _cadence_in(path), traceback.format_exc()))
        else:
            duties |= {id(duty): duty for duty in members if isinstance(duty, Duty)}
    return tuple(sorted(duties.values(), key=_place)), tuple(sorted(broken, key=_place))


def _place(found: Duty | BrokenModule) -> tuple[str, str]:
    return found.area, found.name


def _modules() -> Iterator[tuple[str, Path]]:
    """Modules by their files, so that nothing is imported to find them."""
    for kind in KINDS:
        package = importlib.import_module(f"upkeep.{kind}")
        for folder in map(Path, package.__path__):
            for area in pkgutil.iter_modules([str(folder)]):
                for info in pkgutil.iter_modules([str(folder / area.name)]):
                    yield f"{package.__name__}.{area.name}.{info.name}", folder / area.name / f"{info.name}.py"


def _cadence_in(path: Path) -> Cadence:
    named = _CADENCE.search(path.read_text(encoding="utf-8", errors="replace")) if path.is_file() else None
    return Cadence[named[1]] if named and named[1] in Cadence.__members__ else Cadence.DAILY
