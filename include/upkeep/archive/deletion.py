"""
Proven rows out of the table: some thousand in a transaction, exactly the versions that were copied.

A row that was changed, or moved by a rewrite of the table, since it was copied is another version and stays. Before each commit a
record is stored that says which rows of the file this transaction deletes, and its transaction id: whatever is killed, the server
knows whether that id was committed.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.archive.manifest import DamagedError, Manifest
from upkeep.archive.period import of_value
from upkeep.archive.place import PENDING, Place
from upkeep.archive.session import Session, standing
from upkeep.archive.subject import Subject
from upkeep.archive.versions import Part
from upkeep.errors import BrokenError, LockedError, VanishedError
from upkeep.sources.postgres_errors import translate_errors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from psycopg.sql import Composable, Composed

ROWS_AT_ONCE, MOST_AT_ONCE = 10_000, 50_000
_SHORT_S, _LONG_S = 0.15, 0.6
_TRIES = 3
_RANGES_SINCE = 14
_SETTINGS = (
    "set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_seqscan = off; "
    "set local enable_indexscan = off; set local enable_bitmapscan = off; set local enable_material = off; set local jit = off"
)


@dataclass(frozen=True, slots=True)
class Record:
    """
    One transaction: rows `first` to before `first + rows` of the file were deleted in it, but for those `left` in the table.

    `transaction`, `system` and `timeline` name it for the server.
    """

    first: int
    rows: int
    left: tuple[int, ...]
    transaction: str
    system: str
    timeline: int

    def mark(self, deleted: "NDArray[np.bool_]") -> None:
        """Say of each row of the file that it deleted that it did."""
        deleted[self.first : self.first + self.rows] = True
        deleted[list(self.left)] = False

    def to_json(self) -> bytes:
        """The stored form."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__}).encode()

    @classmethod
    def parse(cls, data: bytes, name: str) -> "Record":
        """Read it. Raises DamagedError."""
        try:
            plain = json.loads(data)
            return cls(**{**plain, "left": tuple(plain["left"])})
        except (ValueError, TypeError, LookupError) as error:
            raise DamagedError(f"{name} is no record of a delete: {error}") from error


@dataclass(frozen=True, slots=True)
class Deletion:
    """The deletes of one batch."""

    session: Session
    subject: Subject
    place: Place
    manifest: Manifest

    def chunk(self, versions: Part, first: int) -> Record:
        """
        Delete these versions, the rows from `first` on of the file, in one transaction, after its record was stored.

        Killed before the commit, nothing was deleted and the next run finds the transaction aborted. Raises LockedError when the
        table is locked for longer than is waited, VanishedError when it is another one by now, and DamagedError when the proven
        file is not there any more: in each case nothing was deleted.
        """
        for _ in range(_TRIES - 1):
            with suppress(LockedError):
                return self._chunk(versions, first)
        return self._chunk(versions, first)

    def _chunk(self, versions: Part, first: int) -> Record:
        with translate_errors(), self.session.connection.transaction():
            self._take_table()
            left = self._delete(versions)
            record = Record(first, len(versions), tuple(first + n - 1 for n in left), *self._transaction())
            self.place.check_pending(self.manifest)
            self.place.store.put(f"{PENDING}/{self.manifest.id}.{first:09}.deleted", record.to_json())
        return record

    def _take_table(self) -> None:
        """Lock it against a rewrite, and see that it is still the one that was copied."""
        from psycopg.sql import SQL, Identifier

        table, facts = Identifier(self.subject.schema, self.subject.name), self.subject.facts
        with standing(self.subject.label):
            self.session.connection.execute(SQL("lock table only {} in row exclusive mode").format(table))
            self.session.connection.execute(_SETTINGS)
            asked = SQL("select c.oid::int8, pg_relation_filenode(c.oid)::int8 from pg_class as c where c.oid = {}::regclass")
            now = self.session.connection.execute(asked.format(_literal(self.subject))).fetchone()
        if now != (facts.oid, facts.file_node):
            raise VanishedError(f"{self.subject.label} was rewritten, or made anew")

    def _delete(self, versions: Part) -> list[int]:
        """Places, from 1 on, of what was not there any more as it was copied."""
        if self._all_at_once(versions):
            return []
        params = {"places": versions.place_list, "writers": versions.writer_list}
        return [int(place) for (place,) in self.session.connection.execute(self._statement("deletion"), params)]

    def _all_at_once(self, versions: Part) -> bool:
        """
        Delete what was there before the copy began, at these places or between them, and keep that only if nothing is missing.

        No other version can be meant: whatever came to these places since was written by a later transaction. A third of the
        work of looking at each. Not where triggers would fire for what is then undone.
        """
        import psycopg

        if self.subject.facts.delete_triggers or not versions.is_settled:
            return False
        with self.session.connection.transaction():
            if self._by_place(versions) == len(versions):
                return True
            raise psycopg.Rollback
        return False

    def _by_place(self, versions: Part) -> int:
        """How many were deleted."""
        params = {"horizon": str(versions.horizon)}
        if versions.is_dense and self.session.server.version >= _RANGES_SINCE:
            (lowest, highest), (first, last) = versions.span, versions.ends
            places = {"lowest": lowest, "highest": highest, "first_place": first, "last_place": last}
            return self.session.connection.execute(self._range(versions), {**params, **places}).rowcount
        params["places"] = versions.place_list
        return self.session.connection.execute(self._statement("deletion_quick"), params).rowcount

    def _range(self, versions: Part) -> "Composed":
        first, last = (of_value(self.subject, date) for date in versions.dates)
        return self._statement("deletion_range", column=_name(self.manifest.column), first=first, last=last)

    def _statement(self, name: str, **parts: "Composable") -> "Composed":
        from psycopg.sql import SQL

        text = (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
        return SQL(text).format(table=_name(self.subject.schema, self.subject.name), **parts)

    def _transaction(self) -> tuple[str, str, int]:
        number = self.session.one("select pg_catalog.pg_current_xact_id()::text")[0]
        return str(number), self.session.server.system, self.session.server.timeline


def state_of(session: Session, record: Record) -> str:
    """
    What became of a delete: "committed" or "aborted". Raises BrokenError while it is under way, and when nobody can know.

    The server forgets old transactions, and one that was restored or failed over may count them anew.
    """
    place = f"transaction {record.transaction} of server {record.system}, timeline {record.timeline}"
    if record.system != session.server.system or record.timeline != session.server.timeline:
        raise _doubtful(f"{place} was begun on another server or before a failover")
    state = session.one("select pg_catalog.pg_xact_status(%s::pg_catalog.xid8)", [record.transaction])[0]
    if state is None:
        raise _doubtful(f"{place} is too old for the server to know")
    if state == "in progress":
        raise BrokenError(f"{place} has not ended yet", "end its session, or wait", retry=True)
    return str(state)


def _doubtful(why: str) -> BrokenError:
    remedy = (
        "compare by key: where the table has the rows of the file in pending/, delete the objects of that batch there; where it "
        "has none, publish the file as docs/archive.md says"
    )
    return BrokenError(f"whether the rows of an interrupted batch were deleted cannot be known: {why}", remedy, retry=False)


def next_size(rows: int, seconds: float) -> int:
    """How many rows to delete next, after so many took so long: many at once cost less, and locks are to be short."""
    if seconds > _LONG_S:
        return max(ROWS_AT_ONCE, rows // 2)
    return min(MOST_AT_ONCE, rows * 2) if seconds < _SHORT_S else rows


def _name(*parts: str) -> Any:
    """A name in a statement that has parameters: a percent sign of its own is none of them."""
    from psycopg.sql import SQL, Identifier

    return SQL(Identifier(*parts).as_string().replace("%", "%%"))


def _literal(subject: Subject) -> Any:
    from psycopg.sql import Identifier, Literal

    return Literal(Identifier(subject.schema, subject.name).as_string())
