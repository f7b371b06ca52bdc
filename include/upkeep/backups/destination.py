"""The database that a backup is restored into: made like the original, marked until it is whole, refused when not empty."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from upkeep.backups.manifest import Manifest
from upkeep.backups.names import parts_of
from upkeep.errors import BrokenError
from upkeep.sources.postgres import Endpoint, translated

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composable

_PROVIDERS = {"c": "libc", "i": "icu", "b": "builtin"}
_PROVIDERS_SINCE, _BUILTIN_SINCE, _RULES_SINCE = 15, 17, 16
_NEEDS_LOGICAL = "publication"
# Settings whose value is a list of names, as PostgreSQL's GUC_LIST_QUOTE has them.
_LISTS = {
    "search_path", "temp_tablespaces", "session_preload_libraries", "shared_preload_libraries", "local_preload_libraries",
    "unix_socket_directories",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Destination:
    """One database of one server. `server` reaches any database of it that we may connect to."""

    server: Endpoint
    database: str

    @property
    def endpoint(self) -> Endpoint:
        """How to log in to the database itself."""
        return replace(self.server, database=self.database)

    @contextmanager
    def admin(self) -> "Iterator[psycopg.Connection[Any]]":
        """A session in another database of the server."""
        other = self.server.database if self.server.database not in {None, self.database} else "postgres"
        with translated(), replace(self.server, database=other).connect("upkeep restore") as connection:
            yield connection

    @contextmanager
    def session(self) -> "Iterator[psycopg.Connection[Any]]":
        """A session in the database."""
        with translated(), self.endpoint.connect("upkeep restore") as connection:
            yield connection

    def check(self, manifest: Manifest) -> tuple[int, bool]:
        """
        The server's major version, and whether the database is there already (then it is empty).

        Drops only what an unfinished restore left. Raises BrokenError when the server is too old, lacks an extension, or the
        database is not empty or of another encoding.
        """
        state, major = self._state(manifest)
        if state == "marked":
            self._drop()
        return major, state == "empty"

    def _state(self, manifest: Manifest) -> tuple[str, int]:
        with self.admin() as admin:
            major = admin.info.server_version // 10000
            if major < manifest.server_version:
                self._refuse(f"is PostgreSQL {major}; the backup is of {manifest.server_version}", "choose a newer server")
            self._check_offers(admin, manifest)
            comment = _one(admin, _COMMENT, [self.database])
        if comment is None:
            return "absent", major
        if _MARKED.fullmatch(comment):
            return "marked", major
        with self.session() as connection:
            self._check_empty(connection, manifest)
        return "empty", major

    def look(self, manifest: Manifest) -> str:
        """What a restore would do to the database, in words. Changes nothing; raises as `check` does."""
        state, major = self._state(manifest)
        text = {
            "absent": "the database does not exist and is created",
            "marked": "a restore that was not finished is there: it is dropped and made again",
            "empty": "the database exists, is empty, and is filled",
        }[state]
        return f"PostgreSQL {major}; {text}"

    def create(self, manifest: Manifest, major: int) -> None:
        """Create the database like the original, with the mark of an unfinished restore. Raises BrokenError."""
        import psycopg
        from psycopg.sql import SQL, Identifier

        options = self._options(manifest.database, major)
        statement = SQL("create database {} template template0 {}").format(Identifier(self.database), SQL(" ").join(options))
        with self.admin() as admin:
            try:
                admin.execute(statement)
            except psycopg.Error as error:
                said = " ".join(str(error).split())
                raise BrokenError(
                    f"{self.database} could not be created: {said}", "see its locale and rights", retry=False
                ) from error
            self.mark(admin, manifest.id)

    def mark(self, connection: "psycopg.Connection[Any]", backup_id: str) -> None:
        """Say on the database that a restore is not finished."""
        self._comment(connection, marked(backup_id))

    def prepare(self, manifest: Manifest) -> None:
        """Remove what every new database has but the original had not."""
        have = {(entry.kind, entry.key) for entry in manifest.entries}
        with self.session() as connection:
            if ("schema", "public") not in have:
                connection.execute("drop schema if exists public")
            if ("extension", "plpgsql") not in have:
                connection.execute("drop extension if exists plpgsql")

    def finish(self, manifest: Manifest, mapped: Mapping[str, str], *, no_owner: bool) -> None:
        """Give the database the owner, grants, settings and limit of the original."""
        with self.admin() as admin:
            for statement in self._finishing(manifest, mapped, no_owner=no_owner):
                admin.execute(statement.as_bytes(admin))

    def unmark(self, manifest: Manifest) -> None:
        """Replace the mark by the original's comment."""
        with self.admin() as admin:
            self._comment(admin, manifest.database.get("comment"))

    def _check_offers(self, admin: "psycopg.Connection[Any]", manifest: Manifest) -> None:
        names = {parts_of(entry.key)[0] for entry in manifest.entries if entry.kind == "extension"}
        there = {row[0] for row in admin.execute("select name from pg_catalog.pg_available_extensions")}
        if names - there:
            self._refuse(f"lacks {', '.join(sorted(names - there))}", "install these extensions on the server first")
        publishes = any(entry.kind == _NEEDS_LOGICAL for entry in manifest.entries)
        if publishes and _one(admin, "select pg_catalog.current_setting('wal_level')", []) != "logical":
            self._refuse("has not wal_level = logical, but the backup has publications", "set it, or restore to scratch")

    def _check_empty(self, connection: "psycopg.Connection[Any]", manifest: Manifest) -> None:
        encoding = _one(connection, "select pg_catalog.current_setting('server_encoding')", [])
        if encoding != manifest.database["encoding"]:
            self._refuse(
                f"has encoding {encoding}, the backup {manifest.database['encoding']}", "name a database that is not there"
            )
        sql = (files("upkeep.backups") / "not_empty.sql").read_text(encoding="utf-8")
        found = [str(row[0]) for row in connection.execute(sql.encode())]
        if found:
            self._refuse(f"is not empty: it has {', '.join(found)}", "name another database; nothing was changed")

    def _refuse(self, reason: str, remedy: str) -> None:
        raise BrokenError(f"{self.server.host}:{self.server.port}/{self.database} {reason}", remedy, retry=False)

    def _drop(self) -> None:
        from psycopg.sql import SQL, Identifier

        with self.admin() as admin:
            admin.execute(SQL("drop database {} with (force)").format(Identifier(self.database)))

    def _options(self, facts: Mapping[str, Any], major: int) -> "list[Composable]":
        from psycopg.sql import SQL, Literal

        provider = facts["locale_provider"]
        options = {"encoding": facts["encoding"], "lc_collate": facts["collate"], "lc_ctype": facts["ctype"]}
        if major >= _PROVIDERS_SINCE:
            options["locale_provider"] = _PROVIDERS[provider]
        if provider == "i":
            options["icu_locale"] = facts["locale"]
        if provider == "b":
            options["builtin_locale"] = facts["locale"]
        if facts.get("icu_rules") and major >= _RULES_SINCE:
            options["icu_rules"] = facts["icu_rules"]
        return [SQL("{} {}").format(SQL(name), Literal(value)) for name, value in options.items() if value]

    def _finishing(self, manifest: Manifest, mapped: Mapping[str, str], *, no_owner: bool) -> "Iterator[Composable]":
        from psycopg.sql import SQL, Identifier, Literal

        database, facts = Identifier(self.database), manifest.database
        yield SQL("alter database {} connection limit {}").format(database, Literal(facts["connection_limit"]))
        for role, settings in facts["settings"].items():
            for setting in settings or []:
                name, _, value = setting.partition("=")
                to_role = SQL("alter role {} in database {}").format(Identifier(mapped.get(role, role)), database)
                whom = to_role if role else SQL("alter database {}").format(database)
                yield whom + SQL(" set {} to ").format(Identifier(*name.split("."))) + _value(name, value)
        grants = next((entry for entry in manifest.entries if entry.kind == "database"), None)
        if no_owner or grants is None:
            return
        owner = mapped.get(facts["owner"], facts["owner"])
        yield SQL("alter database {} owner to {}").format(database, Identifier(owner))
        yield SQL("revoke all on database {} from public").format(database)
        for line in grants.grants:
            yield _grant(line, database, owner, mapped)

    def _comment(self, connection: "psycopg.Connection[Any]", text: str | None) -> None:
        from psycopg.sql import SQL, Identifier, Literal

        connection.execute(SQL("comment on database {} is {}").format(Identifier(self.database), Literal(text)))


def marked(backup_id: str) -> str:
    """The comment of a database whose restore is not finished; only such a one is ever dropped."""
    return f"upkeep: restore of {backup_id} not finished"


_MARKED = re.compile(r"upkeep: restore of \d{8}T\d{6}Z-[0-9a-f]{6} not finished")
_COMMENT = """
    select coalesce(pg_catalog.shobj_description(d.oid, 'pg_database'), '') from pg_catalog.pg_database as d where d.datname = %s
"""


def _grant(line: str, database: "Composable", owner: str, mapped: Mapping[str, str]) -> "Composable":
    from psycopg.sql import SQL, Identifier

    role, sign, privilege = line.rpartition("=")
    words = SQL(privilege.strip("!*"))
    if not sign:
        return SQL("revoke {} on database {} from {}").format(words, database, Identifier(owner))
    whom = Identifier(mapped.get(role, role)) if role else SQL("public")
    option = SQL(" with grant option" if privilege.endswith("*") else "")
    return SQL("grant {} on database {} to {}{}").format(words, database, whom, option)


def _value(name: str, value: str) -> "Composable":
    from psycopg.sql import SQL, Literal

    if name.lower() not in _LISTS:
        return Literal(value)
    names = [quoted.replace('""', '"') or bare.strip() for quoted, bare in re.findall(r'"((?:[^"]|"")*)"|([^",\s]+)', value)]
    return SQL(", ").join(map(Literal, names or [""]))


def _one(connection: "psycopg.Connection[Any]", sql: str, parameters: Sequence[Any]) -> Any:
    row = connection.execute(sql.encode(), parameters).fetchone()
    return row[0] if row else None
