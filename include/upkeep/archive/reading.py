"""A stored file read by DuckDB, which did not write it: its values again as PostgreSQL sent them, or its rows as text."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.archive.columns import Column, line, quoted
from upkeep.archive.content_digest import ContentDigest, values_of
from upkeep.archive.manifest import DamagedError
from upkeep.sources.duck import duckdb_session

if TYPE_CHECKING:
    import pyarrow as pa

_MEMORY, _TIMES = 1 << 27, 16
_ROWS_AT_ONCE = 20_000
_FROM = "from read_parquet($file, hive_partitioning = false)"


@dataclass(frozen=True, slots=True)
class Content:
    """How many rows, and their digest (hexadecimal): of their content, or of their lines as text."""

    rows: int
    digest: str


def lines(path: Path, columns: Sequence[Column], among: Sequence[Column] = ()) -> "Iterator[pa.Array]":
    """
    The rows of a file in their order, as arrays of COPY's lines; `among` are more columns, of which the file may lack some.

    Raises DamagedError when it does not have these columns, and in this form.
    """
    import duckdb

    names = {c.name: quoted(c.name) for c in columns}
    with duckdb_session(_enough_for(path), statistics=False) as session:
        try:
            ask = partial(session.sql, params={"file": _literally(path)})
            whole = _without_nulls(ask, names)
            shown = line([c if c.name not in names else _own(c.name, columns) for c in among or columns], names, whole)
            found = ask(f"select {shown} as line {_FROM}")
            for batch in found.to_arrow_reader(_ROWS_AT_ONCE):
                yield batch.column(0)
        except duckdb.Error as error:
            raise DamagedError(f"the file cannot be read: {_first(error)}") from error


def _enough_for(path: Path) -> int:
    """A row group is held some times over; one is small unless it has a row that is not."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        found = parquet.read_metadata(path)
        largest = max((found.row_group(n).total_byte_size for n in range(found.num_row_groups)), default=0)
    except (OSError, pa.ArrowException):
        return _MEMORY  # DuckDB says what is wrong with it
    return max(_MEMORY, largest * _TIMES)


def _without_nulls(ask: Callable[[str], Any], names: Mapping[str, str]) -> set[str]:
    """Columns that have a value in every row: they are written with less work."""
    counts = ", ".join(f"count({name})" for name in names.values())
    rows, *found = ask(f"select count(*), {counts} {_FROM}").fetchall()[0]
    return {name for name, values in zip(names, found, strict=True) if values == rows}


def _own(name: str, columns: Sequence[Column]) -> Column:
    return next(column for column in columns if column.name == name)


def _literally(path: Path) -> str:
    """As DuckDB takes it: no character of ours is a pattern."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


def batches(path: Path, columns: Sequence[Column]) -> "Iterator[pa.RecordBatch]":
    """
    The rows of a file in their order, each column as what `values_of` takes.

    Raises DamagedError when it does not have these columns, and in this form.
    """
    import duckdb

    with duckdb_session(_enough_for(path), statistics=False) as session:
        try:
            ask = partial(session.sql, params={"file": _literally(path)})
            _check_form(ask, columns)
            found = ask(f"select {', '.join(c.again.format(quoted(c.name)) for c in columns)} {_FROM}")
            yield from found.to_arrow_reader(_ROWS_AT_ONCE)
        except duckdb.Error as error:
            raise DamagedError(f"the file cannot be read: {_first(error)}") from error


def _check_form(ask: Callable[[str], Any], columns: Sequence[Column]) -> None:
    found = ask(f"select * {_FROM} limit 0")
    there = dict(zip(found.columns, map(str, found.types), strict=True))
    for column in columns:
        if there.get(column.name) != column.in_file:
            kind = there.get(column.name, "not there")
            raise DamagedError(f"the file cannot be read: column {column.name} is {kind}, not {column.in_file}")


def content(path: Path, columns: Sequence[Column]) -> Content:
    """What a file holds, by an independent reader. Raises DamagedError when it cannot be read."""
    digest = ContentDigest(len(columns))
    for batch in batches(path, columns):
        digest.add(values_of(batch.columns, columns))
    return Content(digest.rows, digest.hexdigest())


def _first(error: Exception) -> str:
    return next((text.strip() for text in str(error).splitlines() if text.strip()), type(error).__name__)
