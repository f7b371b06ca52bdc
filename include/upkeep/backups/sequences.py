"""Where the sequences of a database stand, and the script that sets them again. Sequences are not part of a snapshot."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any

from upkeep.backups.names import literal, parts_of, quoted, shown

if TYPE_CHECKING:
    import psycopg

OBJECT = "sequences.sql"
_AT_ONCE = 200


def values(connection: "psycopg.Connection[Any]", reader: "psycopg.Connection[Any] | None" = None) -> dict[str, str]:
    """
    State of every sequence as "value,t", or "value,f" when that value is still to be given, by qualified name.

    `connection` lists them, as its transaction sees them; `reader` reads them, in transactions of its own.
    """
    sql = (files("upkeep.backups") / "sequences.sql").read_text(encoding="utf-8")
    rest = iter(connection.execute(sql.encode()).fetchall())
    found: dict[str, str] = {}
    while some := list(islice(rest, _AT_ONCE)):
        found.update(_states(reader or connection, some))
    return found


def script(states: Mapping[str, str]) -> str:
    """Statements that set them."""
    return "".join(
        f"select pg_catalog.setval({literal(quoted(*parts_of(key)))}, {_setval_arguments(state)});\n"
        for key, state in states.items()
    )


def _states(connection: "psycopg.Connection[Any]", some: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    each = (f"select {at}, last_value, is_called from {quoted(*name)}" for at, name in enumerate(some))  # noqa: S608 - quoted
    for number, value, called in connection.execute(" union all ".join(each).encode(_codec(connection))).fetchall():
        yield shown(*some[number]), f"{value},{'t' if called else 'f'}"


def _codec(connection: "psycopg.Connection[Any]") -> str:
    return connection.info.encoding


def _setval_arguments(state: str) -> str:
    value, _, called = state.partition(",")
    return f"{int(value)}, {'true' if called == 't' else 'false'}"
