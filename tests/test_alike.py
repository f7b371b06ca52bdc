"""The second asking: what says otherwise in a backfill is caught, and the duties are given back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from tests.alike import SaidOtherwiseError, asked_twice, dated_checks
from tests.lab import UTC_ZONE, asking
from upkeep import runner
from upkeep.answer import Answer, Status
from upkeep.checks.service.slo import slo
from upkeep.errors import CannotAskError
from upkeep.given.asked import Asked
from upkeep.window import Cadence

PAST = Cadence.DAILY.last_full(datetime(2025, 6, 1, tzinfo=UTC), UTC_ZONE)
TARGET: Any = SimpleNamespace(name="shop", thresholds={})
NOWHERE: Any = None


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Asked]]:
    """Every question for which something was given; the check says how it was asked."""
    asked_for: list[Asked] = []

    def given(_stack: object, asked: Asked, *_: object) -> dict[str, Any]:
        asked_for.append(asked)
        return {"asked": asked}

    monkeypatch.setattr(runner, "_given", given)
    before = slo.ask
    yield asked_for
    object.__setattr__(slo, "ask", before)


def ask(says: Any) -> Answer:
    object.__setattr__(slo, "ask", lambda _target, *, asked, **_: says(asked))
    with asked_twice() as same:
        answer = runner.ask(asking(slo, TARGET, NOWHERE, window=PAST))
    assert same["slo"] in (0, 1)
    return replace(answer, evidence={"compared": same["slo"]})


def test_the_second_asking_is_a_backfill_of_the_same_window_by_somebody(told: list[Asked]) -> None:
    assert ask(lambda _: Answer.judged("fine")).evidence == {"compared": 1}
    first, second = told
    assert (first.replay, second.replay, second.asked_by) == (False, True, "ann")
    assert first.window == second.window == PAST
    assert second.provenance.asked_at > first.provenance.asked_at


@pytest.mark.parametrize(
    "says",
    [
        lambda asked: Answer.judged("in a backfill" if asked.replay else "scheduled"),
        lambda asked: Answer.judged("fine", evidence={"when": asked.provenance.asked_at}),
        lambda asked: Answer.judged("fine", state={"run": asked.provenance.run_id}),
        lambda asked: Answer.unknown("no") if asked.replay else Answer.judged("no"),
    ],
)
def test_what_says_otherwise_is_caught(told: list[Asked], says: Any) -> None:
    with pytest.raises(SaidOtherwiseError, match="slo was asked about one window twice"):
        ask(says)
    assert len(told) == 2


def test_what_keeps_no_past_may_say_so_and_is_not_counted(told: list[Asked]) -> None:
    def says(asked: Asked) -> Answer:
        if asked.replay:
            raise CannotAskError("keeps no past")
        return Answer.judged("fine")

    answer = ask(says)
    assert (answer.status, answer.evidence) == (Status.OK, {"compared": 0})
    assert len(told) == 2


def test_every_dated_check_is_asked_so_and_given_back() -> None:
    checks, given = dated_checks(), vars(runner)["_given"]
    before = [duty.ask for duty in checks]
    with asked_twice():
        assert all(duty.ask is not ask for duty, ask in zip(checks, before, strict=True))
    assert [duty.ask for duty in checks] == before
    assert len(checks) > 20
    assert vars(runner)["_given"] is given
