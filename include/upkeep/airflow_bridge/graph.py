"""One DAG for each cadence: a box for each duty, a group for each area, an instance for each target."""

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Asset, CronDataIntervalTimetable, TaskGroup, task

from upkeep.airflow_bridge import notifications, tasks
from upkeep.airflow_bridge.selection import form
from upkeep.config.inventory import Inventory, inventory_path
from upkeep.config.thresholds import checked
from upkeep.discovery import discover
from upkeep.duty import Duty
from upkeep.window import Cadence

# The past that may be backfilled; dated sources decide how far they really reach.
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
RETRY = {
    "retries": 3,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=5),
}


def cadence_dag(cadence: Cadence, text: str, dag_id: str | None = None) -> DAG:
    """
    The DAG of one cadence: begin, every duty mapped over its targets, missing answers, quality, report.

    `missing_answers` and `report` are teardowns: they always run, and a failed duty still fails the run. `begin` is their setup:
    clearing one duty's instance runs them again too. Airflow judges a run by its last boxes alone: `verdict` stands after the
    duties that others wait for, so that these count too.
    """
    inventory, duties = checked(inventory_path()), tuple(d for d in discover() if d.cadence is cadence)
    with DAG(
        dag_id=dag_id or cadence.value,
        doc_md=text,
        schedule=_timetable(cadence, inventory),
        start_date=BEGINNING,
        catchup=False,
        params=form(inventory, duties),
        tags=["upkeep"],
        max_active_runs=2,
        dagrun_timeout=timedelta(hours=6),
        default_args={**RETRY, "execution_timeout": timedelta(minutes=10), "owner": "upkeep"},
    ) as dag:
        _chain(cadence, *_areas(inventory, duties))
    return dag


def _chain(cadence: Cadence, asked: list[Any], awaited: list[Any]) -> None:
    tell: dict[str, Any] = {"on_failure_callback": notifications.broken}
    published = Asset(f"upkeep_report_{cadence}")
    begin: Any = task(task_id="begin", **tell)(tasks.begin)()
    missing: Any = task(task_id="missing_answers", **tell)(tasks.missing_answers)()
    quality: Any = task(task_id="quality", trigger_rule="all_done", retries=1)(tasks.judge_rows)()
    report: Any = task(task_id="report", outlets=[published], **tell)(tasks.report)()
    if awaited:
        verdict = EmptyOperator(task_id="verdict", trigger_rule="none_failed")
        awaited >> verdict >> missing
    begin.as_setup() >> asked >> missing.as_teardown(setups=begin) >> quality >> report.as_teardown(setups=begin)


def _timetable(cadence: Cadence, inventory: Inventory) -> Any:
    cron = inventory.settings.schedule.get(cadence, cadence.cron)
    return CronDataIntervalTimetable(cron, timezone=inventory.settings.timezone) if cron else None


def _areas(inventory: Inventory, duties: tuple[Duty, ...]) -> tuple[list[Any], list[Any]]:
    """A group for each area, and the boxes that other boxes wait for."""
    groups, awaited = [], []
    for area, found in groupby(duties, key=lambda duty: duty.area):
        members = tuple(found)
        with TaskGroup(group_id=area) as group:
            boxes = {duty.name: _mapped(duty, [target.name for target in inventory.of(duty.target)]) for duty in members}
            for duty in members:
                for earlier in duty.after:
                    boxes[earlier] >> boxes[duty.name]
                    awaited.append(boxes[earlier])
        groups.append(group)
    return groups, awaited


def _mapped(duty: Duty, targets: list[str]) -> Any:
    made = task(
        task_id=duty.name,
        doc_md=duty.text,
        owner=duty.owner,
        execution_timeout=timedelta(hours=duty.hours),
        # What comes before it may be red or unknown: this question is still to be put.
        trigger_rule="all_done" if duty.after else "all_success",
        map_index_template="{{ task.op_kwargs['target'] }}",
    )(tasks.ask_one)
    return made.partial(duty_name=duty.name).expand(target=targets)
