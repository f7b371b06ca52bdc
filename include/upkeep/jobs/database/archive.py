"""Old rows of declared tables into Parquet files, and out of the database."""

from collections.abc import Iterator
from datetime import timedelta

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.archive.outcome import Outcome
from upkeep.archive.pace import Pace
from upkeep.archive.place import place_of
from upkeep.archive.recorded import recorded
from upkeep.archive.records import ArchiveBatch, ArchiveTable
from upkeep.archive.run import Run
from upkeep.archive.session import Session, session
from upkeep.backups.registry import Registry
from upkeep.duty import Deadline, Progress, job
from upkeep.errors import CannotAskError
from upkeep.humanize import plural, size
from upkeep.sources.connections import Connections
from upkeep.sources.rows import Rows
from upkeep.targets.archive import Archive
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

DECLARE = "archive:\n  - table: public.visits\n    column: seen_at\n    keep: 13 months\n    to: s3://bucket/archive"
LOGIN = "maintenance:\n  login: shop_db_maintenance   # its role needs SELECT and DELETE on the archived tables"
CLOCKS_APART = timedelta(days=1)


@job(Cadence.MONTHLY, owner="database", hours=6, queue="heavy", at_once=2)
def archive(
    db: Database,
    connections: Connections,
    registry: Registry,
    rows: Rows,
    deadline: Deadline,
    progress: Progress,
    *,
    max_lag_mb: float = 64,
    max_active: int = 50,
    dry_run: bool = False,
) -> Answer:
    """
    Old rows of declared tables, moved to Parquet files in an object store.

    Only tables with an `archive:` entry in the inventory. Rows older than `keep` are copied, stored, read back from the store by
    DuckDB and compared; then exactly these versions of rows are deleted, and only then the file is published under `rows/`. A row
    that was changed or locked meanwhile stays. A partition that is wholly old is detached concurrently and dropped instead, where
    the login owns it. Before each step replicas may be `max_lag_mb` behind and `max_active` sessions at work; else it waits. What
    was reported and is gone from the store is a finding. A table whose deletes would do more (foreign keys, triggers, rules,
    publications) is refused by name. `dry_run` says what would go and changes nothing. Safe to kill anywhere:
    a record of each delete or drop with its transaction id is stored before the commit; the next run goes on from there.
    """
    if not db.archive:
        return Answer.judged("no table is declared to be archived", evidence={"declare": DECLARE})
    if db.maintenance is None:
        raise CannotAskError("the inventory names no login that may delete rows here", LOGIN)
    name = f"archive of {db.name}"
    progress("claim", f"to be the only one at the {name}")
    with (
        registry.claimed(name),
        session(connections.postgres(db.maintenance.login), f"upkeep {name}", db.lock_timeout_s) as opened,
    ):
        _check_clock(opened, registry)
        pace = Pace(max_lag_mb * 10**6, max_active, deadline, lambda text: progress("archive", text))
        runs = [_run(plan, db, connections, registry, rows, opened, pace, progress, name) for plan in db.archive]
        done = [run.run(dry_run=dry_run) for run in runs]
        records = [] if dry_run else list(_records(runs))
    return Answer.judged(_summary(done, dry_run=dry_run), findings=_findings(done), metrics=[] if dry_run else _metrics(done),
        evidence={"dry_run": dry_run, "tables": [_as_json(each) for each in done]}, records=records)  # fmt: skip


def _run(
    plan: Archive, db: Database, connections: Connections, registry: Registry, rows: Rows, opened: Session, pace: Pace,
    progress: Progress, name: str,
) -> Run:  # fmt: skip
    place = place_of(connections.objects(plan.to, plan.connection), db.name, plan.table)
    return Run(opened, plan, db.name, place, registry.window, registry.asked_at, pace, progress,
        lambda: registry.assert_claimed(name), recorded(rows, db.name, plan.table))  # fmt: skip


def _check_clock(opened: Session, registry: Registry) -> None:
    """What is old follows from the clock: two of them must agree."""
    apart = abs(opened.server.at - registry.asked_at)
    if apart > CLOCKS_APART:
        raise CannotAskError(
            f"the clocks of this machine and of the server are {apart} apart: which rows are old cannot be known",
            "set the clocks right, or clear the task so that it asks anew",
        )


def _records(runs: list[Run]) -> Iterator[ArchiveBatch | ArchiveTable]:
    """All that was published in this window, by whichever try: the manifests say it, and what was reported of it before."""
    for run in runs:
        yield ArchiveTable.of(run.done)
        earlier = {
            r.batch: r.record for r in run.recorded if (r.window_start, r.window_end) == (run.window.start, run.window.end)
        }
        manifests = [] if run.done.damaged else run.place.manifests()
        of_window = [m for m in manifests if (m.window_start, m.window_end) == (run.window.start, run.window.end)]
        known = {m.id: ArchiveBatch.of(m, run.done.place) for m in [*of_window, *run.done.published]}
        yield from {**earlier, **known}.values()


def _summary(done: list[Outcome], *, dry_run: bool) -> str:
    """One line with numbers."""
    if dry_run:
        parts = [f"{each.table}: {each.refused or _would(each)}" for each in done]
        return "; ".join([*parts, "dry run, nothing was changed"])
    rows, files = sum(each.rows for each in done), sum(len(each.published) for each in done)
    kept = size(sum(each.bytes for each in done))
    parts = [f"{rows:,} rows of {plural(len(done), 'table')} archived in {plural(files, 'file')} ({kept})"]
    parts += [f"{each.table}: {plural(len(each.detached), 'partition')} dropped" for each in done if each.detached]
    parts += [f"{each.table}: {plural(len(each.by_rows), 'old partition')} by rows" for each in done if each.by_rows]
    parts += [f"{each.table}: {why}" for each in done if (why := each.damaged or each.refused or each.stopped)]
    parts += [f"{each.table}: {plural(each.changed, 'row')} changed or locked meanwhile stayed" for each in done if each.changed]
    parts += [f"{each.table}: {plural(each.missing, 'row')} without a date stay" for each in done if each.missing]
    parts += [f"{each.table}: {plural(each.infinite, 'row')} dated infinity stay" for each in done if each.infinite]
    return "; ".join(parts)


def _would(each: Outcome) -> str:
    """What a run would do with one table."""
    dropped = f", and detach and drop {', '.join(each.detached)}" if each.detached else ""
    return f"would archive {each.old:,} rows before {each.cutoff}{dropped}"


def _findings(done: list[Outcome]) -> Iterator[Finding]:
    for each in done:
        if each.damaged:
            yield _finding("archive_damaged", each, Severity.CRITICAL, f"the archive is not to be trusted: {each.damaged}")
        elif each.refused and not each.held:
            yield _finding("archive_refused", each, Severity.MEDIUM, f"not archived: {each.refused}")
        elif each.stopped:
            yield _finding("archive_stopped", each, Severity.LOW, f"not all that is old was archived: {each.stopped}")


def _finding(rule: str, each: Outcome, severity: Severity, title: str) -> Finding:
    remedy = each.remedy or "the next run goes on; raise max_lag_mb, max_active or run it at a quieter hour: upkeep job archive"
    return Finding(rule=rule, object=each.table, severity=severity, title=title, remedy=remedy)


def _metrics(done: list[Outcome]) -> Iterator[Metric]:
    for each in done:
        labels = {"table": each.table}
        yield Metric(name="archived_rows", value=each.rows, unit=Unit.ROWS, labels=labels)
        yield Metric(name="archived_bytes", value=each.bytes, unit=Unit.BYTES, labels=labels)
        yield Metric(name="archive_seconds", value=each.seconds, unit=Unit.SECONDS, labels=labels)


def _as_json(each: Outcome) -> dict[str, object]:
    return {
        "table": each.table, "place": each.place, "cutoff": each.cutoff, "old": each.old, "archived": each.rows,
        "files": [manifest.file for manifest in each.published], "changed": each.changed, "without_date": each.missing,
        "infinite": each.infinite, "why_not": each.damaged or each.refused or each.stopped, "legal_hold": each.held,
        "dropped_partitions": each.detached, "by_rows": each.by_rows,
    }  # fmt: skip
