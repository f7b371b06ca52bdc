"""
Letting the owners to be create in schemas until everything is theirs, where no superuser restores.

Who gets an object must be allowed to create in its schema (a publication's: in the database), but a dump grants that only at the
end, and some owners never had it. So every new schema lets one role of ours create, and the owners are its members. Dropping
that role takes it all back.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from upkeep.backups.finishing import is_superuser
from upkeep.backups.lent_roles import OWNERS, PREFIX

if TYPE_CHECKING:
    import psycopg

_THERE = "select r.rolname::pg_catalog.text from pg_catalog.pg_roles as r where r.rolname = any(%s) and r.rolname !~ '^pg_'"
_OPTIONS_SINCE = 16


def lend_schemas(inside: "psycopg.Connection[Any]", attempt: str, owners: Iterable[str]) -> None:
    """In the new database: let these roles create in public and in every schema that this login makes. Raises psycopg.Error."""
    from psycopg.sql import SQL, Identifier, Literal

    roles = [str(row[0]) for row in inside.execute(_THERE, [sorted(set(owners))])]
    if is_superuser(inside) or not roles:
        return
    take_back_schemas(inside, attempt)  # of a database that this attempt has dropped
    name = Identifier(_name(attempt))
    options = SQL(" with inherit true" if inside.info.server_version // 10000 >= _OPTIONS_SINCE else "")
    with inside.transaction():
        inside.execute(SQL("create role {} nologin").format(name))
        inside.execute(SQL("grant {} to current_user").format(name))
        for role in roles:
            if role != inside.info.user:
                inside.execute(SQL("grant {} to {}").format(name, Identifier(role)) + options)
        inside.execute(SQL("alter default privileges grant create on schemas to {}").format(name))
        inside.execute(SQL("grant create on database {} to {}").format(Identifier(inside.info.dbname), name))
        found = inside.execute(SQL("select pg_catalog.to_regnamespace({}) is not null").format(Literal("public"))).fetchone()
        if found and found[0]:
            inside.execute(SQL("grant create on schema public to {}").format(name))


def take_back_schemas(inside: "psycopg.Connection[Any]", attempt: str) -> None:
    """Take all that back; nothing to do where nothing was lent."""
    from psycopg.sql import SQL, Identifier

    name = _name(attempt)
    if inside.execute(_THERE, [[name]]).fetchone() is None:
        return
    with inside.transaction():
        inside.execute(SQL("drop owned by {}").format(Identifier(name)))
        inside.execute(SQL("drop role {}").format(Identifier(name)))


def _name(attempt: str) -> str:
    return f"{PREFIX}{attempt}{OWNERS}"
