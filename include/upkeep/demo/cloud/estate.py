"""What there is in the account, and what CloudWatch has of it: estate.yaml, as it is at a moment."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

_DAY_S = 86_400
_YOUNG = timedelta(days=3)


class UnknownError(Exception):
    """The account has no answer to this: `code` is AWS's word for it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Estate:
    """All answers by service and operation, and metrics by namespace and resource."""

    answers: Mapping[str, Mapping[str, Any]]
    metrics: Mapping[str, Mapping[str, Mapping[str, float]]]

    def answer(self, service: str, operation: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """What AWS says to this call. Raises UnknownError."""
        if (service, operation) == ("cloudwatch", "GetMetricData"):
            return {"MetricDataResults": [self._series(query, asked) for query in asked["MetricDataQueries"]]}
        found = self.answers.get(service, {}).get(operation)
        if found is None:
            raise UnknownError("InvalidAction")
        return _about(found, asked) if "of" in found else found

    def _series(self, query: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
        stat = query["MetricStat"]
        points = list(self._points(stat, float(asked["StartTime"]), float(asked["EndTime"])))
        return {
            "Id": query["Id"],
            "Label": stat["Metric"]["MetricName"],
            "StatusCode": "Complete",
            "Timestamps": [at for at, _ in points],
            "Values": [value for _, value in points],
        }

    def _points(self, stat: Mapping[str, Any], start: float, end: float) -> Iterator[tuple[datetime, float]]:
        """A value for each period; nothing where CloudWatch has nothing."""
        metric, period = stat["Metric"], int(stat["Period"])
        resource = next((each["Value"] for each in metric.get("Dimensions", ())), "")
        top = self.metrics.get(metric["Namespace"], {}).get(resource, {}).get(metric["MetricName"])
        if top is None:
            return
        share = period / _DAY_S if stat["Stat"] == "Sum" else 1
        for at in range(int(start), int(end), period):
            yield datetime.fromtimestamp(at, UTC), top * share * _swing(at)


def now() -> Estate:
    """As it is today."""
    return _at(datetime.now(UTC).replace(minute=0, second=0, microsecond=0))


@cache
def _at(moment: datetime) -> Estate:
    import yaml

    text = Path(__file__).with_name("estate.yaml").read_text(encoding="utf-8")
    read = yaml.safe_load(text.replace("THREE_DAYS_AGO", (moment - _YOUNG).isoformat()))
    return Estate(read["answers"], read["metrics"])


def _about(found: Mapping[str, Any], asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of an answer for each thing that may be asked about, the one for what was."""
    answer = found.get(str(asked.get(found["of"])), found.get("else"))
    if not isinstance(answer, Mapping):
        raise UnknownError(str(answer))
    return answer


def _swing(at: int) -> float:
    """Between 0.8 and 1, another one each time, and the same one whenever it is asked."""
    return 0.9 + 0.1 * math.sin(at / 7000)
