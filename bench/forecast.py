"""
How often the 80 % intervals of forecasts held, on series of other people; aim: 80 % ± 10.

Of each series of the Numenta Anomaly Benchmark the longest stretch without a labelled anomaly is taken, as means of an hour
(season: a day) and of a day (season: a week), and foretold from places spread over it, each from what lay before it alone.
Without the benchmark's files, looked for beside the project, a made-up series stands in.

Run: python -m bench.forecast [series] [places]
"""

import csv
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from upkeep.stats.back_test import Coverage, back_test, total
from upkeep.stats.even_series import even_series

FOLDER = Path(__file__).parents[2] / "shared/data/nab"
AIM = (0.7, 0.9)
Point = tuple[datetime, float]


@dataclass(frozen=True, slots=True)
class Scale:
    """One way to look at a series."""

    name: str
    step: timedelta
    season: int
    horizons: tuple[int, ...]
    least: int


HOURS = Scale("hours", timedelta(hours=1), 24, (1, 6, 24, 48), 72)
DAYS = Scale("days", timedelta(days=1), 7, (1, 3, 7, 14, 28), 21)


def main(most: int = 99, places: int = 12) -> None:
    """Print a line for each series, and how many are within the aim."""
    found: dict[str, list[Coverage]] = defaultdict(list)
    for name, points in list(_series())[:most]:
        for scale in (HOURS, DAYS):
            begin = time.perf_counter()
            tried = _back_test(points, scale, places)
            if total(tried).n:
                found[scale.name].append(total(tried))
                print(_line(name, scale, tried), f"{time.perf_counter() - begin:6.1f} s")
    for scale_name, covered in found.items():
        print(_result(scale_name, covered))


def _back_test(points: Sequence[Point], scale: Scale, places: int) -> list[Coverage]:
    steps = defaultdict(list)
    for at, value in points:
        steps[(at - points[0][0]) // scale.step].append(value)
    means = [(points[0][0] + place * scale.step, sum(values) / len(values)) for place, values in steps.items()]
    made = even_series(means, scale.step, points[0][0])
    return back_test(made, scale.horizons, origins=places, least=scale.least, season=scale.season)


def _line(name: str, scale: Scale, tried: Sequence[Coverage]) -> str:
    shares = " ".join(f"{one.steps:3}: {one.share:4.0%}" if one.share is not None else f"{one.steps:3}:    -" for one in tried)
    whole = total(tried)
    return f"{name[:38]:38} {scale.name:5} {whole.held:3} of {whole.n:3} {whole.share or 0:5.0%}   {shares}"


def _result(scale: str, covered: Sequence[Coverage]) -> str:
    enough = [one for one in covered if one.n >= 20]
    within = sum(AIM[0] <= (one.share or 0) <= AIM[1] for one in enough)
    held, tried = sum(one.held for one in enough), sum(one.n for one in enough)
    share = f"{held / tried:.1%}" if tried else "nothing"
    return f"{scale}: {share} of {tried} forecasts held; {within} of {len(enough)} series between {AIM[0]:.0%} and {AIM[1]:.0%}"


def _series() -> Iterator[tuple[str, Sequence[Point]]]:
    if not FOLDER.exists():
        yield "made up: noise", _made_up()
        return
    for name, windows in json.loads((FOLDER / "windows.json").read_text()).items():
        with (FOLDER / name).open() as lines:
            points = [(_moment(row["timestamp"]), float(row["value"])) for row in csv.DictReader(lines)]
        yield name.split("/")[-1].removesuffix(".csv"), _calm(points, [(_moment(a), _moment(b)) for a, b in windows])


def _calm(points: Sequence[Point], windows: Sequence[tuple[datetime, datetime]]) -> Sequence[Point]:
    """The longest stretch without an anomaly."""
    marks = [points[0][0], *(mark for window in sorted(windows) for mark in window), points[-1][0]]
    begin, end = max(zip(marks[::2], marks[1::2], strict=True), key=lambda pair: pair[1] - pair[0])
    return [point for point in points if begin <= point[0] <= end]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _made_up() -> Sequence[Point]:
    chance, begin = random.Random("bench"), datetime(2026, 1, 5, tzinfo=UTC)  # noqa: S311 - noise, not a secret
    return [(begin + timedelta(hours=hour), 100 + chance.gauss(0, 5)) for hour in range(24 * 30)]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
