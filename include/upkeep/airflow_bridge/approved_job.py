"""The task `apply` of the DAG `decisions`: what was approved of a job is done, exactly as it was shown."""

import logging
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from upkeep.airflow_bridge import connections, decision_messages
from upkeep.airflow_bridge.retries import makes_sense
from upkeep.airflow_bridge.run import provenance_of
from upkeep.answer import Status as AnswerStatus
from upkeep.applying import End, NotApprovedError, Outcome, apply_approved
from upkeep.config.inventory import current
from upkeep.decisions.decision import Standing
from upkeep.discovery import find
from upkeep.errors import BrokenError, UpkeepError
from upkeep.given.asked import Asked
from upkeep.store import decisions
from upkeep.store.answers import connected

log = logging.getLogger(__name__)


def apply() -> str:
    """
    Do the approved plan of this run's decision, and say what came of it.

    Skipped for a review and for what nobody approved; green when it was done, or when the world had changed and people are asked
    again; red when it could not be done. Killed anywhere, it may be cleared: it goes on from where it was.
    """
    context = get_current_context()
    key = str(context["params"].get("decision") or "")
    standing = _standing(key)
    if standing.decision.kind != "approval":
        raise AirflowSkipException("a review: what was decided is work for people, and nothing is applied here")
    try:
        outcome = apply_approved(_asked(standing, context), connections.store(), key)
    except NotApprovedError as error:
        raise AirflowSkipException(str(error)) from error
    except BrokenError as error:
        _tell(key)
        _fail(error, context["ti"])
    except UpkeepError as error:
        raise AirflowFailException(str(error)) from error
    if outcome.end is not End.ASKED_AGAIN:
        _tell(key)
    return _state_of(outcome)


def _asked(standing: Standing, context: Any) -> Asked:
    about = standing.decision.subject
    return Asked(
        duty=find(about.duty),
        target=current().target(about.target),
        window=about.window,
        connections=connections.AirflowConnections(),
        provenance=provenance_of(context),
        asked_by=standing.decision.asked_by,
    )


def _standing(key: str) -> Standing:
    with connected(connections.store(), "upkeep apply") as store:
        return decisions.standing(store, key)


def _tell(key: str) -> None:
    with connected(connections.store(), "upkeep apply") as store:
        decision_messages.tell(store, decisions.standing(store, key))
    decision_messages.deliver()


def _state_of(outcome: Outcome) -> str:
    answer = outcome.answer
    log.info("%s%s", outcome.end, f": {answer.summary}" if answer else "")
    if answer and outcome.end in {End.DONE, End.NOTHING_LEFT} and answer.status is not AnswerStatus.OK:
        raise AirflowFailException("\n".join([f"approved, and not done as it was: {answer.summary}", *_titles(outcome)]))
    if outcome.end is End.ASKED_AGAIN:
        return "what was approved no longer holds: nothing was done, and people are asked again in a run of its own"
    return f"{outcome.end}: {answer.summary}" if answer else str(outcome.end)


def _titles(outcome: Outcome) -> list[str]:
    return [finding.title for finding in outcome.answer.findings] if outcome.answer else []


def _fail(error: BrokenError, ti: Any) -> None:
    message = error.reason + (f"\n{error.remedy}" if error.remedy else "")
    raise RuntimeError(message) if makes_sense(error, ti) else AirflowFailException(message) from error
