"""
What the tasks do when they run: begin the run, put one question, call the roll, judge the rows, report.

Nothing passes between tasks but through the report database, so they may run on any worker. Each can be killed at any point and
run again: what it writes is replaced by key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from upkeep.answer import Answer, Status
from upkeep.asking import Asking, ask_and_store
from upkeep.duty import Duty, discover, find
from upkeep.errors import BrokenError, InventoryError
from upkeep.inventory import Target, current
from upkeep.programme import connections, telling
from upkeep.programme.selection import Selection
from upkeep.programme.when import Started, window_for
from upkeep.store.answers import Provenance, connected
from upkeep.store.declare import declare
from upkeep.store.roll_call import roll_call
from upkeep.store.runs import begin_run, finish_run
from upkeep.store.waivers import current_waivers, sync_waivers, waived
from upkeep.window import Cadence, Window


@dataclass(frozen=True, slots=True)
class Run:
    """The Airflow run that a task belongs to, in our words."""

    cadence: Cadence
    window: Window
    selection: Selection
    dag_id: str
    run_id: str
    run_type: str
    provenance: Provenance

    @property
    def replay(self) -> bool:
        """Whether a person asked for the past: one summary, no alerts, nothing live."""
        return self.run_type == "backfill"

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> "Run":
        """From a task's context."""
        run, ti = context["dag_run"], context["ti"]
        cadence, params = Cadence(run.dag_id), context["params"]
        started = Started(run.run_after, run.data_interval_start, run.data_interval_end, run.partition_key)
        return cls(
            cadence=cadence,
            window=window_for(started, params, cadence, current().zone),
            selection=Selection.of(params),
            dag_id=run.dag_id,
            run_id=run.run_id,
            run_type=getattr(run.run_type, "value", str(run.run_type)),
            provenance=Provenance(
                run.dag_id, run.run_id, ti.task_id, ti.map_index, ti.try_number, asked_at=datetime.now(UTC), seconds=0
            ),
        )

    def expected(self) -> list[tuple[Duty, Target]]:
        """Every question that this run is to put."""
        pairs = [(duty, target) for duty in discover() if duty.cadence is self.cadence for target in current().of(duty.target)]
        return [(duty, target) for duty, target in pairs if self.selection.includes(duty, target.name)]


def begin() -> None:
    """
    Note that the run began, and bring the tables of targets, duties and waivers in line with the files.

    A bad waivers file quiets nothing: the error is raised after the rest is done, and the run goes no further until it is mended.
    """
    run = Run.of(get_current_context())
    with connected(connections.store(), "upkeep begin") as store:
        declare(store, current(), discover())
        begin_run(store, run.cadence, run.window, run.provenance, run.run_type)
        _sync_waivers(store)
        telling.progress(store, run)
    telling.deliver()


def ask_one(duty_name: str, target: str) -> None:
    """
    Put one question and store its answer.

    Green is ok, or findings below the target's `red_at`. Red is a finding at or above it, or a question that broke. Skipped is
    unknown: the reason is in the log and in the rows.
    """
    run, duty, asked = Run.of(get_current_context()), find(duty_name), current().target(target)
    if not run.selection.includes(duty, target):
        raise AirflowSkipException(f"{target} was not selected for this run")
    asking = Asking(duty, asked, run.window, connections.endpoint, connections.store(), run.provenance, run.replay)
    try:
        answer = ask_and_store(asking)
    except BrokenError as error:
        raise _broken(asking, error) from error
    _show(answer)
    _judge(asking, answer)


def call_roll() -> None:
    """Store `unknown` for every question that was to be put and has no answer: silence is not green."""
    run = Run.of(get_current_context())
    with connected(connections.store(), "upkeep roll_call") as store:
        silent = roll_call(store, run.expected(), run.window, run.provenance)
        telling.progress(store, run)
    for duty, target in silent:
        print(f"no answer: {duty} about {target}")  # noqa: T201 - a task's log is its output


def judge_rows() -> None:
    """Judge the quality of the run's rows, and keep the verdict for the report. Fails when an expectation fails."""
    from upkeep.quality import keep_verdict, validate

    run = Run.of(get_current_context())
    with connected(connections.store(), "upkeep quality") as store:
        verdict = validate(store, run.cadence, run.window, [(d.name, t.name) for d, t in run.expected()])
        keep_verdict(store, run.cadence, run.window, verdict)
    if not verdict.passed:
        raise AirflowFailException("the run's rows are not fit to be reported: " + "; ".join(verdict.failures))


def report() -> None:
    """Build the run's report from stored rows, store it, and tell people once."""
    run = Run.of(get_current_context())
    with connected(connections.store(), "upkeep report") as store:
        telling.publish(store, run)
        finish_run(store, run.cadence, run.window, datetime.now(UTC))
    telling.deliver()


def _sync_waivers(store: Any) -> None:
    try:
        sync_waivers(store, current(), discover())
    except InventoryError as error:
        raise AirflowFailException(f"no waiver holds until this is corrected:\n{error}") from error


def _broken(asking: Asking, error: BrokenError) -> Exception:
    said = f"{asking.duty.name} about {asking.target.name}: {error.reason}" + (f"\n{error.remedy}" if error.remedy else "")
    return RuntimeError(said) if error.retry else AirflowFailException(said)


def _show(answer: Answer) -> None:
    lines = [f"{answer.status.value}: {answer.summary}"]
    lines += [f"{f.severity.label}: {f.title}\n    {f.remedy}" for f in answer.findings]
    print("\n".join(lines))  # noqa: T201 - a task's log is its output


def _judge(asking: Asking, answer: Answer) -> None:
    if answer.status is Status.UNKNOWN:
        raise AirflowSkipException(f"unknown: {answer.summary}")
    red = [f for f in answer.findings if f.severity >= asking.target.red_severity]
    if not red:
        return
    day = asking.provenance.asked_at.date()
    with connected(connections.store(), "upkeep waivers") as store:
        waivers = current_waivers(store)
    open_ones = [f for f in red if not waived(f, asking.duty.name, asking.target.name, waivers, day)]
    if open_ones:
        raise AirflowFailException("\n".join(f.title for f in open_ones))
