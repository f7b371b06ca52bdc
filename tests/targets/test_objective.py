"""What the inventory may promise of a service."""

from fractions import Fraction

import pytest
from pydantic import ValidationError

from upkeep.targets.objective import AVAILABLE, Objective, with_names_of_their_own


def test_the_budget_is_exact_and_the_promise_reads() -> None:
    assert Objective(name="up", goal=0.999).budget == Fraction(1, 1000)
    assert AVAILABLE.promise == "99.9 % without error over 30 d"
    assert Objective(name="speed", of="slow", goal=0.9, days=7).promise == "90 % in time over 7 d"


@pytest.mark.parametrize("wrong", [{"goal": 1}, {"goal": 99.9}, {"goal": 0.1}, {"days": 0}, {"days": 365}, {"of": "both"}])
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Objective(name="up", **wrong)


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two objectives are called availability"):
        with_names_of_their_own((AVAILABLE, AVAILABLE))
