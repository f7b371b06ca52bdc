"""Whether the calls of rules are allowed, tried with as little as each can be asked with."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from upkeep.sources.aws_metrics import MetricAsked, metric_series
from upkeep.sources.aws_reading import ACTIONS, ApiError, AwsReader, DeniedError

_CLIENTS = {"elasticloadbalancing": "elbv2"}
_OPERATIONS = {action: operation.partition(":")[2] for operation, action in ACTIONS.items()}
_FEW = {"MaxResults": 5, "MaxRecords": 20, "PageSize": 5, "limit": 1, "MaxBuckets": 1, "MaxKeys": 1, "MaxUploads": 1}
_METRICS = "cloudwatch:GetMetricData"


def denied(actions: Sequence[str], reader: Callable[[str], AwsReader]) -> list[str]:
    """
    The actions that AWS refuses.

    What is about buckets is tried on the first one of the region; what needs another resource, or a bucket where there is
    none, is not tried. Raises BrokenError when AWS cannot be reached, and CannotAskError for a login that it does not know.
    """
    return [action for action in actions if _is_denied(action, reader)]


def _is_denied(action: str, reader: Callable[[str], AwsReader]) -> bool:
    prefix = action.partition(":")[0]
    calls = reader(_CLIENTS.get(prefix, prefix))
    try:
        if action == _METRICS:
            now = datetime.now(UTC)
            metric_series(calls, [MetricAsked("AWS/EC2", "CPUUtilization", (), "Sum")], now - timedelta(days=1), now)
        for operation, asked in _least(action, calls):
            calls.call(operation, **asked)
    except DeniedError:
        return True
    except ApiError:
        return False  # it was allowed to ask: what it asked is another matter
    return False


def _least(action: str, calls: AwsReader) -> Iterator[tuple[str, dict[str, Any]]]:
    """The call of an action, with the arguments that make it small; none where it needs a resource that is not there."""
    name = _OPERATIONS.get(action, action.partition(":")[2])
    meta = calls.client.meta
    methods = {called: method for method, called in meta.method_to_api_mapping.items()}
    if name not in methods:
        return
    shape = meta.service_model.operation_model(name).input_shape
    members = shape.members if shape is not None else {}
    few = {key: value for key, value in _FEW.items() if key in members}
    required = shape.required_members if shape is not None else []
    if not required:
        yield methods[name], few
    elif required == ["Bucket"]:
        yield from ((methods[name], {**few, "Bucket": bucket}) for bucket in _first_bucket(calls))


def _first_bucket(calls: AwsReader) -> list[str]:
    """None where they may not be listed: that is a missing action of its own."""
    try:
        found = calls.call("list_buckets", BucketRegion=calls.region, MaxBuckets=1)
    except DeniedError:
        return []
    return [str(each["Name"]) for each in found.get("Buckets", ())[:1]]
