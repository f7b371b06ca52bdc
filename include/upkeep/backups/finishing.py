"""What a restored database gets at the end: owner, grants and settings; limit, flags and comment last of all."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from upkeep.backups import marks, stored_settings
from upkeep.backups.manifest import Manifest

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composable, Composed

_HOLDERS = """
    select distinct pg_catalog.pg_get_userbyid(a.grantee)::pg_catalog.text
    from pg_catalog.pg_database as d
    cross join lateral pg_catalog.aclexplode(d.datacl) as a
    where d.datname = %s and a.grantee not in (0, d.datdba)
"""
_HELD = """
    select distinct pg_catalog.pg_get_userbyid(a.grantee)::pg_catalog.text, a.privilege_type, a.is_grantable
    from pg_catalog.pg_database as d
    cross join lateral pg_catalog.aclexplode(d.datacl) as a
    where d.datname = %s and a.grantee not in (0, d.datdba)
"""
_IS_SUPERUSER = "select r.rolsuper from pg_catalog.pg_roles as r where r.rolname = current_user"


def finish(
    admin: "psycopg.Connection[Any]",
    database: str,
    manifest: Manifest,
    mapped: Mapping[str, str],
    *,
    no_owner: bool,
    open_again: bool,
) -> tuple[str, ...]:
    """
    Settings, owner and grants; what could not be given comes back in words.

    With `no_owner` the database keeps its own, and with `open_again` everybody may connect as before.
    """
    import psycopg
    from psycopg.sql import SQL, Identifier

    failed = give_settings(admin, database, manifest.database, mapped)
    if is_superuser(admin):  # others might not get in any more to compare; they give it last
        give_limit(admin, database, manifest.database)
    if open_again:
        admin.execute(SQL("grant connect on database {} to public").format(Identifier(database)))
    if not no_owner:
        try:
            give_rights(admin, database, manifest, mapped)
        except psycopg.Error as error:
            failed.append(f"owner and grants of the database could not be given: {_first(error)}")
    return tuple(failed)


def give_settings(
    admin: "psycopg.Connection[Any]", database: str, facts: Mapping[str, Any], mapped: Mapping[str, str]
) -> list[str]:
    """Store the settings of the database and of roles in it; those that could not be stored come back in words."""
    import psycopg

    failed = []
    for role, settings in facts["settings"].items():
        for setting in settings or []:
            try:
                stored_settings.put(admin, setting, database=database, role=mapped.get(role, role))
            except psycopg.Error as error:
                whose = f" of {role} in the database" if role else " of the database"
                failed.append(f"setting {setting}{whose} could not be given: {_first(error)}")
    return failed


def give_rights(admin: "psycopg.Connection[Any]", database: str, manifest: Manifest, mapped: Mapping[str, str]) -> None:
    """Give the database its owner, and exactly the grants of the original."""
    from psycopg.sql import SQL, Identifier

    entry = next((entry for entry in manifest.entries if entry.kind == "database"), None)
    if entry is None:
        return
    name, owner = Identifier(database), mapped.get(manifest.database["owner"], manifest.database["owner"])
    with admin.transaction():
        admin.execute(SQL("alter database {} owner to {}").format(name, Identifier(owner)))
        for statement in grants(admin, database, owner, entry.grants, mapped):
            admin.execute(statement)


def grants(
    admin: "psycopg.Connection[Any]", database: str, owner: str, lines: tuple[str, ...], mapped: Mapping[str, str]
) -> "Iterator[Composed]":
    """Statements that leave a database with these grants and no others."""
    from psycopg.sql import SQL, Identifier

    name = Identifier(database)
    yield SQL("revoke all on database {} from public").format(name)
    for (holder,) in admin.execute(_HOLDERS, [database]).fetchall():
        yield SQL("revoke all on database {} from {} cascade").format(name, Identifier(holder))
    for line in lines:
        yield grant(line, name, owner, mapped)


def held(admin: "psycopg.Connection[Any]", database: str) -> "list[Composed]":
    """Statements that give what roles (not everybody) are granted on a database again."""
    from psycopg.sql import SQL, Identifier

    name = Identifier(database)
    return [
        SQL("grant {} on database {} to {}").format(SQL(privilege), name, Identifier(role))
        + SQL(" with grant option" if option else "")
        for role, privilege, option in admin.execute(_HELD, [database]).fetchall()
    ]


def give_last(admin: "psycopg.Connection[Any]", database: str, facts: Mapping[str, Any]) -> None:
    """Limit, flags and comment of the original: all at once, since each may keep us out of the database or is the mark."""
    from psycopg.sql import SQL, Identifier, Literal

    name = Identifier(database)
    with admin.transaction():
        give_limit(admin, database, facts)
        if facts.get("is_template"):
            admin.execute(SQL("alter database {} is_template true").format(name))
        if facts.get("allow_connections") is False:
            admin.execute(SQL("alter database {} allow_connections false").format(name))
        comment = Literal(marks.own_comment(facts.get("comment")))
        admin.execute(SQL("comment on database {} is {}").format(name, comment))


def give_limit(admin: "psycopg.Connection[Any]", database: str, facts: Mapping[str, Any]) -> None:
    """The limit of connections of the original."""
    from psycopg.sql import SQL, Identifier, Literal

    limit = Literal(facts["connection_limit"])
    admin.execute(SQL("alter database {} connection limit {}").format(Identifier(database), limit))


def is_superuser(connection: "psycopg.Connection[Any]") -> bool:
    """Whether the session is one of a superuser, whom neither limits nor rights stop."""
    row = connection.execute(_IS_SUPERUSER).fetchone()
    return bool(row and row[0])


def grant(line: str, database: "Composable", owner: str, mapped: Mapping[str, str]) -> "Composed":
    """The statement that gives what one line of an entry says."""
    from psycopg.sql import SQL, Identifier

    role, sign, privilege = line.rpartition("=")
    privileges = SQL(privilege.strip("!*"))
    if not sign:
        return SQL("revoke {} on database {} from {}").format(privileges, database, Identifier(owner))
    whom = Identifier(mapped.get(role, role)) if role else SQL("public")
    option = SQL(" with grant option" if privilege.endswith("*") else "")
    return SQL("grant {} on database {} to {}{}").format(privileges, database, whom, option)


def _first(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
