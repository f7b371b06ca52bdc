"""slow_endpoints: each endpoint by its own numbers, and statements by requests."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from typing import Any

import pytest

from tests.access_logs import TIMED, line, opened, write
from tests.lab import Lab, rules
from upkeep.answer import Answer, Status
from upkeep.checks.performance.endpoint_row import ServiceEndpoint
from upkeep.checks.performance.slow_endpoints import slow_endpoints
from upkeep.errors import CannotAskError
from upkeep.signals.latency import Percentile
from upkeep.signals.minutes import Minute, Minutes
from upkeep.signals.place import EndpointsTold, EndpointTold, Told
from upkeep.sources.access_log import LogPlace, read_log
from upkeep.sources.rows import Rows
from upkeep.store.key import Key
from upkeep.store.migrate import migrate
from upkeep.store.records import copy_records
from upkeep.targets.service import Service
from upkeep.window import Window

START = datetime(2026, 5, 11, tzinfo=UTC)
WEEK = Window(START, START + timedelta(days=7))
_ANSWER = """
    insert into upkeep.answer (duty, target, window_start, window_end, cadence, status, summary, evidence, asked_at, seconds,
        dag_id, run_id, task_id, map_index, try_number)
    values (%s, %s, %s, %s, 'daily', 'ok', 's', '{}', %s, 1, 'daily', 'r', 't', 0, 1)
"""
_METRIC = """
    insert into upkeep.metric (duty, target, window_start, window_end, name, labels, at, value, unit)
    values ('query_performance', 'shop_db', %s, %s, %s, %s::jsonb, %s, %s, 'count')
"""


def endpoint(
    name: str = "GET /a", requests: int = 1000, errors: int = 0, p95: tuple[float, float] = (0.2, 0.2), n: int = 1000
) -> EndpointTold:
    return EndpointTold(name, requests, errors, requests * p95[0] / 2, (Percentile(0.95, *p95, n),))


@dataclass(frozen=True)
class Saying:
    """A place that says one thing of the week and another of the week before."""

    now: tuple[EndpointTold, ...]
    before: tuple[EndpointTold, ...] | None = field(default=())
    minutes: tuple[Minute | None, ...] = (Minute(1),)

    def check(self) -> str:
        """What doctor sees."""
        return "there"

    def tell(self, window: Window, slow_s: float) -> Told:  # noqa: ARG002 - of the protocol
        """Its coverage."""
        return Told(Minutes(window.start, self.minutes))

    def endpoints(self, window: Window) -> EndpointsTold:
        """Of the week, or of the one before."""
        found = self.now if window == WEEK else self.before
        if found is None:
            raise CannotAskError("the log does not reach back")
        return EndpointsTold(Minutes(window.start, self.minutes).coverage, found)


class NoRows(Rows):
    """Nobody asks for rows where no databases are named."""

    def __init__(self) -> None: ...


def asked(place: Any, rows: Rows | None = None, databases: tuple[str, ...] = (), **thresholds: float) -> Answer:
    service = Service(
        name="shop", owner="tester", databases=databases, signals={"kind": "query", "connection": "c", "minutes": "select"}
    )
    found: Answer = slow_endpoints.ask(service, place, rows or NoRows(), WEEK, **thresholds)
    return found


@pytest.mark.baseline
def test_a_quick_week_is_fine_and_has_a_row_for_each_endpoint() -> None:
    answer = asked(Saying((endpoint(), endpoint("GET /b", p95=(0.1, inf))), (endpoint(),)))
    assert answer.status is Status.OK
    assert answer.summary == "2,000 requests to 2 endpoints; 66.7 % of 2.5 min by GET /a"
    rows = [row for row in answer.records if isinstance(row, ServiceEndpoint)]
    assert [(row.endpoint, row.requests, row.p95_low, row.p95_high, row.p50_low) for row in rows] == [
        ("GET /a", 1000, 0.2, 0.2, None),
        ("GET /b", 1000, 0.1, None, None),
    ]


@pytest.mark.near_miss
@pytest.mark.parametrize(
    ("now", "before"),
    [
        (endpoint(p95=(1.0, 1.0)), endpoint(p95=(0.99, 0.99))),
        (endpoint(p95=(0.5, 5.0)), endpoint(p95=(0.5, 5.0))),
        (endpoint(p95=(9, 9), requests=99, n=99), endpoint(n=99)),
        (endpoint(errors=10), endpoint()),
        (endpoint(errors=4, requests=5, n=5), endpoint()),
        (endpoint(p95=(0.3, 0.3)), endpoint(p95=(0.201, 0.201))),
        (endpoint(p95=(0.02, 0.02), requests=300), endpoint(p95=(0.01, 0.01), requests=600)),
    ],
    ids=[
        "at the limit",
        "limit inside the bucket",
        "few requests",
        "one in a hundred",
        "few errors",
        "less than 1.5 x",
        "1 x time",
    ],
)
def test_just_under_a_limit(now: EndpointTold, before: EndpointTold) -> None:
    assert rules(asked(Saying((now,), (before,)))) == []


@pytest.mark.fault
def test_slow_and_failing_endpoints_are_found_by_name() -> None:
    answer = asked(Saying((endpoint(p95=(1.5, 2.5)), endpoint("GET /<b>'--", errors=11))))
    assert rules(answer) == [("endpoint_errors", "GET /<b>'--"), ("endpoint_slow", "GET /a")]


@pytest.mark.fault
def test_one_that_became_slower_or_heavier_is_found_against_its_own_week_before() -> None:
    answer = asked(Saying((endpoint(p95=(0.9, 0.9)), endpoint("GET /new", p95=(0.9, 0.9))), (endpoint(p95=(0.2, 0.3)),)))
    assert rules(answer) == [("endpoint_slower", "GET /a"), ("endpoint_heavier", "GET /a")]


def test_without_the_week_before_it_says_so() -> None:
    assert asked(Saying((endpoint(),), None)).summary.endswith("not compared: the window before is not kept")


@pytest.mark.parametrize(
    "place", [Saying(()), Saying((endpoint(requests=0, n=0),)), Saying((endpoint(),), minutes=(None, None, Minute(1)))]
)
def test_nothing_seen_is_unknown(place: Saying) -> None:
    assert asked(place).status is Status.UNKNOWN


def test_without_times_that_is_said() -> None:
    assert "whose time is not known" in asked(Saying((EndpointTold("GET /", 10, 0, None),))).summary


@pytest.fixture
def rows(lab: Lab) -> Rows:
    """A report database with a week of statements: 21 a request, and one statement six times."""
    migrate(lab.endpoint)
    connection = lab.session()
    connection.execute("select upkeep.ensure_metric_month(%s)", [START.date().replace(day=1)])
    for day in range(7):
        start, end = START + timedelta(days=day), START + timedelta(days=day + 1)
        connection.execute(_ANSWER, ["query_performance", "shop_db", start, end, end])
        for name, labels, value in (
            ("statements_span", "{}", 86_400.0),
            ("statements_calls", "{}", 3000.0),
            ("statement_calls", '{"query": "42"}', 900.0),
            ("statement_calls", '{"query": "43"}', 300.0),
        ):
            connection.execute(_METRIC, [start, end, name, labels, end, value])
    return Rows(connection)


@pytest.mark.fault
def test_statements_in_a_loop_are_suspected(rows: Rows) -> None:
    answer = asked(Saying((endpoint(),)), rows, ("shop_db",))
    assert rules(answer) == [("queries_per_request", "shop_db"), ("query_in_a_loop", "shop_db 42")]
    (metric,) = [each for each in answer.metrics if each.name == "queries_per_request"]
    assert (metric.value, metric.numerator, metric.denominator, metric.n) == (21, 21_000, 1000, 1000)


@pytest.mark.near_miss
def test_as_many_as_may_be_are_fine(rows: Rows) -> None:
    assert rules(asked(Saying((endpoint(),)), rows, ("shop_db",), max_queries=21, max_repeats=6.3)) == []


def test_a_database_that_was_not_counted_is_unknown_and_not_without_queries(rows: Rows) -> None:
    answer = asked(Saying((endpoint(),)), rows, ("other_db",))
    assert "queries per request of other_db unknown: statements were counted for 0 % of the window" in answer.summary


def test_its_rows_fit_their_table(lab: Lab) -> None:
    migrate(lab.endpoint)
    connection = lab.session()
    connection.execute(_ANSWER, ["slow_endpoints", "shop", WEEK.start, WEEK.end, WEEK.end])
    with connection.transaction():
        copy_records(connection, Key("slow_endpoints", "shop", WEEK.start, WEEK.end), asked(Saying((endpoint(),))).records)
    assert lab.value("select p95_low from upkeep.service_endpoint") == 0.2


def test_a_real_log_is_compared_with_its_own_week_before(tmp_path: Path) -> None:
    noon = 3 * 86_400
    text = "".join(line(n - noon, seconds="0.100") for n in range(0, 2 * 86_400, 600))
    text += (
        line(-30 * 86_400) + "".join(line(n - 9 * 86_400, seconds="0.010") for n in range(0, 6 * 86_400, 600)) + line(5 * 86_400)
    )
    write(tmp_path, text)
    answer = asked(opened(tmp_path, TIMED), slower_ms=50)
    assert rules(answer) == [("endpoint_slower", "GET /a"), ("endpoint_heavier", "GET /a")]


def test_a_log_is_read_once_for_each_of_both_weeks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "".join(line(n - 10 * 86_400) for n in range(0, 17 * 86_400, 6000)))
    windows = []

    def counted(place: LogPlace, window: Window, *wanted: Any) -> Any:
        windows.append(window)
        return read_log(place, window, *wanted)

    monkeypatch.setattr("upkeep.signals.kinds.access_log.read_log", counted)
    asked(opened(tmp_path, TIMED))
    # Asked twice, as every dated check is here.
    assert windows == [WEEK, Window(WEEK.start - WEEK.length, WEEK.start)] * 2


def test_a_log_that_keeps_a_part_of_the_week_before_is_not_compared(tmp_path: Path) -> None:
    write(tmp_path, "".join(line(n - 3 * 86_400 - 90_000, seconds="0.010") for n in range(0, 9 * 86_400, 600)))
    assert asked(opened(tmp_path, TIMED)).summary.endswith("not compared: the window before is not kept")
