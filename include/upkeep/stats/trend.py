"""The straight line through a few noisy measurements, and when it reaches a limit. Pure arithmetic."""

from collections.abc import Sequence
from itertools import combinations
from statistics import median

Point = tuple[float, float]


def slope(points: Sequence[Point]) -> float | None:
    """
    Rise of y per unit of x: the median of the slopes between all pairs of points (Theil 1950, Sen 1968).

    Up to 29 % of the points may be wild without moving it far, so that one bulk load or one clean-up is no trend. None with fewer
    than two different x. It looks at every pair: meant for up to some hundred points.
    """
    slopes = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2) if x1 != x2]
    return median(slopes) if slopes else None


def until(now: float, limit: float, per_unit: float) -> float | None:
    """How many units of x until `limit`: 0 when it is reached already, None when it is never reached at this pace."""
    if now >= limit:
        return 0.0
    return (limit - now) / per_unit if per_unit > 0 else None
