"""What browsers measured, judged at its limits."""

import pytest

from upkeep.answer import Severity
from upkeep.checks.performance.vital_field import field_part
from upkeep.humanize import share
from upkeep.signals.vital_values import VitalCount, Vitals


def rules(value: float, n: int = 200, vital: str = "lcp") -> list[str]:
    return [each.rule for each in field_part(Vitals([VitalCount("mobile", vital, value, n)]), 200).findings]


def test_poor_weighs_more_than_not_good_and_shares_say_what_they_are_made_of() -> None:
    poor, fair = (field_part(Vitals([VitalCount("mobile", "lcp", value, 200)]), 200) for value in (5000, 3000))
    assert (poor.findings[0].severity, fair.findings[0].severity) == (Severity.MEDIUM, Severity.LOW)
    mixed = field_part(Vitals([VitalCount("mobile", "lcp", 2000, 100), VitalCount("mobile", "lcp", 5000, 300)]), 200)
    good = next(each for each in mixed.metrics if each.name == "web_vital_good")
    assert (good.value, good.numerator, good.denominator) == (0.25, 100, 400)


@pytest.mark.parametrize(
    ("value", "found"),
    [(2500, []), (2501, ["vital_not_good"]), (4000, ["vital_not_good"]), (4001, ["vital_poor"])],
)
def test_a_limit_itself_is_kept(value: float, found: list[str]) -> None:
    assert rules(value) == found


def test_as_many_page_views_as_are_needed_are_enough() -> None:
    assert rules(9000, 199) == []
    part = field_part(Vitals([VitalCount("mobile", "lcp", 9000, 199)]), 200)
    assert (part.text, part.unknown, part.metrics) == ("", ("LCP mobile unknown: 199 page views",), ())
    assert rules(9000, 200) == ["vital_poor"]


@pytest.mark.parametrize(
    ("value", "n", "vital", "odd"),
    [(19, 200, "lcp", True), (20, 200, "lcp", False), (4, 200, "inp", True), (5, 200, "inp", False), (0.01, 200, "cls", False)],
)
def test_times_of_a_few_milliseconds_are_seconds(value: float, n: int, vital: str, odd: bool) -> None:  # noqa: FBT001 - of a test
    part = field_part(Vitals([VitalCount("mobile", vital, value, n)]), 200)
    assert any("looks like seconds" in each for each in part.unknown) is odd
    assert (part.records == ()) is odd


def test_the_finding_says_how_many_were_good() -> None:
    (found,) = field_part(Vitals([VitalCount("mobile", "lcp", 2000, 100), VitalCount("mobile", "lcp", 5000, 300)]), 200).findings
    assert found.title.endswith(f"{share(0.25)} were good")
    assert found.title.startswith("a quarter of 400 page views had LCP of 5,000 ms or more")
