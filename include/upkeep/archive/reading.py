"""A stored file read by DuckDB, which did not write it: its rows again as COPY wrote them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.archive.columns import Column, line, quoted
from upkeep.archive.manifest import DamagedError

if TYPE_CHECKING:
    import pyarrow as pa

_MEMORY = "128MB"
_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Content:
    """How many rows, and the digest of their lines in order (XXH3, 128 bits, hexadecimal)."""

    rows: int
    digest: str


@contextmanager
def duckdb_session() -> Iterator[Any]:
    """A DuckDB of its own: bounded memory, nothing installed or loaded, UTC."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "threads": "2",
        "autoinstall_known_extensions": "false",
        "TimeZone": "UTC",
    }
    with duckdb.connect(config=settings) as session:
        session.execute("set preserve_insertion_order = true")
        yield session


def lines(path: Path, columns: Sequence[Column], among: Sequence[Column] = ()) -> "Iterator[pa.Array]":
    """
    The rows of a file in their order, as arrays of COPY's lines; `among` are more columns, of which the file may lack some.

    Raises DamagedError when it does not have these columns, and in this form.
    """
    import duckdb

    names = {c.name: quoted(c.name) for c in columns}
    shown = line([c if c.name not in names else _own(c.name, columns) for c in among or columns], names)
    with duckdb_session() as session:
        try:
            found = session.sql(
                f"select {shown} as line from read_parquet($file, hive_partitioning = false)",  # noqa: S608 - of quoted names
                params={"file": _literally(path)},
            )
            for batch in found.to_arrow_reader(_ROWS_AT_ONCE):
                yield batch.column(0)
        except duckdb.Error as error:
            raise DamagedError(f"the file cannot be read: {_first(error)}") from error


def _own(name: str, columns: Sequence[Column]) -> Column:
    return next(column for column in columns if column.name == name)


def _literally(path: Path) -> str:
    """As DuckDB takes it: no character of ours is a pattern."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


def content(path: Path, columns: Sequence[Column]) -> Content:
    """What a file holds, by an independent reader. Raises DamagedError when it cannot be read."""
    import xxhash

    digest, rows = xxhash.xxh3_128(), 0
    for array in lines(path, columns):
        digest.update(text_of(array))
        rows += len(array)
    return Content(rows, digest.hexdigest())


def text_of(array: "pa.Array") -> memoryview:
    """All lines of an array, one after the other, without copying."""
    import pyarrow as pa

    _, offsets, data = array.buffers()
    if data is None or not len(array):
        return memoryview(b"")
    raw = memoryview(offsets).cast("b")
    places = raw.cast("q") if pa.types.is_large_string(array.type) else raw.cast("i")
    return memoryview(data)[places[array.offset] : places[array.offset + len(array)]]


def _first(error: Exception) -> str:
    return next((text.strip() for text in str(error).splitlines() if text.strip()), type(error).__name__)
