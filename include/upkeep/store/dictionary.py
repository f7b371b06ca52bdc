"""The data dictionary: every table, view and function of the report database as the live catalog describes it, as Markdown."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.sources.postgres_errors import translate_errors
from upkeep.sources.scratch import ScratchServer, free_port
from upkeep.store.answers import sql
from upkeep.store.joins import drawing
from upkeep.store.migrate import migrate

if TYPE_CHECKING:
    import psycopg

DOCUMENT = Path("docs/data-dictionary.md")
_INTRODUCTION = """\
# Data dictionary

Generated from the comments of the report database by `python -m upkeep.store.dictionary`; do not edit. Schema `upkeep`, times in
UTC. A window is half-open: its start belongs to it, its end does not. The role `upkeep_reader` may read all of it. Worked queries
are in [queries](queries/README.md).
"""
_JOINS = """\
## Joins

A line leads from one row to the many that name it, by the columns beside it. What names an answer names its duty and target too.
The views `current_answer`, `finding_life` and the function `findings_as_of` have the commonest of these joins done.
"""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table or view."""

    relation: str
    kind: str
    about: str | None
    name: str
    type: str
    required: bool
    key: bool
    says: str | None


@dataclass(frozen=True, slots=True)
class Function:
    """One function that people or programs call."""

    signature: str
    result: str
    says: str | None


def data_dictionary(connection: "psycopg.Connection[Any]") -> str:
    """The document for a freshly migrated database."""
    columns = _ask(connection, "dictionary_columns", Column)
    functions = _ask(connection, "dictionary_functions", Function)
    drawn = [_JOINS, drawing(_tables(columns)), ""]
    return "\n".join([_INTRODUCTION, *drawn, *_relations(columns, "table"), *_relations(columns, "view"), *_functions(functions)])


def _tables(columns: Sequence[Column]) -> dict[str, list[str]]:
    tables: dict[str, list[str]] = {}
    for column in columns:
        if column.kind == "table":
            tables.setdefault(column.relation, []).append(column.name)
    return tables


def undescribed(connection: "psycopg.Connection[Any]") -> list[str]:
    """Tables, views, columns and functions without a comment."""
    columns = _ask(connection, "dictionary_columns", Column)
    bare = {column.relation for column in columns if not column.about}
    bare |= {f"{column.relation}.{column.name}" for column in columns if not column.says}
    return sorted(bare | {f.signature for f in _ask(connection, "dictionary_functions", Function) if not f.says})


def _ask(connection: "psycopg.Connection[Any]", question: str, row: type[Any]) -> list[Any]:
    from psycopg.rows import class_row

    with translate_errors(), connection.cursor(row_factory=class_row(row)) as cursor:
        return list(cursor.execute(sql(question)))


def _relations(columns: Sequence[Column], kind: str) -> Iterator[str]:
    yield f"## {kind.capitalize()}s\n"
    chosen = [column for column in columns if column.kind == kind]
    for name, group in groupby(chosen, key=lambda column: column.relation):
        parts = list(group)
        yield f"### {name}\n\n{parts[0].about}\n\n| Column | Type | |\n|---|---|---|"
        yield from (_line(column) for column in parts)
        yield ""


def _line(column: Column) -> str:
    note = " · key" if column.key else " · may be null" if column.kind == "table" and not column.required else ""
    return f"| `{column.name}` | {column.type}{note} | {_cell(column.says)} |"


def _functions(functions: Sequence[Function]) -> Iterator[str]:
    yield "## Functions\n"
    for function in functions:
        yield f"### {function.signature}\n\nReturns {function.result}. {function.says}\n"


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|").replace("\n", " ")


def main() -> None:
    """Write the document from the catalog of a freshly migrated scratch server; run from the project's root."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = ScratchServer(Path(folder) / "server", free_port())
        try:
            server.start()
            migrate(server.endpoint())
            with server.endpoint().connect("upkeep dictionary") as connection:
                DOCUMENT.write_text(data_dictionary(connection), encoding="utf-8")
        finally:
            server.remove()


if __name__ == "__main__":
    main()
