"""golden_signals: counts decide, what was not seen is unknown."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf

import pytest

from tests.lab import rules
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.service.golden_signals import golden_signals
from upkeep.signals.latency import Percentile
from upkeep.signals.minutes import Minute, Minutes
from upkeep.signals.place import EndpointsTold, Told
from upkeep.signals.records import GoldenSignal, ServiceHour
from upkeep.targets.service import Service
from upkeep.window import Window

START = datetime(2026, 5, 14, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(days=1))
QUICK = Percentile(0.95, 0.1, 0.25, 144_000)


@dataclass(frozen=True)
class Saying:
    """A place that says one thing."""

    told: Told

    def check(self) -> str:
        """What doctor sees."""
        return "there"

    def tell(self, window: Window, slow_s: float) -> Told:
        """What it was given."""
        assert (window, slow_s) == (WINDOW, 0.5)
        return self.told

    def endpoints(self, window: Window) -> EndpointsTold:
        """Never asked."""
        raise AssertionError(window)


def asked(*each: Minute | None, latency: tuple[Percentile, ...] = (QUICK,), **thresholds: float) -> Answer:
    """A day of these minutes over and over."""
    told = Told(Minutes(START, (each * (1440 // len(each)))), latency, ("a note",))
    service = Service(name="shop", owner="tester", signals={"kind": "query", "connection": "c", "minutes": "select"})
    found: Answer = golden_signals.ask(service, Saying(told), WINDOW, **thresholds)
    return found


FINE = Minute(1000, slow=3)


@pytest.mark.baseline
def test_a_fine_day() -> None:
    answer = asked(FINE)
    assert answer.status is Status.OK
    assert answer.summary == "1,440,000 requests, 0 failed (0 %); p95 100 to 250 ms; a note"
    rate = next(metric for metric in answer.metrics if metric.name == "error_rate")
    assert (rate.value, rate.numerator, rate.denominator, rate.n) == (0, 0, 1_440_000, 1_440_000)
    (row,) = [record for record in answer.records if isinstance(record, GoldenSignal)]
    assert (row.requests, row.errors, row.slow, row.minutes_seen, row.p95_low, row.p95_high) == (
        1_440_000,
        0,
        4320,
        1440,
        0.1,
        0.25,
    )
    assert sum(isinstance(record, ServiceHour) for record in answer.records) == 24


@pytest.mark.near_miss
def test_one_in_a_thousand_is_the_limit() -> None:
    assert rules(asked(Minute(1000, errors=1))) == []


@pytest.mark.fault
def test_more_are_found() -> None:
    answer = asked(Minute(1000, errors=1), Minute(1000, errors=2))
    assert rules(answer) == [("error_rate", "requests")]
    assert answer.findings[0].severity is Severity.MEDIUM
    assert "2,160 of 1,440,000 requests failed" in answer.findings[0].title


@pytest.mark.fault
def test_ten_times_as_many_are_grave() -> None:
    assert asked(Minute(100, errors=1)).findings[0].severity is Severity.HIGH


@pytest.mark.near_miss
def test_one_error_at_night_is_not_judged() -> None:
    told = [Minute(0)] * 1439 + [Minute(2, errors=1)]
    assert rules(asked(*told)) == []


@pytest.mark.near_miss
def test_what_clients_did_is_not_an_error() -> None:
    answer = asked(Minute(2, refused=1, closed=1))
    assert rules(answer) == []
    assert "1,440 given up by the client" in answer.summary


@pytest.mark.near_miss
def test_a_percentile_at_the_limit_is_fine() -> None:
    assert rules(asked(FINE, latency=(Percentile(0.95, 0.25, 0.5, 1000),))) == []


@pytest.mark.fault
@pytest.mark.parametrize("high", [1.0, inf])
def test_a_percentile_above_it_is_found(high: float) -> None:
    answer = asked(FINE, latency=(Percentile(0.95, 0.5, high, 1000),))
    assert rules(answer) == [("slow", "p95")]
    assert [record.p95_high for record in answer.records if isinstance(record, GoldenSignal)] == [None if high == inf else high]


@pytest.mark.near_miss
def test_times_of_few_requests_are_not_judged() -> None:
    assert rules(asked(FINE, latency=(Percentile(0.95, 0.5, 1.0, 99),))) == []


def test_a_limit_inside_the_bucket_cannot_be_told() -> None:
    answer = asked(FINE, latency=(Percentile(0.95, 0.25, 1.0, 1000),))
    assert answer.status is Status.UNKNOWN
    assert "cannot be told from 500 ms" in answer.summary
    assert "0.5 s" in answer.evidence["remedy"]
    assert answer.records, "what was counted is kept"


def test_errors_are_found_though_the_percentile_cannot_be_told() -> None:
    assert rules(asked(Minute(100, errors=1), latency=(Percentile(0.95, 0.25, 1.0, 1000),))) == [("error_rate", "requests")]


def test_gaps_are_said() -> None:
    answer = asked(*[FINE] * 9, None)
    assert answer.status is Status.OK
    assert "of 1440 minutes seen, the others are unknown" in answer.summary.replace("1,440", "1440")


def test_more_than_half_unseen_is_unknown() -> None:
    assert asked(FINE, None).status is Status.OK
    answer = asked(FINE, None, None)
    assert answer.status is Status.UNKNOWN
    assert sum(isinstance(record, ServiceHour) for record in answer.records) == 24


def test_an_outage_that_also_stops_the_metrics_is_never_ok() -> None:
    answer = asked(None, latency=())
    assert answer.status is Status.UNKNOWN
    assert [metric.name for metric in answer.metrics] == ["coverage"]


def test_no_request_at_all_is_unknown() -> None:
    answer = asked(Minute(0, slow=0), latency=())
    assert answer.status is Status.UNKNOWN
    assert "no request" in answer.summary


def test_thresholds_may_be_set() -> None:
    assert rules(asked(FINE, max_p95_ms=50)) == [("slow", "p95")]
    assert rules(asked(Minute(1000, errors=1), max_error_percent=0.05)) == [("error_rate", "requests")]
