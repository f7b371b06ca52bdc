"""Answers agree with their findings."""

from pathlib import Path

from upkeep.data_quality.suite import Expectation, Suite, between

_REMEDY = "Rows were changed outside Upkeep, or the duty made its answer without Answer.judged: clear its task to ask again"

SUITE = Suite(
    Path(__file__),
    "upkeep.answer",
    (
        Expectation("every breach has a finding", *between("findings_of_breach", least=1), _REMEDY),
        Expectation("nothing but a breach has findings", *between("findings_of_others", most=0), _REMEDY),
    ),
)
