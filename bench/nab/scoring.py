"""
The benchmark's score, written from its published definition.

Lavin and Ahmad, "Evaluating real-time anomaly detection algorithms" (2015), and what its maintainers said of it in public since.

The first rows of a series are a probation and never count. Of a window only the best alarm counts, the more the earlier it is. An
alarm outside costs little soon after a window and all of it later. One threshold is chosen for the whole corpus. 0 is a detector
that never alarms, 100 one that alarms at the first row of each window and never else; there is no lower bound.

As published, and not as one would expect: an alarm inside a window of W rows is placed in Wths, one after it in (W - 1)ths.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf

from bench.nab.corpus import Labelled

FAR = 3.0


@dataclass(frozen=True, slots=True)
class Profile:
    """What a window found, a window missed and a false alarm weigh."""

    name: str
    found: float
    missed: float
    false: float


PROFILES = (
    Profile("standard", 1, 1, 0.11),
    Profile("low FP", 1, 1, 0.22),
    Profile("low FN", 1, 2, 0.11),
)


@dataclass(frozen=True, slots=True)
class Result:
    """A corpus scored at one threshold: `score` is normalised, `raw` adds up what each row and window is worth."""

    threshold: float
    raw: float
    score: float


def placed(x: float) -> float:
    """What an alarm at x is worth: -1 is a window's first row, 0 its end, beyond lies the time after it."""
    return -1.0 if x >= FAR else 2 / (1 + exp(5 * x)) - 1


def row_worths(series: Labelled, profile: Profile) -> list[tuple[int | None, float]]:
    """Of each row: the window it lies in, and what an alarm at it is worth."""
    found: list[tuple[int | None, float]] = []
    windows, before = list(enumerate(series.windows)), None
    for row in range(len(series.values)):
        if windows and row > windows[0][1][1]:
            before = windows.pop(0)[1]
        inside = bool(windows) and row >= windows[0][1][0]
        if inside:
            number, (begin, end) = windows[0]
            found.append((number, profile.found * placed(-(end - row + 1) / (end - begin + 1)) / placed(-1)))
        else:
            found.append((None, profile.false * placed(_after(before, row))))
    return found


def _after(window: tuple[int, int] | None, row: int) -> float:
    """How far behind a window, in lengths of it; a window of one row is at once far away."""
    if window is None or window[0] == window[1]:
        return FAR
    return (row - window[1]) / (window[1] - window[0])


def at_threshold(corpus: Sequence[Labelled], scores: Sequence[Sequence[float]], profile: Profile, threshold: float) -> Result:
    """The result when every row that scores the threshold or more is an alarm."""
    raw = sum(series_raw(series, found, profile, threshold) for series, found in zip(corpus, scores, strict=True))
    return Result(threshold, raw, _normalised(raw, corpus, profile))


def series_raw(series: Labelled, scores: Sequence[float], profile: Profile, threshold: float) -> float:
    """What one series is worth at a threshold, not normalised."""
    best = [-profile.missed] * len(series.windows)
    false = 0.0
    for row, (window, worth) in enumerate(row_worths(series, profile)):
        if row < series.probation or scores[row] < threshold:
            continue
        if window is None:
            false += worth
        else:
            best[window] = max(best[window], worth)
    judged = {series.windows.index(window) for window in series.judged_windows}
    return false + sum(value for number, value in enumerate(best) if number in judged)


def best_threshold(corpus: Sequence[Labelled], scores: Sequence[Sequence[float]], profile: Profile) -> Result:
    """The best result of any threshold, one for the whole corpus: from never an alarm down, each score in turn."""
    rows = []
    for number, (series, found) in enumerate(zip(corpus, scores, strict=True)):
        for row, (window, worth) in enumerate(row_worths(series, profile)):
            if row >= series.probation:
                rows.append((found[row], worth, None if window is None else (number, window)))
    rows.sort(key=lambda row: -row[0])
    best = {window: -profile.missed for _, _, window in rows if window}
    raw = sum(best.values())
    top = (raw, inf)
    for place, (score, worth, inside) in enumerate(rows):
        gain = worth if inside is None else max(0.0, worth - best[inside])
        if inside is not None:
            best[inside] += gain
        raw += gain
        if raw > top[0] and (place + 1 == len(rows) or rows[place + 1][0] < score):
            top = (raw, score)
    return Result(top[1], top[0], _normalised(top[0], corpus, profile))


def _normalised(raw: float, corpus: Sequence[Labelled], profile: Profile) -> float:
    """0 for never an alarm, 100 for a perfect detector; 0 without any window."""
    windows = sum(len(series.judged_windows) for series in corpus)
    null, perfect = -profile.missed * windows, profile.found * windows
    return 100 * (raw - null) / (perfect - null) if windows else 0.0
