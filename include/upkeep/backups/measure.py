"""What is found out about a database in the snapshot of its backup, beside its rows."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
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


# What is made of these stands beside the backup, in the files of help.
_KEPT = {"database", "schema"}


@dataclass(frozen=True, slots=True)
class Measured:
    """
    Roles and the rest of a manifest. `not_covered` says what a backup leaves out or cannot prove.

    `kinds` counts the catalog's entries by kind; of themselves only the database and its schemas are kept.
    """

    kinds: Mapping[str, int]
    entries: tuple[Entry, ...]
    roles: tuple[RoleFacts, ...]
    database: dict[str, Any]
    system_identifier: str
    sequences: dict[str, str]
    large_objects: Content
    not_covered: tuple[str, ...]


@dataclass
class _Seen:
    """What is to be known of entries that only pass."""

    kinds: Counter[str] = field(default_factory=Counter)
    kept: list[Entry] = field(default_factory=list)
    owners: set[str] = field(default_factory=set)
    grants: set[tuple[str, ...]] = field(default_factory=set)

    def passing(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for entry in entries:
            self.kinds[entry.kind] += 1
            self.owners.add(entry.owner)
            self.grants.add(entry.grants)
            if entry.kind in _KEPT:
                self.kept.append(entry)
            yield entry


def measure(
    snapshot: Snapshot, endpoint: Endpoint, application: str, store: Callable[[Iterator[Entry]], None]
) -> Measured:  # fmt: skip
    """
    Look at everything once. Entries of the catalog go to `store`, which takes all of them.

    Raises ChangedError when something was dropped or locked meanwhile, and BrokenError.
    """
    connection, seen = snapshot.catalog, _Seen()
    with translate_errors(), noticed():
        with tables.session(endpoint, application) as other:  # whose locks end with each statement
            states = sequences.values(connection, other)
        blobs = large_objects.content(connection)
        store(seen.passing(catalogue.read(connection)))
        return Measured(
            kinds=seen.kinds,
            entries=tuple(seen.kept),
            # Owners and grantees: the server keeps no account of what belongs to its first superuser.
            roles=roles_of_database(connection, catalogue.named_roles(seen.owners, seen.grants)),
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


def _system_identifier(connection: "psycopg.Connection[Any]") -> str:
    import psycopg

    try:
        with connection.transaction():
            row = connection.execute(_SYSTEM).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return ""
    return str(row[0]) if row else ""
