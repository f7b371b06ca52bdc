"""How changes flow into production: five numbers of DORA, each with what it stands on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor

from upkeep.window import Window


@dataclass(frozen=True, slots=True)
class Live:
    """
    One deployment that went live, and what was known of it at the window's end; the fields are the columns of the question.

    `leads` are seconds from each commit that it was the first to bring to the moment when it was live; None where nobody told.
    """

    deployment: str
    live_at: datetime
    previous: str | None
    failed_at: datetime | None
    failed_why: str | None
    recovered_at: datetime | None
    rework: bool | None
    leads: list[float] | None


@dataclass(frozen=True, slots=True)
class Ratio:
    """So many of so many."""

    hits: int
    of: int


@dataclass(frozen=True, slots=True)
class Flow:
    """
    A window's numbers. A ratio of none and the times of none are empty, never zero.

    `good` are deployments without a failure, `leads` the seconds of their changes; `untold` are those whose changes nobody knows,
    `backward` are commits younger than their deployment. `recoveries` ended in the window; they count from the moment when the
    failed deployment was live.
    """

    days: float
    good: tuple[Live, ...]
    failed: tuple[Live, ...]
    leads: tuple[float, ...]
    recoveries: tuple[float, ...]
    rework: Ratio
    untold: int
    backward: int

    @property
    def fails(self) -> Ratio:
        """Deployments that failed, each once, of those that went live."""
        return Ratio(len(self.failed), len(self.good) + len(self.failed))

    @property
    def unrecovered(self) -> int:
        """Deployments of the window that failed and were not yet followed by a good one."""
        return sum(each.recovered_at is None for each in self.failed)


def flow_of(found: Sequence[Live], window: Window) -> Flow:
    """
    From deployments that went live, or recovered, in the window.

    After DORA's guide to its software delivery metrics (2026): change lead time, deployment frequency, failed deployment recovery
    time, change fail rate and deployment rework rate. The guide prescribes no aggregate; medians stand here with their n.
    """
    inside = [each for each in found if window.start <= each.live_at < window.end]
    good = tuple(each for each in inside if each.failed_at is None)
    leads = [lead for each in good for lead in each.leads or ()]
    recovered = [
        (each, each.recovered_at) for each in found if each.recovered_at and window.start <= each.recovered_at < window.end
    ]
    said = [each.rework for each in inside if each.rework is not None]
    return Flow(
        days=window.length.total_seconds() / 86_400,
        good=good,
        failed=tuple(each for each in inside if each.failed_at is not None),
        leads=tuple(sorted(lead for lead in leads if lead >= 0)),
        recoveries=tuple(sorted((at - each.live_at).total_seconds() for each, at in recovered)),
        rework=Ratio(sum(said), len(said)),
        untold=sum(each.leads is None for each in good),
        backward=sum(lead < 0 for lead in leads),
    )


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of sorted values lie, with linear interpolation. Raises ValueError of none."""
    if not values:
        raise ValueError("there is no quantile of no values")
    place = share * (len(values) - 1)
    low = floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])
