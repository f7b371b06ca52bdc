"""What people approved, done: exactly the plan that they were shown, while it still holds; else it is asked again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from upkeep.answer import Answer
from upkeep.answer import Status as AnswerStatus
from upkeep.decisions.decision import Standing, Status
from upkeep.decisions.person_asked import PersonAsked
from upkeep.decisions.plan import Plan
from upkeep.decisions.question import APPROVE, Question
from upkeep.errors import BrokenError, UpkeepError, known
from upkeep.given.asked import Asked
from upkeep.runner import PRESENT_ONLY, ask, decision_of, do
from upkeep.sources.postgres import Endpoint
from upkeep.store import decisions
from upkeep.store.answers import connected, save
from upkeep.store.claims import Claims, Times

if TYPE_CHECKING:
    import psycopg


class End(StrEnum):
    """How it ended: done now, done by an earlier try, nothing left to do, or asked again since the world had changed."""

    DONE = "done"
    DONE_BEFORE = "done before"
    NOTHING_LEFT = "nothing left to do"
    ASKED_AGAIN = "asked again"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the application of a plan ended, with its answer; None when an earlier try has stored it."""

    end: End
    answer: Answer | None = None


class NotApprovedError(UpkeepError):
    """Nobody approved it, or not this: nothing is done."""


def apply_approved(asked: Asked, store: Endpoint, key: str, given: Mapping[type, Any] | None = None) -> Outcome:
    """
    Do what was approved under this key, and keep what came of it as the duty's answer and beside the decision.

    The plan is made anew first: when it is another by now, nothing is done and people are asked again. One that has begun is
    gone on with. May be killed anywhere and called again; a second process waits for the first. Raises NotApprovedError, and
    BrokenError when it could not be done.
    """
    with connected(store, f"upkeep {asked.duty.name}") as database:
        asked = replace(asked, database=database)
        with Claims(database, asked.provenance, Times()).held((f"decision/{key}",)):
            standing = _approved(database, key)
            if standing.result_ok:
                return Outcome(End.DONE_BEFORE)
            try:
                return _apply(database, asked, standing, given)
            except Exception as error:
                _keep_failure(database, key, known(error))
                raise


def _apply(database: "psycopg.Connection[Any]", asked: Asked, standing: Standing, given: Mapping[type, Any] | None) -> Outcome:
    plan = Plan.of(standing.decision.question)
    if asked.present_only:
        raise BrokenError(f"approved too late for {asked.window}; {PRESENT_ONLY}", "approve the newest plan", retry=False)
    if standing.begun_at is None:
        early = _unless_it_holds(database, asked, standing, plan, given)
        if early:
            return early
        decisions.begin_plan(database, standing.decision.key, _now())
    answer = do(asked, plan, given)
    _keep(database, asked, standing, answer)
    return Outcome(End.DONE, answer)


def _unless_it_holds(
    database: "psycopg.Connection[Any]", asked: Asked, standing: Standing, plan: Plan, given: Mapping[type, Any] | None
) -> Outcome | None:
    """What is said instead of doing it, or None when the world is as it was shown."""
    planned = ask(asked, given)
    if planned.status is AnswerStatus.UNKNOWN:
        remedy = str(planned.evidence.get("remedy", ""))
        raise BrokenError(f"whether the plan still holds is unknown: {planned.summary}", remedy, retry=False)
    if not isinstance(planned, PersonAsked):
        _keep(database, asked, standing, planned)
        return Outcome(End.NOTHING_LEFT, planned)
    if Plan.of(planned.question).digest == plan.digest:
        return None
    return _ask_again(database, asked, standing, planned)


def _ask_again(database: "psycopg.Connection[Any]", asked: Asked, standing: Standing, planned: PersonAsked) -> Outcome:
    question = _with_reason(planned.question)
    fresh = replace(decision_of(asked, question, standing.decision.subject.run), asked_by=standing.decision.asked_by)
    decisions.open_decision(database, fresh, _now(), anew=True)
    save(database, asked.duty, asked.target.name, asked.window, planned, asked.provenance)
    return Outcome(End.ASKED_AGAIN, planned)


def _with_reason(question: Question) -> Question:
    why = "**Asked again:** what was approved before no longer holds, and nothing of it was done."
    return replace(question, body=f"{why}\n\n{question.body}")


def _approved(database: "psycopg.Connection[Any]", key: str) -> Standing:
    standing = decisions.standing(database, key)
    if (standing.status, standing.outcome) != (Status.ANSWERED, APPROVE):
        state = standing.outcome or standing.status
        raise NotApprovedError(f"not approved: {standing.decision.question.subject} ({state}). Nothing was done")
    signed, shown = decisions.signatures(database, key), standing.decision.question.digest
    if len(signed) < standing.decision.needed or any(each.digest != shown for each in signed):
        raise NotApprovedError("what was signed is not this plan. Nothing was done; clear the duty to ask again")
    return standing


def _keep(database: "psycopg.Connection[Any]", asked: Asked, standing: Standing, answer: Answer) -> None:
    save(database, asked.duty, asked.target.name, asked.window, answer, asked.provenance)
    ok = answer.status is AnswerStatus.OK
    decisions.put_result(database, standing.decision.key, ok=ok, text=answer.summary, now=_now())


def _keep_failure(database: "psycopg.Connection[Any]", key: str, error: BrokenError) -> None:
    """What went wrong, beside the decision; without the report database the task alone says it."""
    if not database.closed:
        decisions.put_result(database, key, ok=False, text=f"failed: {error.reason}", now=_now())


def _now() -> datetime:
    return datetime.now(UTC)
