"""A physical copy's catalogue against production's: what was there before the backup began must be in the copy."""

from collections import Counter
from dataclasses import dataclass
from importlib.resources import files

from upkeep.errors import UpkeepError
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors

_KINDS = {
    "r": "table",
    "p": "partitioned table",
    "m": "materialized view",
    "v": "view",
    "i": "index",
    "S": "sequence",
    "f": "foreign table",
}
_SYSTEM = "select system_identifier::text from pg_catalog.pg_control_system()"
_TIMEOUT = "set statement_timeout = '60s'"


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation; the fields are the columns of the question."""

    name: str
    kind: str
    since_xid: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What one database holds, and the cluster's identifier, None where the login may not read it."""

    relations: tuple[Relation, ...]
    system_identifier: str | None

    @property
    def counts(self) -> dict[str, int]:
        """Relations by kind, the most first."""
        return {_KINDS[kind]: number for kind, number in Counter(each.kind for each in self.relations).most_common()}


def catalogue_of(endpoint: Endpoint) -> Catalogue | None:
    """Read it; None when the server is away or does not let us, as after a disaster."""
    try:
        return read(endpoint)
    except UpkeepError:
        return None


def read(endpoint: Endpoint) -> Catalogue:
    """Read it. Raises BrokenError and CannotAskError."""
    from psycopg.rows import class_row

    question = (files("upkeep.drills") / "catalogue.sql").read_text(encoding="utf-8").encode()
    with translate_errors(), endpoint.connect("upkeep restore test") as connection:
        connection.execute("set default_transaction_read_only = on")
        connection.execute(_TIMEOUT)
        with connection.cursor(row_factory=class_row(Relation)) as cursor:
            found = tuple(cursor.execute(question))
        permitted = connection.execute("select pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'execute')")
        allowed = permitted.fetchone()
        row = connection.execute(_SYSTEM).fetchone() if allowed and allowed[0] else None
    return Catalogue(found, row[0] if row else None)


def lacking(production: Catalogue, copy: Catalogue, before_xid: int) -> list[str]:
    """Relations of production that were there before this transaction, and are not in the copy."""
    there = {(each.kind, each.name) for each in copy.relations}
    old = (each for each in production.relations if each.since_xid < before_xid)
    return [f"{_KINDS[each.kind]} {each.name}" for each in old if (each.kind, each.name) not in there]
