"""The DAG `decisions`, a run for each decision, and `open_decisions`, which starts these when a cadence has reported."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, Asset, AssetAny, Param, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from upkeep.airflow_bridge import connections, decision_messages, entry_points
from upkeep.airflow_bridge.asking_people import AskingOperator, UnfitAnswerError
from upkeep.airflow_bridge.decision_messages import now
from upkeep.airflow_bridge.retries import at_once_after, few_retries
from upkeep.decisions.decision import Signature, Standing, Status
from upkeep.decisions.markdown import code, plain
from upkeep.decisions.question import SIGN, Field, FieldKind, Question
from upkeep.discovery import discover
from upkeep.store import decisions
from upkeep.store.answers import connected
from upkeep.store.decisions import OBJECT
from upkeep.window import Cadence

DAG_ID = "decisions"
COUNTERSIGN = "Countersign"
# A plan that no longer holds is asked again at once: what was applied or opened anew lets `open_decisions` look.
REOPENED = Asset("upkeep_decision_applied")
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
OPENER = """
# Open decisions

Runs whenever a cadence has published its report, and starts one run of `decisions` for each review or plan that waits for people.
A run that is there already is left alone, so nobody is asked twice. Decisions whose time ended while no run could notice it
(Airflow was away, a run was deleted) are said to be missed here: silence is never an approval.

Safe to trigger, to clear and to run again at any time.
"""
log = logging.getLogger(__name__)


class Answer(AskingOperator):
    """Asks who decides."""

    def __init__(self, **more: Any) -> None:
        super().__init__(options=[SIGN], **more)

    def key_of(self, context: Any) -> str:
        """The decision that this run is about."""
        key = context["params"].get("decision")
        if not key:
            raise AirflowFailException("this run says no decision: trigger `open_decisions`, which starts a run for each")
        return str(key)


class Countersign(Answer):
    """Asks another person to countersign exactly what the first one decided; skipped where one signature is enough."""

    place = 2

    def execute(self, context: Any) -> Any:
        """Nothing to do where one signature is enough; nothing to see where nobody has decided."""
        key = self.key_of(context)
        with connected(connections.store(), "upkeep decision") as store:
            if decisions.standing(store, key).decision.needed < self.place:
                raise AirflowSkipException("one signature is enough")
            if not decisions.signatures(store, key):
                raise AirflowFailException("nobody has decided yet, so there is nothing to countersign: clear the task answer")
        return super().execute(context)

    def question_of(self, standing: Standing, signed: list[Signature]) -> Question:
        """What was decided, on the same evidence."""
        asked = standing.decision.question
        return countersigning(asked, signed[0])


def countersigning(asked: Question, first: Signature) -> Question:
    """The question to who countersigns: the first one's answer, then all that the first one was shown."""
    entered = [(field.title, first.values.get(field.name)) for field in asked.fields]
    lines = [f"* {plain(title)}: {code(str(value))}" for title, value in entered if value]
    head = f"{plain(first.person)} decided on {first.answered_at:%Y-%m-%d %H:%M} UTC: **{plain(first.option)}**"
    comment = Field(name="comment", title="Why, if you object", kind=FieldKind.TEXT, required=False)
    body = "\n".join([head, "", *lines, "", "---", "", asked.body])
    options = (COUNTERSIGN, OBJECT)
    return replace(asked, subject=f"Countersign: {asked.subject}", body=body, options=options, fields=(comment,))


def decisions_dag(text: str) -> DAG:
    """A run for each decision: who decides, who countersigns, and what a job does once that was approved."""
    with DAG(
        dag_id=DAG_ID,
        doc_md=text,
        schedule=None,
        catchup=False,
        params={"decision": Param(None, type=["null", "string"], title="Key of the decision")},
        tags=["upkeep"],
        max_active_runs=256,
        dagrun_timeout=timedelta(days=400),
        default_args=_once_more(),
    ) as dag:
        done: Any = task(
            task_id="apply",
            trigger_rule="none_failed",
            queue="heavy",
            execution_timeout=_longest(),
            outlets=[REOPENED],
            on_failure_callback=entry_points.task_failed,
            **few_retries(1),
        )(entry_points.apply)()
        Answer(task_id="answer") >> Countersign(task_id="countersign") >> done
    return dag


def open_decisions_dag() -> DAG:
    """Starts runs of `decisions`, whenever any cadence has reported."""
    reports = AssetAny(*(Asset(f"upkeep_report_{cadence}") for cadence in Cadence), REOPENED)
    with DAG(
        dag_id="open_decisions",
        doc_md=OPENER,
        schedule=reports,
        start_date=BEGINNING,
        catchup=False,
        tags=["upkeep"],
        max_active_runs=1,
        dagrun_timeout=timedelta(hours=1),
        default_args={**_once_more(), "on_failure_callback": entry_points.task_failed},
    ) as dag:
        waiting: Any = task(task_id="find")(find)()
        TriggerDagRunOperator.partial(
            task_id="start",
            trigger_dag_id=DAG_ID,
            logical_date=None,
            skip_when_already_exists=True,
            fail_when_dag_is_paused=True,
            map_index_template="{{ task.trigger_run_id }}",
        ).expand_kwargs(waiting)
    return dag


def find() -> list[dict[str, Any]]:
    """What waits for people, by the id of their run; what nobody noticed in time is missed. May be repeated at will."""
    at = now()
    with connected(connections.store(), "upkeep decisions") as store:
        for key in decisions.overdue(store, at):
            decisions.close(store, key, Status.MISSED, at, reason="nobody answered in time, and its run did not notice")
            decision_messages.tell(store, decisions.standing(store, key))
            log.warning("missed: %s", key)
        waiting = decisions.to_ask(store, at)
    decision_messages.deliver()
    return [{"trigger_run_id": each.run_id, "conf": {"decision": each.subject.key}} for each in waiting]


def failed(context: Mapping[str, Any]) -> None:
    """Tell what broke; what is missed, objected to or cannot be asked was told already."""
    if not isinstance(context.get("exception"), AirflowFailException):
        entry_points.task_failed(context)


def _longest() -> timedelta:
    """As long as the longest of the jobs that are approved may take."""
    return timedelta(hours=max([1.0, *(duty.hours for duty in discover() if duty.apply)]))


def _once_more() -> dict[str, Any]:
    return {
        "owner": "upkeep",
        **at_once_after(UnfitAnswerError),
        "execution_timeout": timedelta(minutes=10),
        "on_failure_callback": failed,
    }
