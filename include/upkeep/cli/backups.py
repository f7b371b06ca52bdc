"""`upkeep backups`: which there are, holding one, and proving a target's newest."""

import argparse
import getpass
from collections.abc import Callable, Iterator, Sequence

from upkeep.backups.registry import Record, Registry, Restoration, State
from upkeep.backups.restore_request import chosen
from upkeep.backups.shelf import DECLARE
from upkeep.cli import restore
from upkeep.cli.given import the_inventory
from upkeep.cli.out import WELL, WRONG, failing_if_away, say, table, warn
from upkeep.cli.registry import stored_registry
from upkeep.config.inventory import Inventory
from upkeep.errors import UpkeepError
from upkeep.humanize import size
from upkeep.targets.database import Database

USAGE = """\
upkeep backups [TARGET] [--all]             those of every database, or of one
       upkeep backups hold BACKUP --why "…"        never delete it (legal hold), until it is released
       upkeep backups release BACKUP [--why "…"]   let go of it again
       upkeep backups prove TARGET                 restore its newest into a scratch server now, and compare
"""


def backups(given: argparse.Namespace) -> int:
    """List backups, or do what the first word says to what the second names."""
    if given.which is None:
        return failing_if_away(lambda: _listed(given))
    if given.word not in _WORDS:
        raise UpkeepError(f'"{given.word} {given.which}" is no command\nusage: {USAGE.rstrip()}')
    return failing_if_away(lambda: _WORDS[given.word](given))


def _listed(given: argparse.Namespace) -> int:
    inventory = the_inventory()
    if given.word in _WORDS and given.word not in {target.name for target in inventory.targets}:
        raise UpkeepError(f"what to {given.word}?\nusage: {USAGE.rstrip()}")
    targets = _databases(inventory, given.word)
    with stored_registry() as registry:
        rows = [line for target in targets for line in _lines(registry, target.name, everything=given.all)]
    if rows:
        table(("backup", "target", "snapshot (UTC)", "stored", "rows", "state", "restored"), rows)
    else:
        say(_none(targets, everything=given.all))
    return WELL


def _databases(inventory: Inventory, name: str | None) -> Sequence[Database]:
    found = [inventory.target(name)] if name else inventory.of(Database)
    return [target for target in found if isinstance(target, Database)]


def _none(targets: Sequence[Database], *, everything: bool) -> str:
    """What to do where there is none."""
    own = [target.name for target in targets if target.backup and target.backup.taken_by == "upkeep"]
    if not targets:
        return "no database is looked after: add one to the inventory"
    if own:
        more = "" if everything else "; `upkeep backups --all` shows those that failed too"
        return f"no backup of {', '.join(own)} yet: the next daily run takes it (now: airflow dags trigger daily){more}"
    others = sorted({target.backup.taken_by for target in targets if target.backup})
    if others:
        return f"no backup of Upkeep's own: they are taken by {', '.join(others)}, and `upkeep restore` does not restore those"
    return f"no backup, and none is taken: say in the inventory where to\n{DECLARE}"


def _hold(given: argparse.Namespace) -> int:
    if not given.why:
        raise UpkeepError('say why it is held: upkeep backups hold BACKUP --why "…"')
    return _change_legal_hold(given, held=True)


def _release(given: argparse.Namespace) -> int:
    return _change_legal_hold(given, held=False)


def _change_legal_hold(given: argparse.Namespace, *, held: bool) -> int:
    names, who = [target.name for target in the_inventory().of(Database)], getpass.getuser()
    with stored_registry() as registry:
        record = chosen(given.which, names, registry.records)
        if record.id != given.which:
            raise UpkeepError(f"name one backup by its id; the newest of {given.which} is {record.id}")
        if not held and record.legal_hold is None:
            warn(f"upkeep: backup {record.id} is not held")
            return WRONG
        done = registry.hold(record.id, given.why, who) if held else registry.release(record.id, given.why, who)
    if not done:
        raise UpkeepError(f"backup {record.id} was deleted meanwhile")
    say(f"held by {who}: {record.id} of {record.target} is not deleted until `upkeep backups release {record.id}`" if held
        else f"released by {who}: {record.id} of {record.target}, which was held: {record.legal_hold}")  # fmt: skip
    return WELL


def _prove(given: argparse.Namespace) -> int:
    given.backup = given.which
    return restore.restore(given)


def _lines(registry: Registry, target: str, *, everything: bool) -> Iterator[tuple[str, ...]]:
    newest: dict[str, Restoration] = {}
    for restoration in registry.restorations(target):
        if restoration.state != "refused":
            newest.setdefault(restoration.backup_id, restoration)
    for row in registry.records(target):
        if everything or row.state in {State.COMPLETE, State.TAKING, State.DELETING}:
            last = newest.get(row.id)
            proven = f"{last.state} {last.begun_at:%Y-%m-%d}" if last else "never"
            yield row.id, target, _when(row), size(row.stored_bytes or 0), f"{row.rows or 0:,}", _state(row), proven


def _when(row: Record) -> str:
    return f"{row.snapshot_at:%Y-%m-%d %H:%M:%S}" if row.snapshot_at else "-"


def _state(row: Record) -> str:
    parts = (
        row.encrypted and "encrypted", row.host and f"on the disk of {row.host}", row.damaged and f"damaged: {row.damaged}",
        row.legal_hold and f"legal hold: {row.legal_hold}", row.error,
    )  # fmt: skip
    return ", ".join([row.state.value, *(word for word in parts if word)])


_WORDS: dict[str, Callable[[argparse.Namespace], int]] = {"hold": _hold, "release": _release, "prove": _prove}


def add_commands(make: Callable[..., argparse.ArgumentParser]) -> None:
    """Both commands with their options; `make` makes one."""
    listed = make("backups", backups, "the backups of every database, and which of them a restore has proven")
    listed.usage = USAGE.rstrip()
    listed.add_argument("word", nargs="?", metavar="TARGET", help="only this one's; or hold, release or prove")
    listed.add_argument("which", nargs="?", metavar="BACKUP", help="what to hold or release; for prove, a target")
    listed.add_argument("--all", action="store_true", help="the failed and deleted ones too")
    listed.add_argument("--why", metavar="TEXT", help="hold, release: the reason, kept with who said it and when")
    listed.set_defaults(**restore.ANYWHERE)
    restore.add_scratch(listed, "prove: ")
    restore.add_command(make)
