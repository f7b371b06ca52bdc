"""`upkeep archive`: what is archived of a database, whether it is as it was, and rows back into a table beside."""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from upkeep.archive.manifest import DamagedError
from upkeep.archive.place import Place, place_of
from upkeep.archive.recorded import Recorded, recorded
from upkeep.archive.restoring import Restoring, Span
from upkeep.archive.session import session
from upkeep.archive.verifying import damage
from upkeep.cli.given import the_inventory
from upkeep.cli.out import PERSON_NEEDED, WELL, complain, failing_if_away, say, shown_progress, table, warn
from upkeep.errors import UpkeepError
from upkeep.humanize import plural, size
from upkeep.sources.connections import Connections
from upkeep.sources.keepalives import Flow
from upkeep.sources.rows import Rows
from upkeep.store.answers import connected
from upkeep.suggestions import nearest
from upkeep.targets.archive import Archive
from upkeep.targets.database import Database

USAGE = """\
upkeep archive list [TABLE] [--target NAME]       what is archived
       upkeep archive verify TABLE [--target NAME]     read every file again and compare
       upkeep archive restore TABLE [--from DAY] [--to DAY] [--into SCHEMA.TABLE] [--target NAME]
"""


def archive(given: argparse.Namespace) -> int:
    """Do what the first word says."""
    if given.word not in _WORDS:
        raise UpkeepError(f'"{given.word}" is no command{nearest(given.word, _WORDS)}\nusage: {USAGE.rstrip()}')
    if given.word != "restore" and (given.start or given.end or given.into):
        raise UpkeepError(f"--from, --to and --into are words of restore\nusage: {USAGE.rstrip()}")
    try:
        return failing_if_away(lambda: _WORDS[given.word](given))
    except DamagedError as error:
        complain(error)
        return PERSON_NEEDED


def _list(given: argparse.Namespace) -> int:
    found = _declared(given)
    if not found and (given.table or given.target):
        raise _undeclared(given)
    rows = [line for db, plan in found for line in _lines(db, plan)]
    if rows:
        table(("target", "table", "rows", "files", "size", "from", "until", "place"), rows)
    else:
        say("no table is declared to be archived: see docs/archive.md")
    return WELL


def _lines(db: Database, plan: Archive) -> Iterator[tuple[str, ...]]:
    place = _place(db, plan)
    known = place.manifests()
    rows, stored = sum(m.rows for m in known), sum(m.bytes for m in known)
    first, until = (min(m.oldest for m in known), max(m.newest for m in known)) if known else ("-", "-")
    yield db.name, plan.table, f"{rows:,}", str(len(known)), size(stored), first[:10], until[:10], f"{place.store.url}/rows"
    for batch in place.pending():
        warn(f"{plan.table}: batch {batch} of an interrupted run is not settled: `upkeep job archive {db.name}` does it")


def _verify(given: argparse.Namespace) -> int:
    db, plan = _one(given)
    with _local() as folder, shown_progress() as progress:
        place = _place(db, plan)
        wrong = damage(place, folder, lambda name: progress("read", name), _recorded(db, plan))
    for line in wrong:
        say(f"damaged: {line}")
    known = [] if wrong else place.manifests()
    if not wrong and not known:
        say(f"nothing of {plan.table} is archived at {place.store.url}: there is nothing to verify")
        return PERSON_NEEDED
    if not wrong:
        say(f"{plural(len(known), 'file')} with {sum(m.rows for m in known):,} rows of {plan.table}: each as it was archived")
    return PERSON_NEEDED if wrong else WELL


def _recorded(db: Database, plan: Archive) -> list[Recorded]:
    """What the report database knows of it; where it cannot be asked, that is said."""
    from upkeep.airflow_bridge import connections

    try:
        with connected(connections.store(), "upkeep archive") as connection:
            return recorded(Rows(connection), db.name, plan.table)
    except UpkeepError as error:
        warn(f"a file lost with its manifest is not missed: the report database does not say what was archived: {error}")
        return []


def _restore(given: argparse.Namespace) -> int:
    db, plan = _one(given)
    schema, name = _into(given.into or f"{plan.table}_archived")
    span = Span(_moment(given.start, plan), _moment(given.end, plan))
    if span.first and span.end and span.first >= span.end:
        raise UpkeepError(f"--from must lie before --to, and {given.start} does not lie before {given.end}")
    with ExitStack() as stack:
        folder, progress = stack.enter_context(_local()), stack.enter_context(shown_progress())
        opened = stack.enter_context(
            session(_connections().postgres(_login(db)), f"upkeep restores {plan.table}", db.lock_timeout_s, Flow.BOTH)
        )
        say_file: Callable[[str], None] = lambda text: progress("restore", text)  # noqa: E731 - a step is always the same
        done = Restoring(opened, _place(db, plan), schema, name, plan.time_zone, folder, say_file).run(span)
    files = plural(done.files, "file")
    say(f"{done.rows:,} rows of {files} are in {done.table} of {db.name}, equal to what was archived; drop it when it has served")
    return WELL


_WORDS: dict[str, Callable[[argparse.Namespace], int]] = {"list": _list, "verify": _verify, "restore": _restore}


def _declared(given: argparse.Namespace) -> list[tuple[Database, Archive]]:
    return [
        (db, plan)
        for db, plan in _every()
        if given.target in {None, db.name} and given.table in {None, plan.table, plan.table_name}
    ]


def _every() -> list[tuple[Database, Archive]]:
    return [(db, plan) for db in the_inventory().of(Database) if isinstance(db, Database) for plan in db.archive]


def _one(given: argparse.Namespace) -> tuple[Database, Archive]:
    if not given.table:
        raise UpkeepError(f"say which table\nusage: {USAGE.rstrip()}")
    found = _declared(given)
    if not found:
        raise _undeclared(given)
    if len(found) > 1:
        raise UpkeepError(f"{given.table} is archived of {', '.join(db.name for db, _ in found)}: say which by --target")
    return found[0]


def _into(text: str) -> tuple[str, str]:
    schema, _, name = text.partition(".")
    if not schema or not name:
        raise UpkeepError(f"--into {text}: say schema and name, as public.visits_archived")
    return schema, name


def _undeclared(given: argparse.Namespace) -> UpkeepError:
    names = {db.name for db, _ in _every()}
    if given.target and given.target not in names:
        return UpkeepError(f'the inventory declares no archive of a database "{given.target}"{nearest(given.target, names)}')
    known = {plan.table for db, plan in _every() if given.target in {None, db.name}}
    known |= {name.partition(".")[2] for name in known if "." not in given.table}
    return UpkeepError(f'the inventory declares no archive of "{given.table}"{nearest(given.table, sorted(known))}')


def _moment(text: str | None, plan: Archive) -> datetime | None:
    """A moment of the archive's time zone; one that says its own zone is brought there."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise UpkeepError(f"--from and --to: {error}; write days as 2026-11-01") from error
    return moment.astimezone(ZoneInfo(plan.time_zone)).replace(tzinfo=None) if moment and moment.tzinfo else moment


def _login(db: Database) -> str:
    """The login that may make a table."""
    return db.maintenance.login if db.maintenance else db.connection


def _place(db: Database, plan: Archive) -> Place:
    return place_of(_connections().objects(plan.to, plan.connection), db.name, plan.table)


def _connections() -> Connections:
    """Airflow's connections, imported when one is asked for."""
    from upkeep.airflow_bridge import connections

    return connections.AirflowConnections()


@contextmanager
def _local() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="upkeep-archive-") as folder:
        yield Path(folder)


def add_command(make: Callable[..., argparse.ArgumentParser]) -> None:
    """The command with its options; `make` makes one."""
    one = make("archive", archive, "what is archived of a database, whether it is whole, and rows back into a table beside")
    one.usage = USAGE.rstrip()
    one.add_argument("word", metavar="list|verify|restore", help="what to do")
    one.add_argument("table", nargs="?", metavar="TABLE", help="a table of the inventory's `archive:`")
    one.add_argument("--target", metavar="NAME", help="the database, where several archive a table of this name")
    one.add_argument("--from", dest="start", metavar="DAY", help="restore: rows from here on, in the archive's time zone")
    one.add_argument("--to", dest="end", metavar="DAY", help="restore: rows before this")
    one.add_argument("--into", metavar="SCHEMA.TABLE", help="restore: the new table (TABLE_archived)")
