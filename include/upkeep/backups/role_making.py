"""Carrying out a plan of roles: each in its own statement, so that one that is refused leaves the others."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from upkeep.backups import stored_settings
from upkeep.backups.role_facts import Membership, RoleFacts
from upkeep.backups.role_plan import RolePlan
from upkeep.errors import BrokenError

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composable, Composed

_OPTIONS_SINCE = 16
_FLAGS = ("superuser", "createdb", "createrole", "login", "replication", "bypassrls")


@dataclass(frozen=True, slots=True)
class Applied:
    """Roles that were created, and what of them could not be given, in words."""

    created: tuple[str, ...]
    left: tuple[str, ...]


def apply_roles(admin: "psycopg.Connection[Any]", plan: RolePlan) -> Applied:
    """Create what the plan creates; a role that is there by now is never changed. Raises BrokenError."""
    there = {row[0] for row in admin.execute("select r.rolname from pg_catalog.pg_roles as r")}
    made = [role for role in plan.create if role.name not in there]
    for role in made:
        _create(admin, role)
    left = [line for role in made for line in _furnish(admin, role, plan)]
    return Applied(tuple(role.name for role in made), tuple(left))


def _create(admin: "psycopg.Connection[Any]", role: RoleFacts) -> None:
    import psycopg
    from psycopg.sql import SQL, Identifier

    try:
        admin.execute(SQL("create role {} {}").format(Identifier(role.name), SQL(" ").join(_attributes(role))))
    except psycopg.Error as error:
        remedy = "let a role with CREATEROLE restore, map roles (--map-role old=new) or leave owners out (--no-owner)"
        raise BrokenError(f'role "{role.name}" could not be created: {_first(error)}', remedy, retry=False) from error


def _attributes(role: RoleFacts) -> "Iterator[Composable]":
    from psycopg.sql import SQL, Literal

    yield SQL("inherit" if role.inherit else "noinherit")
    for flag in _FLAGS:
        if getattr(role, flag):
            yield SQL(flag)
    if role.connection_limit != -1:
        yield SQL("connection limit {}").format(Literal(role.connection_limit))
    if role.valid_until is not None:
        yield SQL("valid until {}").format(Literal(role.valid_until))


def _furnish(admin: "psycopg.Connection[Any]", role: RoleFacts, plan: RolePlan) -> Iterator[str]:
    """Memberships, settings and the comment; whatever is refused comes back in words."""
    import psycopg

    for what, give in _gifts(admin, role, plan):
        try:
            give()
        except psycopg.Error as error:
            yield f"{what} could not be given: {_first(error)}"


def _gifts(admin: "psycopg.Connection[Any]", role: RoleFacts, plan: RolePlan) -> Iterator[tuple[str, Callable[[], object]]]:
    from psycopg.sql import SQL, Identifier, Literal

    for each in role.memberships:
        statement = _membership(admin, role, each, plan)
        yield f'membership of "{role.name}" in "{each.role}"', partial(admin.execute, statement)
    for setting in role.settings:
        what = f'setting {setting} of role "{role.name}"'
        yield what, partial(stored_settings.put, admin, setting, role=role.name)
    if role.comment is not None:
        comment = SQL("comment on role {} is {}").format(Identifier(role.name), Literal(role.comment))
        yield f'the comment of role "{role.name}"', partial(admin.execute, comment)


def _membership(admin: "psycopg.Connection[Any]", role: RoleFacts, each: Membership, plan: RolePlan) -> "Composed":
    from psycopg.sql import SQL, Identifier

    group = plan.mapped.get(each.role, each.role)
    grant = SQL("grant {} to {}").format(Identifier(group), Identifier(role.name))
    if admin.info.server_version // 10000 < _OPTIONS_SINCE:
        return grant + SQL(" with admin option" if each.admin else "")
    wanted = {"admin": each.admin, "inherit": each.inherit, "set": each.set}
    options = [f"{name} {value}" for name, value in wanted.items() if value is not None]
    return grant + SQL(" with " + ", ".join(options))  # words of ours


def _first(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
