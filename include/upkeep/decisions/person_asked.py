"""The answer of a review or of a plan: ok, a person was asked; never a breach, and nobody waits for that person."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from upkeep.answer import Answer, Status
from upkeep.decisions.plan import Plan
from upkeep.decisions.question import Question


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonAsked(Answer):
    """An answer that brings a question to a person."""

    question: Question

    @classmethod
    def of(cls, question: Question) -> "PersonAsked":
        """The answer of a review, or of a job, that has something to ask."""
        evidence = {"digest": question.digest, **question.evidence}
        return cls(status=Status.OK, summary=f"asked: {question.subject}", evidence=evidence, question=question)


def asks(function: Callable[..., Answer | Question | Plan]) -> Callable[..., Answer]:
    """A function that may ask a person, as every other duty's: its question becomes the answer that somebody was asked."""

    @wraps(function)
    def ask(*args: Any, **given: Any) -> Answer:
        question = function(*args, **given)
        question = question.question if isinstance(question, Plan) else question
        return PersonAsked.of(question) if isinstance(question, Question) else question

    return ask
