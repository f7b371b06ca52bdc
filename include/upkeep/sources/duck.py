"""DuckDB sessions: bounded memory, nothing installed or loaded, UTC; and how its SQL quotes names and texts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def duckdb_session(memory: int, *, threads: int = 1, spill: Path | None = None, statistics: bool = True) -> Iterator[Any]:
    """
    A DuckDB of its own: `memory` in bytes; what does not fit is spilled into the folder `spill` where one is given.

    Without `statistics` nothing is concluded from what a Parquet file says of its values: least and greatest leave NaN out.
    """
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{memory >> 20}MiB",
        "threads": str(threads),
        "autoinstall_known_extensions": "false",
        "TimeZone": "UTC",
    }
    if spill:
        settings["temp_directory"] = str(spill)
    with duckdb.connect(config=settings) as session:
        session.execute("set preserve_insertion_order = true")
        # It would be drawn over what a command prints.
        session.execute("set enable_progress_bar = false")
        if not statistics:
            session.execute("set disabled_optimizers = 'statistics_propagation'")
        yield session


def quoted(text: str) -> str:
    """A column's name, quoted."""
    return '"' + text.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text, quoted."""
    return "'" + text.replace("'", "''") + "'"
