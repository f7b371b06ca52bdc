"""What a restored copy must show: it starts again, indexes and pages hold together, it answers, and until when it is whole."""

from upkeep.answer import Finding, Severity
from upkeep.drills import amcheck, smoke
from upkeep.drills.outcome import Seen
from upkeep.drills.reader import reader_of
from upkeep.drills.recovery_point import newest
from upkeep.duty import Progress
from upkeep.errors import CannotAskError, UpkeepError
from upkeep.humanize import plural
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors
from upkeep.sources.scratch import ScratchServer
from upkeep.targets.database import Database

_SIZE = "select pg_catalog.pg_database_size(pg_catalog.current_database())"
_FEW = 5


class DeadCopyError(UpkeepError):
    """A server that restored everything well does not start again."""


def look(db: Database, server: ScratchServer, copy: Endpoint, progress: Progress, about: str, jobs: int = 2) -> Seen:
    """
    Everything about one copy, on a server of ours that ends with us. `about` names the backup, such as "newest backup".

    Raises DeadCopyError when the server does not come back, and BrokenError when it goes away meanwhile.
    """
    seen = Seen()
    progress("start again", "stop the server, start it, and ask it")
    start_again(server)
    _measure(copy, seen)
    _go_through(copy, progress, seen, about, jobs)
    reader = reader_of(copy)
    progress("smoke", plural(len(db.smoke), "query", "queries"))
    smoke.judge([smoke.ask(reader, query) for query in db.smoke], seen, about)
    _read_point(db, reader, seen)
    return seen


def start_again(server: ScratchServer) -> None:
    """Stop a server of ours and start it. Raises DeadCopyError when it does not come back."""
    try:
        server.stop()
        server.start()
    except UpkeepError as error:
        raise DeadCopyError(f"was restored, but its server does not start again: {error}") from error


def _measure(copy: Endpoint, seen: Seen) -> None:
    with translate_errors(), copy.connect("upkeep restore test") as connection:
        row = connection.execute(_SIZE).fetchone()
    seen.columns["copy_bytes"] = int(row[0]) if row else None


def _go_through(copy: Endpoint, progress: Progress, seen: Seen, about: str, jobs: int) -> None:
    checked = amcheck.check(copy, progress, jobs=jobs)
    seen.unsure += checked.unsure
    if not checked.unsure:
        seen.columns |= {"indexes_checked": checked.indexes, "tables_checked": checked.tables}
    for name in dict.fromkeys(name for name, _ in checked.corrupt):
        lines = [text for wrong, text in checked.corrupt if wrong == name]
        seen.findings.append(_corrupt(name, lines, about))


def _corrupt(name: str, lines: list[str], about: str) -> Finding:
    return Finding(
        rule="copy_corrupt",
        object=name,
        severity=Severity.CRITICAL,
        title=f"amcheck finds {name} corrupt in the {about}, restored: {lines[0]}",
        remedy="look at the collation versions (C library) of this machine and of production, and run pg_amcheck there",
        details={"lines": lines[:_FEW]},
    )


def _read_point(db: Database, reader: Endpoint, seen: Seen) -> None:
    if db.heartbeat is None:
        return
    try:
        point = newest(reader, db.heartbeat, db.name)
    except CannotAskError as error:
        seen.unsure.append(error.reason)
        return
    if point.at is None:
        seen.unsure.append(f"{point.source} has no moment in the copy: how far it reaches is not shown")
        return
    seen.columns |= {"recovery_point": point.at, "recovery_point_from": point.source}
