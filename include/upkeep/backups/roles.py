"""Roles of a backup on the server that it is restored into: run from its globals, created bare, or mapped to others."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from upkeep.backups.manifest import Manifest
from upkeep.backups.role_mode import Mode
from upkeep.errors import BrokenError

if TYPE_CHECKING:
    import psycopg

_GRANTOR = re.compile(r'^(GRANT .*) GRANTED BY (?:"(?:[^"]|"")*"|[^\s;"]+);$', re.MULTILINE)
_TABLESPACES = "\n--\n-- Tablespaces\n--\n"


@dataclass(frozen=True, slots=True)
class Roles:
    """
    What becomes of roles: `mapped` old to new; with `no_owner` all belongs to who restores and no grants are restored.

    `mode` says what becomes of the others that are missing; with `logins` those that are made may log in, without a password.
    With `from_globals` the backup's own globals are run, as on a server that is only for this restore.
    """

    mapped: Mapping[str, str] = field(default_factory=dict)
    no_owner: bool = False
    from_globals: bool = False
    mode: Mode = Mode.SKIP
    logins: bool = False


def named(manifest: Manifest, *, no_owner: bool = False) -> set[str]:
    """Every role that the restored database refers to."""
    found = set(manifest.database.get("settings", {}))
    for entry in manifest.entries:
        if not no_owner or entry.kind == "user mapping":
            found.add(entry.owner)
        if not no_owner or entry.kind == "policy":
            found |= {role for role, sign, _ in (line.rpartition("=") for line in entry.grants) if sign}
    return found - {""}


def for_scratch(globals_sql: str) -> str:
    """
    The globals as a server of our own can run them.

    Without their tablespaces, whose folders another machine does not have, and without who granted a membership: that was the
    original's first superuser, which is an ordinary role here.
    """
    return _GRANTOR.sub(r"\1;", globals_sql.partition(_TABLESPACES)[0])


def create_missing(admin: "psycopg.Connection[Any]", wanted: Iterable[str]) -> list[str]:
    """Create those that are missing, without login and password, and say which. Raises BrokenError."""
    import psycopg
    from psycopg.sql import SQL, Identifier

    there = {row[0] for row in admin.execute("select rolname from pg_catalog.pg_roles")}
    missing = sorted(set(wanted) - there)
    for role in missing:
        try:
            admin.execute(SQL("create role {} nologin").format(Identifier(role)))
        except psycopg.errors.InsufficientPrivilege as error:
            remedy = "let a role with CREATEROLE restore, map roles (--map-role old=new) or leave owners out (--no-owner)"
            raise BrokenError(f'role "{role}" is missing there and may not be created', remedy, retry=False) from error
    return missing


def check_mapping(admin: "psycopg.Connection[Any]", mapped: Mapping[str, str]) -> None:
    """Raises BrokenError when a mapping cannot be carried out without touching other databases."""
    there = {row[0] for row in admin.execute("select rolname from pg_catalog.pg_roles")}
    for old, new in mapped.items():
        if new not in there:
            raise BrokenError(f'role "{new}", which "{old}" is mapped to, is missing there', "create it first", retry=False)
        if old in there:
            remedy = "leave its mapping out: what it owns can be given away afterwards"
            raise BrokenError(f'role "{old}" is to be mapped, but it exists there and may own other things', remedy, retry=False)


def hand_over(connection: "psycopg.Connection[Any]", old: str, new: str) -> None:
    """Give everything of a role that we created for this restore to another one, grants too, and drop it."""
    from psycopg.sql import SQL, Identifier

    with connection.transaction():
        sql = (files("upkeep.backups") / "hand_over.sql").read_text(encoding="utf-8")
        for (statement,) in connection.execute(sql.encode(), {"old": old, "new": new}).fetchall():
            connection.execute(str(statement).encode())
        names = Identifier(old), Identifier(new)
        connection.execute(SQL("reassign owned by {} to {}").format(*names))
        connection.execute(SQL("drop owned by {}").format(names[0]))
        connection.execute(SQL("drop role {}").format(names[0]))
