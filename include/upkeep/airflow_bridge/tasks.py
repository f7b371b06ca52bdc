"""
What the tasks do when they run: begin the run, put one question, store missing answers, judge the rows, report.

Nothing passes between tasks but through the report database, so they may run on any worker. Each can be killed at any point and
run again: what it writes is replaced by key.
"""

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, DownstreamTasksSkipped

from upkeep.airflow_bridge import connections, notifications
from upkeep.airflow_bridge.retries import makes_sense
from upkeep.airflow_bridge.run import Run
from upkeep.airflow_bridge.selection import not_put
from upkeep.answer import Answer, Finding, Status
from upkeep.config.inventory import current
from upkeep.config.waivers import load_waivers, waived, waivers_path
from upkeep.discovery import broken_modules, discover, find
from upkeep.duty import Duty
from upkeep.errors import BrokenError, InventoryError
from upkeep.given.asked import Asked
from upkeep.humanize import plural
from upkeep.runner import PRESENT_ONLY, ask_and_store, store_present_only
from upkeep.store.answers import connected
from upkeep.store.missing_answers import store_missing_answers
from upkeep.store.retention import drop_old_rows
from upkeep.store.runs import finish_run
from upkeep.store.sync_definitions import declare
from upkeep.store.waivers import sync_waivers
from upkeep.targets.target import Target
from upkeep.window import Cadence, is_latest

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger(__name__)


def begin() -> None:
    """
    Note that the run began, and bring the tables of targets, duties and waivers in line with the files.

    A duty that only sees the live system is answered here where the window is past. At the end Airflow skips that, and what was
    not selected: a task that only finds that out itself costs a process and seconds.
    """
    run = Run.of(get_current_context())
    with connected(connections.store(), "upkeep begin") as store:
        declare(store, current(), discover())
        notifications.begin(store, run)
        try:
            sync_waivers(store, current(), discover())
        except InventoryError as error:
            log.error("no waiver quiets anything until this is mended; the quality task will fail:\n%s", error)  # noqa: TRY400
        answered = _answer_about_the_past(store, run)
        notifications.progress(store, run)
    notifications.deliver_now(notifications.BUDGET_S)
    duties = [duty for duty in discover() if duty.cadence is run.cadence]
    if boxes := not_put(run.selection, answered, duties, current()):
        raise DownstreamTasksSkipped(tasks=boxes)  # type: ignore[no-untyped-call]


def ask_one(duty_name: str, target: str) -> None:
    """
    Put one question and store its answer.

    Green is ok, or findings below the target's `red_at`. Red is a finding at or above it, or a question that broke. Skipped is
    unknown, with the reason in the log and in the rows, or not selected in this run.
    """
    run, duty = Run.of(get_current_context()), find(duty_name)
    if not run.selection.includes(duty, target):
        raise AirflowSkipException(f"{target} was not selected for this run")
    asked = _asked(run, duty, current().target(target))
    try:
        answer = ask_and_store(asked, connections.store())
    except BrokenError as error:
        _tell_broken(run, asked, error)
    red = _red(asked, answer)
    _show(answer)
    if not asked.present_only:  # else what was answered in its time stands, and what was told of it
        notifications.answered(connections.store(), run, asked, answer, red=bool(red))
    if red:
        raise AirflowFailException("\n".join(f.title for f in red))
    if answer.status is Status.UNKNOWN:
        raise AirflowSkipException(f"unknown: {answer.summary}")


def fail_broken_module(module: str) -> None:
    """Fail with the traceback of a module of duties that cannot be imported."""
    broken = next((found for found in broken_modules() if found.module == module), None)
    if broken:
        raise AirflowFailException(f"{module} cannot be imported:\n{broken.traceback}")
    raise AirflowFailException(
        f"{module} can be imported here, but could not be when the DAG was read: let Airflow read the DAG file again"
    )


def missing_answers() -> None:
    """Store `unknown` for every question that was to be put and has no answer: silence is not green."""
    run = Run.of(get_current_context())
    with connected(connections.store(), "upkeep missing answers") as store:
        expected, past = run.expected(), run.replay or not is_latest(run.window, run.provenance.asked_at)
        for duty, target in store_missing_answers(store, run.cadence, run.window, expected, run.provenance, past=past):
            log.warning("no answer of %s about %s", duty, target)


def judge_rows() -> None:
    """Judge the quality of the run's rows and keep the result for the report. Fails when an expectation is not met."""
    from upkeep.data_quality.gate import validate
    from upkeep.store.quality_result import put_quality_result

    run = Run.of(get_current_context())
    with connected(connections.store(), "upkeep quality") as store:
        result = validate(store, run.cadence, run.window, run.expected())
        put_quality_result(store, run.cadence, run.window, result)
    problems = [*result.failures, *_waiver_problems()]
    if problems:
        raise AirflowFailException("the run's rows are not fit to be relied on:\n" + "\n".join(problems))


def report() -> None:
    """Build the run's report from stored rows, store it, and tell people once. The daily one then drops rows past their age."""
    run = Run.of(get_current_context())
    with connected(connections.store(), "upkeep report") as store:
        notifications.publish(store, run)
        finish_run(store, run.cadence, run.window, datetime.now(UTC))
    notifications.deliver_now(notifications.BUDGET_OF_REPORT_S)
    if run.cadence is Cadence.DAILY and not run.replay:
        _drop_old_rows()


def _answer_about_the_past(store: "psycopg.Connection[Any]", run: Run) -> set[tuple[str, str]]:
    """Answer for every duty that only sees the live system, where the window is past; their pairs of duty and target."""
    about_the_past = [asked for asked in (_asked(run, *pair) for pair in run.expected()) if asked.present_only]
    for asked in about_the_past:
        store_present_only(store, asked)
    if about_the_past:
        log.info("%s answered here: %s", plural(len(about_the_past), "question"), PRESENT_ONLY)
    return {(asked.duty.name, asked.target.name) for asked in about_the_past}


def _asked(run: Run, duty: Duty, target: Target) -> Asked:
    return Asked(
        duty=duty,
        target=target,
        window=run.window,
        connections=connections.AirflowConnections(),
        provenance=run.provenance,
        replay=run.replay,
        asked_by=run.asked_by,
    )


def _drop_old_rows() -> None:
    with connected(connections.store(), "upkeep retention") as store:
        log.info("%s", drop_old_rows(store, current().settings.keep, datetime.now(UTC)))


def _tell_broken(run: Run, asked: Asked, error: BrokenError) -> None:
    again = makes_sense(error, get_current_context()["ti"])
    if not again:
        answer = Answer.unknown(f"could not ask: {error.reason}", error.remedy)
        notifications.answered(connections.store(), run, asked, answer, red=True)
    reason = f"{asked.duty.name} about {asked.target.name}: {error.reason}" + (f"\n{error.remedy}" if error.remedy else "")
    raise RuntimeError(reason) if again else AirflowFailException(reason) from error


def _red(asked: Asked, answer: Answer) -> list[Finding]:
    bad = [f for f in answer.findings if f.severity >= asked.target.red_severity]
    if not bad:
        return []
    try:
        waivers = load_waivers(waivers_path(), current(), discover())
    except InventoryError:
        return bad  # fails toward reporting; the quality task says what is wrong with the file
    day = asked.provenance.asked_at.date()
    return [f for f in bad if not waived(f, asked.duty.name, asked.target.name, waivers, day)]


def _show(answer: Answer) -> None:
    log.info("%s: %s", answer.status.value, answer.summary)
    for finding in answer.findings:
        log.info("%s: %s\n%s", finding.severity.label, finding.title, finding.remedy)


def _waiver_problems() -> list[str]:
    try:
        load_waivers(waivers_path(), current(), discover())
    except InventoryError as error:
        return str(error).splitlines()
    return []
