"""
The mark of a restore: a comment on the database, from its creation until the row about the restore is written.

It says which restore of which backup made this very database, so that a comment that was copied or restored into another one is
not taken for that one's. There are two: "not finished" (the next try may make the database again) and "whole, not registered"
(it is never dropped).
"""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

_PREFIX = "upkeep: restore of "
_FORM = re.compile(
    r"upkeep: restore of (?P<backup_id>\S+) (?P<state>not finished|whole, not registered) "
    r"\(attempt (?P<attempt>\S+), database (?P<place>\d+/\d+), was (?P<was>absent|empty|closed)\)"
)
_NOT_FINISHED, _WHOLE = "not finished", "whole, not registered"
_HERE = """
    select pg_catalog.shobj_description(d.oid, 'pg_database')
    from pg_catalog.pg_database as d
    where d.datname = pg_catalog.current_database()
"""
ABSENT, EMPTY, CLOSED = "absent", "empty", "closed"


@dataclass(frozen=True, slots=True)
class Mark:
    """
    One mark. `place` is the server's system identifier and the database's oid.

    `was` says what stood there before: "absent" (nothing), "empty" (an empty database), "closed" (one that not everybody could
    connect to).
    """

    backup_id: str
    attempt: str
    place: str
    was: str = ABSENT
    whole: bool = False

    @property
    def text(self) -> str:
        """The comment."""
        state = _WHOLE if self.whole else _NOT_FINISHED
        return f"{_PREFIX}{self.backup_id} {state} (attempt {self.attempt}, database {self.place}, was {self.was})"

    def as_whole(self) -> "Mark":
        """The mark of the same restore once it was compared."""
        return replace(self, whole=True)


def is_mark(comment: str | None) -> bool:
    """Whether a comment is a mark, of whatever form: such a one is never part of a backup."""
    return (comment or "").startswith(_PREFIX)


def parse(comment: str | None) -> Mark | None:
    """The mark that a comment is, or None."""
    found = _FORM.fullmatch(comment or "")
    if found is None:
        return None
    parts = found.groupdict()
    return Mark(parts["backup_id"], parts["attempt"], parts["place"], parts["was"], parts["state"] == _WHOLE)


def own_comment(comment: str | None) -> str | None:
    """A database's own comment: a mark, which an older backup may hold, is none."""
    return None if is_mark(comment) else comment


def warning(connection: "psycopg.Connection[Any]") -> str | None:
    """What a backup of this session's database should say when it carries a mark, else None."""
    row = connection.execute(_HERE.encode()).fetchone()
    comment = row[0] if row else None
    return f"the database carries the mark of a restore ({comment}): it may not be whole" if is_mark(comment) else None
