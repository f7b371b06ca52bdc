"""The whole examination: every target, the report database, Slack and this machine at once, none waiting for a dead one."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread

from upkeep.config.entries import entries
from upkeep.config.inventory import Inventory
from upkeep.config.yaml_document import Document
from upkeep.doctor import here
from upkeep.doctor.archive import ArchiveExamined
from upkeep.doctor.backups import Chain
from upkeep.doctor.heartbeat import heartbeat
from upkeep.doctor.log import examined
from upkeep.doctor.maintenance import MaintenanceExamined
from upkeep.doctor.metadata import metadata
from upkeep.duty import Duty, needs_of
from upkeep.errors import BrokenError, UpkeepError
from upkeep.notify.wire import SlackEndpoint
from upkeep.sources.connections import Connections
from upkeep.sources.postgres import Endpoint
from upkeep.targets.database import Database
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.target import Target

LIMIT_S = 12.0
BACKUPS_LIMIT_S = 60.0
AT_ONCE = 32
Part = Callable[[], Iterable[Diagnosis]]
Line = Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Practice:
    """
    What the doctor works with: the inventory and its file, the duties, and how connections are had.

    `executor` is Airflow's, by its name; `metadata` is the kind of its own database, by the first word of its address.
    """

    inventory: Inventory
    path: Path
    duties: Sequence[Duty]
    connections: Connections
    store: Callable[[], Endpoint]
    slack: Callable[[], SlackEndpoint]
    executor: str = ""
    metadata: str = ""


def examine(practice: Practice, targets: Sequence[Target], *, limit_s: float = LIMIT_S) -> list[Diagnosis]:
    """
    Every diagnosis: this machine, the report database, Slack, then the targets in the order given, backups and archives.

    At most `AT_ONCE` things are looked at together, and each such round ends after `limit_s` seconds whatever hangs; one of
    backups takes longer, since programs and stores are tried.
    """
    lines = _Lines(practice)
    parts: list[tuple[str, Part]] = [
        ("this machine", here.room),
        ("report database", lambda: _report_database(practice)),
        (
            "Airflow's metadata",
            lambda: metadata(practice.metadata, practice.inventory, practice.duties, lines.at(("own_databases",))),
        ),
        ("Slack", lambda: _slack(practice, lines)),
        *((target.name, _part(practice, target, lines)) for target in targets),
    ]
    chains = [(target.name, chain.examined) for target in targets if (chain := _chain(practice, target, lines))]
    beats = [(target.name, _beat(practice, target, lines)) for target in targets if isinstance(target, Database)]
    more: list[tuple[str, Part]] = [(name, beat) for name, beat in beats if beat]
    more += [(target.name, part) for target in targets if (part := _archive(practice, target, lines))]
    kept = [(target.name, part) for target in targets if (part := _maintenance(practice, target, lines))]
    return [
        *_in_rounds(parts, limit_s), *_in_rounds(kept, limit_s, "maintenance login"),
        *_in_rounds([*chains, *more], max(limit_s, BACKUPS_LIMIT_S), "backups"),
    ]  # fmt: skip


def _in_rounds(parts: Sequence[tuple[str, Part]], limit_s: float, about: str = "reachable") -> Iterator[Diagnosis]:
    for first in range(0, len(parts), AT_ONCE):
        yield from _together(parts[first : first + AT_ONCE], limit_s, about)


def _chain(practice: Practice, target: Target, lines: "_Lines") -> Chain | None:
    if not isinstance(target, Database) or target.backup is None:
        return None
    if target.backup.taken_by != "upkeep":
        return None
    return Chain(target, target.backup, practice.connections, practice.executor, lines.of_backup(target))


def _beat(practice: Practice, target: Database, lines: "_Lines") -> Part | None:
    if target.heartbeat is None or not target.heartbeat.is_ours:
        return None
    return lambda: heartbeat(target, practice.connections, lines.of(target)("heartbeat"))


def _maintenance(practice: Practice, target: Target, lines: "_Lines") -> Part | None:
    if not isinstance(target, Database) or target.maintenance is None:
        return None
    return MaintenanceExamined(target, target.maintenance, practice.connections, lines.of(target)("maintenance")).examined


def _archive(practice: Practice, target: Target, lines: "_Lines") -> Part | None:
    if not isinstance(target, Database) or not target.archive:
        return None
    return ArchiveExamined(target, practice.connections, lines.of(target)("archive")).examined


def _together(parts: Sequence[tuple[str, Part]], limit_s: float, about: str) -> Iterator[Diagnosis]:
    results: dict[int, list[Diagnosis]] = {}

    def run(index: int, subject: str, part: Part) -> None:
        try:
            results[index] = list(part())
        except Exception as error:  # noqa: BLE001 - one broken examination must not hide the others
            message = f"the examination itself failed: {type(error).__name__}: {error}"
            results[index] = [Diagnosis(subject=subject, about="examination", level=Level.NO, text=message)]

    # Daemons: a thread that hangs in name resolution must not hold the process.
    threads = [Thread(target=run, args=(i, subject, part), daemon=True) for i, (subject, part) in enumerate(parts)]
    deadline = time.monotonic() + limit_s
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    for index, (subject, _) in enumerate(parts):
        message = f"no answer within {limit_s:g} s"
        yield from results.get(index, [Diagnosis(subject=subject, about=about, level=Level.NO, text=message)])


def _part(practice: Practice, target: Target, lines: "_Lines") -> Part:
    return lambda: _target(practice, target, lines)


def _target(practice: Practice, target: Target, lines: "_Lines") -> Iterable[Diagnosis]:
    duties = [duty for duty in practice.duties if isinstance(target, duty.target)]
    line = lines.of(target)
    if not duties:
        message = "no duty asks about it"
        return [Diagnosis(subject=target.name, about="duties", level=Level.NO, text=message, where=line("name"))]
    found = [_placed(each, duties, line) for each in target.examine(practice.connections, needs_of(duties))]
    return [*found, *_server_log(practice, target, duties, line)]


def _placed(found: Diagnosis, duties: Sequence[Duty], line: Line) -> Diagnosis:
    """With the duties that wait for it, and the line of the inventory that it is about."""
    waiting = tuple(duty.name for duty in duties if duty.waits_for(found.unmet)) if found.level is Level.NO else ()
    return replace(found, blind=waiting, where=line(found.field))


def _server_log(practice: Practice, target: Target, duties: Sequence[Duty], line: Line) -> Iterator[Diagnosis]:
    if isinstance(target, Database) and any(duty.name == "slow_queries" for duty in duties):
        with suppress(UpkeepError):  # the server is away, which was said
            yield examined(target, practice.connections.postgres(target.connection), line)


def _report_database(practice: Practice) -> Iterable[Diagnosis]:
    try:
        return list(here.report_database(practice.store()))
    except BrokenError as error:
        return [here.store_away(error)]


def _slack(practice: Practice, lines: "_Lines") -> Iterable[Diagnosis]:
    if practice.inventory.settings.notify.slack_connection is None:
        message = "notify.slack_connection is not set: nobody is told, only the pages show it"
        return [Diagnosis(subject="Slack", about="answers", level=Level.NOTE, text=message, where=lines.at(("notify",)))]
    where = lines.at(("notify", "slack_connection"))
    try:
        return [here.slack_answers(practice.slack(), where)]
    except BrokenError as error:
        return [Diagnosis(subject="Slack", about="answers", level=Level.NO, text=str(error), remedy=error.remedy, where=where)]


class _Lines:
    """Lines of the inventory, read once."""

    def __init__(self, practice: Practice) -> None:
        self._document = Document(practice.path)
        self._data = self._document.mapping()
        self._places = {entry["name"]: (where, entry) for where, _, entry in entries(self._data)}

    def at(self, where: tuple[str | int, ...]) -> str:
        """`file:line` of a place."""
        return f"{self._document.path}:{self._document.line(where)}"

    def of(self, target: Target) -> Line:
        """`file:line` by field of one target."""
        if target.name not in self._places:
            return lambda _: self.at(("own_databases",))
        return lambda field: self.at((*self._places[target.name][0], field))

    def of_backup(self, target: Target) -> str:
        """`file:line` of where a target's backups are declared: its own, or for all."""
        where, entry = self._places.get(target.name, (("own_databases",), {}))
        return self.at((*where, "backup") if "backup" in entry else ("backup",))
