"""Numbers of findings are numbers."""

from pathlib import Path

from upkeep.data_quality.suite import Expectation, Suite

SUITE = Suite(
    Path(__file__),
    "upkeep.finding",
    (
        Expectation(
            "no finding's value or limit is NaN or infinite",
            "ExpectColumnValuesToBeInSet",
            {"column": "wild", "value_set": [False]},
            "The duty divided by nothing: correct it, then clear its task",
        ),
    ),
)
