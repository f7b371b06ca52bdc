"""
Acting as other roles for the time of one restore, for an administrator without superuser.

What gives objects away must be a member of who gets them. All these memberships hang on one role that is made for the restore,
so that dropping it takes back exactly what was lent and nothing that the login had before. One that a killed restore left is
dropped by the next one.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from upkeep.backups.finishing import is_superuser

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composed

PREFIX = "upkeep_lent_"
# The end of a name: see lent_schemas.
OWNERS = "_owners"
_OPTIONS_SINCE = 16


@contextmanager
def lent(admin: "psycopg.Connection[Any]", attempt: str, roles: Iterable[str], application: str) -> Iterator[tuple[str, ...]]:
    """
    Let this login act as these roles; yields those that it may not act as.

    `application` names our sessions but for the attempt: a lent role whose attempt has no session any more is left over.
    """
    import psycopg

    if is_superuser(admin):
        yield ()
        return
    sweep(admin, application)
    name = f"{PREFIX}{attempt}"
    try:
        yield _lend(admin, name, roles)
    finally:
        with suppress(psycopg.OperationalError):  # the session is lost: the next restore sweeps
            _drop(admin, name)


def sweep(admin: "psycopg.Connection[Any]", application: str) -> list[str]:
    """Drop what restores that were killed had lent to this login, and say which roles these were."""
    import psycopg

    wanted = {"prefix": PREFIX, "owners": f"{OWNERS}$", "application": application}
    left = [str(row[0]) for row in admin.execute(_sql("lent_left"), wanted)]
    for name in left:
        with suppress(psycopg.errors.DependentObjectsStillExist):  # its unfinished database is still there
            _drop(admin, name)
    return left


def _lend(admin: "psycopg.Connection[Any]", name: str, roles: Iterable[str]) -> tuple[str, ...]:
    """What the login can use already is lent as well: it may have that from another restore, which ends before."""
    import psycopg
    from psycopg.sql import SQL, Identifier

    wanted = {str(role): bool(usable) for role, usable in admin.execute(_sql("lent_needed"), {"roles": sorted(set(roles))})}
    if not wanted:
        return ()
    try:
        admin.execute(SQL("create role {} nologin").format(Identifier(name)))
        admin.execute(_membership(admin, name, None))
    except psycopg.errors.InsufficientPrivilege:
        return tuple(role for role, usable in wanted.items() if not usable)
    return tuple(role for role, usable in wanted.items() if not _lent(admin, role, name) and not usable)


def _lent(admin: "psycopg.Connection[Any]", role: str, name: str) -> bool:
    import psycopg

    try:
        admin.execute(_membership(admin, role, name))
    except (
        psycopg.errors.InsufficientPrivilege,
        psycopg.errors.InvalidGrantOperation,
        psycopg.errors.ObjectNotInPrerequisiteState,
    ):
        return False
    return True


def _membership(admin: "psycopg.Connection[Any]", role: str, member: str | None) -> "Composed":
    from psycopg.sql import SQL, Identifier

    new = admin.info.server_version // 10000 >= _OPTIONS_SINCE
    to = SQL("current_user") if member is None else Identifier(member)
    options = SQL(" with inherit true, set true" if new else "")
    return SQL("grant {} to {}").format(Identifier(role), to) + options


def _drop(admin: "psycopg.Connection[Any]", name: str) -> None:
    from psycopg.sql import SQL, Identifier

    admin.execute(SQL("drop role if exists {}").format(Identifier(name)))


def _sql(name: str) -> bytes:
    return (files("upkeep.backups") / f"{name}.sql").read_bytes()
