"""
What earlier forecasts of a series missed by, and what that says about the next one. Pure arithmetic.

Makridakis and Winkler, "Sampling distributions of post-sample forecasting errors" (1989): errors of forecasts from many places of
the past, horizon for horizon. Quantiles are those of split conformal prediction (Vovk, Gammerman and Shafer, 2005). Errors of
neighbouring places overlap, so that they are worth fewer than they are (Bayley and Hammersley, 1946), and are widened for it.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import log, sqrt
from typing import Protocol

LEAST = 3
_FEW = 2.0
_STRIDE = 1.35


class Teller(Protocol):
    """What expects values after a place."""

    @property
    def place(self) -> int:
        """The place of the last value that it has seen."""
        ...

    def ahead(self, steps: int) -> float:
        """What it expects so many steps later."""
        ...


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value that a new one does not exceed with this chance, given `ordered` ones like it: (n + 1) places, not n."""
    place = share * (len(ordered) + 1) - 1
    below = max(0, min(len(ordered) - 1, int(place)))
    above = min(len(ordered) - 1, below + 1)
    return ordered[below] + (ordered[above] - ordered[below]) * max(0.0, min(1.0, place - below))


def errors_at(values: Sequence[float | None], tellers: Sequence[Teller], steps: int) -> list[float]:
    """Value less expectation, for every place that has a value so many steps later."""
    pairs = ((teller, teller.place + steps) for teller in tellers)
    return [value - teller.ahead(steps) for teller, at in pairs if at < len(values) and (value := values[at]) is not None]


def tried(places: int, horizon: int) -> list[int]:
    """Horizons that the past can tell something about, up to a third of it: each about a third further than the one before."""
    farthest, found = max(1, min(horizon, places // 3)), [1]
    while found[-1] < farthest:
        found.append(min(farthest, max(found[-1] + 1, round(found[-1] * _STRIDE))))
    return found


def mean_miss(values: Sequence[float | None], tellers: Sequence[Teller], horizon: int) -> float:
    """The mean of what was missed by at each tried horizon, so that far ones count as much as near ones."""
    found = [errors for h in tried(len(tellers), horizon)[::2] if (errors := errors_at(values, tellers, h))]
    return sum(sum(map(abs, errors)) / len(errors) for errors in found) / max(1, len(found))


def missed(values: Sequence[float | None], tellers: Sequence[Teller], horizon: int) -> list[tuple[int, list[float]]]:
    """
    Errors by tried horizon, in the order of places; horizons with fewer than three are left out.

    They are widened for how few independent ones they are worth, and so that no farther horizon is foretold better than a nearer.
    """
    found: list[tuple[int, list[float]]] = []
    wide = 0.0
    for h in tried(len(tellers), horizon):
        errors = errors_at(values, tellers, h)
        if len(errors) < LEAST:
            continue
        here = spread(errors)
        factor = sqrt(1 + _FEW / _worth(errors)) * (max(1.0, wide / here) if here else 1.0)
        wide = max(wide, here)
        found.append((h, [factor * error for error in errors]))
    return found


def growth(found: Sequence[tuple[int, Sequence[float]]]) -> float:
    """With which power of the horizon errors grow beyond the farthest tried one: 0.5 for a random walk, 1 for an unsure trend."""
    (far, errors), near = found[-1], next(one for one in found if one[0] >= found[-1][0] / 4)
    if near[0] == far or not spread(near[1]):
        return 0.5
    power = log(max(1.0, spread(errors) / spread(near[1]))) / log(far / near[0])
    return max(0.4 + 0.5 * _likeness(errors), min(1.0, power))


def spread(errors: Sequence[float]) -> float:
    """Width of the middle four fifths."""
    ordered = sorted(errors)
    return quantile(ordered, 0.9) - quantile(ordered, 0.1)


def _worth(errors: Sequence[float]) -> float:
    """How many independent ones they are worth; one at least."""
    like = _likeness(errors)
    return max(1.0, len(errors) * (1 - like) / (1 + like))


def _likeness(errors: Sequence[float]) -> float:
    """The correlation of neighbours; 0 where it is negative."""
    mean = sum(errors) / len(errors)
    whole = sum((error - mean) ** 2 for error in errors)
    both = sum((a - mean) * (b - mean) for a, b in pairwise(errors))
    return max(0.0, min(1.0, both / whole)) if whole else 0.0
