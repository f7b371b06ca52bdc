"""Columns that a bill had on every day and then had no more: its export was changed, and sums mean something else since."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from upkeep.answer import Finding, Severity
from upkeep.humanize import plural
from upkeep.sources.rows import Rows
from upkeep.targets.account import Account
from upkeep.units import Unit


@dataclass(frozen=True, slots=True)
class ColumnDay:
    """One column on one day: of so many entries of usage so many have it."""

    name: str
    day: date
    entries: int
    filled: int


def columns(rows: Rows, about: Mapping[str, Any]) -> list[ColumnDay]:
    """Every column on every day that has usage, ordered by both. Raises BrokenError."""
    return rows(__file__, ColumnDay, about)


def findings(account: Account, found: Sequence[ColumnDay], had_days: int, gone_days: int) -> Iterator[Finding]:
    """Columns that were there on each of `had_days` or more and are in no entry of the newest `gone_days` or more."""
    for name, group in groupby(found, key=lambda each: each.name):
        days = list(group)
        last = max((n for n, each in enumerate(days) if each.filled), default=-1)
        gone = days[last + 1 :]
        if last + 1 >= had_days and len(gone) >= gone_days and all(each.filled for each in days[: last + 1]):
            yield _finding(account, name, gone)


def _finding(account: Account, name: str, gone: Sequence[ColumnDay]) -> Finding:
    return Finding(
        rule="column_emptied", object=name, severity=Severity.MEDIUM,
        title=f"no usage of {account.name} has {name} since {gone[0].day} ({plural(len(gone), 'day')}); every day before had it",
        remedy="see whether the export was changed, and have it deliver the column again: sums by it end there",
        value=len(gone), unit=Unit.DAYS,
    )  # fmt: skip
