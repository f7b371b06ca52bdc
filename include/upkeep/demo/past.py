"""
What the healthy shop answers: the ground of the demo's made-up past.

The demo is minutes old, but some questions compare with weeks: is this statement slower than on other Mondays, does this database
grow faster than it did? So the shop is measured for real before anything is planted, by the programme's own checks.
"""

import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from upkeep.answer import Answer, Json, Metric
from upkeep.discovery import discover
from upkeep.duty import Duty, History
from upkeep.given.asked import Asked
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint, Postgres
from upkeep.store.answers import Provenance
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

NOISE, GROWTH = 0.04, 0.003
"""Shares: up and down from day to day, and up a day."""
# What compares with the last weeks is to see no growth, or it would foretell that the disk is full.
STEADY_DAYS = 28


@dataclass(frozen=True)
class Before:
    """A history that consists of one reading of the counters."""

    content: Json | None
    none: list[Metric] = field(default_factory=list)

    def state(self) -> Json | None:
        """The counters at the beginning of the healthy time."""
        return self.content

    def metrics(self, _name: str, _days: int) -> list[Metric]:
        """Nothing: the programme has not run yet."""
        return self.none


def measure(shop: Database, endpoint: Endpoint, seconds: float) -> list[tuple[Duty, Answer]]:
    """Ask every live daily and weekly question twice, `seconds` apart; the second answers are about the time between."""
    duties = [
        d for d in discover() if not d.dated and Postgres in d.takes.values() and d.cadence in {Cadence.DAILY, Cadence.WEEKLY}
    ]
    first = {d.name: _ask(d, shop, endpoint, Before(None)).state for d in duties}
    time.sleep(seconds)
    return [(d, _ask(d, shop, endpoint, Before(first[d.name]))) for d in duties]


def _ask(duty: Duty, shop: Database, endpoint: Endpoint, history: Before) -> Answer:
    window = duty.cadence.last_full(datetime.now(UTC), ZoneInfo("UTC"))
    by = _provenance(duty, window.end)
    return ask(Asked(duty=duty, target=shop, window=window, connections=OneDatabase(endpoint), provenance=by), {History: history})


def unhealthy(answers: Iterable[tuple[Duty, Answer]]) -> list[str]:
    """What is already wrong with the shop before anything is planted: nothing should be."""
    return [f"{duty.name}: {finding.title}" for duty, answer in answers for finding in answer.findings]


def noisy(metric: Metric, chance: random.Random, age: int) -> Metric:
    """The same number some days before, a few percent off and smaller; whole numbers stay whole, shares stay below 1."""
    factor = (1 + chance.uniform(-NOISE, NOISE)) * (1 - GROWTH * max(age - STEADY_DAYS, 0))
    if metric.unit == Unit.SHARE and metric.value * factor > 1:
        return metric
    if metric.unit in {Unit.COUNT, Unit.BYTES, Unit.XIDS}:
        return replace(metric, value=float(round(metric.value * factor)), numerator=None, denominator=None)
    numerator = None if metric.numerator is None else metric.numerator * factor
    return replace(metric, value=metric.value * factor, numerator=numerator)


def _provenance(duty: Duty, end: datetime) -> Provenance:
    return Provenance(duty.cadence.value, "measured", f"{duty.area}.{duty.name}", 0, 1, end, 0.0)
