"""`upkeep restore`: one backup, back into a database, and compared with what was backed up."""

import argparse
import getpass
from collections.abc import Callable
from pathlib import Path

from upkeep.backups.destination import Destination
from upkeep.backups.readback import read_manifest
from upkeep.backups.registry import Record, Registry
from upkeep.backups.restore import Restored
from upkeep.backups.restore_request import SCRATCH, Wanted, carry_out, check_here, chosen, found_in, mapping
from upkeep.backups.role_mode import Mode
from upkeep.backups.roles import Roles
from upkeep.backups.shelf import folder_of
from upkeep.cli.given import the_inventory
from upkeep.cli.out import PERSON_NEEDED, WELL, failing, failing_if_away, say, shown_progress, table
from upkeep.cli.registry import stored_registry
from upkeep.errors import UpkeepError
from upkeep.humanize import plural, span
from upkeep.sources.connections import Connections
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.targets.database import Database

ANYWHERE = {
    "to": SCRATCH, "keep": False, "map_role": (), "no_owner": False, "roles": Mode.SKIP, "logins": False, "plan": False,
    "source": None, "connection": None,
}  # fmt: skip


def restore(given: argparse.Namespace) -> int:
    """Restore one backup, compare it with its manifest, and say what came of it; or only say what would be done."""
    wanted = Wanted(
        backup=given.backup,
        to=given.to,
        major=given.major,
        keep=given.keep,
        jobs=given.jobs,
        roles=Roles(mapping(given.map_role), no_owner=given.no_owner, mode=Mode(given.roles), logins=given.logins),
        keys=[_key(path) for path in given.identity],
        asked_by=f"{_who()} (upkeep restore)",
    )
    if given.connection and not given.source:
        raise UpkeepError("--connection is for --from: a backup of the report database knows its own")
    if wanted.backup is None and not given.source:
        raise UpkeepError("say which: an id of `upkeep backups`, or a target for its newest")
    if given.source:
        return failing_if_away(lambda: _restore_from(wanted, given.source, given.connection, plan=given.plan))
    return failing_if_away(lambda: _restore_known(wanted, plan=given.plan))


def _restore_known(wanted: Wanted, *, plan: bool) -> int:
    """A backup that the report database knows."""
    inventory = the_inventory()
    with stored_registry() as registry:
        record = chosen(wanted.backup, [t.name for t in inventory.of(Database)], registry.records)
        place = folder_of(record, inventory.target(record.target), _connections())
        into = wanted.destination(lambda name: _connections().postgres(name))
        return failing(lambda: _done(wanted, place, into, registry=registry, record=record, plan=plan))


def _restore_from(wanted: Wanted, url: str, connection: str | None, *, plan: bool) -> int:
    """Straight from a place, with no report database; without --connection not even Airflow is asked for the store."""
    store = _connections().objects(url, connection) if connection else _opened(url)
    place = found_in(store, wanted.backup)
    into = wanted.destination(lambda name: _connections().postgres(name))
    return failing(lambda: _done(wanted, place, into, plan=plan))


def _done(
    wanted: Wanted,
    place: ObjectStore,
    into: Destination | None,
    *,
    registry: Registry | None = None,
    record: Record | None = None,
    plan: bool = False,
) -> int:
    if record:
        check_here(record, place)
    expected = record.manifest_sha256 if record else None
    if plan:
        from upkeep.backups.preview import preview

        manifest = read_manifest(place, place.root.rstrip("/").rpartition("/")[2], expected)
        say("\n".join([*preview(wanted, manifest, place, into), "nothing was changed: leave out --plan to restore"]))
        return WELL
    with shown_progress() as progress:
        done, server = carry_out(wanted, place, into, progress, registry=registry, expected_sha256=expected)
    return _show_restored(done, server)


def _show_restored(done: Restored, server: object) -> int:
    from upkeep.sources.scratch import ScratchServer

    table(("stage", "time"), [(stage, span(seconds)) for stage, seconds in done.seconds.items()])
    if isinstance(server, ScratchServer):
        here = server.endpoint()
        say(f"kept: PGPASSFILE={server.passfile} psql -h {here.host} -p {here.port} -U {here.user}")
        say(f"its data are in {server.folder}")
    for line in done.uncertain:
        say(f"to be looked at: {line}")
    for line in done.differences:
        say(f"differs: {line}")
    if done.exactness:
        say(f"definitions: {done.exactness}")
    if done.proven:
        say(proven(done))
        return WELL
    say(f"{done.backup_id} of {done.target} restored to {done.destination} with {plural(len(done.differences), 'difference')}")
    return PERSON_NEEDED


def proven(done: Restored) -> str:
    """The verdict on a copy without differences; it says itself when definitions were not compared exactly."""
    loosely = "loosely" in done.exactness
    word, what = ("data proven, definitions compared loosely", "") if loosely else ("proven", " and every object")
    return (
        f"{word}: {done.backup_id} of {done.target} restored to {done.destination}, "
        f"{plural(done.rows, 'row')}{what} as in the backup"
    )


def _connections() -> Connections:
    """Airflow's connections, imported when one is asked for: a restore from a folder needs no Airflow."""
    from upkeep.airflow_bridge import connections

    return connections.AirflowConnections()


def _opened(url: str) -> ObjectStore:
    try:
        return open_store(url)
    except (ImportError, ValueError) as error:
        raise UpkeepError(f"--from: no way to reach {url}: {error}") from error


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def _key(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UpkeepError(f"the identity {path} cannot be read: {error}") from error


def add_command(make: Callable[..., argparse.ArgumentParser]) -> None:
    """The command with its options; `make` makes one."""
    one = make("restore", restore, "restore a backup and compare it, object by object, with what was backed up")
    one.add_argument(
        "backup",
        nargs="?",
        metavar="BACKUP",
        help="an id of `upkeep backups`, or a target for its newest; not needed with --from",
    )
    one.add_argument(
        "--to", default=SCRATCH, metavar="WHERE",
        help="scratch (default); or CONNECTION_ID/DATABASE or postgresql://USER@HOST:PORT/DATABASE, new or empty",
    )  # fmt: skip
    one.add_argument("--plan", action="store_true", help="say what would be done, and change nothing")
    one.add_argument("--keep", action="store_true", help="scratch: leave the server running")
    add_scratch(one, "")
    one.add_argument("--map-role", action="append", default=[], metavar="OLD=NEW", help="give what OLD had to NEW")
    one.add_argument(
        "--roles", choices=[mode.value for mode in Mode], default=Mode.SKIP.value,
        help="roles missing there: create them with all they had; map each by --map-role; skip (default): bare, without login",
    )  # fmt: skip
    one.add_argument("--logins", action="store_true", help="created roles may log in; they have no password yet")
    one.add_argument("--no-owner", action="store_true", help="all belongs to who restores; no grants")
    one.add_argument("--from", dest="source", metavar="URL", help="straight from this folder or bucket, without report database")
    one.add_argument("--connection", metavar="ID", help="with --from: Airflow connection of that store")


def add_scratch(command: argparse.ArgumentParser, when: str) -> None:
    """Options of a restore into scratch."""
    command.add_argument("--major", type=int, metavar="N", help=f"{when}scratch: a newer PostgreSQL than the backup's")
    command.add_argument("--jobs", type=int, default=2, metavar="N", help=f"{when}tables restored at once (2)")
    command.add_argument(
        "--identity", action="append", default=[], metavar="FILE", help=f"{when}age private key of an encrypted backup"
    )
