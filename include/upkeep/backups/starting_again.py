"""Dropping what an unfinished restore left: after everybody else is kept out, and after looking once more."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from upkeep.backups import creating, finishing, marks
from upkeep.backups.catalogue import database_facts
from upkeep.backups.checking import check_nobody, check_own
from upkeep.backups.leftovers import APPLICATION, sessions
from upkeep.backups.lent_roles import sweep
from upkeep.backups.manifest import Manifest
from upkeep.backups.standing import standing

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composed

    from upkeep.backups.destination import Destination

_OWNERS = """
    select distinct pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text
    from pg_catalog.pg_class as c
    where c.relkind = 'r' and c.oid >= 16384
"""
_END = "select pg_catalog.pg_terminate_backend(%s, 5000)"


@dataclass(frozen=True, slots=True)
class _Before:
    """An empty database that was there before the restore: how to make it again, and whom it had let in."""

    create: "Composed"
    rights: "tuple[Composed, ...]"


def start_again(into: "Destination", manifest: Manifest) -> bool:
    """
    Drop the marked database, and make it again when it was there before; says whether it was.

    Raises BrokenError when anything stands in it that the restore did not bring. Killed in between it is shut, which the next
    try mends, or gone.
    """
    own = replace(into, attempt=secrets.token_hex(6))  # what the restore itself was lent stays
    with own.as_owner() as admin, own.session() as inside:
        inside.execute("set max_parallel_workers_per_gather to 0")  # a shut database lets no workers in
        owners = [str(row[0]) for row in inside.execute(_OWNERS)]
        with own.acting_as(owners), _shut(admin, own.database):
            check_nobody(own, admin)
            check_own(own, inside, manifest, strict=True)
            before = _before(admin, inside, own.database)
            inside.close()
            _drop(admin, own.database)
        sweep(admin, f"{APPLICATION} ")
        if before is not None:
            admin.execute(before.create)
            for statement in before.rights:
                admin.execute(statement)
    return before is not None


@contextmanager
def _shut(admin: "psycopg.Connection[Any]", database: str) -> Iterator[None]:
    """Nobody new comes in, not even a superuser."""
    from psycopg.sql import SQL, Identifier

    name = Identifier(database)
    admin.execute(SQL("alter database {} allow_connections false").format(name))
    try:
        yield
    except BaseException:
        admin.execute(SQL("alter database {} allow_connections true").format(name))
        raise


def _drop(admin: "psycopg.Connection[Any]", database: str) -> None:
    """Only sessions of the restore that was not finished are ended."""
    from psycopg.sql import SQL, Identifier

    for pid, _ in sessions(admin, database, own=True):
        admin.execute(_END, [pid])
    name = Identifier(database)
    admin.execute(SQL("alter database {} is_template false").format(name))
    admin.execute(SQL("drop database {}").format(name))


def _before(admin: "psycopg.Connection[Any]", inside: "psycopg.Connection[Any]", database: str) -> _Before | None:
    from psycopg.sql import SQL, Identifier

    found = standing(admin, database)
    mark = marks.parse(found.comment) if found else None
    if mark is None or mark.was == marks.ABSENT:
        return None
    facts = database_facts(inside)
    name, owner = Identifier(database), Identifier(facts["owner"])
    rights = [*finishing.held(admin, database), SQL("alter database {} owner to {}").format(name, owner)]
    if mark.was == marks.CLOSED:
        rights.insert(0, SQL("revoke connect on database {} from public").format(name))
    return _Before(creating.statement(admin, database, facts), tuple(rights))
