"""
Suites: what one table's rows should be like, each in a file of `suites/` beside the SQL that fetches them.

Kinds, keys and forms of single values are held by PostgreSQL's constraints. A suite says what a constraint cannot: how rows agree
with other rows, with earlier windows, and with documents made of them.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from upkeep.data_quality import suites


@dataclass(frozen=True, slots=True)
class Expectation:
    """
    One sentence about every row, and the class of Great Expectations that tests it, with its arguments.

    `remedy` says what to do where it is not met.
    """

    says: str
    test: str
    arguments: Mapping[str, Any]
    remedy: str


@dataclass(frozen=True, slots=True)
class Suite:
    """
    Expectations of the rows that the SQL file beside the suite's file gives for one window of one cadence.

    The SQL is given cadence, start, end, and as arrays of equal length duties, targets and dated: the questions that were to be
    put. Its column `about` names the row for people.
    """

    file: Path
    table: str
    expectations: tuple[Expectation, ...]

    @property
    def name(self) -> str:
        """That of its file."""
        return self.file.stem

    @property
    def sql(self) -> str:
        """The question."""
        return self.file.with_suffix(".sql").read_text(encoding="utf-8")


def between(column: str, least: float | None = None, most: float | None = None) -> tuple[str, Mapping[str, Any]]:
    """That a column lies between two numbers, both included; nulls are passed over."""
    limits = {"min_value": least, "max_value": most}
    return "ExpectColumnValuesToBeBetween", {"column": column, **{k: v for k, v in limits.items() if v is not None}}


def found() -> tuple[Suite, ...]:
    """Every suite of the folder, by name. A file that cannot be imported fails the gate with its traceback."""
    modules = sorted(pkgutil.iter_modules(suites.__path__, f"{suites.__name__}."), key=lambda module: module.name)
    return tuple(importlib.import_module(module.name).SUITE for module in modules)
