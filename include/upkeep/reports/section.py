"""Sections: parts that every run report of their cadences has, found by walking `sections/`."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from upkeep.reports import sections
from upkeep.reports.chart import Chart
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    from upkeep.sources.rows import Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """
    One part of a report: a sentence with its numbers, which is what Slack shows, charts, and a table below them.

    `columns` are headings; a heading that ends in ":" has numbers below it. Cells are plain text. `page` is the name of
    the page that has more, for a link; empty for none.
    """

    title: str
    text: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    page: str = ""
    charts: tuple[Chart, ...] = ()


Made = Callable[["Rows", Window], Section | None]


@dataclass(frozen=True, slots=True)
class SectionMaker:
    """
    What makes a section of the reports of `cadences`; None when there is nothing to say. `name` is that of its file.

    Sections stand by `place`, and then by name.
    """

    name: str
    cadences: tuple[Cadence, ...]
    make: Made
    place: int = 50


def section(*cadences: Cadence, place: int = 50) -> Callable[[Made], SectionMaker]:
    """Make a section of a function of stored rows and a window, for the reports of these cadences (all when none is named)."""

    def decorate(function: Made) -> SectionMaker:
        return SectionMaker(function.__module__.rsplit(".", 1)[-1], cadences or tuple(Cadence), function, place)

    return decorate


@cache
def section_makers() -> tuple[SectionMaker, ...]:
    """Every section of `sections/`, in their order."""
    modules = (importlib.import_module(f"{sections.__name__}.{info.name}") for info in pkgutil.iter_modules(sections.__path__))
    found = [value for module in modules for value in vars(module).values() if isinstance(value, SectionMaker)]
    return tuple(sorted(found, key=lambda maker: (maker.place, maker.name)))


def sections_of(rows: "Rows", cadence: Cadence, window: Window) -> dict[str, Section]:
    """The sections of one window's report that have something to say, by name. Raises BrokenError."""
    made = {maker.name: maker.make(rows, window) for maker in section_makers() if cadence in maker.cadences}
    return {name: found for name, found in made.items() if found}
