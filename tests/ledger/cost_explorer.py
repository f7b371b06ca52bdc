"""A stand-in for Cost Explorer: answers GetCostAndUsage from rows of a bill, in pages, and fails when it is told to."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError


@dataclass(frozen=True)
class Line:
    """One line of the bill."""

    day: date
    account: str
    service: str
    cost: str
    kind: str = "Usage"
    tags: Mapping[str, str] = field(default_factory=dict)
    amortised: str | None = None


def failing(code: str, status: int = 400) -> ClientError:
    """What boto3 raises for this code."""
    return ClientError(
        {"Error": {"Code": code, "Message": f"it said {code}"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "GetCostAndUsage"
    )


@dataclass
class StandIn:
    """`faults` gives what to raise at a call of this number; `page` is how many days are on a page."""

    lines: Sequence[Line]
    faults: Callable[[int], Exception | None] = lambda _: None
    page: int = 7
    estimated_from: date = date.max
    same_token: bool = False
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def get_cost_and_usage(self, **asked: Any) -> Mapping[str, Any]:
        """As the API has it: the end is excluded, and there are at most two groups."""
        self.asked.append(asked)
        if fault := self.faults(len(self.asked)):
            raise fault
        assert len(asked["GroupBy"]) <= 2, "AWS refuses a third group"
        start, end = (date.fromisoformat(asked["TimePeriod"][name]) for name in ("Start", "End"))
        days = sorted({line.day for line in self.lines if start <= line.day < end})
        at = int(asked.get("NextPageToken", "0"))
        results = [self._result(day, asked) for day in days[at : at + self.page]]
        more = at + self.page < len(days)
        return {"ResultsByTime": results, **({"NextPageToken": "7" if self.same_token else str(at + self.page)} if more else {})}

    def _result(self, day: date, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        sums: dict[tuple[str, ...], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for line in self.lines:
            if line.day == day and _fits(line, asked.get("Filter")):
                keys = tuple(_value(line, group) for group in asked["GroupBy"])
                billed = Decimal(line.cost)
                sums[keys] = [sums[keys][0] + billed, sums[keys][1] + Decimal(line.amortised or line.cost)]
        groups = [{"Keys": list(keys), "Metrics": _metrics(*amounts)} for keys, amounts in sorted(sums.items())]
        return {"TimePeriod": {"Start": str(day)}, "Groups": groups, "Estimated": day >= self.estimated_from}


def _metrics(billed: Decimal, amortised: Decimal) -> Mapping[str, Any]:
    return {"UnblendedCost": {"Amount": str(billed), "Unit": "USD"}, "AmortizedCost": {"Amount": str(amortised), "Unit": "USD"}}


def _value(line: Line, group: Mapping[str, str]) -> str:
    if group["Type"] in {"TAG", "COST_CATEGORY"}:
        return f"{group['Key']}${line.tags.get(group['Key'], '')}"
    return {"RECORD_TYPE": line.kind, "LINKED_ACCOUNT": line.account, "SERVICE": line.service}[group["Key"]]


def _fits(line: Line, only: Mapping[str, Any] | None) -> bool:
    if only is None:
        return True
    parts = only.get("And", [only])
    return all(_value(line, {"Type": "DIMENSION", **part["Dimensions"]}) in part["Dimensions"]["Values"] for part in parts)
