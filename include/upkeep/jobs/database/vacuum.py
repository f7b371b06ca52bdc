"""Tables vacuumed by need."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import Deadline, Progress, job
from upkeep.jobs.database.table_settings import proposals
from upkeep.jobs.database.vacuum_need import Need, Rule, Table, need
from upkeep.maintenance import verdict
from upkeep.maintenance.hours import check_hours, is_outside
from upkeep.maintenance.rights import MAINTENANCE_LOGIN
from upkeep.maintenance.round import Round, ToDo, of_outcome
from upkeep.maintenance.session import Maintenance
from upkeep.maintenance.statements import Way
from upkeep.maintenance.statements import vacuum as statement
from upkeep.maintenance.work import Action, Journal, Outcome, Work
from upkeep.sources import temporary
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_MB = 10**6
_ONLY = "only what is past the age where it is frozen by force"


@job(
    Cadence.MONTHLY, owner="database", needs=(MONITOR, MAINTENANCE_LOGIN), hours=3, queue="heavy", at_once=2, after=("archive",)
)  # fmt: skip
def vacuum(
    db: Database,
    work: Maintenance,
    journal: Journal,
    deadline: Deadline,
    progress: Progress,
    *,
    times: float = 1,
    freeze_share: float = 0.75,
    visible_share: float = 0.5,
    min_pages: float = 1000,
    minutes: float = 120,
    cost_delay_ms: float = 2,
    cost_limit: int = 2000,
    buffer_mb: int = 16,
    workers: int = 2,
    parallel_mb: float = 100,
    kept_rows: float = 10_000,
    dry_run: bool = False,
) -> Answer:
    """
    Tables vacuumed by need, the most urgent first.

    Needed is what autovacuum would do by the table's own settings and has not done: dead rows or new rows past `times` its
    limit (those of TOAST too), an age past `freeze_share` of where it freezes by force, a table of which less than
    `visible_share` is known to be visible to all, and one that a crash made the server forget. Past its age a table comes
    first, and is not truncated. Nobody waits: what is locked is passed over, whoever waits for a table under work goes first.
    It ends after `minutes` or with the declared hours, which hold for all but tables past their age. Never FULL. What the
    archive took out is cleared away too. Stored for each table: its shape before and after, what was predicted, what was
    removed and what could not be, and who held that back. Where it was needed twice, settings are proposed with the arithmetic.
    Temporary tables are left alone. Safe to kill at any point: a table is vacuumed or is looked at anew, as its row says.
    """
    pace = _Pace(Way(work.pg.version, buffer_mb, workers), cost_delay_ms, cost_limit, parallel_mb * _MB)
    needed = _needed(work, Rule(times, freeze_share, visible_share, min_pages), pace)
    if dry_run:
        return verdict.planned(Action.VACUUM, needed.todo, left_alone=needed.left_alone)
    made = Round(db.name, Action.VACUUM, work, journal, progress, min(minutes * 60, deadline.left_s), work.hours_left_s)
    _go_round(db, made, needed.todo)
    return _answer(made, needed, kept_rows)


@dataclass(frozen=True, slots=True)
class _Pace:
    """How a table is worked on: its statement, its rests, and from how many bytes of indexes on more workers pay."""

    way: Way
    cost_delay_ms: float
    cost_limit: int
    parallel_bytes: float


@dataclass(frozen=True, slots=True)
class _Needed:
    """Tables that need it, in their order, and what will be run."""

    looked_at: int
    needs: Sequence[Need]
    todo: Sequence[ToDo]
    left_alone: Sequence[str]


def _needed(work: Maintenance, rule: Rule, pace: _Pace) -> _Needed:
    tables = work.pg.measure(__file__, Table)
    needs = sorted((found for table in tables if (found := need(table, rule))), key=lambda found: found.order)
    return _Needed(len(tables), needs, [_todo(found, pace) for found in needs], temporary.left_over(work.pg))


def _go_round(db: Database, made: Round, todo: Sequence[ToDo]) -> None:
    if not any(one.urgent for one in todo):
        check_hours(db, made.work)
    with made.journal.claimed():
        made.settle()
        made.run(todo)


def _answer(made: Round, needed: _Needed, kept_rows: float) -> Answer:
    past = made.journal.past() or made.done
    return Answer.judged(
        verdict.summary(made, needed.looked_at) + (f"; outside its hours: {_ONLY}" if is_outside(made.work) else ""),
        findings=[*verdict.findings(made), *_kept(made.done, kept_rows), *_proposed(needed.needs, past), *_urgent(made)],
        metrics=[*verdict.metrics(made), *_metrics(made.done)],
        evidence={"tables": [verdict.shown(one) for one in made.done], "left_alone": needed.left_alone},
    )


def _todo(found: Need, pace: _Pace) -> ToDo:
    t, way = found.table, pace.way
    pays = t.indexes > 1 and t.index_bytes >= pace.parallel_bytes
    rests = {"vacuum_cost_delay": f"{pace.cost_delay_ms}ms", "vacuum_cost_limit": str(pace.cost_limit)}
    own = Way(way.version, way.buffer_mb, min(way.workers, t.indexes - 1) if pays else 0)
    only_toast = set(found.kinds) == {"toast"}
    return ToDo(
        oid=t.oid, name=t.name, reasons=found.reasons, predicted_rows=t.predicted_rows, urgent=t.urgent,
        statement=statement(own, t.schema_name, t.table_name, truncate=not t.urgent, only_toast=only_toast),
        settings={**rests, **_freezing(found)},
    )  # fmt: skip


def _freezing(found: Need) -> dict[str, str]:
    """Whole tables are frozen where that is why; VACUUM itself does not know a table's own limit of age. No pause when urgent."""
    t = found.table
    if "freeze" not in found.kinds:
        return {}
    whole = {"vacuum_freeze_table_age": "0", "vacuum_multixact_freeze_table_age": "0"}
    ages = {"vacuum_freeze_min_age": (t.freeze_age, 5e7), "vacuum_multixact_freeze_min_age": (t.multixact_freeze_age, 5e6)}
    young = {name: f"{limit / 2:.0f}" for name, (limit, usual) in ages.items() if limit / 2 < usual}
    return whole | young | ({"vacuum_cost_delay": "0"} if t.urgent else {})


def _kept(done: Sequence[Work], limit: float) -> Iterator[Finding]:
    for one in done:
        if (one.kept_rows or 0) >= limit:
            who, _, release = (one.held_back_by or "nobody who is still there: vacuum again").partition(": ")
            yield Finding(
                rule="rows_not_removable", object=one.table_name, severity=Severity.MEDIUM,
                title=f"{one.table_name} keeps {one.kept_rows:,.0f} dead rows after vacuum (limit {limit:,.0f}), held by {who}",
                remedy=release or f"vacuum {one.table_name};", value=one.kept_rows, limit=limit, unit=Unit.ROWS,
                details={"removed": one.removed_rows, "predicted": one.predicted_rows},
            )  # fmt: skip


def _urgent(made: Round) -> Iterator[Finding]:
    names = {one.name for one in made.left if one.urgent}
    if names:
        yield Finding(
            rule="freeze_not_reached", object="tables", severity=Severity.HIGH,
            title=f"no time was left to freeze {', '.join(sorted(names)[:5])}, which is past its age",
            remedy=f"upkeep job vacuum {made.target} # at once, and give it more minutes", value=len(names), limit=0,
            unit=Unit.COUNT,
        )  # fmt: skip


def _proposed(needs: Sequence[Need], past: Sequence[Work]) -> Iterator[Finding]:
    for found in needs:
        yield from proposals(found, [one for one in past if one.table_name == found.table.name])


def _metrics(done: Sequence[Work]) -> Iterator[Metric]:
    well = of_outcome(done, Outcome.DONE)
    yield Metric(name="removed_rows", value=sum(one.removed_rows or 0 for one in well), unit=Unit.ROWS)
    yield Metric(name="kept_rows", value=sum(one.kept_rows or 0 for one in well), unit=Unit.ROWS)
    yield Metric(name="vacuum_wal", value=sum(one.wal_bytes or 0 for one in well), unit=Unit.BYTES)
