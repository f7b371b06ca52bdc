"""One question put, judged and stored."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from upkeep.answer import Answer, Status
from upkeep.decisions.decision import Decision, Subject
from upkeep.decisions.person_asked import PersonAsked
from upkeep.errors import BrokenError, CannotAskError, known
from upkeep.given import providers
from upkeep.given.asked import Asked
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import connected, note_asked, save, save_unless_answered
from upkeep.store.decisions import note_review

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
            return _store_present_only(database, asked)
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
            arguments = {name: _give(stack, asked, kind, given or {}) for name, kind in asked.duty.takes.items()}
            return asked.duty.ask(asked.target, **arguments, **_thresholds(asked))
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
        _note_review(database, asked, answer)
        save(*about, answer, asked.provenance)
    except Exception as error:
        broken = known(error)
        if broken is error and broken.retry:
            raise  # the report database is away: nothing can be stored
        save(*about, Answer.unknown(f"could not store the answer: {broken.reason}", broken.remedy), asked.provenance)
        return broken
    return None


def _note_review(database: "psycopg.Connection[Any]", asked: Asked, answer: Answer) -> None:
    """Open what a review asks, or withdraw what it asked before; an unknown answer changes nothing."""
    duty, now = asked.duty, asked.provenance.asked_at
    if duty.kind != "review" or answer.status is Status.UNKNOWN:
        return
    about, decision = Subject(duty=duty.name, target=asked.target.name, window=asked.window), None
    if isinstance(answer, PersonAsked):
        decision = Decision(kind="review", subject=about, question=answer.question, needed=duty.signers, due_days=duty.due_days)
    note_review(database, about, decision, now)


def _give(stack: ExitStack, asked: Asked, kind: type, given: Mapping[type, Any]) -> Any:
    return given[kind] if kind in given else stack.enter_context(providers()[kind](asked))


def _thresholds(asked: Asked) -> Mapping[str, Any]:
    return {**asked.duty.thresholds, **asked.target.thresholds.get(asked.duty.name, {})}


def _store_present_only(database: "psycopg.Connection[Any]", asked: Asked) -> Answer:
    answer = Answer.unknown(PRESENT_ONLY)
    save_unless_answered(database, asked.duty, asked.target.name, asked.window, answer, asked.provenance)
    return answer
