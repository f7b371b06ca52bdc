"""What stands where in the lines of an access log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Role = Literal["time", "request", "method", "path", "status", "seconds", "host", "agent"]
"""What Upkeep asks of a line. `request` is method, path and protocol in one, `path` may have its query string."""
CLIENT_CLOSED = frozenset({499})


@dataclass(frozen=True, slots=True)
class Value:
    """
    One value of a line. `role` is None for what nobody asks for.

    `how` is how it is written: a time as "clf", "iso", "epoch" (seconds, milliseconds or microseconds) or a pattern of strptime
    with its offset; a duration by the part of a second that one of it is, such as "0.001", "sum" for several in seconds, or
    "go" for seconds or 1m3.5s.
    """

    name: str
    role: Role | None = None
    how: str = ""


Piece: TypeAlias = "str | Value"


@dataclass(frozen=True, slots=True)
class Delimited:
    """Values between fixed texts. With `open_end` more may follow; `closed` are the statuses of clients that gave up."""

    pieces: tuple[Piece, ...]
    open_end: bool = False
    closed: frozenset[int] = CLIENT_CLOSED

    def values(self, role: Role) -> tuple[Value, ...]:
        """Those of a role, in their order."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Value) and piece.role == role)


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One JSON object a line. For each role the paths that are tried, in their order, such as `$.request.uri`."""

    paths: Mapping[Role, tuple[Value, ...]]
    closed: frozenset[int] = CLIENT_CLOSED

    def values(self, role: Role) -> tuple[Value, ...]:
        """Those of a role, in their order."""
        return self.paths.get(role, ())


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns between tabs that a comment line `#Fields:` of each file names. Times are UTC."""

    names: Mapping[str, Value]
    closed: frozenset[int] = field(default=frozenset({0}))

    def values(self, role: Role) -> tuple[Value, ...]:
        """Those of a role, in their order."""
        return tuple(value for value in self.names.values() if value.role == role)


Lines: TypeAlias = "Delimited | JsonLines | Columns"
