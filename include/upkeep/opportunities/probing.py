"""Whether the calls of rules are allowed, tried with as little as each can be asked with."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from upkeep.sources.aws_metrics import MetricAsked, metric_series
from upkeep.sources.aws_reading import ApiError, AwsReader, DeniedError

_CLIENTS = {"elasticloadbalancing": "elbv2"}
_OPERATIONS = {"s3:ListAllMyBuckets": "ListBuckets"}
_FEW = {"MaxResults": 5, "MaxRecords": 20, "PageSize": 5, "limit": 1, "MaxBuckets": 1}
_METRICS = "cloudwatch:GetMetricData"


def denied(actions: Sequence[str], reader: Callable[[str], AwsReader]) -> list[str]:
    """
    The actions that AWS refuses. What cannot be asked without a resource (such as a bucket's own settings) is not tried.

    Raises BrokenError when AWS cannot be reached, and CannotAskError for a login that it does not know.
    """
    return [action for action in actions if _is_denied(action, reader)]


def _is_denied(action: str, reader: Callable[[str], AwsReader]) -> bool:
    prefix = action.partition(":")[0]
    calls = reader(_CLIENTS.get(prefix, prefix))
    try:
        if action == _METRICS:
            now = datetime.now(UTC)
            metric_series(calls, [MetricAsked("AWS/EC2", "CPUUtilization", (), "Sum")], now - timedelta(days=1), now)
        for operation, asked in _least(action, calls.client):
            calls.call(operation, **asked)
    except DeniedError:
        return True
    except ApiError:
        return False  # it was allowed to ask: what it asked is another matter
    return False


def _least(action: str, client: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The call of an action, with the arguments that make it small; none where it needs a resource."""
    name = _OPERATIONS.get(action, action.partition(":")[2])
    methods = {called: method for method, called in client.meta.method_to_api_mapping.items()}
    if name not in methods:
        return
    shape = client.meta.service_model.operation_model(name).input_shape
    if shape is None or not shape.required_members:
        members = shape.members if shape is not None else {}
        yield methods[name], {key: value for key, value in _FEW.items() if key in members}
