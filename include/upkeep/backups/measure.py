"""What is found out about a database in the snapshot of its backup, beside its rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from upkeep.backups import catalogue, large_objects, marks, sequences, tables
from upkeep.backups.manifest import Content, Entry
from upkeep.backups.role_facts import RoleFacts, roles_of_database
from upkeep.backups.snapshot import Snapshot, noticed
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors

if TYPE_CHECKING:
    import psycopg

_SYSTEM = "select system_identifier::text from pg_catalog.pg_control_system()"


@dataclass(frozen=True, slots=True)
class Measured:
    """The catalog's entries, roles, and the rest of a manifest. `not_covered` says what a backup leaves out or cannot prove."""

    entries: tuple[Entry, ...]
    roles: tuple[RoleFacts, ...]
    database: dict[str, Any]
    system_identifier: str
    sequences: dict[str, str]
    large_objects: Content
    not_covered: tuple[str, ...]


def measure(snapshot: Snapshot, endpoint: Endpoint, application: str) -> Measured:
    """Look at everything once. Raises ChangedError when something was dropped or locked meanwhile, and BrokenError."""
    connection = snapshot.catalog
    with translate_errors(), noticed():
        with tables.session(endpoint, application) as other:  # whose locks end with each statement
            states = sequences.values(connection, other)
        blobs = large_objects.content(connection)
        entries = catalogue.entries(connection)
        return Measured(
            entries=entries,
            roles=roles_of_database(connection, _roles_in(entries)),
            database=catalogue.database_facts(connection),
            system_identifier=_system_identifier(connection),
            sequences=states,
            large_objects=blobs,
            not_covered=(
                *tables.not_covered(snapshot.tables, standby=snapshot.standby),
                *catalogue.unreadable(connection),
                *catalogue.not_covered(connection),
                *filter(None, [marks.warning(connection)]),
            ),
        )


def _roles_in(entries: Iterable[Entry]) -> set[str]:
    """Owners and grantees: the server keeps no account of what belongs to its first superuser."""
    found = {entry.owner for entry in entries}
    found |= {role for entry in entries for role, sign, _ in (line.rpartition("=") for line in entry.grants) if sign}
    return found - {""}


def _system_identifier(connection: "psycopg.Connection[Any]") -> str:
    import psycopg

    try:
        with connection.transaction():
            row = connection.execute(_SYSTEM).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return ""
    return str(row[0]) if row else ""
