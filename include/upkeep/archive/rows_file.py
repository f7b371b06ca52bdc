"""Rows as COPY writes them into a Parquet file, in bounded memory."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from upkeep.archive import copy_stream
from upkeep.archive.columns import Column
from upkeep.errors import CannotAskError

if TYPE_CHECKING:
    import pyarrow as pa

LEVEL = 3
_FEW = 4
_HEAD = ("place", "writer")
_AS_TEXT = "name the column in `as_text` of this table: it is then kept as PostgreSQL's own text"


class RowsFile:
    """A Parquet file being written: zstd, a row group for each piece that is added, at most 65,536 rows."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        import pyarrow as pa

        self._path, self._columns, self._writer = path, columns, None
        self._schema = pa.schema([pa.field(c.name, c.arrow, metadata={"postgresql.type": c.type}) for c in columns])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None or self._writer:
            self._opened(self._schema.empty_table()).close()

    def write(self, table: "pa.Table") -> None:
        """Add rows."""
        table = table.cast(self._schema)
        self._opened(table).write_table(table, row_group_size=copy_stream.GROUP_ROWS)

    def _opened(self, first: "pa.Table") -> Any:
        """The writer; what the first rows are like decides which columns get a dictionary."""
        from pyarrow import parquet

        if self._writer is None:
            names: Any = [name for name in self._schema.names if _repeats(first.column(name))] or False
            self._writer = parquet.ParquetWriter(
                self._path, self._schema, compression="zstd", compression_level=LEVEL, use_dictionary=names
            )
        return self._writer


def _repeats(values: "pa.ChunkedArray") -> bool:
    """Whether a dictionary pays: of values that are nearly all different it costs time and makes the file larger."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_string(values.type) or pa.types.is_binary(values.type)):
        return False
    return bool(pc.count_distinct(values).as_py() * _FEW <= len(values))


def parsed(lines: bytes | bytearray, columns: Sequence[Column]) -> "tuple[pa.ChunkedArray, pa.ChunkedArray, pa.Table]":
    """
    Lines of COPY taken apart: places, who wrote each, and the rows.

    Raises CannotAskError that names the column whose value a file cannot hold.
    """
    import pyarrow as pa

    names = [f"c{number}" for number in range(len(columns))]
    types = {**dict.fromkeys(_HEAD, pa.string()), **{name: _parsed_as(c) for name, c in zip(names, columns, strict=True)}}
    try:
        table = _read_csv(lines, [*_HEAD, *names], types)
    except pa.ArrowInvalid as error:
        raise _cannot_hold(columns, str(error)) from error
    arrays = [_whole(table.column(n), c) for n, c in zip(names, columns, strict=True)]
    return table.column(0), table.column(1), pa.Table.from_arrays(arrays, names=[c.name for c in columns])


def _parsed_as(column: Column) -> "pa.DataType":
    import pyarrow as pa

    return pa.string() if column.stored == "binary" else column.arrow


def _whole(values: "pa.ChunkedArray", column: Column) -> "pa.ChunkedArray":
    import pyarrow as pa

    if column.stored != "binary":
        return values
    return pa.chunked_array([pa.array([None if v is None else bytes.fromhex(v[2:]) for v in values.to_pylist()], pa.binary())])


def _read_csv(lines: bytes | bytearray, names: list[str], types: dict[str, Any]) -> "pa.Table":
    import pyarrow as pa
    from pyarrow import csv

    return csv.read_csv(
        pa.BufferReader(lines),
        read_options=csv.ReadOptions(column_names=names, block_size=len(lines) + 1, use_threads=False),
        parse_options=csv.ParseOptions(delimiter="|", newlines_in_values=True, ignore_empty_lines=False),
        convert_options=csv.ConvertOptions(
            column_types=types, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False,
            true_values=["t"], false_values=["f"],
        ),
    )  # fmt: skip


def _cannot_hold(columns: Sequence[Column], said: str) -> CannotAskError:
    """In the table's own words: the reader counts columns from 0 and says the value."""
    import re

    number = re.search(r"column #(\d+)", said)
    at = int(number[1]) - len(_HEAD) if number else -1
    called = columns[at] if 0 <= at < len(columns) else None
    value = re.search(r"(?:value '|invalid value: ')([^']{0,60})", said)
    which = f"column {called.name} ({called.type})" if called else "a column"
    what = f" the value {value[1]}" if value else f" a value: {said}"
    return CannotAskError(f"Parquet cannot hold of {which}{what}", _AS_TEXT)
