"""Signals by a real Prometheus whose past was written into its blocks: every count is known beforehand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.prometheus_lab import Past, Served, needs_prometheus, prometheus
from upkeep.errors import CannotAskError
from upkeep.signals.kinds.prometheus import PrometheusPlace
from upkeep.signals.minutes import Minute
from upkeep.signals.place import Told
from upkeep.window import Window

pytestmark = needs_prometheus
START = datetime(2026, 5, 14, 10, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(hours=2))
EVERY, LEAD, END, NOON = 15, -600, 7200, 3600
AT = range(LEAD + 7, END + 300, EVERY)
"""Scrapes, from before the window to after it, at odd seconds as real ones are."""
ALL = [(at, 1.0) for at in AT]


def rising(by: float, first: float = LEAD, last: float = END + 300, base: float = 0) -> list[tuple[float, float]]:
    """A counter that rises by so much from scrape to scrape, from `base` at the first of them."""
    return [(at, base + by * number) for number, at in enumerate(each for each in AT if first <= each < last)]


def _steady(past: Past) -> None:
    """Two instances, of which b starts again at noon: its counters, too."""
    for instance, halves in (("a", [(LEAD, END + 300)]), ("b", [(LEAD, NOON), (NOON, END + 300)])):
        past.add("up", ALL, job="steady", instance=instance)
        for code, by in (("200", 7), ("404", 2), ("499", 1), ("503", 3)):
            samples = [sample for first, last in halves for sample in rising(by, first, last, 5)]
            past.add("http_requests_total", samples, job="steady", instance=instance, code=code, handler="/buy", method="post")
        for bound, more in (("0.1", 6), ("0.5", 12), ("1", 12), ("+Inf", 13)):
            samples = [sample for first, last in halves for sample in rising(more, first, last, 5)]
            past.add(
                "http_request_duration_seconds_bucket",
                samples,
                job="steady",
                instance=instance,
                le=bound,
                handler="/buy",
                method="post",
            )
        samples = [sample for first, last in halves for sample in rising(2.5, first, last, 5)]
        past.add("http_request_duration_seconds_sum", samples, job="steady", instance=instance, handler="/buy", method="post")


def _troubled(past: Past) -> None:
    """One service each that was away, that nobody scraped, whose metric was renamed, forgotten, and given another label."""
    away = [(at, float(not 1800 <= at < NOON)) for at in AT]
    past.add("up", away, job="away", instance="a")
    past.add("http_requests_total", rising(1, LEAD, 1800) + rising(1, NOON), job="away", instance="a", code="200")
    past.add("up", [(at, 1.0) for at in AT if at < NOON], job="stops", instance="a")
    past.add("http_requests_total", rising(1, LEAD, NOON), job="stops", instance="a", code="200")
    past.add("up", ALL, job="broken", instance="a")
    past.add("http_requests_total", [*rising(1, LEAD, NOON), (NOON + 7, float("nan"))], job="broken", instance="a", code="200")
    past.add("up", ALL, job="renamed", instance="a")
    past.add("http_requests_total", rising(1, LEAD, NOON), job="renamed", instance="a", code="200")
    past.add("requests_of_http_total", rising(1, NOON), job="renamed", instance="a", code="200")
    past.add("up", ALL, job="forgets", instance="a")
    past.add("http_requests_total", rising(0, LEAD), job="forgets", instance="a", code="200")
    for first, last in ((600, 1200), (2400, 3000)):
        past.add("http_requests_total", rising(0, first, last, 1), job="forgets", instance="a", code="500")
    past.add("up", ALL, job="labelled", instance="a")
    past.add("http_requests_total", rising(1, LEAD, NOON, 10**6), job="labelled", instance="a", code="200", version="1")
    past.add(
        "http_requests_total", rising(1, NOON, END + 300, 10**6 + 280), job="labelled", instance="a", code="200", version="2"
    )
    past.add("http_requests_total", rising(1), job="bare", code="200")
    past.add("up", ALL, job="nameless", instance="a")
    past.add("http_requests_total", rising(1), job="nameless", instance="a", outcome="fine")
    for copy, last in (("a", NOON), ("b", END + 300)):
        labels = {"job": "twice", "instance": "i", "prometheus_replica": copy}
        past.add("up", [(at, 1.0) for at in AT if at < last], **labels)
        past.add("http_requests_total", rising(1, LEAD, last), code="200", handler="/", **labels)
    past.add("http_request_duration_seconds_bucket", rising(1, NOON), le="+Inf", job="nameless", instance="a")


def _buckets(past: Past, job: str, bounds: dict[str, int], first: int = LEAD, last: int = END + 300, base: int = 0) -> None:
    for bound, by in bounds.items():
        past.add("http_request_duration_seconds_bucket", rising(by, first, last, base * by), le=bound, job=job, instance="a")


def _rewritten(past: Past) -> None:
    """Buckets that are written otherwise from noon, are others from noon, or lack the last; and parts of requests."""
    for job in ("decimal", "others", "endless"):
        past.add("up", ALL, job=job, instance="a")
        past.add("http_requests_total", rising(10, base=10**6), job=job, instance="a", code="200")
    before = len(rising(1, LEAD, NOON))
    _buckets(past, "decimal", {"0.5": 2, "+Inf": 10}, base=10**5)
    _buckets(past, "decimal", {"1": 5, "5": 9}, LEAD, NOON, 10**5)
    _buckets(past, "decimal", {"1.0": 5, "5.0": 9}, NOON, base=10**5 + before)
    _buckets(past, "others", {"0.5": 2, "5": 9, "+Inf": 10}, LEAD, NOON, 10**5)
    _buckets(past, "others", {"0.25": 1, "0.5": 2, "1": 5, "+Inf": 10}, NOON)
    _buckets(past, "endless", {"0.5": 2, "1": 5})
    past.add("up", ALL, job="parts", instance="a")
    past.add("http_requests_total", rising(0.25), job="parts", instance="a", code="200")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server with all of them."""
    past = Past(START)
    _steady(past)
    _troubled(past)
    _rewritten(past)
    with prometheus(tmp_path_factory.mktemp("prometheus"), past) as made:
        yield made


def place(job: str, **more: object) -> PrometheusPlace:
    return PrometheusPlace.model_validate({"kind": "prometheus", "connection": "prometheus", "match": f'job="{job}"', **more})


def told(served: Served, job: str, window: Window = WINDOW, slow_s: float = 0.5, **more: object) -> Told:
    return place(job, **more).open(served.connections()).tell(window, slow_s)


def scrapes(first: float = 0, last: float = END) -> int:
    """How many there are after one moment and until another."""
    return sum(first < at <= last for at in AT)


def test_counters_are_counted_exactly_through_a_restart(served: Served) -> None:
    found = told(served, "steady")
    # The first scrape after the restart tells 5 of what began anew, every other one the step of each of both instances.
    plain, again = 2 * scrapes() - 1, 1
    assert found.minutes.coverage == 1
    assert found.minutes.total == Minute(
        requests=13 * plain + 4 * 5 * again,
        errors=3 * plain + 5,
        refused=2 * plain + 5,
        closed=1 * plain + 5,
        slow=plain,
    )
    assert found.minutes.each[5] == Minute(requests=13 * 8, errors=3 * 8, refused=2 * 8, closed=8, slow=8)


def test_percentiles_carry_their_bucket(served: Served) -> None:
    p50, p95, p99 = told(served, "steady").latency
    assert [(each.low_s, each.high_s) for each in (p50, p95, p99)] == [(0.1, 0.5), (1.0, float("inf")), (1.0, float("inf"))]
    assert (p50.over(0.5), p95.over(0.5), p50.over(0.2)) == (False, True, None)


def test_slow_is_told_only_at_the_end_of_a_bucket(served: Served) -> None:
    assert told(served, "steady", slow_s=0.3).minutes.total.slow is None


def test_windows_that_follow_each_other_add_up(served: Served) -> None:
    """Whatever a window's bounds, no request is counted twice or lost."""
    parts = [Window(START + timedelta(minutes=each), START + timedelta(minutes=each + 40)) for each in (0, 40, 80)]
    whole = told(served, "steady").minutes.each
    assert tuple(minute for part in parts for minute in told(served, "steady", part).minutes.each) == whole


def test_an_outage_is_unseen(served: Served) -> None:
    found = told(served, "away").minutes
    assert {number for number, minute in enumerate(found.each) if minute is None} == set(range(29, 61))
    assert any("failed scrapes in" in note for note in told(served, "away").notes)


def test_an_outage_that_stops_the_metrics_too_is_unseen(served: Served) -> None:
    found = told(served, "stops").minutes
    assert (found.seen, len(found.each)) == (59, 120)


def test_a_metric_renamed_in_the_middle_is_said(served: Served) -> None:
    found = told(served, "renamed")
    assert found.minutes.seen == 59
    assert any("was it renamed" in note for note in found.notes)


def test_a_counter_that_was_forgotten_and_came_back_counts_both(served: Served) -> None:
    assert told(served, "forgets").minutes.total == Minute(requests=2, errors=2, slow=None)


def test_a_new_label_is_no_leap(served: Served) -> None:
    assert told(served, "labelled").minutes.total.requests == scrapes() - 1


def test_series_without_an_instance_are_read_by_their_samples(served: Served) -> None:
    found = told(served, "bare").minutes
    assert (found.coverage, found.total.requests) == (1, scrapes())


@pytest.mark.parametrize("day", [1, 365])
def test_a_window_in_the_future_or_past_has_nothing(served: Served, day: int) -> None:
    found = told(served, "steady", Window(START + timedelta(days=day), START + timedelta(days=day, hours=1)))
    assert found.minutes.seen == 0
    assert "had no sample in the window" in found.notes[0]


def test_a_status_without_a_label_is_said(served: Served) -> None:
    with pytest.raises(CannotAskError, match="no label code or status or status_code: it has"):
        told(served, "nameless")


def test_names_may_be_overridden(served: Served) -> None:
    found = told(served, "nameless", status=["outcome"], errors="fine").minutes.total
    assert found.errors == found.requests == scrapes()


def test_a_sample_that_is_no_number_is_never_counted_around(served: Served) -> None:
    with pytest.raises(CannotAskError, match="is no number"):
        told(served, "broken")


def test_a_recorded_rule_is_refused(served: Served) -> None:
    with pytest.raises(CannotAskError, match="recorded rule"):
        told(served, "steady", requests="job:http_requests:sum")


def test_matchers_that_cannot_be_read_are_said(served: Served) -> None:
    with pytest.raises(CannotAskError, match="refuses http_requests_total"):
        told(served, 'x", what')


def test_endpoints(served: Served) -> None:
    endpoints = place("steady").open(served.connections()).endpoints(WINDOW)
    (found,) = endpoints.each
    assert endpoints.coverage == told(served, "steady").minutes.coverage
    plain = 2 * scrapes() - 1
    assert (found.endpoint, found.requests, found.errors) == ("post /buy", 13 * plain + 20, 3 * plain + 5)
    assert found.total_s == pytest.approx(2.5 * plain, rel=0.02)
    assert [each.share for each in found.latency] == [0.5, 0.95, 0.99]


def test_endpoints_without_a_route_are_said(served: Served) -> None:
    with pytest.raises(CannotAskError, match="no label of a route"):
        place("away").open(served.connections()).endpoints(WINDOW)


def test_doctor_is_told_what_is_missing(served: Served) -> None:
    with pytest.raises(CannotAskError, match="at present"):
        place("steady").open(served.connections()).check()


def test_an_unknown_preset_is_said_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="spring"):
        place("steady", preset="sprnig")


def test_of_copies_only_the_fullest_is_read(served: Served) -> None:
    found = told(served, "twice", replica="prometheus_replica").minutes
    assert (found.coverage, found.total.requests) == (1, scrapes())
    (endpoint,) = place("twice", replica="prometheus_replica").open(served.connections()).endpoints(WINDOW).each
    assert endpoint.requests == scrapes()


def test_a_histogram_that_saw_other_requests_is_said(served: Served) -> None:
    notes = told(served, "nameless", status=["outcome"], errors="bad").notes
    assert any(note.startswith("latency is of 2") and note.endswith("of 480 requests") for note in notes), notes
    assert told(served, "steady").notes == ()


def test_copies_that_nobody_named_are_not_added_up(served: Served) -> None:
    with pytest.raises(CannotAskError, match="once for each prometheus_replica") as caught:
        told(served, "twice")
    assert caught.value.remedy == 'name it as signals.replica, or let match take one of them, such as prometheus_replica="b"'


def test_a_bound_that_is_written_otherwise_from_noon_is_one_bucket(served: Served) -> None:
    found = told(served, "decimal", slow_s=1)
    assert found.minutes.total == Minute(10 * scrapes(), slow=5 * scrapes())
    assert [(each.low_s, each.high_s, each.n) for each in found.latency[:2]] == [
        (0.5, 1, 10 * scrapes()),
        (5, float("inf"), 10 * scrapes()),
    ]
    assert found.notes == ()


def test_buckets_that_are_others_from_noon_tell_less_and_nothing_wrong(served: Served) -> None:
    found = told(served, "others", slow_s=1)
    assert (found.latency[0].low_s, found.latency[0].high_s) == (0.5, 5)
    slow = [minute.slow for minute in found.minutes.each if minute]
    assert (slow[10], slow[-10], found.minutes.total.slow) == (None, 20, None)


def test_a_histogram_without_its_last_bucket_tells_no_latency(served: Served) -> None:
    found = told(served, "endless", slow_s=1)
    assert (found.latency, found.minutes.total) == ((), Minute(10 * scrapes()))


def test_parts_of_requests_are_not_lost(served: Served) -> None:
    assert told(served, "parts").minutes.total.requests == scrapes() // 4
