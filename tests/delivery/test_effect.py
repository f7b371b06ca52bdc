"""Verdicts: sure, of a size that matters, and on enough."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from upkeep.delivery.beside import Counts, Span
from upkeep.delivery.effect import Asked, DeploymentEffect, Verdict, effect_of

ASKED = Asked(confidence=0.99, least_requests=200, least_events=5, errors_effect=0.001, slow_effect=0.02)
QUIET = Counts(minutes=60, seen=60, requests=10_000, errors=10, slow=100, outage=None)


def side(**more: object) -> Counts:
    return replace(QUIET, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (QUIET, QUIET, Verdict.SAME),
        (QUIET, side(errors=80), Verdict.WORSE),
        (side(errors=80), QUIET, Verdict.BETTER),
        (QUIET, side(errors=18), Verdict.SAME),  # may be chance
        (side(requests=10_000_000, errors=10_000), side(requests=10_000_000, errors=12_000), Verdict.SAME),  # sure, but too small
        (QUIET, side(slow=400), Verdict.WORSE),
        (QUIET, side(slow=200), Verdict.SAME),  # sure, but too small
        (QUIET, side(slow=None), Verdict.SAME),
        (side(requests=1000, errors=4, slow=None), side(requests=250, errors=5), Verdict.SAME),  # the interval holds no change
        (side(errors=0), side(requests=5000, errors=5), Verdict.WORSE),  # as few as may tell, and as small
        (side(errors=0), side(requests=5000, errors=4), Verdict.SAME),
        (side(errors=0), side(requests=5001, errors=5), Verdict.SAME),
        (side(errors=80), side(slow=400), Verdict.WORSE),  # fewer errors do not make up for slowness
    ],
)
def test_verdicts(before: Counts, after: Counts, verdict: Verdict) -> None:
    assert effect_of(before, after, ASKED).verdict is verdict


def test_one_error_among_few_requests_is_no_verdict() -> None:
    found = effect_of(side(errors=0), side(requests=200, errors=1, slow=2), ASKED)
    assert found.errors is not None
    assert found.errors.p < 0.01
    assert found.verdict is Verdict.SAME


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (QUIET, side(requests=199, errors=0), "199 requests after it, 200 are needed"),
        (side(requests=0, errors=0), QUIET, "0 requests before it"),
        (QUIET, side(seen=29), "29 of 60 minutes after it were seen"),
        (QUIET, side(minutes=0, seen=0, requests=0), "no minute after it is without another deployment"),
        (side(outage=datetime(2026, 5, 14, 8, 30, tzinfo=UTC)), QUIET, "an outage before it, from 08:30 UTC"),
    ],
)
def test_what_cannot_be_told_says_why(before: Counts, after: Counts, reason: str) -> None:
    found = effect_of(before, after, ASKED)
    assert found.verdict is Verdict.UNKNOWN
    assert reason in found.reason


@pytest.mark.parametrize("enough", [{"requests": 200, "errors": 0, "slow": 2}, {"seen": 30}])
def test_as_much_as_is_needed_is_enough(enough: dict[str, int]) -> None:
    assert effect_of(QUIET, side(**enough), ASKED).verdict is not Verdict.UNKNOWN


def test_what_could_not_be_compared_has_no_change_in_its_row() -> None:
    span = Span(datetime(2026, 5, 14, 9, tzinfo=UTC), datetime(2026, 5, 14, 10, tzinfo=UTC))
    for after, changes in ((side(seen=0), [None] * 6), (side(slow=None), [0.0, None])):
        row = DeploymentEffect.of(("production", "1"), effect_of(QUIET, after, ASKED), (span, span), (QUIET, after), ["2"])
        told = [row.errors_change, row.slow_change, row.errors_low, row.errors_high, row.slow_low, row.slow_high]
        assert told[: len(changes)] == changes
        assert (row.after_seen, row.after_slow, row.others) == (after.seen, after.slow, ["2"])


def test_the_reason_has_the_change_and_its_interval() -> None:
    assert effect_of(QUIET, side(errors=80), ASKED).reason == "errors +0.70 points (+0.47 to +0.97)"
