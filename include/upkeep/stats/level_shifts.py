"""
Steps in a series that stay, as after a clean-up or a migration, told from growth and from single wild values. Pure arithmetic.

After Chen and Liu, "Joint estimation of model parameters and outlier effects in time series" (1993), which tells level shifts
from additive outliers; here by medians on both sides, which need no model of the series.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

SIDE, LEAST_AFTER = 7, 3
RARE = 2
"""Steps as many as these may be events, if they do not go the same way; more of them are how the series behaves."""
_FAR = 8.0
_TRIMMED = 0.9


@dataclass(frozen=True, slots=True)
class Shift:
    """A step of `height` between the values before `place` and those from it on."""

    place: int
    height: float


def level_shifts(values: Sequence[float | None]) -> list[Shift]:
    """
    Steps that stayed for three values at least and stand out from all other differences, in their order.

    A value that is gone again soon is no step, and neither is a ramp. What happened less than three values ago cannot be told
    yet.
    """
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    rises = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(known)]
    if len(rises) < 2 * SIDE:
        return []
    usual = median(rises)
    limit = _FAR * _scale(rises, usual)
    found = []
    for index in range(LEAST_AFTER, len(known) - LEAST_AFTER + 1):
        step = known[index][1] - known[index - 1][1] - usual * (known[index][0] - known[index - 1][0])
        if abs(step) > limit and _stayed(known, index, usual, step):
            found.append(Shift(known[index][0], step))
    return found


def without_rare_shifts(values: Sequence[float | None]) -> list[float | None]:
    """
    The series at its newest level: what lies before a step is moved by its height.

    A series with two steps the same way, or more than two, is left as it is: then they are how it behaves, as with a monthly
    clean-up.
    """
    shifts = level_shifts(values)
    if len(shifts) > RARE or len({shift.height > 0 for shift in shifts}) < len(shifts):
        return list(values)
    return [
        None if value is None else value + sum(shift.height for shift in shifts if shift.place > place)
        for place, value in enumerate(values)
    ]


def _scale(rises: Sequence[float], usual: float) -> float:
    """The mean distance of the usual nine tenths: a median of distances would be nothing where most days are alike."""
    distances = sorted(abs(rise - usual) for rise in rises)
    kept = distances[: max(1, int(_TRIMMED * len(distances)))]
    return sum(kept) / len(kept) + 1e-9 * max(abs(usual), 1e-9)


def _stayed(known: Sequence[tuple[int, float]], index: int, usual: float, step: float) -> bool:
    """Whether the medians on both sides differ by most of the step, growth aside."""
    here = known[index][0]
    before = median(value + usual * (here - place) for place, value in known[max(0, index - SIDE) : index])
    after = median(value - usual * (place - here) for place, value in known[index : index + SIDE])
    return (after - before) / step > 0.6  # noqa: PLR2004 - most of it
