"""What a person asked to have restored, in their words: a backup or a target's newest, and where to."""

import os
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from upkeep.backups.destination import Destination
from upkeep.backups.manifest import NAME
from upkeep.backups.registry import Record, Registry, State
from upkeep.backups.restore import Restored, Restoring
from upkeep.backups.role_mode import Mode
from upkeep.backups.roles import Roles
from upkeep.backups.scratch_restore import restore_to_scratch
from upkeep.errors import BrokenError, UpkeepError
from upkeep.sources.objects import ObjectStore
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer
from upkeep.suggestions import nearest

if TYPE_CHECKING:
    from upkeep.duty import Progress

SCRATCH = "scratch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """
    One restore as asked for.

    `backup` is an id, or a target's name for its newest complete one; None is for a place that holds one target's alone. `to` is
    "scratch", CONNECTION/DATABASE or a URL of PostgreSQL; `major` and `keep` are for scratch alone. `keys` are texts of age
    private keys, never shown.
    """

    backup: str | None
    to: str = field(default=SCRATCH, repr=False)
    major: int | None = None
    keep: bool = False
    jobs: int = 2
    roles: Roles = field(default_factory=Roles)
    keys: Sequence[str] = field(default=(), repr=False)
    asked_by: str | None = None

    def __post_init__(self) -> None:
        connection, slash, database = self.to.partition("/")
        if self.to != SCRATCH and not (connection and slash and database):
            raise UpkeepError(f'"{self.to}" is no destination: say scratch, CONNECTION_ID/DATABASE or postgresql://…/DATABASE')
        if is_postgres(self.to):
            destination_of(self.to)
        if self.to != SCRATCH and (self.major or self.keep):
            raise UpkeepError("a major version and keeping are for scratch: another server is as it is")
        if self.to == SCRATCH and (self.roles.logins or self.roles.mode is not Mode.SKIP):
            raise UpkeepError("--roles and --logins are for another server: a scratch server gets every role of the backup")
        if self.jobs < 1:
            raise UpkeepError(f"{self.jobs} jobs restore nothing: say 1 or more")

    @property
    def called(self) -> str:
        """The destination for people; no password."""
        if not is_postgres(self.to):
            return self.to
        into = destination_of(self.to)
        return f"{into.server.place}/{into.database}"

    def destination(self, postgres: Callable[[str], Endpoint]) -> Destination | None:
        """The database that is meant; None is a scratch server. Raises UpkeepError for a missing connection or a wrong URL."""
        if is_postgres(self.to):
            return destination_of(self.to)
        connection, _, database = self.to.partition("/")
        return Destination(postgres(connection), database) if self.to != SCRATCH else None


def is_postgres(word: str) -> bool:
    """Whether a destination is a URL of PostgreSQL."""
    return word.startswith(("postgresql://", "postgres://"))


def destination_of(url: str) -> Destination:
    """The database of a URL; a password that it lacks is that of PGPASSWORD. Raises UpkeepError."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        fields = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except psycopg.Error as error:
        raise UpkeepError(f"the destination is no URL of PostgreSQL: {error}") from error
    database = fields.pop("dbname", "")
    host, port = fields.pop("host", "localhost"), fields.pop("port", "5432")
    if not database or not port.isdigit():
        raise UpkeepError("the destination names no database: write postgresql://USER@HOST:PORT/DATABASE")
    password = fields.pop("password", None) or os.environ.get("PGPASSWORD")
    return Destination(Endpoint(host, int(port), fields.pop("user", None), password, None, fields), database)


def chosen(wanted: str | None, targets: Iterable[str], records: Callable[[str], Sequence[Record]]) -> Record:
    """The backup that is meant, from the report database's rows. Raises UpkeepError that says what there is."""
    names = list(targets)
    if wanted is None:
        raise UpkeepError("say which: an id of `upkeep backups`, or a target for its newest")
    rows = {name: records(name) for name in ([wanted] if wanted in names else names)}
    if wanted in names:
        whole = [row for row in rows[wanted] if row.state is State.COMPLETE and not row.damaged]
        if not whole:
            raise UpkeepError(f"{wanted} has no complete backup yet")
        return max(whole, key=lambda row: row.snapshot_at or row.begun_at)
    found = next((row for each in rows.values() for row in each if row.id == wanted), None)
    if found is None:
        ids = [row.id for each in rows.values() for row in each if row.state is State.COMPLETE]
        raise UpkeepError(f'no backup or target is called "{wanted}"{nearest(wanted, [*names, *ids])}')
    if found.state is not State.COMPLETE:
        raise UpkeepError(
            f"backup {wanted} cannot be restored: it is {found.state}" + (f" ({found.error})" if found.error else "")
        )
    return found


def check_here(record: Record, place: ObjectStore) -> None:
    """Raises BrokenError that names the host when a backup is on the local disk of another one."""
    here = socket.gethostname()
    if record.host and record.host != here and not place.exists(NAME):
        reason = f"backup {record.id} is on the local disk of {record.host} ({record.location}); this is {here}"
        raise BrokenError(reason, f"restore it on {record.host}, or copy that folder here and say --from", retry=False)


def found_in(store: ObjectStore, wanted: str | None) -> ObjectStore:
    """
    The folder of a backup below this place, by its id or its target's name (then the newest). Raises UpkeepError.

    Without a word it is the place itself, or the newest of the only target there.
    """
    own = store.root.rstrip("/").rpartition("/")[2]
    folders = [name.removesuffix(NAME).rstrip("/") for name in store.sizes() if f"/{name}".endswith(f"/{NAME}")]
    if "" in folders and wanted in {own, None}:
        return store
    if wanted is None:
        return store.at(_newest(_only_target(store, folders)))
    fitting = [
        folder for folder in folders if wanted in folder.split("/")[-1:] or quote(wanted, safe="") in folder.split("/")[-2:-1]
    ]
    if not fitting and quote(wanted, safe="") == own:
        fitting = [folder for folder in folders if folder and "/" not in folder]
    if not fitting:
        some = ", ".join(sorted(folders)[-5:]) or "none"
        raise UpkeepError(f'{store.url} has no complete backup "{wanted}"; the newest there: {some}')
    return store.at(_newest(fitting))


def _newest(folders: Iterable[str]) -> str:
    return max(folders, key=lambda folder: folder.rpartition("/")[2])


def _only_target(store: ObjectStore, folders: list[str]) -> list[str]:
    targets = sorted({unquote(folder.rpartition("/")[0].rpartition("/")[2]) for folder in folders})
    if not targets:
        raise UpkeepError(f"{store.url} has no complete backup")
    if len(targets) > 1:
        raise UpkeepError(f"{store.url} has backups of {', '.join(targets)}: say which, or an id")
    return folders


def carry_out(
    wanted: Wanted,
    place: ObjectStore,
    into: Destination | None,
    progress: "Progress",
    *,
    registry: Registry | None = None,
    expected_sha256: str | None = None,
) -> tuple[Restored, ScratchServer | None]:
    """Restore and compare; the server is returned when it is a scratch one that is kept."""
    more: Mapping[str, Any] = {
        "roles": wanted.roles,
        "keys": wanted.keys,
        "jobs": wanted.jobs,
        "registry": registry,
        "expected_sha256": expected_sha256,
        "asked_by": wanted.asked_by,
    }
    if into is None:
        return restore_to_scratch(place, progress, major=wanted.major, keep=wanted.keep, **more)
    return Restoring(place, into, progress, called=wanted.called, **more).run(), None


def mapping(pairs: Iterable[str]) -> dict[str, str]:
    """Roles old to new from words like `old=new`. Raises UpkeepError."""
    found = {}
    for word in pairs:
        old, sign, new = word.partition("=")
        if not (old and sign and new):
            raise UpkeepError(f'"{word}" maps no role: write OLD=NEW')
        found[old] = new
    return found
