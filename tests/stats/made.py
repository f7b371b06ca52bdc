"""Series made for the tests of forecasts: the same ones every time."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from upkeep.stats.even_series import EvenSeries

START = datetime(2026, 1, 5, tzinfo=UTC)
DAY = timedelta(days=1)


def _chance(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - noise, not a secret


def series(values: Sequence[float | None]) -> EvenSeries:
    """One value a day, from a Monday on."""
    return EvenSeries(START, DAY, tuple(values))


def straight(n: int, rise: float = 3.0, noise: float = 5.0, seed: str = "straight") -> list[float]:
    """A straight line from 1000 on with noise."""
    chance = _chance(seed)
    return [1000 + rise * day + chance.gauss(0, noise) for day in range(n)]


def steady(n: int, noise: float = 20.0, seed: str = "steady") -> list[float]:
    """Noise around 1000."""
    return straight(n, 0, noise, seed)


def wandering(n: int, seed: str = "wandering") -> list[float]:
    """A random walk from 1000 on."""
    chance, level, found = _chance(seed), 1000.0, []
    for _ in range(n):
        level += chance.gauss(0, 5)
        found.append(level)
    return found


def on_workdays(n: int, seed: str = "workdays") -> list[float]:
    """Growth from Monday to Friday only."""
    chance, level, found = _chance(seed), 1000.0, []
    for day in range(n):
        level += chance.gauss(5, 1) if day % 7 < 5 else 0
        found.append(level)
    return found


def weekly(n: int, seed: str = "weekly") -> list[float]:
    """Higher from Monday to Friday, and growing slowly."""
    chance = _chance(seed)
    return [1000 + day + (40 if day % 7 < 5 else 0) + chance.gauss(0, 4) for day in range(n)]


def saw(n: int, seed: str = "saw", every: int = 30) -> list[float]:
    """Growth that a monthly clean-up takes back."""
    chance = _chance(seed)
    begin = chance.randrange(every)
    return [1000 + 4 * ((day + begin) % every) + chance.gauss(0, 1) for day in range(n)]
