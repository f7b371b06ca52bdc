"""Commands about backups: which there are, and restoring one."""

import argparse
import getpass
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from upkeep.backups.registry import Record, Registry, Restoration, State
from upkeep.backups.restore import Restored
from upkeep.backups.roles import Roles
from upkeep.backups.wanted import Wanted, carry_out, chosen, found_in, mapping
from upkeep.cli.given import the_inventory
from upkeep.cli.out import PERSON_NEEDED, WELL, say, warn
from upkeep.errors import UpkeepError
from upkeep.inventory import Database
from upkeep.quantity import plural, size, span
from upkeep.sources.objects import open_store
from upkeep.store.answers import Provenance, connected
from upkeep.store.backups import StoredRegistry
from upkeep.window import Window

if TYPE_CHECKING:
    from upkeep.duty import Progress

_WIDTH = 160


def backups(given: argparse.Namespace) -> int:
    """List the backups of every database, or of one."""
    inventory = the_inventory()
    targets = [inventory.target(given.target)] if given.target else inventory.of(Database)
    with _registry() as registry:
        rows = [line for target in targets for line in _lines(registry, target.name, everything=given.all)]
    _table(("backup", "target", "snapshot (UTC)", "stored", "rows", "state", "restored"), rows)
    return WELL


def restore(given: argparse.Namespace) -> int:
    """Restore one backup, compare it with its manifest, and say what came of it."""
    wanted = Wanted(
        backup=given.backup,
        to=given.to,
        major=given.major,
        keep=given.keep,
        jobs=given.jobs,
        roles=Roles(mapping(given.map_role), no_owner=given.no_owner),
        keys=[_key(path) for path in given.identity],
        asked_by=f"{getpass.getuser()} (upkeep restore)",
    )
    if given.source:
        return _restore_from(wanted, given.source, given.connection)
    from upkeep.programme import connections

    inventory, outside = the_inventory(), connections.AirflowOutside()
    with _registry() as registry, shown_progress() as progress:
        record = chosen(wanted.backup, [t.name for t in inventory.of(Database)], registry.records)
        target = inventory.target(record.target)
        plan = target.backup if isinstance(target, Database) else None
        place = outside.objects(record.location, plan.connection if plan else None)
        into = wanted.destination(outside.postgres)
        done, server = carry_out(
            wanted, place, into, progress, registry=registry, expected_sha256=record.manifest_sha256
        )  # fmt: skip
    return _told(done, server)


def _restore_from(wanted: Wanted, url: str, connection: str | None) -> int:
    """Straight from a place, with no report database; without --connection not even Airflow is asked for the store."""
    from upkeep.programme import connections

    store = connections.AirflowOutside().objects(url, connection) if connection else open_store(url)
    into = wanted.destination(lambda name: connections.AirflowOutside().postgres(name))
    with shown_progress() as progress:
        done, server = carry_out(wanted, found_in(store, wanted.backup), into, progress)
    return _told(done, server)


def _told(done: Restored, server: object) -> int:
    from upkeep.sources.scratch import ScratchServer

    _table(("stage", "time"), [(stage, span(seconds)) for stage, seconds in done.seconds.items()])
    if isinstance(server, ScratchServer):
        here = server.endpoint()
        say(f"kept: PGPASSFILE={server.passfile} psql -h {here.host} -p {here.port} -U {here.user}")
        say(f"its data are in {server.folder}")
    for line in done.uncertain:
        say(f"to be looked at: {line}")
    for line in done.differences:
        say(f"differs: {line}")
    if done.proven:
        what = f"{plural(done.rows, 'row')} and every object as in the backup"
        say(f"proven: {done.backup_id} of {done.target} restored to {done.destination}, {what}")
        return WELL
    say(f"{done.backup_id} of {done.target} restored to {done.destination} with {plural(len(done.differences), 'difference')}")
    return PERSON_NEEDED


@contextmanager
def shown_progress() -> "Iterator[Progress]":
    """Stages on stderr: a moving line for people, plain lines where there is no terminal."""
    if not sys.stderr.isatty():
        yield lambda step, text="": warn(f"{step}: {text}" if text else step)
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status("…") as status:
        yield lambda step, text="": status.update(escape(f"{step}  {text}"))


def _lines(registry: Registry, target: str, *, everything: bool) -> Iterator[tuple[str, ...]]:
    newest: dict[str, Restoration] = {}
    for restoration in registry.restorations(target):
        newest.setdefault(restoration.backup_id, restoration)
    for row in registry.records(target):
        if everything or row.state in {State.COMPLETE, State.TAKING, State.DELETING}:
            last = newest.get(row.id)
            proven = f"{last.state} {last.begun_at:%Y-%m-%d}" if last else "never"
            yield row.id, target, _when(row), size(row.stored_bytes or 0), f"{row.rows or 0:,}", _state(row), proven


def _when(row: Record) -> str:
    return f"{row.snapshot_at:%Y-%m-%d %H:%M:%S}" if row.snapshot_at else "-"


def _state(row: Record) -> str:
    more = [words for words in (row.damaged and f"damaged: {row.damaged}", row.held and f"held: {row.held}", row.error) if words]
    return ", ".join([row.state.value, *(["encrypted"] if row.encrypted else []), *more])


def _key(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UpkeepError(f"the identity {path} cannot be read: {error}") from error


@contextmanager
def _registry() -> Iterator[StoredRegistry]:
    from upkeep.programme import connections

    now = datetime.now(UTC)
    with connected(connections.store(), "upkeep backups") as connection:
        yield StoredRegistry(connection, Window(now - timedelta(days=1), now), Provenance("", "upkeep", "restore", -1, 0, now, 0))


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*head, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*map(Text, row))
    Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH).print(table)


def add_commands(make: Callable[..., argparse.ArgumentParser]) -> None:
    """Both commands with their options; `make` makes one."""
    listed = make("backups", backups, "the backups of every database, and which of them a restore has proven")
    listed.add_argument("target", nargs="?", metavar="TARGET", help="only this one's")
    listed.add_argument("--all", action="store_true", help="the failed and deleted ones too")
    one = make("restore", restore, "restore a backup and compare it, object by object, with what was backed up")
    one.add_argument("backup", metavar="BACKUP", help="an id of `upkeep backups`, or a target for its newest")
    one.add_argument(
        "--to", default="scratch", metavar="WHERE", help="scratch (default), or CONNECTION_ID/DATABASE, new or empty"
    )
    one.add_argument("--major", type=int, metavar="N", help="scratch: a newer PostgreSQL than the backup's")
    one.add_argument("--keep", action="store_true", help="scratch: leave the server running")
    one.add_argument("--jobs", type=int, default=2, metavar="N", help="tables restored at once (2)")
    one.add_argument("--identity", action="append", default=[], metavar="FILE", help="age private key of an encrypted backup")
    one.add_argument("--map-role", action="append", default=[], metavar="OLD=NEW", help="give what OLD had to NEW")
    one.add_argument("--no-owner", action="store_true", help="all belongs to who restores; no grants")
    one.add_argument("--from", dest="source", metavar="URL", help="straight from this folder or bucket, without report database")
    one.add_argument("--connection", metavar="ID", help="with --from: Airflow connection of that store")
