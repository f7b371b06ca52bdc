"""The second asking: what says otherwise in a backfill is caught, and the duties are given back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.alike import SaidOtherwiseError, asked_twice, dated_checks
from tests.lab import UTC_ZONE, asking
from upkeep import given, runner
from upkeep.answer import Answer, Status
from upkeep.checks.service.slo import slo
from upkeep.errors import CannotAskError
from upkeep.given.asked import Asked
from upkeep.window import Cadence, Window

PAST = Cadence.DAILY.last_full(datetime(2025, 6, 1, tzinfo=UTC), UTC_ZONE)
TARGET: Any = SimpleNamespace(name="shop", thresholds={})
NOWHERE: Any = None
TICKS = count()
GIVEN = sorted(Path(given.__file__).parent.glob("*.py"))
# Where what is given may depend on the run, and why.
BY_RUN = {"asked": "it says what a run is", "repository": "a folder without history has no past to be asked about"}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Asked]]:
    """Every question for which something was given; the check says how it was asked."""
    asked_for: list[Asked] = []

    def give(_stack: object, asked: Asked, *_: object) -> dict[str, Any]:
        asked_for.append(asked)
        return {"asked": asked}

    monkeypatch.setattr(runner, "_given", give)
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


def test_asked_without_a_runner_the_second_asking_is_given_the_same() -> None:
    said = iter([Answer.judged("fine"), Answer.judged("fine"), Answer.judged("once"), Answer.judged("twice")])
    before = slo.ask
    object.__setattr__(slo, "ask", lambda *_: next(said))
    try:
        with asked_twice() as same:
            assert slo.ask(TARGET).summary == "fine"
            assert same["slo"] == 1
            with pytest.raises(SaidOtherwiseError, match="its summary differ"):
                slo.ask(TARGET)
    finally:
        object.__setattr__(slo, "ask", before)


@pytest.mark.parametrize("file", GIVEN, ids=[file.stem for file in GIVEN])
def test_what_is_given_depends_on_the_window_and_not_on_the_run(file: Path) -> None:
    told = [part for part in (".replay", ".asked_by", ".asked_at") if part in file.read_text(encoding="utf-8")]
    assert not told or file.stem in BY_RUN, (
        f"{file.name} looks at {', '.join(told)} of the run: what a dated check is given must be the same in a backfill. "
        "Take it from the window; where the source has no past, raise CannotAskError and note the reason in BY_RUN"
    )


def test_every_dated_check_is_asked_so_and_given_back() -> None:
    checks, give = dated_checks(), vars(runner)["_given"]
    before = [duty.ask for duty in checks]
    with asked_twice():
        assert all(duty.ask is not ask for duty, ask in zip(checks, before, strict=True))
    assert [duty.ask for duty in checks] == before
    assert len(checks) > 20
    assert vars(runner)["_given"] is give


@pytest.mark.usefixtures("told")
def test_a_window_that_goes_on_is_left_out() -> None:
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    object.__setattr__(slo, "ask", lambda _target, _window: Answer.judged("fine", evidence={"at": next(TICKS)}))
    with asked_twice() as same:
        assert slo.ask(TARGET, Window(now - hour, now + hour)).status is Status.OK
        assert same["slo"] == 0
        for over in (Window(now - 2 * hour, now - hour), Window(now + hour, now + 2 * hour)):
            with pytest.raises(SaidOtherwiseError):
                slo.ask(TARGET, over)
