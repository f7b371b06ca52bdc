"""Calls of AWS: pages, a token that comes again, batches of metrics, and the names of actions."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from upkeep.errors import BrokenError
from upkeep.sources.aws_metrics import MetricAsked, metric_series, whole_days
from upkeep.sources.aws_reading import AwsReader, Patience

START, END = whole_days(datetime(2026, 3, 31, 6, tzinfo=UTC), 30)


def reader(service: str, **operations: Callable[..., Mapping[str, Any]]) -> AwsReader:
    """Calls that these functions answer."""
    names = {name: "".join(part.capitalize() for part in name.split("_")) for name in operations}
    client = SimpleNamespace(meta=SimpleNamespace(method_to_api_mapping=names), **operations)
    return AwsReader(client, service, "eu-central-1", Patience(pause=lambda _: None))


def test_every_page_is_read_by_the_tokens_of_the_service() -> None:
    def listed(**asked: Any) -> Mapping[str, Any]:
        at = int(asked.get("Marker", "0"))
        return {"DBInstances": [at], **({"Marker": str(at + 1)} if at < 3 else {})}

    pages = reader("rds", describe_db_instances=listed).pages("describe_db_instances")
    assert [page["DBInstances"] for page in pages] == [[0], [1], [2], [3]]


def test_a_token_that_comes_again_is_no_endless_loop() -> None:
    calls = reader("ec2", describe_volumes=lambda **_: {"NextToken": "same"})
    with pytest.raises(BrokenError, match="same page token twice"):
        list(calls.pages("describe_volumes"))


def test_metrics_go_in_batches_and_pages_and_gaps_stay_gaps() -> None:
    sizes: list[int] = []

    def data(**asked: Any) -> Mapping[str, Any]:
        queries = asked["MetricDataQueries"]
        second = "NextToken" in asked
        if not second:
            sizes.append(len(queries))
        at = START + timedelta(days=1 if second else 0)
        results = [{"Id": each["Id"], "Timestamps": [at], "Values": [2.0], "StatusCode": "Complete"} for each in queries]
        return {"MetricDataResults": results, **({} if second else {"NextToken": "more"})}

    asked = [MetricAsked("AWS/EBS", "VolumeReadOps", (("VolumeId", f"vol-{n}"),), "Sum") for n in range(1201)]
    found = metric_series(reader("cloudwatch", get_metric_data=data), asked, START, END)
    assert sizes == [500, 500, 201]
    assert {(each.total, each.highest, each.gaps(START, END)) for each in found.values()} == {(4.0, 2.0, 28)}


def test_a_metric_that_cloudwatch_failed_to_tell_is_all_gaps() -> None:
    def data(**_: Any) -> Mapping[str, Any]:
        return {"MetricDataResults": [{"Id": "m0", "Timestamps": [], "Values": [], "StatusCode": "InternalError"}]}

    asked = MetricAsked("AWS/EC2", "CPUUtilization", (), "Maximum")
    found = metric_series(reader("cloudwatch", get_metric_data=data), [asked], START, END)
    assert found[asked].gaps(START, END) == 30
