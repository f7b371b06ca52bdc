"""Decisions and signatures as rows of the report database, and back."""

import json
from collections.abc import Mapping
from typing import Any

from upkeep.decisions.decision import Decision, Signature, Standing, Status, Subject
from upkeep.decisions.people import Signer
from upkeep.decisions.question import Question
from upkeep.store.plain import to_json
from upkeep.window import Window


def standing_of(row: Mapping[str, Any]) -> Standing:
    """How a decision stands, from its row."""
    window = Window(row["window_start"], row["window_end"])
    subject = Subject(duty=row["duty"], target=row["target"], window=window, run=row["run"])
    named = {name: row[name] for name in ("kind", "needed", "due_days", "asked_by")}
    plain = {name: row[name] for name in Standing.__slots__ if name in row and name not in {"status", "signers"}}
    return Standing(
        decision=Decision(subject=subject, question=Question.from_json(row["question"]), **named),
        status=Status(row["status"]),
        signers=tuple(Signer(**each) for each in row["signers"]),
        **plain,
    )


def values_of(decision: Decision) -> dict[str, Any]:
    """A decision as the parameters of its row."""
    about, question = decision.subject, decision.question
    names = {name: getattr(decision, name) for name in ("kind", "needed", "due_days", "asked_by")}
    window = {"duty": about.duty, "target": about.target, "run": about.run, "start": about.window.start, "end": about.window.end}
    values = {"question": to_json(question.to_json()), "digest": question.digest, "subject": question.subject}
    return {"key": about.key, **names, **window, **values}


def signature_values(found: Standing, signature: Signature) -> dict[str, Any]:
    """A signature as the parameters of its row, with the question that it was given for."""
    values = {name: getattr(signature, name) for name in Signature.__slots__}
    return {
        "key": found.decision.key,
        "round": found.round,
        "question": to_json(found.decision.question.to_json()),
        **values,
        "values": to_json(signature.values),
        "sha256": signature.sha256,
    }


def as_stored(question: Question) -> Question:
    """The question as PostgreSQL can hold it, so that its digest is that of what is stored."""
    return Question.from_json(json.loads(to_json(question.to_json())))
