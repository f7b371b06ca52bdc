"""Detectors to set beside ours: one that never alarms, and the benchmark's windowed Gaussian, from its published description."""

from collections.abc import Sequence
from math import erfc, sqrt

WINDOW, STEP = 6400, 100
PUBLISHED_THRESHOLD = 1.0
"""Where the windowed Gaussian's published scores were taken: what is so far away that its probability is lost in rounding."""
DIGITS = 12
"""Digits with which its scores were written to files before they were scored: with others, other values reach the threshold."""


def null(values: Sequence[float]) -> list[float]:
    """Never anything."""
    return [0.5] * len(values)


def windowed_gaussian(values: Sequence[float]) -> list[float]:
    """
    One less the probability of a normal distribution beyond each value.

    Mean and deviation are those of all values before, and once there are 6,400 of the newest 6,400, taken anew every hundredth
    value. Both sizes were tuned on the benchmark by its authors.
    """
    import numpy as np

    found, begin, end = [0.0] * len(values), 0, 0
    mean = deviation = 0.0
    known = np.asarray(values)
    for place, value in enumerate(values):
        if end:
            found[place] = round(1 - 0.5 * erfc(abs(value - mean) / deviation / sqrt(2)), DIGITS)
        if place < WINDOW or place + 1 - end == STEP:
            begin, end = max(0, place + 1 - WINDOW), place + 1
            mean, deviation = float(known[begin:end].mean()), float(known[begin:end].std()) or 1e-6
    return found


def likelihood(values: Sequence[float]) -> list[float]:
    """
    How unlikely the mean of the newest ten errors is among the newest 8,640, by a normal distribution.

    After Numenta's anomaly likelihood (Ahmad and others, "Unsupervised real-time anomaly detection for streaming data", 2017),
    with the distance from the median of the dozen values before where it has the error of its model.
    """
    import numpy as np

    from upkeep.stats.anomaly.newest import Newest

    errors, dozen = np.zeros(len(values)), Newest(12)
    for place, value in enumerate(values):
        middle = dozen.median
        errors[place] = 0.0 if middle is None else abs(value - middle)
        dozen.learn(value)
    found = [0.0] * len(values)
    for place in range(100, len(values)):
        long = errors[max(0, place + 1 - 8640) : place + 1]
        distance = (errors[place - 9 : place + 1].mean() - long.mean()) / max(float(long.std()), 1e-9)
        found[place] = -float(np.log10(max(0.5 * erfc(distance / sqrt(2)), 1e-300)))
    return found


def discord(values: Sequence[float], length: int = 24, most: int = 3000) -> list[float]:
    """
    How far the newest `length` values are from the nearest as many before, among the newest `most`, by how rare that distance is.

    The left discord of a matrix profile without normalisation (Yeh and others, 2016).
    """
    import numpy as np
    from numpy.lib.stride_tricks import sliding_window_view

    from upkeep.stats.anomaly.newest import Newest

    pieces = sliding_window_view(np.asarray(values, dtype=float), length)
    squares, sizes, found = (pieces**2).sum(axis=1), Newest(5000), [0.0] * len(values)
    for piece in range(2 * length, len(pieces)):
        first = max(0, piece - length - most)
        before = slice(first, piece - length + 1)
        apart = squares[before] - 2 * (pieces[before] @ pieces[piece]) + squares[piece]
        distance = float(np.sqrt(max(apart.min(), 0.0)))
        found[piece + length - 1] = -float(np.log10(max(sizes.chance(distance), 1e-300))) if len(sizes) > length else 0.0
        sizes.learn(distance)
    return found
