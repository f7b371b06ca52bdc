"""Rows of exports summed to entries of the ledger by DuckDB, in bounded memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from upkeep.ledger.entry import COLUMNS, DIMENSIONS, Days
from upkeep.ledger.export_files import ExportFile, Form, named, readable, refuse_bad
from upkeep.ledger.measures import TOTALS
from upkeep.sources.duck import literal


@dataclass(frozen=True, slots=True)
class Counted:
    """A file, and the days for which it counts; None stands for all that it has."""

    file: ExportFile
    counts_for: tuple[Days, ...] | None


def write_entries(session: Any, files: Sequence[Counted], days: Sequence[Days], form: Form, to: Path) -> int:
    """
    Sum the rows of these days, write them to `to` as CSV of the ledger's columns, and return how many rows there were.

    Raises BrokenError that names the file and the first thing in it that cannot be read: then nothing counts.
    """
    if not files:
        to.touch()
        return 0
    rows = "\nunion all by name\n".join(_select(list(group), form) for _, group in groupby(sorted(files, key=_alike), key=_alike))
    dimensions = ", ".join(DIMENSIONS)
    with readable({each.file.path: each.file.name for each in files}):
        session.execute(
            f"create or replace temp table summed as\nselect day, {dimensions},\n{TOTALS}from (\n{rows}\n)\n"
            f"where {_within(days)} or bad is not null\ngroup by day, {dimensions}"
        )
        bad, count = session.execute("select min(bad), coalesce(sum(source_rows), 0) from summed").fetchone()
        if bad is not None:
            refuse_bad(session, [each.file for each in files], form)
        session.execute(f"copy ({_keyed()}) to {literal(str(to))} (format csv, header false)")
    return int(count)


def _alike(each: Counted) -> tuple[str, str, str]:
    return each.file.how, str(each.file.header.columns), str(each.counts_for)


def _select(group: Sequence[Counted], form: Form) -> str:
    first = group[0]
    table = named(first.file.how, [each.file.path for each in group])
    select = form.rows(first.file.header, table)
    if first.counts_for is None:
        return select
    return f"select * from ({select}) where {_within(first.counts_for)} or bad is not null"  # noqa: S608 - quoted


def _within(days: Sequence[Days]) -> str:
    return (
        "(" + " or ".join(f"day between date '{span.first}' and date '{span.last}'" for span in days) + ")" if days else "false"
    )


def _keyed() -> str:
    """The key is a digest of the dimensions as a JSON array: no separator that a value could hold."""
    array = ", ".join(f"cast({name} as varchar)" for name in DIMENSIONS)
    columns = ", ".join(f"md5(cast(to_json([{array}]) as varchar)) as key" if name == "key" else name for name in COLUMNS)
    return f"select {columns} from summed"  # noqa: S608 - names of this package
