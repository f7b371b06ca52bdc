"""Rows as COPY writes them into a Parquet file, in bounded memory."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from upkeep.archive.columns import Column
from upkeep.errors import CannotAskError

if TYPE_CHECKING:
    import pyarrow as pa

GROUP_BYTES, GROUP_ROWS = 1 << 23, 1 << 16
LEVEL = 3
_AS_TEXT = "name the column in `as_text` of this table: it is then kept as PostgreSQL's own text"


class RowsFile:
    """A Parquet file being written: zstd, a row group for each piece of about 8 MB of text or 65,536 rows."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        self._columns = columns
        fields = [pa.field(c.name, c.arrow, metadata={"postgresql.type": c.type}) for c in columns]
        self._schema = pa.schema(fields)
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd", compression_level=LEVEL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._writer.close()

    def write(self, lines: bytes) -> None:
        """Add whole lines. Raises CannotAskError that names the column whose value the file cannot hold."""
        table = self._parsed(lines)
        self._writer.write_table(table, row_group_size=GROUP_ROWS)

    def write_table(self, table: "pa.Table") -> None:
        """Add rows of such a file."""
        self._writer.write_table(table.cast(self._schema), row_group_size=GROUP_ROWS)

    def _parsed(self, lines: bytes) -> "pa.Table":
        import pyarrow as pa

        names = [f"c{number}" for number in range(len(self._columns))]
        types = {name: _parsed_as(c) for name, c in zip(names, self._columns, strict=True)}
        try:
            table = _read_csv(lines, names, types)
        except pa.ArrowInvalid as error:
            raise _cannot_hold(self._columns, str(error)) from error
        arrays = [_whole(table.column(n), c) for n, c in zip(names, self._columns, strict=True)]
        return pa.Table.from_arrays(arrays, schema=self._schema)


def _parsed_as(column: Column) -> "pa.DataType":
    import pyarrow as pa

    return pa.string() if column.stored == "binary" else column.arrow


def _whole(values: "pa.ChunkedArray", column: Column) -> "pa.ChunkedArray":
    import pyarrow as pa

    if column.stored != "binary":
        return values
    return pa.chunked_array([pa.array([None if v is None else bytes.fromhex(v[2:]) for v in values.to_pylist()], pa.binary())])


def _read_csv(lines: bytes, names: list[str], types: dict[str, Any]) -> "pa.Table":
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
    called = columns[int(number[1])] if number and int(number[1]) < len(columns) else None
    value = re.search(r"(?:value '|invalid value: ')([^']{0,60})", said)
    which = f"column {called.name} ({called.type})" if called else "a column"
    what = f" the value {value[1]}" if value else f" a value: {said}"
    return CannotAskError(f"Parquet cannot hold of {which}{what}", _AS_TEXT)


def pieces(rows: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Rows in pieces that become a row group each."""
    piece: list[bytes] = []
    size = 0
    for row in rows:
        piece.append(row)
        size += len(row)
        if size >= GROUP_BYTES or len(piece) >= GROUP_ROWS:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece
