"""
One snapshot of a database that nothing can slip out of while it is copied.

Locks come first: a TRUNCATE or ALTER TABLE that is under way when a snapshot is taken would otherwise be seen half, since it
changes files that a snapshot does not keep. So the tables are listed; a session opens a transaction whose first statement locks
them, which takes no snapshot; only then the snapshot is exported, and the tables are listed again in it. A table that was not
locked means that something came in between, and all starts over. The sessions that help with large tables lock these before
anything is copied: a lock that is asked for later would queue behind whoever waits for ours.
"""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.backups import tables
from upkeep.backups.names import literal, quoted
from upkeep.backups.psql import STANDBY, Psql, SessionError, environment
from upkeep.backups.tables import Table
from upkeep.errors import BrokenError, UpkeepError
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors

if TYPE_CHECKING:
    import psycopg

LOCK_TIMEOUT_S = 120.0
HELPER_LOCK_TIMEOUT_S = 2
LARGE_BYTES = 1 << 20
HELPERS_LOCK_AT_MOST = 1000
_ATTEMPTS = 25
_LOCK_NOT_AVAILABLE, _GONE = "55P03", {"42P01", "3F000", "XX000"}
# Behind somebody who waits for our own locks, one would wait for ever.
_SHORT_WAIT = "set{where} lock_timeout = '5s'"
_BEGIN = "begin isolation level repeatable read read only"


class ChangedError(UpkeepError):
    """Something of the database changed between two looks at it; a new start sees it whole. `remedy` is for when none does."""

    def __init__(self, reason: str, remedy: str = "try again later") -> None:
        super().__init__(reason)
        self.remedy = remedy


@dataclass
class Snapshot:
    """
    An exported snapshot. `control` holds every lock; `helpers` those of `large`. `catalog` is a driver's session in it.

    `at` is the moment that it shows, `standby` whether the server is one.
    """

    name: str
    at: datetime
    standby: bool
    encoding: str
    control: Psql
    helpers: list[Psql]
    catalog: "psycopg.Connection[Any]"
    tables: list[Table]
    has_large_objects: bool = False
    large: list[Table] = field(default_factory=list)

    def with_sizes(self, sized: Iterable[Table], large: Iterable[Table]) -> "Snapshot":
        """Itself, its tables with the sizes that they have, the largest first, and those of them that helpers have locked."""
        sizes, chosen = {t.oid: t for t in sized}, {t.oid for t in large}
        known = (replace(t, pages=sizes[t.oid].pages, bytes=sizes[t.oid].bytes) if t.oid in sizes else t for t in self.tables)
        self.tables = sorted(known, key=lambda t: (-t.bytes, t.oid))
        self.large = [t for t in self.tables if t.oid in chosen]
        return self

    @property
    def client_encoding(self) -> str:
        """That of statements."""
        return tables.encodings(self.encoding)


@dataclass(frozen=True, slots=True)
class Source:
    """The database, how its sessions are known on the server, the programs to read it with, and how many sessions may."""

    endpoint: Endpoint
    application: str
    program: Path
    jobs: int
    say: Callable[[str], None]
    lock_timeout_s: float = LOCK_TIMEOUT_S

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Raises BrokenError that names who holds a lock, or CannotAskError for a missing right."""
        deadline = time.monotonic() + self.lock_timeout_s
        for attempt in range(1, _ATTEMPTS + 1):
            with ExitStack() as stack:
                try:
                    held = self._try(stack, deadline)
                except ChangedError as error:
                    if attempt == _ATTEMPTS or time.monotonic() > deadline:
                        raise BrokenError(f"no quiet moment to begin in: {error}", error.remedy, retry=True) from error
                    self.say(f"start over: {error}")
                else:
                    yield held
                    return
            time.sleep(random.uniform(0.02, 0.1) * attempt)  # noqa: S311 - only to be out of step with whatever else goes on

    def _try(self, stack: ExitStack, deadline: float) -> Snapshot:
        with translate_errors():
            catalog = stack.enter_context(self._session())
            before = tables.relations(catalog)
            standby = bool(_one(catalog, "select pg_catalog.pg_is_in_recovery()"))
        control, locked = stack.enter_context(self._psql(catalog)), _lockable(before, standby=standby)
        self._begin(control, catalog, locked, max(0.1, deadline - time.monotonic()))
        name, at = control.ask(_EXPORT).split(" ")
        sizes = control.copy(tables.sizes(locked))  # while the catalog is looked at
        made = self._in_it(name, datetime.fromtimestamp(float(at), UTC), control, catalog, standby=standby)
        sized = tables.measured(locked, b"".join(sizes).decode())
        large = [t for t in sized if t.bytes >= LARGE_BYTES and not t.of_extension][:HELPERS_LOCK_AT_MOST]
        for _ in range(self.jobs - 1 if large else 0):
            made.helpers.append(stack.enter_context(self._psql(catalog)))
            self._begin(made.helpers[-1], catalog, large, HELPER_LOCK_TIMEOUT_S)
            made.helpers[-1].ask(f"set transaction snapshot {literal(name)}")
        there = {(t.oid, t.schema, t.name) for t in locked}
        late = [t.key for t in _lockable(made.tables, standby=standby) if (t.oid, t.schema, t.name) not in there]
        if late:
            raise ChangedError(f"{late[0]} was made or renamed meanwhile")
        return made.with_sizes(sized, large)

    def _in_it(
        self, name: str, at: datetime, control: Psql, catalog: "psycopg.Connection[Any]", *, standby: bool
    ) -> Snapshot:  # fmt: skip
        """What the snapshot shows, in a session of its own."""
        with translate_errors():
            catalog.execute(_BEGIN.encode())
            catalog.execute(f"set transaction snapshot {literal(name)}".encode())
            catalog.execute(tables.set_local(catalog.info.server_version // 10000).encode())
            catalog.execute(_SHORT_WAIT.format(where=" local").encode())
            inside = tables.relations(catalog)
            blobs = bool(_one(catalog, "select exists (select from pg_catalog.pg_largeobject_metadata)"))
        encoding = catalog.info.parameter_status("server_encoding") or "UTF8"
        return Snapshot(name, at, standby, encoding, control, [], catalog, inside, blobs)

    def _begin(self, session: Psql, catalog: "psycopg.Connection[Any]", locked: list[Table], timeout_s: float) -> None:
        """Open the transaction and lock. Nothing before the lock may take a snapshot; SET does not."""
        version = catalog.info.server_version // 10000
        session.ask(f"{_BEGIN}; {tables.set_local(version)}; set local lock_timeout = '{round(timeout_s * 1000)}ms'")
        if not locked:
            return
        names = ", ".join("only " + quoted(t.schema, t.name) for t in locked)
        try:
            session.ask(f"lock table {names} in access share mode", _client_encoding(catalog))
        except SessionError as error:
            raise self._not_locked(error, catalog, locked, waited=timeout_s) from error

    def _not_locked(
        self, error: SessionError, catalog: "psycopg.Connection[Any]", locked: Iterable[Table], *, waited: float
    ) -> UpkeepError:
        if error.sqlstate in _GONE:
            return ChangedError("a table was dropped meanwhile")
        if error.sqlstate != _LOCK_NOT_AVAILABLE:
            return error
        if waited == HELPER_LOCK_TIMEOUT_S:
            return ChangedError("somebody waits for a lock")  # ours are given up first, so that it gets it
        holders = "nobody any more"
        with suppress(UpkeepError), translate_errors():
            found = catalog.execute(_HOLDERS, {"relations": [t.oid for t in locked]}).fetchall()
            holders = "; ".join(str(row[0]) for row in found) or holders
        return BrokenError(
            f"waited {self.lock_timeout_s:.0f} s for a lock on every table; held by {holders}",
            "let it end, or end it: select pg_terminate_backend(pid)",
            retry=True,
        )

    @contextmanager
    def _session(self) -> "Iterator[psycopg.Connection[Any]]":
        with tables.session(self.endpoint, self.application) as connection:
            connection.execute(_SHORT_WAIT.format(where="").encode())
            yield connection

    @contextmanager
    def _psql(self, catalog: "psycopg.Connection[Any]") -> Iterator[Psql]:
        env = environment(self.endpoint, self.application, _client_encoding(catalog))
        with Psql(self.program, env, self.endpoint.database or "postgres", self.endpoint.options) as session:
            yield session


def _client_encoding(connection: "psycopg.Connection[Any]") -> str:
    return tables.encodings(connection.info.parameter_status("server_encoding") or "UTF8")


@contextmanager
def noticed() -> Iterator[None]:
    """Turn what a reader of catalogs meets when an object is dropped or locked under it into ChangedError."""
    import psycopg

    try:
        yield
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedObject, psycopg.errors.InternalError_) as error:
        raise ChangedError(f"something was dropped meanwhile: {' '.join(str(error).split())}") from error
    except psycopg.errors.SerializationFailure as error:
        raise ChangedError(f"a standby went on with recovery: {' '.join(str(error).split())}", STANDBY) from error
    except psycopg.errors.LockNotAvailable as error:
        raise ChangedError("somebody waits for a lock") from error  # ours are given up first, so that it gets it


def _lockable(found: Iterable[Table], *, standby: bool) -> list[Table]:
    return [t for t in found if t.kind in "rp" and not (standby and t.persistence == "u")]


def _one(connection: "psycopg.Connection[Any]", sql: str) -> Any:
    row = connection.execute(sql.encode()).fetchone()
    return row[0] if row else None


_EXPORT = "select pg_catalog.pg_export_snapshot() || ' ' || extract(epoch from pg_catalog.statement_timestamp())"
_HOLDERS = b"""
    select pg_catalog.format(
        '%%s of %%s (pid %%s, %%s, its transaction began %%s ago)',
        l.mode || ' on ' || l.relation::pg_catalog.regclass::pg_catalog.text, a.usename, l.pid,
        coalesce(nullif(a.application_name, ''), 'no application name'),
        pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - a.xact_start)
    )
    from pg_catalog.pg_locks as l
    inner join pg_catalog.pg_stat_activity as a on a.pid = l.pid
    where l.relation = any(%(relations)s::pg_catalog.oid[]) and l.mode = 'AccessExclusiveLock' and l.granted
    limit 5
"""
