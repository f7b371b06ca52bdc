"""The export for an auditor: whatever was changed afterwards says so, and nothing else does."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.decisions.examples import NOW, WEEK, question, signed
from upkeep.decisions.decision import Signature
from upkeep.decisions.export import HOW, markdown, record

ASKED = question().to_json()
DIGEST = question().digest
Row = SimpleNamespace


def rows(*signatures: Signature, round_: int = 1) -> Iterator[Row]:
    """As they stand in the report database, each chained to the one before it in its round."""
    previous = ""
    for one in signatures:
        chained = replace(one, previous=previous)
        previous = chained.sha256
        yield Row(**asdict(chained), round=round_, sha256=chained.sha256, question=ASKED)


def two_rounds() -> list[Row]:
    """One signature in the first round, and two in the second."""
    second = signed("olga", DIGEST, root="keep"), signed("fred", DIGEST, place=2, at=NOW + timedelta(hours=1))
    return [*rows(signed("olga", DIGEST, option="Object")), *rows(*second, round_=2)]


def decision(**more: Any) -> Row:
    known = {
        "key": "accepted_logins/shop", "kind": "review", "duty": "accepted_logins", "target": "shop", "window_start": WEEK.start,
        "window_end": WEEK.end, "status": "answered", "outcome": "Sign", "needed": 2, "round": 2, "opened_at": NOW,
        "due_at": NOW + timedelta(days=7), "closed_at": NOW + timedelta(hours=1), "digest": DIGEST, "question": ASKED,
        "signers": [{"name": "owner"}],
    }  # fmt: skip
    empty = ("run", "reason", "asked_by", "asked_at", "dag_id", "run_id", "task_id", "patch", "result_ok", "result", "result_at")
    return Row(**{**dict.fromkeys(empty), **known, **more})


def unchanged(signatures: list[Row]) -> list[bool]:
    return [one["unchanged"] for one in record(decision(), signatures, [])["signatures"]]


@pytest.mark.baseline
def test_what_nobody_touched_is_unchanged() -> None:
    assert unchanged(two_rounds()) == [True, True, True], "the chain of a round begins anew"
    assert record(decision(), [], [])["unchanged"] is True


def another_value(all_: list[Row]) -> None:
    all_[1].values = {"root": "take away"}


def another_person(all_: list[Row]) -> None:
    all_[1].person = "ann"


def another_question(all_: list[Row]) -> None:
    all_[1].question = question(body="Only some?").to_json()


def forged_anew(all_: list[Row]) -> None:
    """Its own hash fits; that of the one after it does not."""
    (all_[1],) = rows(signed("olga", DIGEST, root="take away"), round_=2)


def taken_out(all_: list[Row]) -> None:
    del all_[1]


@pytest.mark.fault
@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (another_value, [True, False, True]),
        (another_person, [True, False, True]),
        (another_question, [True, False, True]),
        (forged_anew, [True, True, False]),
        (taken_out, [True, False]),
    ],
)
def test_what_was_changed_says_so(tamper: Callable[[list[Row]], None], expected: list[bool]) -> None:
    signatures = two_rounds()
    tamper(signatures)
    assert unchanged(signatures) == expected


@pytest.mark.fault
def test_a_question_that_was_changed_says_so() -> None:
    changed = record(decision(question=question(body="Only some?").to_json()), two_rounds(), [])
    assert changed["unchanged"] is False
    assert markdown([changed]).count("**changed since**") == 1


def test_as_markdown_it_says_who_did_what_and_what_follows() -> None:
    item = Row(number=1, title="Take superuser away", remedy="-- report", object="report", owner="owner",
               due_on=date(2026, 12, 1), done_at=None)  # fmt: skip
    done = Row(**{**vars(item), "title": "Tell report", "done_at": NOW})
    made = record(decision(reason="in time", result="vacuumed", result_ok=False), two_rounds(), [item, done])
    text = markdown([made])
    assert text.startswith(f"# Decisions\n\n1 in all. {HOW}\n\n## Which logins?\n")
    assert "changed since" not in text
    assert "* **answered**, Sign on 2026-11-16T07:00:00+00:00: in time; due 2026-11-23T06:00:00+00:00\n" in text
    assert "round 2, signature 1: **Sign** by olga (user `olga`, id `olga`) on 2026-11-16T06:00:00+00:00: root `keep`; " in text
    assert "* result: not as approved, vacuumed\n" in text
    assert "* work: Take superuser away, owner by 2026-12-01, to be done\n" in text
    assert "* work: Tell report, owner by 2026-12-01, done 2026-11-16T06:00:00+00:00\n" in text


def test_what_is_still_open_has_no_outcome() -> None:
    waiting = decision(status="open", outcome=None, closed_at=None)
    text = markdown([record(waiting, [], [])])
    assert "* **open**; due 2026-11-23" in text
    assert "result" not in text.partition("## ")[2]
