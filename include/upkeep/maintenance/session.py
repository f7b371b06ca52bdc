"""A session that may change tables: it waits for nobody for long, lets others pass, and says what came of each statement."""

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from upkeep.errors import CannotAskError
from upkeep.humanize import plural
from upkeep.maintenance.give_way import GivingWay
from upkeep.maintenance.notices import Notice, outcome_of
from upkeep.maintenance.rights import refused_parts
from upkeep.maintenance.work import Outcome
from upkeep.sources.pinned import pinned
from upkeep.sources.pooler import Pooling, pooling
from upkeep.sources.postgres import Endpoint, Postgres
from upkeep.sources.postgres_errors import translate_errors

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import SQL, Composed

_SET = """
    select pg_catalog.set_config(setting.name, setting.value, false)
    from rows from (pg_catalog.unnest(%s::text[]), pg_catalog.unnest(%s::text[])) as setting (name, value)
    where pg_catalog.current_setting(setting.name, true) is not null
"""
_SEEN = "select exists (select from pg_catalog.pg_stat_activity as other where other.pid = %s and other.application_name = %s)"
_SET_BACK = """
    select pg_catalog.set_config(setting.name, setting.reset_val, false)
    from pg_catalog.pg_settings as setting
    where setting.name = any(%s)
"""
# A server process whose client was killed goes on with a long statement unless it looks whether the client is there.
_NOTICED = {"client_connection_check_interval": "5s"}


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one statement, and what the server said while it ran."""

    outcome: Outcome
    seconds: float
    message: str = ""
    notices: tuple[Notice, ...] = ()


@dataclass
class Maintenance:
    """
    Two sessions on one database: `pg` reads and looks who waits, the other one works as the maintenance login.

    `own` asks questions as the maintenance login, which may see more of what is its own. `hours_left_s` is how long its declared
    hours last, None where any hour will do. Made by `opened`.
    """

    pg: Postgres
    own: Postgres
    hours_left_s: float | None
    worker: "psycopg.Connection[Any]" = field(repr=False)
    pid: int = 0
    _changed: tuple[str, ...] = ()

    def do(self, statement: "SQL | Composed", settings: Mapping[str, str], limit_s: float, oid: int | None = None) -> Done:
        """
        Run one statement outside a transaction for at most `limit_s` seconds, giving way to whoever waits for it.

        `oid` is the table that it is about: some of its partitions may be another's.
        What the server refuses is an outcome. Raises BrokenError when a session is lost. Killed meanwhile, the server ends the
        statement by itself within seconds (from version 14 on), or brings it to its end.
        """
        begun, notices = time.monotonic(), list[Notice]()
        limit = {"statement_timeout": f"{max(1, round(limit_s * 1000))}ms"}
        with translate_errors():
            self._set_back(set(self._changed) - set(settings))
            self._set({**settings, **limit})
            self._changed = tuple(settings)
            outcome, why = self._run(statement, notices, limit_s, oid)
        return Done(outcome, time.monotonic() - begun, why, tuple(notices))

    def _run(self, statement: "SQL | Composed", notices: list[Notice], limit_s: float, oid: int | None) -> tuple[Outcome, str]:
        import psycopg

        def listen(diagnostic: Any) -> None:
            notices.append(Notice.of(diagnostic))

        begun, error = time.monotonic(), None
        self.worker.add_notice_handler(listen)
        try:
            with GivingWay(self.pg, self.worker, self.pid) as way:
                try:
                    self.worker.execute(statement)
                except psycopg.Error as raised:
                    error = raised
        finally:
            self.worker.remove_notice_handler(listen)
        if way.error:
            raise way.error
        if error and self.worker.closed:
            raise error
        late = time.monotonic() - begun >= limit_s
        return outcome_of(error, notices, gave_way=way.given, late=late, lacking=lambda: self._lacking(oid))

    def _lacking(self, oid: int | None) -> str:
        """Which parts of a table this login may not work on, in words; "" when it may work on all."""
        names = [part.name for part in refused_parts(self.own, oid)] if oid is not None else []
        return f"not permitted on {plural(len(names), 'part')}, such as {names[0]}" if names else ""

    def _set_back(self, names: Collection[str]) -> None:
        """What was set for an earlier statement is as the login has it again."""
        if names:
            self.worker.execute(_SET_BACK, [sorted(names)])

    def _set(self, settings: Mapping[str, str]) -> None:
        self.worker.execute(_SET, [list(settings), list(settings.values())])


@contextmanager
def opened(
    endpoint: Endpoint, pg: Postgres, application: str, *, lock_timeout_s: float, hours_left_s: float | None = None
) -> Iterator[Maintenance]:
    """
    The sessions while inside; `pg` is one that reads. Nothing stays set on the server.

    Raises CannotAskError for a pooler in transaction mode, a standby, and a login that leads to another server or database, and
    BrokenError when there is no connection.
    """
    how = pooling(endpoint, application)
    if how is Pooling.TRANSACTION:
        reason = (
            f"{endpoint.place} is a pooler in transaction mode: VACUUM needs a session of its own there, and so do its settings"
        )
        raise CannotAskError(
            reason, "let the maintenance login's connection reach the server itself, or a pooler in session mode"
        )
    with endpoint.connect(application) as worker, translate_errors():
        own = Postgres(worker)
        _refuse_standby(own, endpoint)
        pid = int(own.value("select pg_catalog.pg_backend_pid()"))
        _refuse_elsewhere(pg, own, pid, application[:63], endpoint)
        made = Maintenance(pg, own, hours_left_s, worker, pid)
        made._set({**pinned(0, lock_timeout_s), **_NOTICED})  # noqa: SLF001 - it is made here
        try:
            yield made
        finally:
            if how is Pooling.SESSION and not worker.closed:
                worker.execute("reset all")


def _refuse_standby(own: Postgres, endpoint: Endpoint) -> None:
    if own.in_recovery:
        reason = f"{endpoint.place} is a standby: nothing can be changed there, its primary is kept in shape"
        raise CannotAskError(reason, "let the maintenance login's connection lead to the primary")


def _refuse_elsewhere(pg: Postgres, own: Postgres, pid: int, application: str, endpoint: Endpoint) -> None:
    """Who waits is looked at through the other session: it must be on the same server."""
    if pg.database != own.database or not pg.value(_SEEN, [pid, application]):
        reason = f"the maintenance login leads to {endpoint.described}, which is not where the other session is"
        raise CannotAskError(reason, "let both connections lead to the same database of the same server")
