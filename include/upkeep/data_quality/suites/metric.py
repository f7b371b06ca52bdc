"""Metrics are numbers of their window, and shares are what they are shares of."""

import sys
from pathlib import Path

from upkeep.data_quality.suite import Expectation, Suite, between

LARGEST_SHARE = 10.0
ROUNDING = 0.001
_FINITE = sys.float_info.max
_DIVIDED = "The duty divided by nothing: correct it, then clear its task"

SUITE = Suite(
    Path(__file__),
    "upkeep.metric",
    (
        Expectation("no metric is NaN", "ExpectColumnValuesToNotBeNull", {"column": "value"}, _DIVIDED),
        Expectation("no metric is infinite", *between("value", -_FINITE, _FINITE), _DIVIDED),
        Expectation(
            f"every share lies between 0 and {LARGEST_SHARE:g} (a larger one is a percentage or a mistake)",
            *between("share", 0, LARGEST_SHARE),
            "Correct the duty: Unit.SHARE is a part of 1, Unit.TIMES may be large; then clear its task",
        ),
        Expectation(
            "every share is its numerator divided by its denominator",
            *between("off", most=ROUNDING),
            "Correct the duty so that the three agree, then clear its task",
        ),
        Expectation(
            "every metric's moment lies in its window",
            *between("seconds_outside", most=0),
            "Correct the duty: `at` is within the window that it was asked about; then clear its task",
        ),
    ),
)
