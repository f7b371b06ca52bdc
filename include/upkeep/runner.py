"""One question put, judged and stored."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from upkeep.answer import Answer, Status
from upkeep.decisions.decision import Decision, Subject
from upkeep.decisions.person_asked import PersonAsked
from upkeep.decisions.plan import Plan
from upkeep.decisions.question import Question
from upkeep.errors import BrokenError, CannotAskError, known
from upkeep.given import providers
from upkeep.given.asked import Asked
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import connected, note_asked, save, save_unless_answered
from upkeep.store.decisions import note_question

if TYPE_CHECKING:
    import psycopg

PRESENT_ONLY = "present only: this duty sees the live system and cannot be asked about a past window"


def ask_and_store(asked: Asked, store: Endpoint, given: Mapping[type, Any] | None = None) -> Answer:
    """
    Put the question and store its answer, whatever it is.

    A broken question is stored as unknown and then raised (BrokenError), so that the caller can retry; so is any other exception.
    Before the answer is known nothing is written but that it was asked, and the answer is written in one transaction: killed at
    any point, a rerun asks again and replaces. `given` is as in `ask`.
    """
    with connected(store, f"upkeep {asked.duty.name}") as database:
        asked = replace(asked, database=database)
        if asked.present_only:
            return store_present_only(database, asked)
        begun = time.monotonic()
        note_asked(database, asked.duty, asked.target.name, asked.window, asked.provenance)
        answer, broken = _answer_or_error(asked, given)
        took = replace(asked.provenance, seconds=round(time.monotonic() - begun, 3))
        broken = _keep(database, replace(asked, provenance=took), answer) or broken
    if broken:
        raise broken
    return answer


def ask(asked: Asked, given: Mapping[type, Any] | None = None) -> Answer:
    """
    Put the question and return the answer; what cannot be asked, such as for a missing right, is unknown. Raises BrokenError.

    `given` has things by their type that stand in for those of `given/`.
    """
    try:
        with ExitStack() as stack:
            return asked.duty.ask(asked.target, **_given(stack, asked, asked.duty.takes, given), **_thresholds(asked))
    except CannotAskError as error:
        return Answer.unknown(error.reason, error.remedy)


def _answer_or_error(asked: Asked, given: Mapping[type, Any] | None) -> tuple[Answer, BrokenError | None]:
    try:
        return ask(asked, given), None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is known, and the answer is unknown
        broken = known(error)
        return Answer.unknown(f"could not ask: {broken.reason}", broken.remedy), broken


def _keep(database: "psycopg.Connection[Any]", asked: Asked, answer: Answer) -> BrokenError | None:
    """Store the answer. What cannot be stored as it is is stored as unknown, and why is returned."""
    about = (database, asked.duty, asked.target.name, asked.window)
    try:
        _note_question(database, asked, answer)
        save(*about, answer, asked.provenance)
    except Exception as error:
        broken = known(error)
        if broken is error and broken.retry:
            raise  # the report database is away: nothing can be stored
        save(*about, Answer.unknown(f"could not store the answer: {broken.reason}", broken.remedy), asked.provenance)
        return broken
    return None


def decision_of(asked: Asked, question: Question, run: str = "") -> Decision:
    """A duty's question as a decision; `run` tells apart what is not asked once in a window."""
    duty, about = asked.duty, Subject(duty=asked.duty.name, target=asked.target.name, window=asked.window, run=run)
    return Decision(kind="approval" if duty.apply else "review", subject=about, question=question, needed=duty.signers,
        due_days=duty.due_days, asked_by=asked.asked_by if duty.apply else None)  # fmt: skip


def do(asked: Asked, plan: Plan, given: Mapping[type, Any] | None = None) -> Answer:
    """
    Do what a plan says, and nothing else; whoever calls has seen that it was approved and holds.

    What cannot be done for a missing right is unknown. Raises BrokenError. May be killed anywhere and called again with the same
    plan, as every job's function may. `given` is as in `ask`.
    """
    if asked.duty.apply is None:
        raise ValueError(f"{asked.duty.name} has no plans")
    try:
        with ExitStack() as stack:
            return asked.duty.apply.do(plan, asked.target, **_given(stack, asked, asked.duty.apply.takes, given))
    except CannotAskError as error:
        return Answer.unknown(error.reason, error.remedy)


def _note_question(database: "psycopg.Connection[Any]", asked: Asked, answer: Answer) -> None:
    """Open what a review or a plan asks, or withdraw what it asked before; an unknown answer changes nothing."""
    if not asked.duty.asks_people or answer.status is Status.UNKNOWN:
        return
    decision = decision_of(asked, answer.question) if isinstance(answer, PersonAsked) else None
    about = Subject(duty=asked.duty.name, target=asked.target.name, window=asked.window)
    note_question(database, about, decision, asked.provenance.asked_at)


def _given(stack: ExitStack, asked: Asked, takes: Mapping[str, type], given: Mapping[type, Any] | None) -> dict[str, Any]:
    """What a function takes by type: what stands in for it, else from the files of `given/`."""
    own = given or {}
    return {name: own[kind] if kind in own else stack.enter_context(providers()[kind](asked)) for name, kind in takes.items()}


def _thresholds(asked: Asked) -> Mapping[str, Any]:
    return {**asked.duty.thresholds, **asked.target.thresholds.get(asked.duty.name, {})}


def store_present_only(database: "psycopg.Connection[Any]", asked: Asked) -> Answer:
    """Answer for a duty that only sees the live system and is asked about the past; what it said in its time stays."""
    answer = Answer.unknown(PRESENT_ONLY)
    save_unless_answered(database, asked.duty, asked.target.name, asked.window, answer, asked.provenance)
    return answer
