"""A report counts what the rows say."""

from pathlib import Path

from upkeep.data_quality.suite import Expectation, Suite, between

SUITE = Suite(
    Path(__file__),
    "upkeep.report",
    (
        Expectation(
            "the report of the window before counts as many answers of each status as there are rows",
            *between("difference", 0, 0),
            "Rows changed after it was made: clear the task report of that window's run",
        ),
    ),
)
