"""A metric means what it meant in earlier windows."""

from pathlib import Path

from upkeep.data_quality.suite import Expectation, Suite, between

# Milliseconds for seconds and kB for bytes are a thousand; a busy day is less.
LARGEST_FACTOR = 500

SUITE = Suite(
    Path(__file__),
    "upkeep.metric",
    (
        Expectation(
            "every metric keeps the unit that it had in earlier windows",
            "ExpectColumnValuesToBeInSet",
            {"column": "same_unit", "value_set": [True]},
            "Plots and comparisons mix the two: give the number another name, or convert it in the duty; then clear its task",
        ),
        Expectation(
            f"no metric's median over its labels moved by a factor of more than {LARGEST_FACTOR} against earlier windows",
            *between("factor", most=LARGEST_FACTOR),
            "See whether the source changed its unit (an upgrade?) and correct the duty; where the world really changed, this "
            "passes after a few windows",
        ),
    ),
)
