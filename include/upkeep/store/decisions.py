"""Decisions in the report database: the only writer of `decision`, `decision_answer` and `action_item`."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from upkeep.decisions.decision import Decision, Signature, Standing, Status, Subject
from upkeep.decisions.form import Consequences
from upkeep.decisions.people import Signer
from upkeep.decisions.plan import DIGEST
from upkeep.decisions.question import Question
from upkeep.errors import UpkeepError
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import sql
from upkeep.store.decision_rows import as_stored, signature_values, standing_of, values_of
from upkeep.store.plain import to_json
from upkeep.window import Window

if TYPE_CHECKING:
    import psycopg

OBJECT = "Object"
"""What a countersigner chooses who does not agree."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A decision that waits for its answer, and the Airflow run that asks it."""

    subject: Subject
    run_id: str


class NotOpenError(UpkeepError):
    """An answer came for a decision that is not open, or for another question than the one it has now."""


def open_decision(connection: "psycopg.Connection[Any]", decision: Decision, now: datetime, *, anew: bool = False) -> Standing:
    """
    Open a decision. May be killed anywhere and called again: it is found by its key and asked once.

    While nobody was shown its question, a new question takes its place; afterwards the question stands. With `anew` (approvals)
    another question is another round, whatever was answered before: what was signed was signed for the old one.
    """
    decision = replace(decision, question=as_stored(decision.question))
    with translate_errors(), connection.transaction():
        connection.execute(sql("open_decision"), values_of(decision) | {"now": now})
        found = _locked(connection, decision.key)
        if anew and found.digest != decision.question.digest:
            reopen(connection, found, now, question=decision.question, asked_by=decision.asked_by)
        return _locked(connection, decision.key)


def reopen(
    connection: "psycopg.Connection[Any]",
    standing: Standing,
    now: datetime,
    *,
    question: Question | None = None,
    asked_by: str | None = None,
) -> None:
    """Ask it anew, in a new round with all its time. Call it in a transaction that has looked whether that is still right."""
    asked: dict[str, str | None] = {"question": None, "digest": None, "subject": None}
    if question:
        asked = {"question": to_json(question.to_json()), "digest": question.digest, "subject": question.subject}
    connection.execute(sql("reopen_decision"), {"key": standing.decision.key, "now": now, "asked_by": asked_by, **asked})


def standing(connection: "psycopg.Connection[Any]", key: str) -> Standing:
    """How a decision stands. Raises UpkeepError when there is none of this key."""
    with translate_errors(), connection.transaction():
        return _locked(connection, key)


def ask(
    connection: "psycopg.Connection[Any]",
    key: str,
    signers: Iterable[Signer],
    where: tuple[str, str, str],
    now: datetime,
    *,
    anew: bool = True,
) -> Standing:
    """
    Note who may answer from now on, and where: DAG, run and task. Twice changes nothing.

    With `anew`, one that was missed or objected to is asked in a new round with all its time: somebody has cleared its task to
    have it so.
    """
    with translate_errors(), connection.transaction():
        found = _locked(connection, key)
        if anew and (found.status is Status.MISSED or found.outcome == OBJECT):
            reopen(connection, found, now)
        dag_id, run_id, task_id = where
        people = json.dumps([each.to_json() for each in signers])
        params = {"key": key, "signers": people, "dag_id": dag_id, "run_id": run_id, "task_id": task_id, "now": now}
        connection.execute(sql("ask_decision"), params)
        return _locked(connection, key)


def signatures(connection: "psycopg.Connection[Any]", key: str) -> list[Signature]:
    """Signatures of the present round, in order."""
    from psycopg.rows import class_row

    with translate_errors(), connection.cursor(row_factory=class_row(Signature)) as cursor:
        return list(cursor.execute(sql("signatures"), {"key": key}))


def sign(connection: "psycopg.Connection[Any]", key: str, signature: Signature) -> Signature:
    """
    Keep a signature, chained to the one before it; returns it as kept. The same again changes nothing.

    Raises NotOpenError when the decision is not open, when its question is another by now, when somebody else has signed in this
    place, or when the person who countersigns is the one who decided.
    """
    with translate_errors(), connection.transaction():
        found, earlier = _locked(connection, key), signatures(connection, key)
        kept = next((each for each in earlier if each.place == signature.place), None)
        if kept and (kept.user_id, kept.answered_at) == (signature.user_id, signature.answered_at):
            return kept
        _refuse(found, earlier, kept, signature)
        signature = replace(signature, previous=earlier[-1].sha256 if earlier else "")
        connection.execute(sql("insert_signature"), signature_values(found, signature))
        return signature


def close(
    connection: "psycopg.Connection[Any]",
    key: str,
    status: Status,
    now: datetime,
    *,
    outcome: str | None = None,
    reason: str | None = None,
    consequences: Consequences | None = None,
) -> bool:
    """End an open decision with all that follows from it, in one transaction; False when it had ended before. May be repeated."""
    follows = consequences or Consequences()
    params = {"key": key, "status": status.value, "outcome": outcome, "reason": reason, "patch": follows.patch, "now": now}
    with translate_errors(), connection.transaction():
        if not connection.execute(sql("close_decision"), params).rowcount:
            return False
        for number, item in enumerate(follows.actions, 1):
            connection.execute(sql("put_action_item"), {"key": key, "number": number, **asdict(item)})
        return True


def note_question(
    connection: "psycopg.Connection[Any]", subject: Subject, asked: Decision | None, now: datetime
) -> Standing | None:
    """
    What a duty asks: its question is opened, and takes the place of open ones of earlier windows; without one these are moot.

    Another plan than the one that was decided on in this window is asked in a new round; the same is not asked again. Work that
    was decided on things which are no longer seen is done. One transaction; again, it changes nothing.
    """
    reason = f"asked again for {subject.window}" if asked else f"nothing to ask any more in {subject.window}"
    pair = {"duty": subject.duty, "target": subject.target, "now": now}
    objects = sorted(asked.question.objects) if asked else []
    with translate_errors(), connection.transaction():
        connection.execute(sql("withdraw_decisions"), {**pair, "before": subject.window.end, "reason": reason})
        connection.execute(sql("finish_action_items"), {**pair, "before": subject.window.end, "objects": objects})
        return open_decision(connection, asked, now, anew=_is_another_plan(connection, asked)) if asked else None


def to_ask(connection: "psycopg.Connection[Any]", now: datetime) -> list[Waiting]:
    """What waits for an answer, oldest first, but for approvals that belong to a run of their own."""
    with translate_errors():
        rows = connection.execute(sql("decisions_to_ask"), {"now": now}).fetchall()
    return [
        Waiting(about := Subject(duty=duty, target=target, window=Window(start, end)), run_id or about.run_of(asked_round))
        for duty, target, start, end, asked_round, run_id in rows
    ]


def overdue(connection: "psycopg.Connection[Any]", now: datetime) -> list[str]:
    """Keys of open decisions that are past due and whose own run has not noticed."""
    with translate_errors():
        return [key for (key,) in connection.execute(sql("decisions_overdue"), {"now": now})]


def remind(connection: "psycopg.Connection[Any]", key: str, now: datetime) -> None:
    """Note that people were reminded; once."""
    with translate_errors():
        connection.execute(sql("remind_decision"), {"key": key, "now": now})


def begin_plan(connection: "psycopg.Connection[Any]", key: str, now: datetime) -> None:
    """Note that what was approved begins: it was seen to be still as it was shown. Again, it changes nothing."""
    with translate_errors():
        connection.execute(sql("begin_plan"), {"key": key, "now": now})


def put_result(connection: "psycopg.Connection[Any]", key: str, *, ok: bool, text: str, now: datetime) -> None:
    """What came of an approved decision, beside it; the newest try counts."""
    with translate_errors():
        connection.execute(sql("decision_result"), {"key": key, "ok": ok, "text": text, "now": now})


def _is_another_plan(connection: "psycopg.Connection[Any]", asked: Decision) -> bool:
    """Whether another plan was decided on in this window. One that is open still is looked at when it begins."""
    row = connection.execute(sql("decided_plan"), {"key": asked.key}).fetchone()
    return asked.kind == "approval" and row is not None and row[0] != asked.question.evidence.get(DIGEST)


def _locked(connection: "psycopg.Connection[Any]", key: str) -> Standing:
    from psycopg.rows import dict_row

    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(sql("decision"), {"key": key}).fetchone()
    if row is None:
        raise UpkeepError(f'there is no decision "{key}": clear the duty that asks it, or restore the report database')
    return standing_of(row)


def _refuse(found: Standing, earlier: list[Signature], kept: Signature | None, signature: Signature) -> None:
    if found.status is not Status.OPEN:
        raise NotOpenError(f"this decision is {found.status}: {found.reason or 'it was answered before'}; nothing was kept")
    if signature.digest != found.digest:
        raise NotOpenError("the question has changed since it was shown: it is asked again, and nothing was kept")
    if kept:
        raise NotOpenError(f"{kept.person} has signed before, on {kept.answered_at:%Y-%m-%d %H:%M} UTC; nothing was kept")
    if any(signature.user_id == each.user_id or signature.user == each.user for each in earlier):
        raise NotOpenError(f"{signature.user} has decided this, so another person must countersign; nothing was kept")
    if signature.place != len(earlier) + 1:
        raise NotOpenError("nobody has decided yet: there is nothing to countersign")
