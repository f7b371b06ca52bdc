"""VACUUM and ANALYZE as they are written for each version: never FULL, nobody waited for, a small share of the cache."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg.sql import Composed

_BUFFERS, _ONLY_TOAST, _ONLY_PARENT = 16, 16, 18


@dataclass(frozen=True, slots=True)
class Way:
    """How it is to work: at most `workers` beside itself, with `buffer_mb` of the cache (from version 16 on; 0: the server's)."""

    version: int
    buffer_mb: int
    workers: int = 0


def vacuum(way: Way, schema: str, table: str, *, truncate: bool = True, only_toast: bool = False) -> "Composed":
    """
    The statement for one table.

    Without `truncate` the table is not locked for itself alone at its end. Indexes are always cleaned up, unless the server's own
    failsafe gives that up.
    """
    return _statement("vacuum", _vacuum_options(way, truncate=truncate, only_toast=only_toast), schema, table)


def analyze(way: Way, schema: str, table: str, *, only: bool = False) -> "Composed":
    """The statement for one table; with `only`, from version 18 on, not for its partitions."""
    options = ["verbose", "skip_locked", *_buffers(way)]
    return _statement("analyze", options, schema, table, only=only and way.version >= _ONLY_PARENT)


def _vacuum_options(way: Way, *, truncate: bool, only_toast: bool) -> Iterator[str]:
    yield from ("verbose", "skip_locked", f"parallel {way.workers}")
    if not truncate:
        yield "truncate false"
    if only_toast and way.version >= _ONLY_TOAST:
        yield "process_main false"
    yield from _buffers(way)


def _buffers(way: Way) -> Iterator[str]:
    if way.version >= _BUFFERS and way.buffer_mb:
        yield f"buffer_usage_limit '{way.buffer_mb} MB'"


def _statement(word: str, options: "list[str] | Iterator[str]", schema: str, table: str, *, only: bool = False) -> "Composed":
    from psycopg.sql import SQL, Identifier

    begin = f"{word} ({', '.join(options)}) {'only ' if only else ''}"
    return SQL("{}{}").format(SQL(begin), Identifier(schema, table))
