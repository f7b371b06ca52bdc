"""Old rows of Airflow's metadata database, cleaned by Airflow's own command after approval."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.decisions.plan import Plan
from upkeep.duty import Deadline, Progress, job
from upkeep.errors import CannotAskError
from upkeep.formats.db_clean import parse
from upkeep.humanize import plural
from upkeep.jobs.database.metadata_command import MetadataCommand
from upkeep.jobs.database.metadata_outcome import outcome
from upkeep.jobs.database.metadata_plan import Table, archives_in, arguments, command_line, refuse_unread, steps_of, text_of
from upkeep.sources.connections import Connections
from upkeep.sources.postgres import Postgres
from upkeep.targets.airflow_database import AirflowDatabase
from upkeep.units import Unit
from upkeep.window import Cadence

LOGIN = "a connection airflow_maintenance_db, or `maintenance: login:` of this target: a role that owns Airflow's tables"
# Not `dag` and `dag_version`, which say what there is, nor what these need; the command adds the tables that hang on these.
TABLES = (
    "asset_event,callback,celery_taskmeta,celery_tasksetmeta,dag_run,import_error,job,log,revoked_token,session,task_reschedule,"
    "trigger"
)


def cleaned(plan: Plan, db: AirflowDatabase, connections: Connections, deadline: Deadline, progress: Progress) -> Answer:
    """
    Run `airflow db clean` as it was approved, and look with a dry run whether the rows are gone.

    Safe to kill anywhere: each batch is copied, deleted and its copy dropped by the command; run again, it goes on with what is
    left. Copies that a killed command left behind are dropped when the plan had seen none before it, and named otherwise.
    """
    login = connections.postgres(_login(db))
    with login.connect("upkeep metadata_retention") as session:
        before = _archives(Postgres(session))
    command, wanted = MetadataCommand(login, deadline), plan.steps
    progress("clean", f"{', '.join(wanted['tables'])} before {wanted['clean_before']}")
    command(
        "clean", *arguments(wanted), "--yes", "--error-on-cleanup-failure", *([] if wanted["export_to"] else ["--skip-archive"])
    )
    _settle_archives(command, wanted, before, progress)
    progress("verify", "by a dry run")
    left = parse(MetadataCommand(login, deadline, reads=True)("clean", *arguments(wanted), "--dry-run"))
    with login.connect("upkeep metadata_retention") as session:
        behind = _archives(Postgres(session)) - set(wanted["archives"])
    return outcome(wanted, left, behind)


@job(Cadence.MONTHLY, owner="platform", hours=2, queue="heavy", at_once=1, approve=cleaned)
def metadata_retention(
    db: AirflowDatabase,
    pg: Postgres,
    connections: Connections,
    deadline: Deadline,
    progress: Progress,
    *,
    keep_days: float = 180,
    least_rows: int = 20_000,
    batch_rows: int = 10_000,
    tables: str = TABLES,
    export_to: str = "",
) -> Plan | Answer:
    """
    Old rows of Airflow's metadata: what `airflow db clean` would delete, and that done after approval.

    Airflow never deletes its own past: task instances, events, XComs and jobs grow until pages and the scheduler are slow.
    What would go is counted by a dry run of the command in a read-only session: rows from before the month's start less
    `keep_days`, of `tables` and of those that the command adds to them. Fewer than `least_rows` are left for later. Shown are
    rows, age and room by table and the exact command; it runs as `maintenance.login` once somebody has approved it, in batches
    of `batch_rows`, without archive tables, or with them exported to the folder `export_to` as CSV and dropped. The newest
    scheduled run of each DAG stays. Nothing else here writes to Airflow's database. Safe to kill at any point.
    """
    found = {table.name: table for table in pg.measure(__file__, Table)}
    if "dag_run" not in found:
        raise CannotAskError(f"{db.name} is no metadata database of Airflow: it has no table dag_run", "name another connection")
    steps = steps_of(pg, found, keep_days=keep_days, batch_rows=batch_rows, tables=tables, export_to=export_to)
    progress("count", f"what is older than {steps['clean_before']}, by a dry run")
    cleaning = parse(
        MetadataCommand(connections.postgres(db.connection), deadline, reads=True)("clean", *arguments(steps), "--dry-run")
    )
    refuse_unread(pg, cleaning)
    going = {name: rows for name, rows in cleaning.rows.items() if rows}
    if sum(going.values()) < max(least_rows, 1):
        return _little(going, steps, found)
    steps["tables"] = going
    if db.maintenance is None:
        return _by_hand(steps, found)
    return Plan(subject=f"Clean {plural(sum(going.values()), 'old row')} from {db.name}?",
        markdown="\n".join(text_of(pg, steps, found, cleaning)), steps=steps)  # fmt: skip


def _little(going: Mapping[str, int], steps: Mapping[str, Any], found: Mapping[str, Table]) -> Answer:
    total = sum(going.values())
    return Answer.judged(f"{plural(total, 'row')} from before {steps['clean_before'][:10]}: not worth cleaning yet",
        metrics=_metrics(going, found))  # fmt: skip


def _by_hand(steps: Mapping[str, Any], found: Mapping[str, Table]) -> Answer:
    going = steps["tables"]
    title = f"{plural(sum(going.values()), 'row')} from before {steps['clean_before'][:10]}, and no login that may clean them"
    remedy = f"{command_line(steps)}\n# or let it be proposed for approval: {LOGIN}"
    found_old = Finding(rule="metadata_not_cleaned", object="metadata", severity=Severity.LOW, title=title, remedy=remedy,
        value=sum(going.values()), unit=Unit.COUNT)  # fmt: skip
    return Answer.judged(title, findings=[found_old], metrics=_metrics(going, found))


def _metrics(going: Mapping[str, int], found: Mapping[str, Table]) -> list[Metric]:
    rows = [
        Metric(name="metadata_old_rows", value=count, unit=Unit.COUNT, labels={"table": name}) for name, count in going.items()
    ]
    held = sum(table.bytes for table in found.values())
    return [*rows, Metric(name="metadata_bytes", value=held, unit=Unit.BYTES)]


def _login(db: AirflowDatabase) -> str:
    if db.maintenance is None:
        raise CannotAskError("there is no login any more that may clean Airflow's tables", LOGIN)
    return db.maintenance.login


def _archives(pg: Postgres) -> set[str]:
    return set(archives_in(table.name for table in pg.measure(__file__, Table)))


def _settle_archives(command: MetadataCommand, wanted: Mapping[str, Any], before: set[str], progress: Progress) -> None:
    """Export what was archived, or drop what a killed try of this plan left; what was there before the plan is not ours."""
    tables = ",".join(wanted["tables"])
    if wanted["export_to"]:
        progress("export", wanted["export_to"])
        Path(wanted["export_to"]).mkdir(parents=True, exist_ok=True)
        command("export-archived", "--output-path", wanted["export_to"], "--tables", tables, "--drop-archives", "--yes")
    elif before and not wanted["archives"]:  # the command cannot be told to drop some of them
        progress("drop", f"{plural(len(before), 'archive table')} of an earlier try")
        command("drop-archived", "--tables", tables, "--yes")
