"""
When people are told: progress while a run works, each red answer at once, and the report at the end.

Slack being away, slow or wrongly set up never fails a duty: messages wait in the outbox, and the next task that delivers takes
them along.
"""

import logging
from typing import TYPE_CHECKING, Any

from airflow.sdk.configuration import conf

from upkeep.airflow_bridge import connections
from upkeep.airflow_bridge.missed_runs import missed_runs
from upkeep.airflow_bridge.run import Run
from upkeep.answer import Answer
from upkeep.config.inventory import current
from upkeep.config.settings import Notify
from upkeep.errors import UpkeepError
from upkeep.given.asked import Asked
from upkeep.notify import run as messages
from upkeep.notify import wire
from upkeep.notify.links import Links
from upkeep.notify.slack import deliver
from upkeep.reports import run as reports
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import connected
from upkeep.store.metric_rollup import roll_up
from upkeep.store.outbox import Message, put, retry_failed
from upkeep.store.quality_result import stored_quality_result
from upkeep.store.runs import backfill_under_way, begin_run, begun_run

if TYPE_CHECKING:
    import psycopg

# Delivery shares a task's time with the duty: what does not go through in these seconds waits for the next task.
BUDGET_S = 15
BUDGET_OF_REPORT_S = 90

log = logging.getLogger(__name__)


def links(run: Run) -> Links:
    """Addresses of this run's pages."""
    return Links(conf.get("api", "base_url", fallback="http://localhost:8080"), run.dag_id, run.run_id)


def begin(store: "psycopg.Connection[Any]", run: Run) -> None:
    """Note that the run began, and in which thread it speaks."""
    retry_failed(store)  # what Slack refused may have been mended since the last run
    with store.transaction():
        store.execute("select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('upkeep.begin'))")
        begin_run(store, run.cadence, run.window, run.provenance, run.run_type, _thread(store, run))


def progress(store: "psycopg.Connection[Any]", run: Run) -> None:
    """Say how far the run is."""
    _announce(store, run, reports.build(store, run.cadence, run.window, None), final=False)


def answered(store: Endpoint, run: Run, asked: Asked, answer: Answer, *, red: bool) -> None:
    """
    Tell a red answer at once; when an answer is not red any more, change what was told.

    A task that was cleared after its run had ended brings the run's report and message up to date by itself.
    """
    with connected(store, "upkeep alert") as connection:
        begun = begun_run(connection, run.cadence, run.window)
        queued = _notifies() and messages.alert(connection, asked, answer, links(run), begun.thread, red=red)
        if begun.finished:
            publish(connection, run)
        elif queued:
            progress(connection, run)
    if queued or begun.finished:
        deliver_now(BUDGET_S)


def publish(store: "psycopg.Connection[Any]", run: Run) -> None:
    """Roll the run's numbers up by day, store its report, and put its one message into the outbox."""
    roll_up(store, run.cadence, run.window)
    quality = stored_quality_result(store, run.cadence, run.window)
    report = reports.build(store, run.cadence, run.window, quality, missed_runs(store, run))
    reports.publish(store, report)
    _announce(store, run, report, final=True)


def deliver_now(budget_s: float) -> None:
    """Send what is due. Says in the task's log what went wrong; raises nothing."""
    notify = current().settings.notify
    if not notify.slack_connection:
        log.info("the inventory names no notify.slack_connection: nothing is sent, the pages show everything")
        return
    try:
        log.info("%s", deliver(connections.store(), _slack(notify), budget_s=budget_s))
    except UpkeepError as error:
        log.warning("messages wait in the outbox: %s", error)


def tell(key: str, body: dict[str, Any]) -> None:
    """
    Send one message of its own through the outbox; past it when the report database is away. Raises nothing.

    The key makes it one message however often this is called, but past the outbox.
    """
    if not _notifies():
        return
    try:
        with connected(connections.store(), "upkeep tell") as store:
            put(store, Message(key=key, thread=key, kind="summary", body=body))
    except UpkeepError as error:
        log.warning("past the outbox, since %s", error)
        _tell_directly(key, body)
    else:
        deliver_now(BUDGET_S)


def _tell_directly(key: str, body: dict[str, Any]) -> None:
    try:
        wire.post(_slack(current().settings.notify), key, body, None)
    except UpkeepError as error:
        log.warning("nobody could be told: %s", error)


def _announce(store: "psycopg.Connection[Any]", run: Run, report: reports.RunReport, *, final: bool) -> None:
    if not _notifies():
        return
    thread = begun_run(store, run.cadence, run.window).thread
    messages.announce(store, report, links(run), thread, final=final)


def _thread(store: "psycopg.Connection[Any]", run: Run) -> str:
    if not run.replay:
        return messages.thread_of(run.cadence, run.window)
    at = run.provenance.asked_at
    started = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return backfill_under_way(store, run.cadence, at) or messages.thread_of(run.cadence, run.window, backfill=started)


def _notifies() -> bool:
    # A message that nobody could send would be sent long after, when a connection is added.
    return current().settings.notify.slack_connection is not None


def _slack(notify: Notify) -> Any:
    return connections.slack(str(notify.slack_connection), notify.channel, notify.failures_per_run)
