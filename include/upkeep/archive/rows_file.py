"""Rows into a Parquet file, in bounded memory."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from upkeep.archive import copy_stream
from upkeep.archive.columns import Column

if TYPE_CHECKING:
    import pyarrow as pa

LEVEL = 1
_FEW = 4


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
