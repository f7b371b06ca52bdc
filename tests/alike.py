"""One window, one answer: dated checks are asked twice, as by a schedule and as in a later backfill, and must say the same."""

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from upkeep import runner
from upkeep.answer import Answer
from upkeep.discovery import discover
from upkeep.duty import Duty
from upkeep.errors import CannotAskError
from upkeep.given.asked import Asked
from upkeep.window import Window

LATER = timedelta(days=3)


class SaidOtherwiseError(AssertionError):
    """A dated check said one thing when scheduled and another in a backfill."""


@dataclass
class _Question:
    """The newest question, and how what it takes by type is made again for another."""

    asked: Asked
    given_again: Callable[[ExitStack, Asked], dict[str, Any]]


def dated_checks() -> list[Duty]:
    """Checks whose answer belongs to a window."""
    return [duty for duty in discover() if duty.dated and duty.kind == "check"]


@contextmanager
def asked_twice() -> Iterator[Counter[str]]:
    """
    While inside, every dated check is asked again: by the runner as in a backfill that a person starts later, else as it was.

    Gives by name how often a check said the same twice; a window that goes on is left out. Raises SaidOtherwiseError from the
    question.
    """
    give, checks, same = runner._given, dated_checks(), Counter[str]()  # noqa: SLF001 - everything that is given passes here
    before, newest = [duty.ask for duty in checks], list[_Question]()

    def remembered(stack: ExitStack, asked: Asked, takes: Mapping[str, type], given: Mapping[type, Any] | None) -> dict[str, Any]:
        newest[:] = [_Question(asked, lambda again, as_asked: give(again, as_asked, takes, given))]
        return give(stack, asked, takes, given)

    runner._given = remembered  # noqa: SLF001
    for duty in checks:
        object.__setattr__(duty, "ask", _twice(duty, newest, same))
    try:
        yield same
    finally:
        runner._given = give  # noqa: SLF001
        for duty, ask in zip(checks, before, strict=True):
            object.__setattr__(duty, "ask", ask)


def _twice(duty: Duty, newest: list[_Question], same: Counter[str]) -> Callable[..., Answer]:
    ask = duty.ask

    @functools.wraps(ask)
    def asked(*target: Any, **more: Any) -> Answer:
        question, answer = newest.pop() if newest else None, ask(*target, **more)
        if _goes_on((*target, *more.values())):
            return answer
        with ExitStack() as stack, suppress(CannotAskError):  # what keeps no past may say so, and nothing else
            of_runner = question and question.asked.duty is duty
            again = question.given_again(stack, backfilled(question.asked)) if question and of_runner else {}
            _compare(duty.name, answer, ask(*target, **more | again))
            same[duty.name] += 1
        return answer

    return asked


def _goes_on(given: Iterable[Any]) -> bool:
    """Whether it is about a window that goes on: in its source the first asking may itself leave what the second one finds."""
    now = datetime.now(UTC)
    return any(isinstance(each, Window) and each.start <= now < each.end for each in given)


def backfilled(asked: Asked) -> Asked:
    """The same question in a backfill, three days later, by somebody."""
    newer = replace(asked.provenance, dag_id="backfill", run_id="backfill__1", asked_at=asked.provenance.asked_at + LATER)
    return replace(asked, replay=True, asked_by="ann", provenance=newer)


def _compare(name: str, scheduled: Answer, backfill: Answer) -> None:
    for part in Answer.__slots__:
        first, second = getattr(scheduled, part), getattr(backfill, part)
        if first != second:
            raise SaidOtherwiseError(
                f"{name} was asked about one window twice, and its {part} differ: scheduled {first!r}, in a backfill "
                f"{second!r}. What a dated check says may depend on the window and on what is known as of its end, on nothing "
                "of the run that asks: not on its kind, nor on when it asks, nor on the order of what it reads"
            )
