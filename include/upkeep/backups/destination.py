"""The database that a backup is restored into: made like the original, marked until it is whole, refused when not empty."""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn

from upkeep.backups import checking, creating, finishing, marks
from upkeep.backups.beyond import beyond, check_extensions
from upkeep.backups.leftovers import APPLICATION
from upkeep.backups.lent_roles import lent
from upkeep.backups.lent_schemas import lend_schemas, take_back_schemas
from upkeep.backups.manifest import Manifest
from upkeep.backups.marks import Mark
from upkeep.backups.neutral import neutral
from upkeep.backups.standing import Standing, standing
from upkeep.backups.starting_again import start_again
from upkeep.errors import BrokenError
from upkeep.sources.keepalives import Flow
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors

if TYPE_CHECKING:
    import psycopg

_CLAIM = "select pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended('upkeep restore into ' || %s, 0))"
_PUBLIC_IS_MISSING = "select pg_catalog.to_regnamespace('public') is null"


@dataclass(frozen=True, slots=True)
class Destination:
    """
    One database of one server. `server` reaches any database of it that we may connect to.

    `attempt` tells this restore from any other one; it stands in the mark and in the names of its sessions.
    """

    server: Endpoint
    database: str
    attempt: str = field(default_factory=lambda: secrets.token_hex(6), compare=False)

    @property
    def endpoint(self) -> Endpoint:
        """How to log in to the database itself."""
        return replace(self.server, database=self.database)

    @property
    def application(self) -> str:
        """How every session of this restore is known on the server."""
        return f"{APPLICATION} {self.attempt}"

    @contextmanager
    def admin(self) -> "Iterator[psycopg.Connection[Any]]":
        """A session in another database of the server."""
        with translate_errors(), self._other().connect(self.application) as connection:
            neutral(connection)
            yield connection

    @contextmanager
    def session(self) -> "Iterator[psycopg.Connection[Any]]":
        """A session in the database."""
        with translate_errors(), self.endpoint.connect(self.application, flow=Flow.IN) as connection:
            neutral(connection)
            yield connection

    @contextmanager
    def acting_as(self, roles: Iterable[str]) -> Iterator[tuple[str, ...]]:
        """Let the login act as these roles until the end of the restore; yields those that it may not act as."""
        with self.admin() as admin, lent(admin, self.attempt, roles, f"{APPLICATION} ") as refused:
            yield refused

    @contextmanager
    def as_owner(self) -> "Iterator[psycopg.Connection[Any]]":
        """A session in another database that may do what the database's owner may, who may be another role by now."""
        own = replace(self, attempt=secrets.token_hex(6))  # what the restore itself was lent stays
        with own.admin() as admin:
            found = standing(admin, self.database)
            with lent(admin, own.attempt, [found.owner] if found else [], f"{APPLICATION} "):
                yield admin

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Keep every other restore out of this database, whoever runs it. Raises BrokenError when one is at work."""
        with self.admin() as admin:
            row = admin.execute(_CLAIM, [self.database]).fetchone()
            if not (row and row[0]):
                self.refuse("is being restored into by another process", "wait for it; nothing was changed")
            yield

    def check(self, manifest: Manifest) -> tuple[int, bool]:
        """
        The server's major version, and whether the database is there already (then it is empty).

        Drops only what an unfinished restore of this backup left, when nothing else stands in it. Raises BrokenError when the
        server is too old or lacks something, or the database is not empty, somebody's, or of another encoding.
        """
        found, major = checking.state(self, manifest)
        if found == checking.MARKED:
            found = checking.EMPTY if start_again(self, manifest) else checking.ABSENT
        return major, found == checking.EMPTY

    def is_whole(self, manifest: Manifest) -> bool:
        """Whether this very database is a whole copy of this backup that was proven, but whose row could not be written."""
        with self.admin() as admin:
            found = standing(admin, self.database)
        mark = marks.parse(found.comment) if found else None
        return bool(found and mark and mark.whole and (mark.backup_id, mark.place) == (manifest.id, found.place))

    def look(self, manifest: Manifest) -> str:
        """What a restore would do to the database, in words. Changes nothing; raises as `check` does."""
        found, major = checking.state(self, manifest)
        text = {
            checking.ABSENT: "the database does not exist and is created",
            checking.MARKED: "a restore that was not finished is there: it is dropped and made again",
            checking.EMPTY: "the database exists, is empty, and is filled",
        }[found]
        return f"PostgreSQL {major}; {text}"

    def beyond(self, manifest: Manifest) -> tuple[str, ...]:
        """What of the backup an ordinary server lets only superusers make; nothing for a superuser."""
        with self.admin() as admin:
            return beyond(admin, manifest)

    def create(self, manifest: Manifest, major: int) -> None:
        """Create the database like the original, with the mark of an unfinished restore. Raises BrokenError."""
        import psycopg

        assert major  # noqa: S101 - the session says it too
        with self.admin() as admin:
            try:
                admin.execute(creating.statement(admin, self.database, manifest.database))
            except psycopg.Error as error:
                remedy = "give the server this locale, or make an empty database with one of its own and restore into that"
                self.refuse(f"could not be created: {' '.join(str(error).split())}", remedy, error)
            self._put(admin, Mark(manifest.id, self.attempt, self._standing(admin).place))

    def mark(self, connection: "psycopg.Connection[Any]", backup_id: str) -> None:
        """Say on an empty database that a restore is not finished, and let nobody in by accident until it is."""
        found = self._standing(connection)
        self._put(connection, Mark(backup_id, self.attempt, found.place, marks.EMPTY if found.open else marks.CLOSED))

    def mark_whole(self, manifest: Manifest) -> None:
        """Say that the copy was compared and is whole: from now on no restore drops it."""
        with self.as_owner() as admin:
            found = self._standing(admin)
            mark = marks.parse(found.comment) or Mark(manifest.id, self.attempt, found.place)
            self._comment(admin, mark.as_whole().text)

    def prepare(self, manifest: Manifest) -> None:
        """
        Remove what every new database has but the original had not, and make what the original had.

        Raises BrokenError when this login may not create an extension of the backup.
        """
        import psycopg
        from psycopg.sql import SQL

        have = {(entry.kind, entry.key) for entry in manifest.entries}
        with self.session() as connection:
            row = connection.execute(_PUBLIC_IS_MISSING).fetchone()
            if ("schema", "public") not in have:
                connection.execute("drop schema if exists public")
            elif row and row[0]:
                _make_public(connection)
            if ("extension", "plpgsql") not in have:
                try:
                    connection.execute(SQL("drop extension if exists plpgsql"))
                except psycopg.errors.InsufficientPrivilege:  # it stays, and the comparison says so
                    connection.execute("rollback")
            check_extensions(connection, manifest, self.refuse)
            lend_schemas(connection, self.attempt, {entry.owner for entry in manifest.entries})

    def finish(self, manifest: Manifest, mapped: Mapping[str, str], *, no_owner: bool) -> tuple[str, ...]:
        """Give the database the owner, grants and settings of the original; what could not be given comes back in words."""
        with self.session() as connection:
            take_back_schemas(connection, self.attempt)
        with self.admin() as admin:
            mark = marks.parse(self._standing(admin).comment)
            open_again = no_owner and (mark is None or mark.was != marks.CLOSED)
            return finishing.finish(admin, self.database, manifest, mapped, no_owner=no_owner, open_again=open_again)

    def unmark(self, manifest: Manifest) -> None:
        """Last of all: replace the mark by the original's comment, and give the database its limit and flags."""
        with self.as_owner() as admin:
            finishing.give_last(admin, self.database, manifest.database)

    def refuse(self, reason: str, remedy: str, cause: Exception | None = None) -> NoReturn:
        """End the restore with what is wrong about this database."""
        raise BrokenError(f"{self.server.place}/{self.database} {reason}", remedy, retry=False) from cause

    def _other(self) -> Endpoint:
        """Another database of the server; the usual ones stand in for the one that is restored into."""
        names = [name for name in (self.server.database, "postgres", "template1") if name not in {None, self.database}]
        return replace(self.server, database=names[0])

    def _standing(self, connection: "psycopg.Connection[Any]") -> Standing:
        found = standing(connection, self.database)
        if found is None:
            self.refuse("is not there any more", "somebody dropped it: restore again")
        return found

    def _put(self, connection: "psycopg.Connection[Any]", mark: Mark) -> None:
        from psycopg.sql import SQL, Identifier

        with connection.transaction():
            self._comment(connection, mark.text)
            connection.execute(SQL("revoke connect on database {} from public").format(Identifier(self.database)))

    def _comment(self, connection: "psycopg.Connection[Any]", text: str | None) -> None:
        from psycopg.sql import SQL, Identifier, Literal

        connection.execute(SQL("comment on database {} is {}").format(Identifier(self.database), Literal(text)))

    def statement_text(self, connection: "psycopg.Connection[Any]", statement: str, *values: str | None) -> str:
        """A statement about this database for people to run."""
        from psycopg.sql import SQL, Identifier, Literal

        return SQL(statement).format(Identifier(self.database), *map(Literal, values)).as_string(connection)


def _make_public(connection: "psycopg.Connection[Any]") -> None:
    """The schema as template0 has it, since a dump does not create it; what differs in the original comes with the dump."""
    with connection.transaction():
        connection.execute("create schema public authorization pg_database_owner")
        connection.execute("grant usage on schema public to public")
        connection.execute("comment on schema public is 'standard public schema'")
