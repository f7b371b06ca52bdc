"""What is wrong with endpoints: each rule at its limits, and the numbers that it says."""

from math import inf

import pytest

from upkeep.answer import Severity
from upkeep.checks.performance.endpoint_findings import Limits, compared, failing, slow
from upkeep.humanize import share
from upkeep.signals.latency import Percentile
from upkeep.signals.place import EndpointTold

LIMITS = Limits(
    max_p95_ms=1000, max_error_rate=0.01, min_requests=100, min_errors=5, slower_times=1.5, slower_ms=100, heavy_share=0.1
)


def told(
    name: str = "GET /a", *, requests: int = 1000, errors: int = 0, p95: float = 0.2, high: float = 0.0, n: int = 1000,
    total: float | None = 100,
) -> EndpointTold:  # fmt: skip
    return EndpointTold(name, requests, errors, total, (Percentile(0.5, 9, 9, n), Percentile(0.95, p95, high or p95, n)))


@pytest.mark.parametrize(
    ("endpoint", "found"),
    [
        (told(p95=1.0), False),
        (told(p95=1.001), True),
        (told(p95=0.9, high=1.1), False),  # cannot be told
        (told(p95=1.0, high=2.5), True),
        (told(p95=5.0, high=inf), True),
        (told(p95=5.0, n=99), False),
        (told(p95=5.0, n=100), True),
        (told(p95=5.0, requests=1, n=1), False),
    ],
)
def test_slow_is_what_is_surely_above_the_limit(endpoint: EndpointTold, found: bool) -> None:  # noqa: FBT001 - of a test
    assert bool(list(slow([endpoint], LIMITS))) is found


def test_slow_says_its_number_and_its_limit() -> None:
    (found,) = slow([told(p95=1.25)], LIMITS)
    assert (found.title, found.value, found.limit) == ("5% of 1,000 requests took 1,250 ms or longer (limit 1000 ms)", 1250, 1000)


@pytest.mark.parametrize(
    ("requests", "errors", "severity"),
    [
        (500, 5, None),
        (499, 5, Severity.MEDIUM),
        (40, 4, None),
        (1, 1, None),
        (0, 0, None),
        (100, 9, Severity.MEDIUM),
        (100, 10, Severity.HIGH),
    ],
)
def test_failing_is_above_the_rate_and_of_enough_errors(requests: int, errors: int, severity: Severity | None) -> None:
    found = list(failing([told(requests=requests, errors=errors)], LIMITS))
    assert [each.severity for each in found] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("now", "before", "found"),
    [
        (0.6, 0.4, False),  # one and a half times
        (0.601, 0.4, True),
        (0.2, 0.1, False),  # a tenth of a second more
        (0.201, 0.1, True),
        (0.19, 0.1, False),  # nearly twice, and not by enough
    ],
)
def test_slower_is_by_times_and_by_milliseconds(now: float, before: float, found: bool) -> None:  # noqa: FBT001 - of a test
    every = list(compared([told(p95=now)], [told(p95=before)], LIMITS))
    assert [each.rule for each in every] == (["endpoint_slower"] if found else [])


def test_slower_says_both_weeks_and_its_limit() -> None:
    (found,) = compared([told(p95=1.0)], [told(p95=0.4)], LIMITS)
    assert found.title == "95th percentile 1,000 ms, 400 ms in the window before"
    assert found.value == 1000
    assert found.limit == pytest.approx(600)


@pytest.mark.near_miss
@pytest.mark.parametrize(
    ("now", "before"),
    [
        (told(p95=9), told("GET /b")),  # new
        (told(p95=9, n=99), told()),
        (told(p95=9), told(n=99)),
        (told(p95=0.25, high=0.5), told(p95=0.1, high=0.25)),  # the next bucket
        (told(p95=5.0, high=inf), told(p95=5.0, high=inf)),
    ],
)
def test_what_cannot_be_compared_is_not_slower(now: EndpointTold, before: EndpointTold) -> None:
    assert list(compared([now], [before], LIMITS)) == []


@pytest.mark.parametrize(
    ("total", "before", "rest", "requests", "found"),
    [
        (151.0, 100.0, 0.0, 1000, True),
        (150.0, 100.0, 0.0, 1000, False),
        (200.0, 100.0, 1800.0, 1000, True),  # a tenth of all
        (200.0, 100.0, 1801.0, 1000, False),
        (200.0, 100.0, 0.0, 99, False),
        (200.0, 100.0, 0.0, 100, True),
        (None, 100.0, 1.0, 1000, False),
        (200.0, None, 1.0, 1000, False),
    ],
)
def test_heavier_is_much_more_of_much(
    total: float | None, before: float | None, rest: float, requests: int, found: bool  # noqa: FBT001 - of a test
) -> None:  # fmt: skip
    now = [told(total=total, requests=requests), told("GET /rest", total=rest)]
    every = list(compared(now, [told(total=before), told("GET /rest", total=rest)], LIMITS))
    assert [(each.rule, each.object) for each in every] == ([("endpoint_heavier", "GET /a")] if found else [])


def test_heavier_says_its_share() -> None:
    (found,) = compared([told(total=3600), told("GET /b", total=3600)], [told(total=1800), told("GET /b", total=3600)], LIMITS)
    assert found.title == f"takes 1 h in all, {share(0.5)} of the service's time; 30 min in the window before"
    assert (found.value, found.limit) == (3600, 2700)
