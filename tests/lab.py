"""A scratch PostgreSQL server for tests: plant something, ask a check, look at the answer."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from psycopg.sql import SQL, Identifier, Literal

from upkeep.answer import Answer, Json, Metric
from upkeep.duty import Duty, History
from upkeep.given.asked import Asked
from upkeep.runner import ask
from upkeep.sources.connections import Connections, OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer
from upkeep.store.answers import Provenance
from upkeep.store.migrate import migrate
from upkeep.targets.database import Database
from upkeep.targets.target import Target
from upkeep.window import Window

if TYPE_CHECKING:
    import psycopg


@dataclass
class Past:
    """A history given by hand, for units."""

    remembered: Json | None = None
    measured: list[Metric] = field(default_factory=list)

    def state(self) -> Json | None:
        """What the earlier answer remembered."""
        return self.remembered

    def metrics(self, name: str, days: int) -> list[Metric]:
        """Earlier values of this name."""
        return [m for m in self.measured if m.name == name and days]


NOW = datetime(2026, 11, 8, 1, 0, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def asking(duty: Duty, target: Target, connections: Connections, **more: Any) -> Asked:
    """A question about the newest window of its cadence, by nobody."""
    usual: dict[str, Any] = {"window": duty.cadence.last_full(NOW, UTC_ZONE), "provenance": Provenance("", "", "", -1, 1, NOW, 0)}
    return Asked(duty=duty, target=target, connections=connections, **(usual | more))


@dataclass
class Lab:
    """One fresh database on a scratch server. Sessions opened through it end with the test."""

    server: ScratchServer
    database: str
    stack: ExitStack

    @property
    def endpoint(self) -> Endpoint:
        """How to log in as superuser."""
        return self.server.endpoint(self.database)

    def login(self, user: str) -> Endpoint:
        """How another role logs in."""
        return login(self.server, user, self.database)

    def session(self, **more: Any) -> "psycopg.Connection[Any]":
        """A session that stays open until the test ends; `user="…"` for another role, `autocommit=False` for transactions."""
        endpoint = self.login(more.pop("user", "postgres"))
        return self.stack.enter_context(endpoint.connect(more.pop("application", "test"), **more))

    def run(self, sql: str) -> None:
        """Run statements, each on its own outside a transaction when there is one statement."""
        with self.endpoint.connect("plant") as connection:
            connection.execute(sql.encode())

    def value(self, sql: str) -> Any:
        """First column of the first row."""
        with self.endpoint.connect("look") as connection:
            row = connection.execute(sql.encode()).fetchone()
        return row[0] if row else None

    def ask(
        self,
        duty: Duty,
        *,
        user: str = "postgres",
        window: Window | None = None,
        history: History | None = None,
        target: Json | None = None,
        **thresholds: float | str | bool,
    ) -> Answer:
        """Ask this database; `target` gives inventory fields, other keywords override thresholds."""
        fields = {"name": "lab", "owner": "tester", "connection": "lab", "thresholds": {duty.name: thresholds}, **(target or {})}
        endpoint = self.login(user)
        asked = asking(duty, Database(**fields), OneDatabase(endpoint), window=window or duty.cadence.last_full(NOW, UTC_ZONE))
        return ask(asked, {History: history or Past()})


def needs_version(lab: Lab, major: int, what: str) -> None:
    """Skip a test of what older servers do not have: there it is neither caught nor missed."""
    if (lab.server.major or major) < major:
        pytest.skip(f"PostgreSQL {lab.server.major} has no {what}")


def login(server: ScratchServer, user: str, database: str) -> Endpoint:
    """How a role logs in: whichever it is, it is given the superuser's password first."""
    endpoint = server.endpoint(database, user)
    if user != server.superuser:
        with server.endpoint().connect("lab") as admin:
            args = [admin.pgconn.encrypt_password(str(endpoint.password).encode(), user.encode(), b"scram-sha-256").decode()]
            admin.execute(SQL("alter role {} password {}").format(Identifier(user), *map(Literal, args)))
    return endpoint


def drop_roles(server: ScratchServer, keep: set[str]) -> None:
    """Drop every role that PostgreSQL did not bring. One that still owns or may something fails: drop its database first."""
    with server.endpoint().connect("drop roles") as admin:
        for (role,) in admin.execute("select rolname from pg_roles where oid >= 16384").fetchall():
            if role not in keep:
                admin.execute(SQL("drop role {}").format(Identifier(role)))


@contextmanager
def fresh_database(server: ScratchServer, name: str, *, like: str = "template1") -> Iterator[Lab]:
    """A new database, a copy of another one, that is dropped at the end, whatever still uses it."""
    with server.endpoint().connect("lab") as admin, ExitStack() as stack:
        admin.execute(SQL("drop database if exists {} with (force)").format(Identifier(name)))
        # Copying files takes half the work of writing every page to the log.
        how = SQL(" strategy file_copy" if admin.info.server_version >= 150000 else "")
        admin.execute(SQL("create database {} template {}{}").format(Identifier(name), Identifier(like), how))
        try:
            yield Lab(server, name, stack)
        finally:
            stack.close()
            admin.execute(SQL("drop database if exists {} with (force)").format(Identifier(name)))


@contextmanager
def fresh_reports(server: ScratchServer, name: str) -> Iterator[Lab]:
    """A new report database: a copy of one that is migrated once, and so in a moment."""
    with fresh_database(server, name, like=_migrated(server)) as made:
        # What a role has in a database is not copied with it.
        made.run("select upkeep.admit_reader()")
        yield made


def _migrated(server: ScratchServer) -> str:
    """The report database that others are copied from; made whole before it gets its name."""
    name, making = "reports_template", "reports_in_the_making"
    with server.endpoint().connect("lab") as admin:
        if admin.execute("select from pg_database where datname = %s", [name]).fetchone() is None:
            admin.execute(SQL("drop database if exists {} with (force)").format(Identifier(making)))
            admin.execute(SQL("create database {}").format(Identifier(making)))
            migrate(server.endpoint(making))
            admin.execute(SQL("alter database {} with is_template true allow_connections false").format(Identifier(making)))
            admin.execute(SQL("alter database {} rename to {}").format(Identifier(making), Identifier(name)))
    return name


def rules(answer: Answer) -> list[tuple[str, str]]:
    """(rule, object) of every finding, for short assertions."""
    return [(f.rule, f.object) for f in answer.findings]
