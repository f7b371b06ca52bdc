"""Reports beside those of runs: made of sections for the windows of their cadence, found by walking `documents/`."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING

from upkeep.reports import documents
from upkeep.reports.rows import render
from upkeep.reports.section import Section
from upkeep.sources.rows import Rows
from upkeep.store.documents import Document, save_document
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg

LIMIT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a report says: a title, one sentence that says the most, and its sections."""

    title: str
    headline: str
    sections: tuple[Section, ...]


Made = Callable[[Rows, Window], Report | None]


@dataclass(frozen=True, slots=True)
class ReportMaker:
    """What makes the report of a window of its cadence; None when there is nothing to say. `name` is that of its file."""

    name: str
    cadence: Cadence
    make: Made


def report(cadence: Cadence) -> Callable[[Made], ReportMaker]:
    """Make a report of a function of stored rows and a window."""

    def decorate(function: Made) -> ReportMaker:
        return ReportMaker(function.__module__.rsplit(".", 1)[-1], cadence, function)

    return decorate


@cache
def report_makers() -> tuple[ReportMaker, ...]:
    """Every report of `documents/`, by name."""
    modules = (importlib.import_module(f"{documents.__name__}.{info.name}") for info in pkgutil.iter_modules(documents.__path__))
    found = [value for module in modules for value in vars(module).values() if isinstance(value, ReportMaker)]
    return tuple(sorted(found, key=lambda maker: maker.name))


def publish_reports(connection: "psycopg.Connection[object]", cadence: Cadence, window: Window) -> None:
    """
    Keep every report of this window as a document; again changes nothing. Raises BrokenError.

    Killed anywhere, those that were kept stay, and the next call keeps them all.
    """
    for document in _documents(Rows(connection), cadence, window):
        save_document(connection, document)


def _documents(rows: Rows, cadence: Cadence, window: Window) -> Iterator[Document]:
    for maker in report_makers():
        found = maker.make(rows, window) if maker.cadence is cadence else None
        if found:
            yield Document(
                cadence=cadence.value,
                window=window,
                name=maker.name,
                title=found.title,
                markdown=render("report", report=found, limit=LIMIT),
                content={"headline": found.headline, "sections": [asdict(part) for part in found.sections]},
            )
