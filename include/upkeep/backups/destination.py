"""The database that a backup is restored into: made like the original, marked until it is whole, refused when not empty."""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn

from upkeep.backups import creating, emptiness, finishing, marks
from upkeep.backups.beyond import beyond, check_extensions
from upkeep.backups.leftovers import APPLICATION, foreign, sessions
from upkeep.backups.lent_roles import lent
from upkeep.backups.lent_schemas import lend_schemas, take_back_schemas
from upkeep.backups.manifest import Manifest
from upkeep.backups.marks import Mark
from upkeep.backups.names import parts_of
from upkeep.backups.neutral import neutral
from upkeep.backups.standing import Standing, standing
from upkeep.backups.starting_again import start_again
from upkeep.errors import BrokenError
from upkeep.sources.postgres import Endpoint, translated

if TYPE_CHECKING:
    import psycopg

_NEEDS_LOGICAL = "publication"
_NAMED = 5
_ABSENT, _EMPTY, _MARKED = "absent", "empty", "marked"
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
        with translated(), self._other().connect(self.application) as connection:
            neutral(connection)
            yield connection

    @contextmanager
    def session(self) -> "Iterator[psycopg.Connection[Any]]":
        """A session in the database."""
        with translated(), self.endpoint.connect(self.application, streams=True) as connection:
            neutral(connection)
            yield connection

    @contextmanager
    def acting_as(self, roles: Iterable[str]) -> Iterator[tuple[str, ...]]:
        """Let the login act as these roles until the end of the restore; yields those that it may not act as."""
        with self.admin() as admin, lent(admin, self.attempt, roles, f"{APPLICATION} ") as refused:
            yield refused

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Keep every other restore out of this database, whoever runs it. Raises BrokenError when one is at work."""
        with self.admin() as admin:
            row = admin.execute(_CLAIM, [self.database]).fetchone()
            if not (row and row[0]):
                self._refuse("is being restored into by another process", "wait for it; nothing was changed")
            yield

    def check(self, manifest: Manifest) -> tuple[int, bool]:
        """
        The server's major version, and whether the database is there already (then it is empty).

        Drops only what an unfinished restore of this backup left, when nothing else stands in it. Raises BrokenError when the
        server is too old or lacks something, or the database is not empty, somebody's, or of another encoding.
        """
        state, major = self._state(manifest)
        if state == _MARKED:
            state = _EMPTY if start_again(self, manifest) else _ABSENT
        return major, state == _EMPTY

    def look(self, manifest: Manifest) -> str:
        """What a restore would do to the database, in words. Changes nothing; raises as `check` does."""
        state, major = self._state(manifest)
        text = {
            _ABSENT: "the database does not exist and is created",
            _MARKED: "a restore that was not finished is there: it is dropped and made again",
            _EMPTY: "the database exists, is empty, and is filled",
        }[state]
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
                self._refuse(f"could not be created: {' '.join(str(error).split())}", remedy, error)
            self._put(admin, Mark(manifest.id, self.attempt, self._standing(admin).place))

    def mark(self, connection: "psycopg.Connection[Any]", backup_id: str) -> None:
        """Say on an empty database that a restore is not finished, and let nobody in by accident until it is."""
        found = self._standing(connection)
        self._put(connection, Mark(backup_id, self.attempt, found.place, marks.EMPTY if found.open else marks.CLOSED))

    def mark_whole(self, manifest: Manifest) -> None:
        """Say that the copy was compared and is whole: from now on no restore drops it."""
        with self.admin() as admin:
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
            check_extensions(connection, manifest, self._refuse)
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
        with self.admin() as admin:
            finishing.give_last(admin, self.database, manifest.database)

    def _state(self, manifest: Manifest) -> tuple[str, int]:
        with self.admin() as admin:
            major = admin.info.server_version // 10000
            if major < manifest.server_version:
                self._refuse(f"is PostgreSQL {major}; the backup is of {manifest.server_version}", "choose a newer server")
            self._check_offers(admin, manifest)
            found = standing(admin, self.database)
            if found is None:
                return _ABSENT, major
            mark = self._mark_of(admin, found, manifest)
            if mark is not None:
                self.check_nobody(admin)
                self._let_in(admin, found)
        with self.session() as connection:
            if mark is None:
                self._check_empty(connection, manifest)
            else:
                self.check_own(connection, manifest, strict=False)
        return _EMPTY if mark is None else _MARKED, major

    def _mark_of(self, admin: "psycopg.Connection[Any]", found: Standing, manifest: Manifest) -> Mark | None:
        """The mark of an unfinished restore of this backup; any other mark is refused."""
        if not marks.is_mark(found.comment):
            return None
        mark = marks.parse(found.comment)
        same = mark is not None and mark.backup_id == manifest.id
        off = self._words(admin, "comment on database {} is {}", manifest.database.get("comment") if same else None)
        if mark is None:
            self._refuse(f'carries the mark of a restore in an unknown form ("{found.comment}")', f"look into it, then: {off}")
        if mark.place != found.place:
            self._refuse(
                f'carries the mark of another database ("{found.comment}")', f"the comment was copied; take it off: {off}"
            )
        if mark.whole:
            reason = f"is whole: backup {mark.backup_id} was restored and compared, but that was not registered"
            self._refuse(reason, f"keep it by taking the mark off: {off}; or name another database")
        if not same:
            drop = self._words(admin, "drop database {}")
            self._refuse(f"holds an unfinished restore of {mark.backup_id}", f"restore that one, or drop it yourself: {drop}")
        return mark

    def check_nobody(self, admin: "psycopg.Connection[Any]") -> None:
        """Raises BrokenError when anybody else is in the database, which is marked."""
        self._check_none([words for _, words in sessions(admin, self.database, own=False)], admin)

    def check_own(self, connection: "psycopg.Connection[Any]", manifest: Manifest, *, strict: bool) -> None:
        """Raises BrokenError when anything stands in the marked database that a restore of this backup did not bring."""
        self._check_none(list(foreign(connection, manifest, strict=strict)), connection)

    def _check_none(self, found: list[str], connection: "psycopg.Connection[Any]") -> None:
        if not found:
            return
        some = ", ".join(found[:_NAMED]) + (f" and {len(found) - _NAMED} more" if len(found) > _NAMED else "")
        off, drop = self._words(connection, "comment on database {} is null"), self._words(connection, "drop database {}")
        remedy = f"nothing was changed: name another database, keep this one ({off}), or drop it yourself ({drop})"
        self._refuse(f"holds an unfinished restore and what that did not bring: {some}", remedy)

    def _check_offers(self, admin: "psycopg.Connection[Any]", manifest: Manifest) -> None:
        names = {parts_of(entry.key)[0] for entry in manifest.entries if entry.kind == "extension"}
        there = {row[0] for row in admin.execute("select name from pg_catalog.pg_available_extensions")}
        if names - there:
            self._refuse(f"lacks {', '.join(sorted(names - there))}", "install these extensions on the server first")
        lacking = creating.lacking(admin, manifest.database)
        if lacking:
            self._refuse(f"lacks {lacking}", "choose a server that has it")
        publishes = any(entry.kind == _NEEDS_LOGICAL for entry in manifest.entries)
        row = admin.execute("select pg_catalog.current_setting('wal_level')").fetchone()
        if publishes and row and row[0] != "logical":
            self._refuse("has not wal_level = logical, but the backup has publications", "set it, or restore to scratch")

    def _check_empty(self, connection: "psycopg.Connection[Any]", manifest: Manifest) -> None:
        row = connection.execute("select pg_catalog.current_setting('server_encoding')").fetchone()
        encoding, wanted = row[0] if row else "", manifest.database["encoding"]
        if encoding != wanted:
            self._refuse(f"has encoding {encoding}, the backup {wanted}", "name a database that is not there")
        found = emptiness.contents(connection)
        if found:
            self._refuse(f"is not empty: it has {', '.join(found)}", "name another database; nothing was changed")

    def _refuse(self, reason: str, remedy: str, cause: Exception | None = None) -> NoReturn:
        raise BrokenError(f"{self.server.host}:{self.server.port}/{self.database} {reason}", remedy, retry=False) from cause

    def _other(self) -> Endpoint:
        """Another database of the server; the usual ones stand in for the one that is restored into."""
        names = [name for name in (self.server.database, "postgres", "template1") if name not in {None, self.database}]
        return replace(self.server, database=names[0])

    def _standing(self, connection: "psycopg.Connection[Any]") -> Standing:
        found = standing(connection, self.database)
        if found is None:
            self._refuse("is not there any more", "somebody dropped it: restore again")
        return found

    def _let_in(self, admin: "psycopg.Connection[Any]", found: Standing) -> None:
        """A restore that was killed while it looked whether it may drop the database has left it shut."""
        from psycopg.sql import SQL, Identifier

        if not found.allows:
            admin.execute(SQL("alter database {} allow_connections true").format(Identifier(self.database)))

    def _put(self, connection: "psycopg.Connection[Any]", mark: Mark) -> None:
        from psycopg.sql import SQL, Identifier

        with connection.transaction():
            self._comment(connection, mark.text)
            connection.execute(SQL("revoke connect on database {} from public").format(Identifier(self.database)))

    def _comment(self, connection: "psycopg.Connection[Any]", text: str | None) -> None:
        from psycopg.sql import SQL, Identifier, Literal

        connection.execute(SQL("comment on database {} is {}").format(Identifier(self.database), Literal(text)))

    def _words(self, connection: "psycopg.Connection[Any]", statement: str, *values: str | None) -> str:
        from psycopg.sql import SQL, Identifier, Literal

        return SQL(statement).format(Identifier(self.database), *map(Literal, values)).as_string(connection)


def _make_public(connection: "psycopg.Connection[Any]") -> None:
    """The schema as template0 has it, since a dump does not create it; what differs in the original comes with the dump."""
    with connection.transaction():
        connection.execute("create schema public authorization pg_database_owner")
        connection.execute("grant usage on schema public to public")
        connection.execute("comment on schema public is 'standard public schema'")
