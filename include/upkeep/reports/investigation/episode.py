"""One anomaly with what was known around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from upkeep.delivery.effect import Verdict
from upkeep.humanize import share
from upkeep.reports.lines import spelled
from upkeep.sources.rows import Rows
from upkeep.units import Unit
from upkeep.window import Window

MOST_SURE = 1_000_000


class Lasting(Protocol):
    """What has a beginning and an end."""

    @property
    def since(self) -> datetime:
        """When it began."""
        ...

    @property
    def ends(self) -> datetime:
        """When it was over."""
        ...


@dataclass(frozen=True, slots=True)
class Episode:
    """An anomaly; the numbers are those of its rarest hour or day, which begins `at`."""

    service: str
    rule: str
    series: str
    since: datetime
    until: datetime
    ends: datetime
    open: bool
    at: datetime
    value: float
    low: float
    expected: float
    high: float
    unit: str
    chance: float
    n: int
    together: list[str]
    deployments: list[str]
    effects: list[str]
    verdict: str | None
    person: str | None

    @property
    def name(self) -> str:
        """Which number of which service."""
        return f"{self.service}: {self.series}"

    @property
    def worse(self) -> list[str]:
        """Deployments before it after which the signals were worse."""
        return [each for each in self.effects if each.endswith(f": {Verdict.WORSE}")]

    @property
    def judged(self) -> str:
        """What people said of it."""
        return f"{self.verdict}, says {self.person}" if self.verdict else "not judged yet"

    @property
    def range(self) -> str:
        """What was expected, for people."""
        return f"{self.said(self.low)} to {self.said(self.high)}"

    @property
    def once(self) -> str:
        """How often chance alone does as much."""
        return f"once in {min(round(1 / max(self.chance, 1 / MOST_SURE)), MOST_SURE):,}"

    def said(self, value: float) -> str:
        """A number with its unit."""
        return share(value) if self.unit == Unit.SHARE else spelled(value, self.unit)

    def during(self, other: Lasting) -> bool:
        """Whether something else was on at the same time."""
        return other.since < self.ends and self.since < other.ends


def moment(at: datetime) -> str:
    """For people."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def episodes(rows: Rows, window: Window) -> list[Episode]:
    """Every anomaly that was on in a window, the rarest first. Raises BrokenError."""
    return rows(__file__, Episode, {"start": window.start, "end": window.end})


def elsewhere(one: Episode, every: Sequence[Episode]) -> list[str]:
    """What moved at other services at the same time."""
    return [each.name for each in every if each.service != one.service and one.during(each)]
