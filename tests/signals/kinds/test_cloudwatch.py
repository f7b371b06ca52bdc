"""Signals by CloudWatch: against moto for counts, and against a stand-in for what moto does not know (percentiles, late data)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws
from pydantic import ValidationError

from upkeep.errors import BrokenError, CannotAskError
from upkeep.signals.kinds.cloudwatch import CloudWatchPlace
from upkeep.signals.latency import Percentile
from upkeep.signals.minutes import Minute
from upkeep.signals.place import Told
from upkeep.sources.connections import Connections
from upkeep.window import Window

START = datetime(2026, 5, 14, tzinfo=UTC)
DAY = Window(START, START + timedelta(days=1))
NOW = DAY.end + timedelta(hours=1)
BALANCER = {"LoadBalancer": "app/shop/1"}
Points = dict[datetime, float]


@dataclass
class Watch:
    """CloudWatch of one place: values by metric, statistic and period; pages hold `page` of them."""

    values: dict[tuple[str, str, int], Points] = field(default_factory=dict)
    now: datetime = NOW
    page: int = 1_000
    dimensions: Mapping[str, str] = field(default_factory=lambda: BALANCER)
    failing: str = ""
    code: str = "InternalError"
    untold: str = ""
    busy: int = 0
    asked: list[tuple[datetime, datetime]] = field(default_factory=list)

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> "Watch":
        """Itself, as the client."""
        assert (connection_id, service, region) == ("aws_reader", "cloudwatch", "eu-central-1")
        return self

    @property
    def meta(self) -> Any:
        """Names of its calls."""

        class Meta:
            method_to_api_mapping: Mapping[str, str] = {"list_metrics": "ListMetrics", "get_metric_data": "GetMetricData"}

        return Meta

    def list_metrics(self, **_: Any) -> dict[str, Any]:
        """The metrics that have values, also those of one zone."""
        own = [{"Name": name, "Value": value} for name, value in self.dimensions.items()]
        zone = [*own, {"Name": "AvailabilityZone", "Value": "a"}]
        names = dict.fromkeys(name for name, _, _ in self.values)
        return self._with_time({"Metrics": [{"MetricName": name, "Dimensions": each} for name in names for each in (zone, own)]})

    def get_metric_data(self, **asked: Any) -> dict[str, Any]:
        """Values between the bounds, newest first, in pages."""
        from botocore.exceptions import ClientError

        if self.busy:
            self.busy -= 1
            raise ClientError({"Error": {"Code": "Throttling", "Message": "slow down"}}, "GetMetricData")
        start, end, first = asked["StartTime"], asked["EndTime"], int(asked.get("NextToken", 0))
        self.asked.append((start, end))
        results, more = [], False
        for query in asked["MetricDataQueries"]:
            stat = query["MetricStat"]
            key = (stat["Metric"]["MetricName"], stat["Stat"], stat["Period"])
            points = sorted(((at, value) for at, value in self.values.get(key, {}).items() if start <= at < end), reverse=True)
            shown = points[first : first + self.page]
            more = more or len(points) > first + self.page
            if key[0] == self.untold:
                continue
            code = self.code if key[0] == self.failing else "PartialData" if more else "Complete"
            results.append(
                {"Id": query["Id"], "Timestamps": [a for a, _ in shown], "Values": [v for _, v in shown], "StatusCode": code}
            )
        return self._with_time({"MetricDataResults": results, **({"NextToken": str(first + self.page)} if more else {})})

    def _with_time(self, answer: dict[str, Any]) -> dict[str, Any]:
        return {**answer, "ResponseMetadata": {"HTTPHeaders": {"date": format_datetime(self.now, usegmt=True)}}}

    def put(self, metric: str, each: Mapping[int, float], stat: str = "Sum", period: int = 60) -> None:
        """Values by minutes from the start."""
        self.values.setdefault((metric, stat, period), {}).update({at(minute): value for minute, value in each.items()})


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def place(**more: Any) -> CloudWatchPlace:
    fields = {"kind": "cloudwatch", "region": "eu-central-1", "connection": "aws_reader", "of": "alb", "dimensions": BALANCER}
    return CloudWatchPlace.model_validate(fields | more)


def tell(watch: Watch, window: Window = DAY, slow_s: float = 0.5, **more: Any) -> Told:
    return place(**more).open(cast("Connections", watch)).tell(window, slow_s)


@pytest.fixture
def watch() -> Watch:
    """A balancer with 100 requests in each minute of the day."""
    made = Watch()
    made.put("HTTPCode_Target_2XX_Count", dict.fromkeys(range(1440), 100.0))
    return made


@pytest.mark.baseline
def test_every_minute_comes_as_it_was_counted(watch: Watch) -> None:
    told = tell(watch)
    assert set(told.minutes.each) == {Minute(100, slow=None)}
    assert (told.minutes.coverage, told.latency) == (1.0, ())


def test_answers_of_targets_and_of_the_balancer_are_added_up(watch: Watch) -> None:
    watch.put("HTTPCode_Target_5XX_Count", {3: 4})
    watch.put("HTTPCode_ELB_5XX_Count", {3: 6, 4: 50})
    watch.put("HTTPCode_Target_4XX_Count", {3: 2})
    watch.values["HTTPCode_Target_2XX_Count", "Sum", 60].pop(at(4))
    each = tell(watch).minutes.each
    assert each[3] == Minute(112, errors=10, refused=2)
    # Nothing but refusals of the balancer itself: an outage, not a quiet minute.
    assert each[4] == Minute(50, errors=50)


@pytest.mark.near_miss
def test_a_minute_without_a_value_is_unseen_unless_it_is_said_to_be_quiet(watch: Watch) -> None:
    watch.values["HTTPCode_Target_2XX_Count", "Sum", 60].pop(at(7))
    assert tell(watch).minutes.each[7] is None
    assert tell(watch, gaps="quiet").minutes.each[7] == Minute(0, slow=0)


def test_pages_are_read_to_the_end_and_a_busy_aws_is_asked_again(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    watch.page, watch.busy = 500, 2
    place_of_it = place().open(cast("Connections", watch))
    place_of_it.reader.patience.pause = lambda _: None
    assert place_of_it.tell(DAY, 0.5).minutes.total.requests == 144_000


@pytest.mark.fault
def test_a_metric_that_could_not_be_told_is_no_lower_number(watch: Watch) -> None:
    watch.failing = "HTTPCode_ELB_5XX_Count"
    with pytest.raises(BrokenError, match=r"failed to tell HTTPCode_ELB_5XX_Count"):
        tell(watch)


@pytest.mark.fault
def test_one_that_ends_in_part_or_is_not_told_of_is_no_lower_number_either(watch: Watch) -> None:
    watch.failing, watch.code = "HTTPCode_Target_2XX_Count", "PartialData"
    with pytest.raises(BrokenError, match=r"failed to tell HTTPCode_Target_2XX_Count"):
        tell(watch)
    watch.failing, watch.untold = "", "HTTPCode_ELB_5XX_Count"
    with pytest.raises(BrokenError, match=r"failed to tell HTTPCode_ELB_5XX_Count"):
        tell(watch, gaps="quiet")


@pytest.mark.fault
def test_a_window_that_has_just_ended_is_asked_again_later(watch: Watch) -> None:
    watch.now = DAY.end + timedelta(minutes=4)
    with pytest.raises(BrokenError, match="it ended 4 min ago") as told:
        tell(watch)
    assert told.value.retry
    watch.now = DAY.end + timedelta(minutes=5)
    assert tell(watch).minutes.coverage == 1.0


@pytest.mark.near_miss
def test_the_newest_minutes_of_a_window_under_way_are_unseen(watch: Watch) -> None:
    watch.now = at(600)
    each = tell(watch).minutes.each
    assert (each[594], each[595], each[1439]) == (Minute(100), None, None)
    watch.now = START - timedelta(hours=1)
    assert tell(watch).minutes.seen == 0


@pytest.mark.fault
def test_minutes_that_cloudwatch_no_longer_keeps_are_said_so(watch: Watch) -> None:
    watch.now = START + timedelta(days=15, seconds=1)
    with pytest.raises(CannotAskError, match="keeps minutes for 15 days: those of 2026-05-14 are gone"):
        tell(watch)


def test_bounds_are_whole_minutes(watch: Watch) -> None:
    told = tell(watch, Window(START + timedelta(seconds=40), START + timedelta(minutes=2, seconds=1)))
    assert (told.minutes.start, len(told.minutes.each)) == (START, 3)
    assert watch.asked[0] == (START, at(3))


def test_a_week_is_asked_day_by_day(watch: Watch) -> None:
    watch.now = START + timedelta(days=7, hours=1)
    assert len(tell(watch, Window(START, START + timedelta(days=7))).minutes.each) == 7 * 1440
    days = [START + timedelta(days=day) for day in range(8)]
    assert list(dict.fromkeys(watch.asked))[:7] == list(pairwise(days))


@pytest.mark.parametrize("wrong", [{"LoadBalancer": "app/other/2"}, {**BALANCER, "AvailabilityZone": "a", "TargetGroup": "t"}])
def test_dimensions_that_fit_no_metric_are_told(watch: Watch, wrong: dict[str, str]) -> None:
    with pytest.raises(CannotAskError, match="has no metric HTTPCode_Target_2XX_Count or"):
        tell(watch, dimensions=wrong)


def test_slow_answers_are_a_trimmed_count_in_the_unit_of_the_metric(watch: Watch) -> None:
    watch.put("TargetResponseTime", {5: 12, 6: 0, 7: 400}, "TC(0.5:)")
    each = tell(watch).minutes.each
    assert [each[place].slow for place in (5, 6, 7, 8)] == [12, 0, 100, None]  # type: ignore[union-attr]
    gateway = Watch(dimensions={"ApiName": "shop"})
    gateway.put("Count", {5: 10})
    gateway.put("Latency", {5: 3}, "TC(250:)")
    assert tell(gateway, slow_s=0.25, of="api_gateway", dimensions={"ApiName": "shop"}).minutes.each[5] == Minute(10, slow=3)


def test_a_percentile_of_the_whole_window_is_exact(watch: Watch) -> None:
    for stat, value in (("p50", 0.1), ("p95", 0.4), ("p99", 0.9)):
        watch.put("TargetResponseTime", {0: value}, stat, 86_400)
    assert tell(watch).latency == (
        Percentile(0.5, 0.1, 0.1, 144_000),
        Percentile(0.95, 0.4, 0.4, 144_000),
        Percentile(0.99, 0.9, 0.9, 144_000),
    )


def test_percentiles_of_hours_are_never_averaged(watch: Watch) -> None:
    # What is cut elsewhere is not of this window.
    watch.put("TargetResponseTime", {-120: 9.0, 1320: 9.0}, "p95", 86_400)
    watch.put("TargetResponseTime", {hour * 60: 0.2 + hour / 100 for hour in range(24)}, "p95", 3_600)
    (p95,) = tell(watch).latency
    assert (p95.share, p95.low_s) == (0.95, 0.2)
    assert p95.high_s == pytest.approx(0.43)


def test_days_that_begin_at_half_hours_are_made_of_quarters(watch: Watch) -> None:
    window = Window(at(30), at(30) + timedelta(hours=20))
    watch.put("TargetResponseTime", {0: 5.0, 60: 5.0}, "p95", 3_600)
    watch.put("TargetResponseTime", {15: 7.0, 30: 0.3, 45: 0.4}, "p95", 900)
    assert tell(watch, window).latency == (Percentile(0.95, 0.3, 0.4, 120_000),)


def test_statistic_sets_have_no_percentiles(watch: Watch) -> None:
    watch.put("TargetResponseTime", {0: 0.2}, "Average", 3_600)
    assert tell(watch).latency == ()


def test_throttled_calls_of_a_function_are_errors() -> None:
    made = Watch(dimensions={"FunctionName": "pay"})
    made.put("Invocations", {0: 90})
    made.put("Throttles", {0: 10})
    made.put("Errors", {0: 3})
    assert tell(made, of="lambda", dimensions={"FunctionName": "pay"}).minutes.each[0] == Minute(100, errors=13)


def test_endpoints_are_not_told(watch: Watch) -> None:
    with pytest.raises(CannotAskError, match="does not tell endpoints apart"):
        place().open(cast("Connections", watch)).endpoints(DAY)


def test_an_answer_without_a_time_is_not_trusted(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watch, "_with_time", lambda _, answer: answer)
    with pytest.raises(BrokenError, match="did not say what time it is"):
        tell(watch)


@pytest.mark.parametrize(
    "wrong",
    [
        {"of": None},
        {"metrics": {"namespace": "N", "requests": ["R"]}},
        {"dimensions": {}},
        {"region": "Frankfurt"},
        {"of": None, "metrics": {"namespace": "N", "requests": ["R"], "errors": ["E"], "refused": ["E"]}},
    ],
)
def test_what_the_inventory_cannot_mean_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        place(**wrong)


@dataclass(frozen=True)
class Moto:
    """Moto's cloud as connections."""

    client: Any

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> Any:  # noqa: ARG002 - there is one
        """The client."""
        return self.client


@pytest.fixture
def moto() -> Iterator[Any]:
    with mock_aws():
        yield boto3.Session(aws_access_key_id="test", aws_secret_access_key="test").client(
            "cloudwatch", region_name="eu-central-1"
        )


def test_counts_come_from_moto_as_they_were_put(moto: Any) -> None:
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    dimensions = [{"Name": "Queue", "Value": "orders"}]
    for minute in range(60):
        for name, value in (("Handled", 5.0 + minute), ("Failed", float(minute % 2))):
            data = {"MetricName": name, "Dimensions": dimensions, "Timestamp": start + timedelta(minutes=minute), "Value": value}
            moto.put_metric_data(Namespace="Shop", MetricData=[data])
    metrics = {"namespace": "Shop", "requests": ["Handled"], "errors": ["Failed"]}
    opened = place(of=None, metrics=metrics, dimensions={"Queue": "orders"}).open(cast("Connections", Moto(moto)))
    told = opened.tell(Window(start, start + timedelta(hours=1)), 0.5)
    assert told.minutes.each == tuple(Minute(5 + minute, errors=minute % 2) for minute in range(60))
    assert opened.check() == "CloudWatch Shop Queue=orders in eu-central-1 has Failed, Handled"
