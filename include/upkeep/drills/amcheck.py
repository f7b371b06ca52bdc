"""PostgreSQL's own checks of a copy: every B-tree index with every row looked up in it, and every page of every table."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from upkeep.duty import Progress
from upkeep.humanize import plural
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors

if TYPE_CHECKING:
    import psycopg

APPLICATION = "upkeep restore test"
HEAP_SINCE = 14
_SCHEMA = """
    select namespace.nspname
    from pg_catalog.pg_extension as extension
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = extension.extnamespace
    where extension.extname = 'amcheck'
"""
_OFFERED = "select true from pg_catalog.pg_available_extensions where name = 'amcheck'"
_SAID = 3


@dataclass(frozen=True, slots=True)
class Relation:
    """One index or table; the fields are the columns of the question."""

    oid: int
    name: str
    is_index: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """How many were gone through. `corrupt` says what is wrong, by name; `unsure` why something was not looked at."""

    indexes: int = 0
    tables: int = 0
    corrupt: tuple[tuple[str, str], ...] = ()
    unsure: tuple[str, ...] = ()


def check(endpoint: Endpoint, progress: Progress, *, jobs: int = 2) -> Checked:
    """
    Go through all of a database that is ours alone, with the amcheck of its server. Raises BrokenError.

    The extension is made in the copy where it is not, in a schema of its own: call it when the copy was compared.
    """
    with translate_errors(), endpoint.connect(APPLICATION) as connection:
        schema = _prepared(connection)
        if schema is None:
            return Checked(unsure=("amcheck is not installed for this server: indexes and pages were not gone through",))
        relations = _relations(connection)
    progress("amcheck", plural(len(relations), "relation"))
    return _together(endpoint, schema, relations, jobs)


def _prepared(connection: "psycopg.Connection[Any]") -> str | None:
    """The schema of amcheck, which is made when it is not there; None when the server does not offer it."""
    found = connection.execute(_SCHEMA).fetchone()
    if found:
        return str(found[0])
    if not connection.execute(_OFFERED).fetchone():
        return None
    connection.execute("create schema upkeep_amcheck")
    connection.execute("create extension amcheck schema upkeep_amcheck")
    return "upkeep_amcheck"


def _relations(connection: "psycopg.Connection[Any]") -> list[Relation]:
    from psycopg.rows import class_row

    question = (files("upkeep.drills") / "amcheck.sql").read_text(encoding="utf-8").encode()
    with connection.cursor(row_factory=class_row(Relation)) as cursor:
        found = list(cursor.execute(question))
    has_heap = connection.info.server_version // 10000 >= HEAP_SINCE
    return [each for each in found if each.is_index or has_heap]


def _together(endpoint: Endpoint, schema: str, relations: Sequence[Relation], jobs: int) -> Checked:
    waiting: SimpleQueue[Relation] = SimpleQueue()
    for each in relations:
        waiting.put(each)
    with ThreadPoolExecutor(jobs, "amcheck") as pool:
        found = [each.result() for each in [pool.submit(_worker, endpoint, schema, waiting) for _ in range(jobs)]]
    indexes = sum(each.is_index for each in relations)
    return Checked(indexes, len(relations) - indexes, tuple(sorted(line for lines in found for line in lines)))


def _worker(endpoint: Endpoint, schema: str, waiting: "SimpleQueue[Relation]") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    with translate_errors(), endpoint.connect(APPLICATION) as connection:
        while True:
            try:
                relation = waiting.get_nowait()
            except Empty:
                return found
            found += [(relation.name, line) for line in _wrong(connection, schema, relation)]


def _wrong(connection: "psycopg.Connection[Any]", schema: str, relation: Relation) -> list[str]:
    from psycopg.sql import SQL, Identifier

    own = Identifier(schema)
    with _corruption() as corruption:
        if relation.is_index:
            connection.execute(SQL("select {}.bt_index_check(%s::pg_catalog.oid, true)").format(own), [relation.oid])
        else:
            pages = SQL("select blkno, msg from {}.verify_heapam(%s::pg_catalog.oid) limit %s").format(own)
            corruption += [f"page {page}: {text}" for page, text in connection.execute(pages, [relation.oid, _SAID])]
    return corruption


@contextmanager
def _corruption() -> Iterator[list[str]]:
    """What PostgreSQL calls corrupt is said; any other error is raised."""
    import psycopg

    messages: list[str] = []
    try:
        yield messages
    except (psycopg.errors.DataCorrupted, psycopg.errors.IndexCorrupted, psycopg.errors.InternalError_) as error:
        messages.append(" ".join(str(error).split()))
