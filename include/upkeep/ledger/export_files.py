"""Files of exports at hand for DuckDB: what they are by their first bytes, their columns, and the days that they have."""

import re
import shutil
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, Protocol

from upkeep.errors import BrokenError
from upkeep.ledger.csv_files import csv_columns_of, csv_table, packing_of
from upkeep.ledger.entry import Days
from upkeep.ledger.expressions import dated
from upkeep.ledger.focus_header import Header
from upkeep.sources.duck import literal
from upkeep.sources.objects import CHUNK, ObjectStore

_PARQUET = b"PAR1"


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


def header_of(session: Any, name: str, path: Path, delimiter: str) -> tuple[str, Header]:
    """
    How DuckDB reads files of this kind, a table function whose first argument is left open, and the columns of this one.

    Raises BrokenError for a file that is not whole.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start == _PARQUET:
        how = "read_parquet({files}, hive_partitioning = false)"
        described = session.execute(f"describe select * from {named(how, [path])}").fetchall()  # noqa: S608 - quoted
        return how, Header(tuple((row[0], row[1]) for row in described))
    packing = packing_of(start)
    columns = csv_columns_of(path, packing, delimiter, name)
    return csv_table(columns, packing, delimiter), Header(tuple((column, "VARCHAR") for column in columns))


def named(how: str, paths: Sequence[Path]) -> str:
    """The table function with its files."""
    return how.format(files="[" + ", ".join(literal(str(path)) for path in paths) + "]")


def examined(session: Any, name: str, path: Path, form: Form) -> ExportFile:
    """Its columns and days. Raises BrokenError for what is not of this form, is damaged, or has rows without a readable day."""
    with readable({path: name}):
        how, header = header_of(session, name, path, form.delimiter)
        form.check(header, name)
        table = named(how, [path])
        ends = f"{dated('min(day)')}, {dated('max(day)')}"
        asked = f"select {ends}, count(*), count(day) from (select {form.day(header)} as day from {table})"  # noqa: S608 - quoted
        first, last, rows, days = session.execute(asked).fetchone()
        file = ExportFile(name, path, how, header, Days(first, last) if first and last else None, rows)
        if days < rows or (rows and file.days is None):
            refuse_bad(session, [file], form)
    return file


def refuse_bad(session: Any, files: Sequence[ExportFile], form: Form) -> NoReturn:
    """Raise BrokenError that names the first row that cannot be read, its file and column; one of these files has one."""
    session.execute("set preserve_insertion_order = true")
    for file in files:
        row = bisect_left(range(file.rows + 1), 1, key=partial(_has_bad, session, file, form))
        if row <= file.rows:
            remedy = "have it delivered again; for decimal commas or other columns use source: csv. Nothing of it was kept"
            reason = f"{file.name} has a row that cannot be read: {str(_bad(session, file, form, row))[:200]}"
            raise BrokenError(f"{reason} (row {row:,} after the header)", remedy, retry=False)
    raise BrokenError(f"{files[0].name} or one beside it changed while it was read", "nothing of it was kept", retry=True)


def _has_bad(session: Any, file: ExportFile, form: Form, rows: int) -> bool:
    return _bad(session, file, form, rows) is not None


def _bad(session: Any, file: ExportFile, form: Form, rows: int) -> str | None:
    """What is wrong in the first so many rows."""
    table = f"(select * from {named(file.how, [file.path])} limit {rows})"  # noqa: S608 - quoted
    found: str | None = session.execute(f"select min(bad) from ({form.rows(file.header, table)})").fetchone()[0]  # noqa: S608 - quoted
    return found


@contextmanager
def readable(names: dict[Path, str]) -> Iterator[None]:
    """Turn DuckDB's errors into ours, which name the files as people know them."""
    import duckdb

    try:
        yield
    except (duckdb.Error, OSError) as error:
        message = _plain(str(error))
        for path, name in names.items():
            message = message.replace(str(path), name)
        full = isinstance(error, duckdb.OutOfMemoryException)
        which = next((name for name in names.values() if name in message), next(iter(names.values()), "the export"))
        remedy = "make room for what does not fit into memory" if full else "have it delivered again; nothing of it was kept"
        raise BrokenError(f"{which} cannot be read: {message[:300]}", remedy, retry=full, tries=2) from error


def _plain(message: str) -> str:
    """What DuckDB says went wrong, without the row itself and its advice about its own options."""
    text = re.sub(r"(?s)\n*(Possible (fixes|Solution)|\n?LINE \d+:|  file = ).*", "", message)
    text = re.sub(r"(?s)Original Line: .*\n(?=\S)", "", text)
    return " ".join(text.split())
