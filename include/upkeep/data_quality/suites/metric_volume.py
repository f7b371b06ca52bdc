"""A question brings about as many metrics as it did in earlier windows."""

from pathlib import Path

from upkeep.data_quality.suite import Expectation, Suite, between

LEAST, MOST = 0.2, 10.0

SUITE = Suite(
    Path(__file__),
    "upkeep.metric",
    (
        Expectation(
            f"every known answer brings at least {LEAST:.0%} of the metrics that it brought in earlier windows",
            *between("ratio", least=LEAST),
            "The source shows less than it did: see rights and filters (upkeep doctor), then clear its task. "
            "After a planned clean-up this passes by itself",
        ),
        Expectation(
            f"no answer brings more than {MOST:g} times the metrics that it brought in earlier windows",
            *between("ratio", most=MOST),
            "A label takes a new value for every row: keep the largest few only, then clear its task",
        ),
    ),
)
