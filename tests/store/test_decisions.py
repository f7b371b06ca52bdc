"""Decisions in the report database: asked once, signed by the right number of people, never approved by silence."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from tests.decisions.examples import NOW, approval, question, review, signed
from tests.store.conftest import Store
from upkeep.decisions.decision import Decision, Signature, Status
from upkeep.decisions.form import Entered, consequences
from upkeep.decisions.people import Signer
from upkeep.errors import UpkeepError
from upkeep.store import decisions
from upkeep.store.decisions import OBJECT, NotOpenError, Waiting
from upkeep.store.key import Key
from upkeep.store.past_decisions import StoredDecisions

SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(days=9)
WHERE = ("decisions", "run", "answer")
OLGA = Signer("owner", "olga", "12")


def opened(store: Store, decision: Decision | None = None) -> Decision:
    made = decision or review()
    decisions.open_decision(store.connection, made, NOW)
    decisions.ask(store.connection, made.key, [OLGA], WHERE, SOON)
    return made


def sign(store: Store, decision: Decision, user: str, **more: Any) -> Signature:
    return decisions.sign(store.connection, decision.key, signed(user, decision.question.digest, **more))


def status(store: Store, decision: Decision) -> Status:
    return decisions.standing(store.connection, decision.key).status


def test_opened_twice_it_is_one_and_keeps_its_due_time(store: Store) -> None:
    for at in (NOW, LATER):
        found = decisions.open_decision(store.connection, review(), at)
    assert (found.status, found.opened_at, found.due_at) == (Status.OPEN, NOW, NOW + timedelta(days=7))
    assert found.decision == review()
    assert found.digest == review().question.digest
    assert store.value("select count(*) from upkeep.decision") == 1


def test_a_question_is_replaced_until_somebody_was_shown_it(store: Store) -> None:
    decisions.open_decision(store.connection, review(), NOW)
    better = review(question("root", body="Better?"))
    assert decisions.open_decision(store.connection, better, NOW).decision.question.body == "Better?"
    decisions.ask(store.connection, better.key, [OLGA], WHERE, SOON)
    assert decisions.open_decision(store.connection, review(), LATER).decision.question.body == "Better?"


def test_what_postgresql_cannot_hold_is_cleaned_before_it_is_hashed(store: Store) -> None:
    odd = review(question(body="NUL \x00 and \ud800", evidence={"share": 1e22, "not": float("inf")}))
    with pytest.raises(ValueError, match="Out of range"):
        odd.question.digest  # noqa: B018 - it is what raises
    odd = review(question(body="NUL \x00 and \ud800", evidence={"share": 1e22, "tiny": 0.1}))
    found = decisions.open_decision(store.connection, odd, NOW)
    assert found.decision.question.digest == found.digest
    assert found.decision.question.body == "NUL � and ?"


@pytest.mark.parametrize(("again", "status", "round_"), [("a", Status.ANSWERED, 1), ("b", Status.OPEN, 2)])
def test_a_duty_that_asks_again_asks_people_only_about_another_plan(
    store: Store, again: str, status: Status, round_: int
) -> None:
    opened(store, approval("a"))
    decisions.close(store.connection, approval().key, Status.ANSWERED, SOON, outcome="Approve")
    found = decisions.note_question(store.connection, approval().subject, approval(again), LATER)
    assert found
    assert (found.status, found.round) == (status, round_)


@pytest.mark.near_miss
def test_a_review_that_was_answered_is_not_asked_again_in_its_window(store: Store) -> None:
    opened(store)
    decisions.close(store.connection, review().key, Status.ANSWERED, SOON, outcome="Sign")
    found = decisions.note_question(store.connection, review().subject, review(question(evidence={"plan": "b"})), LATER)
    assert found
    assert (found.status, found.round) == (Status.ANSWERED, 1)


@pytest.mark.fault
def test_an_approval_whose_plan_has_changed_is_asked_again(store: Store) -> None:
    opened(store, approval("a"))
    sign(store, approval("a"), "olga", option="Approve")
    assert decisions.close(store.connection, approval().key, Status.ANSWERED, SOON, outcome="Approve")
    same = decisions.open_decision(store.connection, approval("a"), LATER, anew=True)
    assert (same.status, same.outcome, same.round) == (Status.ANSWERED, "Approve", 1)
    changed = decisions.open_decision(store.connection, approval("b"), LATER, anew=True)
    assert (changed.status, changed.outcome, changed.round, changed.due_at) == (Status.OPEN, None, 2, LATER + timedelta(days=1))
    assert decisions.signatures(store.connection, approval().key) == []
    with pytest.raises(NotOpenError, match="has changed since it was shown"):
        sign(store, approval("a"), "olga", option="Approve")
    assert store.value("select count(*) from upkeep.decision_answer") == 1, "what was signed before is kept"


def test_a_signature_is_kept_once_with_what_was_shown(store: Store) -> None:
    asked = opened(store)
    first = sign(store, asked, "olga", root="keep")
    assert sign(store, asked, "olga", root="keep") == first
    assert decisions.signatures(store.connection, asked.key) == [first]
    ((shown, sha256),) = store.rows("select question ->> 'body', sha256 from upkeep.decision_answer")
    assert (shown, sha256) == (asked.question.body, first.sha256)


@pytest.mark.fault
def test_the_second_is_never_the_first(store: Store) -> None:
    asked = opened(store, review(needed=2))
    with pytest.raises(NotOpenError, match="nothing to countersign"):
        sign(store, asked, "fred", place=2)
    first = sign(store, asked, "olga")
    with pytest.raises(NotOpenError, match="another person must countersign"):
        sign(store, asked, "olga", place=2, at=SOON)
    with pytest.raises(NotOpenError, match="olga has signed before"):
        sign(store, asked, "fred", at=SOON)
    second = sign(store, asked, "fred", place=2, at=SOON)
    assert second.previous == first.sha256


@pytest.mark.fault
@pytest.mark.parametrize("ended", [Status.MISSED, Status.WITHDRAWN])
def test_an_answer_after_the_end_is_not_kept(store: Store, ended: Status) -> None:
    asked = opened(store)
    assert decisions.close(store.connection, asked.key, ended, LATER, reason="too late")
    with pytest.raises(NotOpenError, match="too late"):
        sign(store, asked, "olga")
    assert store.value("select count(*) from upkeep.decision_answer") == 0


def test_the_end_comes_once_with_its_consequences(store: Store) -> None:
    asked = opened(store)
    entered = Entered("Sign", {"root": "keep", "report": "take away", "action_owner": "owner", "action_due": "2026-11-30"})
    follows = consequences(asked.question, entered)
    assert decisions.close(store.connection, asked.key, Status.ANSWERED, SOON, outcome="Sign", consequences=follows)
    assert not decisions.close(store.connection, asked.key, Status.MISSED, LATER, reason="too late")
    assert status(store, asked) is Status.ANSWERED
    assert store.rows("select number, object, owner, due_on, done_at from upkeep.action_item") == [
        (1, "report", "owner", date(2026, 11, 30), None)
    ]


@pytest.mark.parametrize(("outcome", "ended"), [(None, Status.MISSED), (OBJECT, Status.ANSWERED)], ids=["missed", "objected"])
def test_cleared_it_is_asked_anew_with_all_its_time(store: Store, outcome: str | None, ended: Status) -> None:
    asked = opened(store)
    sign(store, asked, "olga")
    decisions.close(store.connection, asked.key, ended, LATER, outcome=outcome, reason="no")
    again = decisions.ask(store.connection, asked.key, [OLGA], WHERE, LATER)
    assert (again.status, again.round, again.due_at, again.reason) == (Status.OPEN, 2, LATER + timedelta(days=7), None)
    assert decisions.signatures(store.connection, asked.key) == []


@pytest.mark.parametrize(("outcome", "ended"), [("Sign", Status.ANSWERED), (None, Status.WITHDRAWN)])
def test_what_was_answered_or_withdrawn_is_not_asked_again(store: Store, outcome: str | None, ended: Status) -> None:
    asked = opened(store)
    decisions.close(store.connection, asked.key, ended, SOON, outcome=outcome)
    again = decisions.ask(store.connection, asked.key, [OLGA], WHERE, LATER)
    assert (again.status, again.round) == (ended, 1)


def test_the_next_question_withdraws_the_open_one_before_it(store: Store) -> None:
    first, other = opened(store), review(weeks=1)
    decisions.open_decision(store.connection, approval(), NOW)
    for _ in range(2):
        decisions.note_question(store.connection, other.subject, other, LATER)
    assert [status(store, each) for each in (first, other, approval())] == [Status.WITHDRAWN, Status.OPEN, Status.OPEN]
    assert decisions.standing(store.connection, first.key).reason == f"asked again for {other.subject.window}"


def test_nothing_to_ask_any_more_withdraws_it_and_its_work_is_done(store: Store) -> None:
    first = opened(store)
    entered = Entered("Sign", {"root": "take away", "report": "take away", "action_owner": "owner", "action_due": "2026-11-30"})
    follows = consequences(first.question, entered)
    decisions.close(store.connection, first.key, Status.ANSWERED, SOON, outcome="Sign", consequences=follows)
    second = opened(store, review(question("root"), weeks=1))
    decisions.note_question(store.connection, second.subject, second, LATER)
    assert store.rows("select object, done_at from upkeep.action_item order by 1") == [("report", LATER), ("root", None)]
    decisions.note_question(store.connection, review(weeks=2).subject, None, LATER)
    assert status(store, second) is Status.WITHDRAWN
    assert store.value("select count(*) from upkeep.action_item where done_at is null") == 0


def test_what_waits_for_an_answer_and_what_nobody_noticed(store: Store) -> None:
    asked = opened(store)
    opened(store, approval())
    assert decisions.to_ask(store.connection, SOON) == [Waiting(asked.subject, "run")], "where it is asked already"
    assert decisions.overdue(store.connection, NOW + timedelta(days=7)) == [approval().key]
    assert decisions.to_ask(store.connection, LATER) == []
    assert decisions.overdue(store.connection, LATER) == [asked.key, approval().key]


def test_reminded_once(store: Store) -> None:
    asked = opened(store)
    for at in (SOON, LATER):
        decisions.remind(store.connection, asked.key, at)
    assert decisions.standing(store.connection, asked.key).reminded_at == SOON


def test_the_result_stands_beside_what_was_approved(store: Store) -> None:
    asked = opened(store, approval())
    for ok, text in ((False, "differs"), (True, "proven")):
        decisions.put_result(store.connection, asked.key, ok=ok, text=text, now=LATER)
    assert store.rows("select result_ok, result, result_at from upkeep.decision") == [(True, "proven", LATER)]


def test_a_review_sees_what_was_signed_last_and_nothing_else(store: Store) -> None:
    first, objected, current = review(), review(question("root"), weeks=1), review(weeks=2)
    window = current.subject.window
    past = StoredDecisions(store.connection, Key("accepted_logins", "shop", window.start, window.end))
    assert past.last_signed() is None
    for each, outcome in ((first, "Sign"), (objected, OBJECT), (current, "Sign")):
        opened(store, each)
        sign(store, each, "olga")
        decisions.close(store.connection, each.key, Status.ANSWERED, LATER, outcome=outcome)
    found = past.last_signed()
    assert found
    assert (found.evidence, found.people, found.signed_at) == (first.question.evidence, ("olga",), LATER)


def test_signatures_can_only_be_added(store: Store) -> None:
    sign(store, opened(store), "olga")
    for statement in ("update upkeep.decision_answer set option = 'Object'", "delete from upkeep.decision_answer"):
        with pytest.raises(psycopg.Error, match="only ever added"):
            store.run(statement)


def test_a_changed_signature_no_longer_has_its_hash(store: Store) -> None:
    kept = sign(store, opened(store), "olga", root="keep")
    assert replace(kept, values={"root": "take away"}).sha256 != kept.sha256


def test_a_decision_that_is_not_there_is_said(store: Store) -> None:
    with pytest.raises(UpkeepError, match='no decision "x"'):
        decisions.standing(store.connection, "x")
