"""Every question is answered once, after its window and by this run."""

from pathlib import Path

from upkeep.data_quality.suite import Expectation, Suite, between

CLOCKS_DIFFER_S = 300

SUITE = Suite(
    Path(__file__),
    "upkeep.answer",
    (
        Expectation(
            "every question that was to be put has exactly one answer",
            *between("answers", 1, 1),
            "Clear the task of that duty in this run; where there is none, the inventory changed during the run: clear the run",
        ),
        Expectation(
            "every answer was given after its window had ended",
            *between("seconds_early", most=CLOCKS_DIFFER_S),
            "A window that is under way is seen in part: clear the task now that it has ended",
        ),
        Expectation(
            "no answer about dated sources is older than this run",
            *between("seconds_before_run", most=CLOCKS_DIFFER_S),
            "The task was killed before it answered and the row is an earlier run's: see its log and clear it",
        ),
    ),
)
