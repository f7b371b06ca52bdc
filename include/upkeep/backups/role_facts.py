"""Roles as a backup remembers them: attributes, settings and memberships, never passwords."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True, slots=True)
class Membership:
    """Being a member of `role`. `inherit` and `set` are None where the server had no such options (before 16)."""

    role: str
    admin: bool = False
    inherit: bool | None = None
    set: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleFacts:
    """
    One role. `valid_until` is as PostgreSQL writes it in UTC; `settings` are `name=value`.

    `why` says how the database depends on it: "named" in it, "above" (a named one is its member), "member" (acts through a
    named one).
    """

    name: str
    why: str = "named"
    superuser: bool = False
    createdb: bool = False
    createrole: bool = False
    inherit: bool = True
    login: bool = False
    replication: bool = False
    bypassrls: bool = False
    connection_limit: int = -1
    valid_until: str | None = None
    comment: str | None = None
    settings: tuple[str, ...] = ()
    memberships: tuple[Membership, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values, for the manifest."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        """The reverse. Raises TypeError when it is something else."""
        memberships = tuple(Membership(**each) for each in plain["memberships"])
        return cls(**{**plain, "settings": tuple(plain["settings"]), "memberships": memberships})


def roles_of_database(connection: "psycopg.Connection[Any]", also: Iterable[str] = ()) -> tuple[RoleFacts, ...]:
    """
    Every role that the session's database depends on, by name; predefined ones are on every server and left out.

    The server keeps no account of its first superuser's things: give `also` the owners of what was found otherwise.
    """
    from psycopg.rows import dict_row

    sql = (files("upkeep.backups") / "roles_of_database.sql").read_bytes()
    with connection.cursor(row_factory=dict_row) as cursor:
        return tuple(RoleFacts.from_json(row) for row in cursor.execute(sql, {"also": sorted(set(also))}))


def roles_there(connection: "psycopg.Connection[Any]") -> tuple[RoleFacts, ...]:
    """Every role of a server but predefined ones, to compare with."""
    from psycopg.rows import tuple_row

    with connection.cursor(row_factory=tuple_row) as cursor:
        names = [str(row[0]) for row in cursor.execute(b"select r.rolname from pg_catalog.pg_roles as r")]
    return roles_of_database(connection, names)
