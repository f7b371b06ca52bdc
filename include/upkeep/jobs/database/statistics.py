"""Tables analyzed by need."""

from upkeep.answer import Answer
from upkeep.duty import Deadline, Progress, job
from upkeep.jobs.database.statistics_need import Need, Table, need
from upkeep.maintenance import verdict
from upkeep.maintenance.hours import check_hours
from upkeep.maintenance.rights import MAINTENANCE_LOGIN
from upkeep.maintenance.round import Round, ToDo
from upkeep.maintenance.session import Maintenance
from upkeep.maintenance.statements import Way, analyze
from upkeep.maintenance.work import Action, Journal
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.window import Cadence

_ONLY_SINCE = 18


@job(Cadence.WEEKLY, owner="database", needs=(MONITOR, MAINTENANCE_LOGIN), hours=1, at_once=2, after=("stale_statistics",))
def statistics(
    db: Database,
    work: Maintenance,
    journal: Journal,
    deadline: Deadline,
    progress: Progress,
    *,
    times: float = 1,
    minutes: float = 30,
    buffer_mb: int = 16,
    dry_run: bool = False,
) -> Answer:
    """
    Tables analyzed by need, the most urgent first.

    The planner guesses where it knows nothing, and is wrong where it knows something old. Needed is a table that was never
    analyzed (as after a restore, or an upgrade before version 18), partitioned and inherited tables, which autovacuum never
    analyzes as a whole, columns, index expressions and extended statistics that have none, and what changed by more than `times`
    the number at which autovacuum would come by the table's own settings. Nobody waits: what is locked is passed over, whoever
    waits for a table that is being analyzed goes first, and it ends after `minutes` or with the declared hours. The week's check
    of stale statistics looks before. Safe to kill at any point: a table is analyzed or is looked at anew, and its row says which.
    """
    if not dry_run:
        check_hours(db, work)
    tables = work.own.measure(__file__, Table)
    needs = sorted((found for table in tables if (found := need(table, times))), key=lambda found: found.order)
    todo = [_todo(found, Way(work.pg.version, buffer_mb)) for found in needs]
    if dry_run:
        return verdict.planned(Action.ANALYZE, todo)
    made = Round(db.name, Action.ANALYZE, work, journal, progress, min(minutes * 60, deadline.left_s), work.hours_left_s)
    with journal.claimed():
        made.settle()
        made.run(todo)
    return Answer.judged(
        verdict.summary(made, len(tables)),
        findings=verdict.findings(made),
        metrics=verdict.metrics(made),
        evidence={"tables": [verdict.shown(one) for one in made.done]},
    )


def _todo(found: Need, way: Way) -> ToDo:
    """Before version 18 the whole of a partitioned table cannot be analyzed without its parts, which are then done too."""
    t = found.table
    covers = frozenset(t.parts) if way.version < _ONLY_SINCE else frozenset[str]()
    return ToDo(
        oid=t.oid, name=t.name, reasons=found.reasons, covers=covers,
        statement=analyze(way, t.schema_name, t.table_name, only=t.partitioned),
    )  # fmt: skip
