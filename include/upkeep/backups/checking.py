"""What stands where a restore is to go: nothing, an empty database, this backup's unfinished restore; all else is refused."""

from typing import TYPE_CHECKING, Any

from upkeep.backups import creating, emptiness, marks
from upkeep.backups.leftovers import foreign, sessions
from upkeep.backups.manifest import Manifest
from upkeep.backups.marks import Mark
from upkeep.backups.names import parts_of
from upkeep.backups.standing import Standing, standing

if TYPE_CHECKING:
    import psycopg

    from upkeep.backups.destination import Destination

ABSENT, EMPTY, MARKED = "absent", "empty", "marked"
_NEEDS_LOGICAL = "publication"
_NAMED = 5


def state(into: "Destination", manifest: Manifest) -> tuple[str, int]:
    """What stands there, and the server's major version. Changes nothing; raises BrokenError for all that is refused."""
    with into.admin() as admin:
        major = admin.info.server_version // 10000
        if major < manifest.server_version:
            into.refuse(f"is PostgreSQL {major}; the backup is of {manifest.server_version}", "choose a newer server")
        _check_offers(into, admin, manifest)
        found = standing(admin, into.database)
        if found is None:
            return ABSENT, major
        mark = _mark_of(into, admin, found, manifest)
    if mark is not None:
        _check_marked(into, manifest, found)
        return MARKED, major
    with into.session() as connection:
        _check_empty(into, connection, manifest)
    return EMPTY, major


def _check_marked(into: "Destination", manifest: Manifest, found: Standing) -> None:
    with into.as_owner() as admin:
        check_nobody(into, admin)
        _let_in(into, admin, found)
        with into.session() as connection:
            check_own(into, connection, manifest, strict=False)


def _mark_of(into: "Destination", admin: "psycopg.Connection[Any]", found: Standing, manifest: Manifest) -> Mark | None:
    """The mark of an unfinished restore of this backup; any other mark is refused."""
    if not marks.is_mark(found.comment):
        return None
    mark = marks.parse(found.comment)
    same = mark is not None and mark.backup_id == manifest.id
    off = into.statement_text(
        admin, "comment on database {} is {}", marks.own_comment(manifest.database.get("comment")) if same else None
    )
    if mark is None:
        into.refuse(f'carries the mark of a restore in an unknown form ("{found.comment}")', f"look into it, then: {off}")
    if mark.place != found.place:
        into.refuse(f'carries the mark of another database ("{found.comment}")', f"the comment was copied; take it off: {off}")
    if mark.whole:
        reason = f"is whole: backup {mark.backup_id} was restored and compared, but that was not registered"
        into.refuse(reason, f"keep it by taking the mark off: {off}; or name another database")
    if not same:
        drop = into.statement_text(admin, "drop database {}")
        into.refuse(f"holds an unfinished restore of {mark.backup_id}", f"restore that one, or drop it yourself: {drop}")
    return mark


def check_nobody(into: "Destination", admin: "psycopg.Connection[Any]") -> None:
    """Raises BrokenError when anybody else is in the database, which is marked."""
    _check_none(into, [text for _, text in sessions(admin, into.database, own=False)], admin)


def check_own(into: "Destination", connection: "psycopg.Connection[Any]", manifest: Manifest, *, strict: bool) -> None:
    """Raises BrokenError when anything stands in the marked database that a restore of this backup did not bring."""
    _check_none(into, list(foreign(connection, manifest, strict=strict)), connection)


def _check_none(into: "Destination", found: list[str], connection: "psycopg.Connection[Any]") -> None:
    if not found:
        return
    some = ", ".join(found[:_NAMED]) + (f" and {len(found) - _NAMED} more" if len(found) > _NAMED else "")
    off, drop = (
        into.statement_text(connection, "comment on database {} is null"),
        into.statement_text(connection, "drop database {}"),
    )
    remedy = f"nothing was changed: name another database, keep this one ({off}), or drop it yourself ({drop})"
    into.refuse(f"holds an unfinished restore and what that did not bring: {some}", remedy)


def _check_offers(into: "Destination", admin: "psycopg.Connection[Any]", manifest: Manifest) -> None:
    names = {parts_of(entry.key)[0] for entry in manifest.entries if entry.kind == "extension"}
    there = {row[0] for row in admin.execute("select name from pg_catalog.pg_available_extensions")}
    if names - there:
        into.refuse(f"lacks {', '.join(sorted(names - there))}", "install these extensions on the server first")
    lacking = creating.lacking(admin, manifest.database)
    if lacking:
        into.refuse(f"lacks {lacking}", "choose a server that has it")
    publishes = any(entry.kind == _NEEDS_LOGICAL for entry in manifest.entries)
    row = admin.execute("select pg_catalog.current_setting('wal_level')").fetchone()
    if publishes and row and row[0] != "logical":
        into.refuse("has not wal_level = logical, but the backup has publications", "set it, or restore to scratch")


def _check_empty(into: "Destination", connection: "psycopg.Connection[Any]", manifest: Manifest) -> None:
    row = connection.execute("select pg_catalog.current_setting('server_encoding')").fetchone()
    encoding, wanted = row[0] if row else "", manifest.database["encoding"]
    if encoding != wanted:
        into.refuse(f"has encoding {encoding}, the backup {wanted}", "name a database that is not there")
    found = emptiness.contents(connection)
    if found:
        into.refuse(f"is not empty: it has {', '.join(found)}", "name another database; nothing was changed")


def _let_in(into: "Destination", admin: "psycopg.Connection[Any]", found: Standing) -> None:
    """A restore that was killed while it looked whether it may drop the database has left it shut."""
    from psycopg.sql import SQL, Identifier

    if not found.allows:
        admin.execute(SQL("alter database {} allow_connections true").format(Identifier(into.database)))
