"""Files of exports at hand for DuckDB: what they are by their first bytes, their columns, and the days that they have."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from upkeep.errors import BrokenError
from upkeep.ledger.entry import Days
from upkeep.ledger.focus_columns import Header
from upkeep.sources.duck import literal
from upkeep.sources.objects import CHUNK, ObjectStore

_PARQUET, _GZIP, _ZSTD = b"PAR1", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_CSV = "header = true, all_varchar = true, quote = '\"', escape = '\"', nullstr = ['NULL', 'null'], \
allow_quoted_nulls = false, hive_partitioning = false"


class Form(Protocol):
    """How files of a source are read: FOCUS, or columns that the inventory declares."""

    @property
    def delimiter(self) -> str:
        """Between the columns of a CSV file."""
        ...

    def check(self, header: Header, file: str) -> None:
        """Raises BrokenError that names the columns which the file lacks and cannot do without."""
        ...

    def day(self, header: Header) -> str:
        """The day of a row, as an expression."""
        ...

    def rows(self, header: Header, table: str) -> str:
        """A query that makes rows of the ledger of a file's, summed as far as that is quick, with the `NAMES` of measures."""
        ...


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file on this machine. `name` is what people know it by, `how` is how DuckDB reads it; `days` is None without rows."""

    name: str
    path: Path
    how: str
    header: Header
    days: Days | None
    rows: int


def fetched(store: ObjectStore, name: str, folder: Path, number: int) -> Path:
    """
    The object as a file in `folder`, under a name without any sign that DuckDB would read into it.

    Raises BrokenError; what is read again later is another file.
    """
    path = folder / f"{number:05}"
    if store.is_local:
        path.symlink_to(Path(store.root) / name)
        return path
    with store.reader(name) as source, path.open("wb") as file:
        shutil.copyfileobj(source, file, CHUNK)
    return path


def table_of(path: Path, delimiter: str) -> str:
    """How DuckDB reads files of this kind: a table function whose first argument is left open."""
    with path.open("rb") as file:
        start = file.read(4)
    if start == _PARQUET:
        return "read_parquet({files}, hive_partitioning = false)"
    packed = "gzip" if start[:2] == _GZIP else "zstd" if start == _ZSTD else "none"
    return f"read_csv({{files}}, {_CSV}, delim = {literal(delimiter)}, compression = '{packed}')"


def named(how: str, paths: Sequence[Path]) -> str:
    """The table function with its files."""
    return how.format(files="[" + ", ".join(literal(str(path)) for path in paths) + "]")


def examined(session: Any, name: str, path: Path, form: Form) -> ExportFile:
    """Its columns and days. Raises BrokenError for what is not of this form, is damaged, or has rows without a readable day."""
    with readable({path: name}):
        how = table_of(path, form.delimiter)
        table = named(how, [path])
        described = session.execute(f"describe select * from {table}").fetchall()  # noqa: S608 - quoted
        header = Header(tuple((row[0], row[1]) for row in described))
        form.check(header, name)
        found = session.execute(
            f"select min(day), max(day), count(*), count(day) from (select {form.day(header)} as day from {table})"  # noqa: S608 - quoted
        ).fetchone()
        first, last, rows, dated = found
        if dated < rows:
            bad = session.execute(f"select min(bad) from ({form.rows(header, table)})").fetchone()[0]  # noqa: S608 - quoted
            raise unread(name, bad)
    return ExportFile(name, path, how, header, Days(first, last) if first else None, rows)


def unread(name: str, bad: str) -> BrokenError:
    """What to raise for a row that cannot be read; `bad` says why."""
    remedy = "have it delivered again; for decimal commas or other columns use source: csv. Nothing of it was kept"
    return BrokenError(f"{name} has a row that cannot be read: {bad[:200]}", remedy, retry=False)


@contextmanager
def readable(names: dict[Path, str]) -> Iterator[None]:
    """Turn DuckDB's errors into ours, which name the files as people know them."""
    import duckdb

    try:
        yield
    except (duckdb.Error, OSError) as error:
        message = " ".join(str(error).split())
        for path, name in names.items():
            message = message.replace(str(path), name)
        full = isinstance(error, duckdb.OutOfMemoryException)
        which = next((name for name in names.values() if name in message), next(iter(names.values()), "the export"))
        remedy = "make room for what does not fit into memory" if full else "have it delivered again; nothing of it was kept"
        raise BrokenError(f"{which} cannot be read: {message[:300]}", remedy, retry=full, tries=2) from error
