"""
The demo's simulated past.

The demo is minutes old, but some questions compare with weeks: is this statement slower than on other Mondays, does this database
grow faster than it did? So the healthy shop is measured for real at the first start, by the programme's own checks, and these
answers are stored for each of the 28 days before, with a few percent of noise. Their run is called "simulated past".
"""

import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from upkeep.answer import Answer, Json, Metric, Status
from upkeep.discovery import discover
from upkeep.duty import Duty, History
from upkeep.given.asked import Asked
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint, Postgres
from upkeep.store.answers import Provenance, save
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg

DAYS, WEEKS = 28, 4
NOISE = 0.04
RUN = "simulated past"


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


def store(connection: "psycopg.Connection[Any]", shop: Database, answers: Iterable[tuple[Duty, Answer]], now: Window) -> None:
    """
    Store the healthy answers for the windows before `now`, the first window of the demo's own. Rows that are there are replaced.

    Only the newest day remembers counters, since those are the real ones. A week remembers none: it would make everything
    planted since look new, and what is new is not yet judged.
    """
    for duty, answer in answers:
        if answer.status is Status.BREACH:
            continue
        for age, window in enumerate(_windows(duty.cadence, now)):
            seed = random.Random(f"{duty.name} {window.end}")  # noqa: S311 - noise, not a secret
            kept = answer.state if age == 0 and duty.cadence is Cadence.DAILY else None
            aged = replace(answer, metrics=tuple(_noisy(m, seed) for m in answer.metrics), state=kept)
            save(connection, duty, shop.name, window, aged, _provenance(duty, window.end))


def _windows(cadence: Cadence, now: Window) -> Iterator[Window]:
    """Newest first."""
    if cadence is Cadence.DAILY:
        day = timedelta(days=1)
        yield from (Window(now.start - day * (age + 1), now.start - day * age) for age in range(DAYS))
        return
    week, newest = timedelta(weeks=1), cadence.last_full(now.end, ZoneInfo("UTC"))
    yield from (Window(newest.start - week * (age + 1), newest.start - week * age) for age in range(WEEKS))


def _noisy(metric: Metric, chance: random.Random) -> Metric:
    """The same number, a few percent off; whole numbers stay whole, shares stay below 1."""
    factor = 1 + chance.uniform(-NOISE, NOISE)
    if metric.unit == Unit.SHARE and metric.value * factor > 1:
        return metric
    if metric.unit in {Unit.COUNT, Unit.BYTES, Unit.XIDS}:
        return replace(metric, value=float(round(metric.value * factor)), numerator=None, denominator=None)
    numerator = None if metric.numerator is None else metric.numerator * factor
    return replace(metric, value=metric.value * factor, numerator=numerator)


def _provenance(duty: Duty, end: datetime) -> Provenance:
    task = f"{duty.area}.{duty.name}"
    return Provenance(duty.cadence.value, RUN, task, 0, 1, asked_at=end + timedelta(minutes=1), seconds=0.0)
