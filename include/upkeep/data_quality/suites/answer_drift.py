"""Unknown answers do not suddenly become the rule."""

from pathlib import Path

from upkeep.data_quality.suite import Expectation, Suite, between

LARGEST_RISE = 0.5

SUITE = Suite(
    Path(__file__),
    "upkeep.answer",
    (
        Expectation(
            f"the share of unknown answers rose by no more than {LARGEST_RISE:.0%} of all against earlier windows",
            *between("rise", most=LARGEST_RISE),
            "Something that all depend on is gone: a network, a password, a right. See the reasons of the unknown answers "
            "(Answers page), then upkeep doctor",
        ),
    ),
)
