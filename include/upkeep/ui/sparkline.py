"""A number over time as a line small enough for a row of a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

WIDTH, HEIGHT, MARGIN = 100.0, 24.0, 2.0


@dataclass(frozen=True, slots=True)
class Sparkline:
    """
    Lines between values that stand beside each other, as points of an SVG of 100 by 24, and single values as dots.

    `limit` is the height of a line at the limit, None where it lies outside. `low` and `high` are what the edges stand for.
    """

    lines: Sequence[str]
    dots: Sequence[tuple[float, float]]
    limit: float | None
    low: float
    high: float


def sparkline(values: Sequence[float | None], limit: float | None = None, *, from_zero: bool = True) -> Sparkline | None:
    """Of values at equal distances; gaps stay gaps. None without any value."""
    known = [value for value in values if value is not None and isfinite(value)]
    if not known:
        return None
    low, high = min([*known, 0.0] if from_zero else known), max(known)
    step = WIDTH / max(len(values) - 1, 1)

    def y(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.0 if high == 0 else 0.5
        return round(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN), 2)

    runs = [[(round(at * step, 2), y(value)) for at, value in run] for run in _runs(values)]
    inside = limit is not None and low <= limit <= high
    return Sparkline(
        lines=[" ".join(f"{a:g},{b:g}" for a, b in run) for run in runs if len(run) > 1],
        dots=[run[0] for run in runs if len(run) == 1],
        limit=y(limit) if inside and limit is not None else None,
        low=low,
        high=high,
    )


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    run: list[tuple[int, float]] = []
    for at, value in enumerate(values):
        if value is not None and isfinite(value):
            run.append((at, value))
        elif run:
            yield run
            run = []
    if run:
        yield run
