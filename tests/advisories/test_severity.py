"""Ratings: vectors of any CVSS, words of databases, and none."""

import pytest

from upkeep.advisories.severity import ratings, worst
from upkeep.answer import Severity

V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V2 = "AV:N/AC:L/Au:N/C:P/I:P/A:P"
V4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"


@pytest.mark.parametrize(
    ("kind", "score", "severity", "number"),
    [
        ("CVSS_V3", V31, Severity.CRITICAL, 9.8),
        ("CVSS_V2", V2, Severity.HIGH, 7.5),
        ("CVSS_V4", V4, Severity.CRITICAL, 9.3),
        ("CVSS_V4", V31, Severity.CRITICAL, 9.8),  # filed under the wrong version: the vector says which it is
        ("CVSS_V3", V2, Severity.HIGH, 7.5),
        ("CVSS_V3", "CVSS:3.0/AV:N/AC:H/PR:N/UI:R/S:C/C:L/I:L/A:N", Severity.MEDIUM, 4.7),
        ("CVSS_V3", "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", Severity.LOW, 1.8),
        ("Ubuntu", "medium", Severity.MEDIUM, None),
    ],
)
def test_a_vector_is_what_its_prefix_says(kind: str, score: str, severity: Severity, number: float | None) -> None:
    (rating,) = ratings("X", [{"type": kind, "score": score}], None)
    assert (rating.severity, rating.score) == (severity, number)


@pytest.mark.parametrize("score", ["CVSS:3.1/AV:N", "7.5", "", "CVSS:9.0/A:B", "<script>"])
def test_a_vector_that_cannot_be_read_rates_nothing_and_is_said(score: str) -> None:
    (rating,) = ratings("X", [{"type": "CVSS_V3", "score": score}], None)
    assert rating.severity is None
    assert rating.problem.startswith("X: ")
    assert worst([rating]) is None


def test_a_word_counts_where_no_vector_can_be_read() -> None:
    found = ratings("X", [{"type": "CVSS_V3", "score": "?"}], {"severity": "MODERATE"})
    assert [r.severity for r in found] == [None, Severity.MEDIUM]
    assert [r.severity for r in ratings("X", [{"type": "CVSS_V3", "score": V31}], {"severity": "LOW"})] == [Severity.CRITICAL]
    assert [r.severity for r in ratings("X", None, {"urgency": "not yet assigned"})] == []


def test_what_is_no_list_rates_nothing() -> None:
    assert ratings("X", None, None) == ()
    assert ratings("X", ["?"], "high") == ()


def test_the_worst_counts_by_severity_and_then_by_score() -> None:
    low, high = ratings("X", None, {"severity": "LOW"})[0], ratings("Y", [{"score": V31}], None)[0]
    higher = ratings("Z", [{"score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"}], None)[0]
    assert worst([low, high]) is high
    assert worst([high, low]) is high
    assert worst([high, higher, low]) is higher
    assert worst([]) is None
