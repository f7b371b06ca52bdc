"""The shop's load plants as much on a slow machine as on a fast one."""

import random
import time
from contextlib import nullcontext
from itertools import pairwise
from typing import Any

import pytest

from upkeep.demo import load


class Enough(Exception):  # noqa: N818 - ends an endless load
    """The shop's first minutes are over."""


class Shop:
    """A connection whose every statement takes this long, on a clock of its own."""

    def __init__(self, statement_s: float, until_s: float) -> None:
        self.now, self.statement_s, self.until_s = 0.0, statement_s, until_s
        self.asked: list[tuple[float, str]] = []

    def execute(self, statement: str, _params: Any = None) -> "Shop":
        """One statement."""
        if self.now > self.until_s:
            raise Enough
        self.asked.append((self.now, statement))
        self.now += self.statement_s
        return self

    def fetchone(self) -> tuple[int]:
        """An id."""
        return (1,)

    def transaction(self) -> Any:
        """As the driver's."""
        return nullcontext()

    def sleep(self, seconds: float) -> None:
        """Let the clock go on."""
        self.now += seconds


def served(monkeypatch: pytest.MonkeyPatch, statement_s: float, *, report: bool = True, until_s: float = 30) -> Shop:
    shop = Shop(statement_s, until_s)
    monkeypatch.setattr(time, "monotonic", lambda: shop.now)
    monkeypatch.setattr(time, "sleep", shop.sleep)
    with pytest.raises(Enough):
        load._serve(shop, random.Random(1), report=report)  # type: ignore[arg-type]  # noqa: SLF001, S311 - it never ends
    return shop


@pytest.mark.parametrize("statement_s", [0.0001, 0.01, 0.05, 0.1])
def test_half_a_minute_has_enough_reports_for_a_check(monkeypatch: pytest.MonkeyPatch, statement_s: float) -> None:
    reports = [at for at, statement in served(monkeypatch, statement_s).asked if statement == load.REPORT]
    assert len(reports) >= 6, "slow_queries and query_performance judge from three on"
    assert all(later - earlier < load.REPORT_EVERY_S * 2 for earlier, later in pairwise(reports))


def test_the_report_is_new_once_the_faults_are_planted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load.REPORT not in {statement for _, statement in served(monkeypatch, 0.001, report=False).asked}


def test_a_fast_machine_loses_a_second_over_the_missing_index(monkeypatch: pytest.MonkeyPatch) -> None:
    tracked = [1 for _, statement in served(monkeypatch, 0.0001).asked if statement == load.TRACK]
    assert len(tracked) * 0.005 > 1, "a table read whole takes 5 ms at least; query_regressions judges from one second on"
