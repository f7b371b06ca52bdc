"""One DAG for each cadence: a box for each duty, a group for each area, an instance for each target."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Asset, CronDataIntervalTimetable, TaskGroup, task
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from upkeep.airflow_bridge import entry_points
from upkeep.airflow_bridge.retries import OUTAGE, RETRY, few_retries
from upkeep.airflow_bridge.selection import form
from upkeep.config.inventory import Inventory, inventory_path
from upkeep.config.schedule import cron_of
from upkeep.config.thresholds import checked
from upkeep.discovery import BrokenModule, broken_modules, discover
from upkeep.duty import Duty
from upkeep.humanize import span
from upkeep.window import Cadence

# The past that may be backfilled; dated sources decide how far they really reach.
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
# Every kind of run but a backfill.
PRESENT: Any = ("scheduled", "manual")
TELL: Mapping[str, Any] = {"on_failure_callback": entry_points.task_failed}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a run may take, after how long people are told that it still runs, and how many runs may work at a time."""

    timeout: timedelta
    told_after: timedelta
    runs: int


LIMITS = {cadence: Limits(timedelta(hours=6), timedelta(hours=5), runs=2) for cadence in Cadence}
# A night's backups end before the next night's begin.
LIMITS[Cadence.BACKUPS] = Limits(timedelta(hours=23), timedelta(hours=20), runs=1)
# Jobs of these take hours (restores, vacuum, archive), and their reports are about what came of them.
LIMITS |= dict.fromkeys((Cadence.MONTHLY, Cadence.QUARTERLY), Limits(timedelta(hours=23), timedelta(hours=20), runs=2))


def cadence_dag(cadence: Cadence, text: str, dag_id: str | None = None) -> DAG:
    """
    The DAG of one cadence: begin, every duty mapped over its targets, missing answers, quality, report, reported.

    `missing_answers` and `report` are teardowns: they always run, and a failed duty still fails the run. `begin` is their setup:
    clearing one duty's instance runs them again too. Airflow judges a run by its last boxes alone: `verdict` stands after the
    duties that others wait for, and `reported` after the report, so that these count too.
    """
    inventory, duties, limits = checked(inventory_path()), tuple(d for d in discover() if d.cadence is cadence), LIMITS[cadence]
    with DAG(
        dag_id=dag_id or cadence.value,
        doc_md=text,
        schedule=_timetable(cadence, inventory),
        start_date=BEGINNING,
        catchup=False,
        params=form(inventory, duties),
        tags=["upkeep"],
        max_active_runs=limits.runs,
        dagrun_timeout=limits.timeout,
        deadline=_deadline(limits),
        allowed_run_types=None if cadence.has_past else PRESENT,
        on_failure_callback=entry_points.run_failed,
        default_args={**RETRY, "execution_timeout": timedelta(minutes=10), "owner": "upkeep"},
    ) as dag:
        _chain(cadence, *_areas(inventory, duties, [module for module in broken_modules() if module.cadence is cadence]))
    return dag


def _chain(cadence: Cadence, asked: list[Any], awaited: list[Any]) -> None:
    published = Asset(f"upkeep_report_{cadence}")
    begin: Any = task(task_id="begin", **TELL)(entry_points.begin)()
    missing: Any = task(task_id="missing_answers", **TELL)(entry_points.missing_answers)()
    quality: Any = task(task_id="quality", trigger_rule="all_done")(entry_points.judge_rows)()
    report: Any = task(task_id="report", outlets=[published], **TELL)(entry_points.report)()
    if awaited:
        verdict = EmptyOperator(task_id="verdict", trigger_rule="none_failed")
        awaited >> verdict >> missing
    begin.as_setup() >> asked >> missing.as_teardown(setups=begin) >> quality >> report.as_teardown(setups=begin)
    report >> EmptyOperator(task_id="reported")


def _timetable(cadence: Cadence, inventory: Inventory) -> Any:
    cron = cron_of(inventory, cadence)
    return CronDataIntervalTimetable(cron, timezone=inventory.settings.timezone) if cron else None


def _deadline(limits: Limits) -> DeadlineAlert:
    told = {"after": span(limits.told_after.total_seconds()), "limit": span(limits.timeout.total_seconds())}
    callback = SyncCallback(entry_points.RUNNING_LATE, kwargs=told)
    return DeadlineAlert(reference=DeadlineReference.DAGRUN_QUEUED_AT, interval=limits.told_after, callback=callback)


def _areas(inventory: Inventory, duties: Iterable[Duty], broken: Iterable[BrokenModule]) -> tuple[list[Any], list[Any]]:
    """A group for each area, and the boxes that other boxes wait for."""
    found: list[Duty | BrokenModule] = [*duties, *broken]
    members = sorted(found, key=lambda member: (member.area, member.name))
    groups: list[Any] = []
    boxes: dict[str, Any] = {}
    for area, of_area in groupby(members, key=lambda member: member.area):
        with TaskGroup(group_id=area) as group:
            boxes |= {member.name: _box(member, inventory) for member in of_area}
        groups.append(group)
    return groups, list(_ordered(boxes, duties))


def _ordered(boxes: Mapping[str, Any], duties: Iterable[Duty]) -> Iterable[Any]:
    for duty in duties:
        for earlier in (boxes[name] for name in duty.after if name in boxes):
            earlier >> boxes[duty.name]
            yield earlier


def _box(member: Duty | BrokenModule, inventory: Inventory) -> Any:
    if isinstance(member, Duty):
        return _mapped(member, [target.name for target in inventory.of(member.target)])
    text = f"This duty cannot be imported, so nobody is asked:\n```\n{member.traceback}\n```"
    return task(task_id=member.name, doc_md=text, **TELL)(entry_points.fail_broken_module)(member.module)


def _mapped(duty: Duty, targets: list[str]) -> Any:
    limits: dict[str, Any] = {"queue": duty.queue} if duty.queue else {}
    tries = int((LIMITS[duty.cadence].timeout - OUTAGE) / timedelta(hours=duty.hours))
    if tries <= RETRY["retries"]:
        limits |= few_retries(max(1, tries - 1))
    made = task(
        task_id=duty.name,
        doc_md=duty.text,
        owner=duty.owner,
        execution_timeout=timedelta(hours=duty.hours),
        max_active_tis_per_dagrun=duty.at_once,
        # What comes before it may be red or unknown: this question is still to be put.
        trigger_rule="all_done" if duty.after else "all_success",
        map_index_template="{{ task.op_kwargs['target'] }}",
        **limits,
    )(entry_points.ask_one)
    return made.partial(duty_name=duty.name).expand(target=targets)
