"""What is said of anomalies of a service: findings, rows and words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from upkeep.answer import Finding, Metric, Severity
from upkeep.humanize import plural, size, span
from upkeep.objectives.unusual import Unusual, together, young
from upkeep.objectives.verdicts import Precision
from upkeep.objectives.watched import Watched
from upkeep.record import Record
from upkeep.units import Unit

MOST_SURE = 1_000_000
_MOMENT = {"hour": "%Y-%m-%d %H:%M UTC", "day": "%Y-%m-%d"}


@dataclass(frozen=True, slots=True)
class AnomalyRow(Record):
    """One anomaly that was on in the window; the numbers are those of its rarest hour or day in it."""

    table: ClassVar[str] = "anomaly"

    rule: str
    series: str
    since: datetime
    until: datetime
    open: bool
    at: datetime
    value: float
    low: float
    expected: float
    high: float
    unit: str
    chance: float
    n: int
    together: list[str]
    deployments: list[str]


def record(one: Unusual, every: Sequence[Unusual], near: list[str]) -> AnomalyRow:
    """As it is stored."""
    seen = one.rarest
    return AnomalyRow(
        rule=one.rule, series=one.watched.name, since=one.since, until=one.until,
        open=one.open, at=one.at, value=seen.value, low=seen.low, expected=seen.middle, high=seen.high,
        unit=one.watched.unit, chance=seen.chance, n=one.n, together=together(one, every), deployments=near,
    )  # fmt: skip


def finding(one: Unusual, every: Sequence[Unusual], near: Sequence[str], known: Mapping[str, Precision]) -> Finding:
    """One anomaly told; as low where its rule was mostly wrong."""
    precision = known.get(one.rule)
    demoted = precision is not None and precision.demoted
    return Finding(
        rule=one.rule,
        object=one.watched.name,
        severity=Severity.LOW if demoted else Severity.MEDIUM,
        title=_title(one, together(one, every), near, precision),
        remedy=_remedy(one, near),
        value=one.rarest.value,
        limit=one.rarest.high if one.side > 0 else one.rarest.low,
        unit=one.watched.unit,
        details={"since": one.since.isoformat(), "chance": one.rarest.chance, "n": one.n},
    )


def newest(findings: Sequence[Finding]) -> list[Finding]:
    """The last of each rule and series: earlier ones of the window stand in the rows."""
    return list({(each.rule, each.object): each for each in findings}.values())


def precision_metrics(known: Mapping[str, Precision]) -> Iterator[Metric]:
    """How often each rule was right, as people said."""
    for rule, each in sorted(known.items()):
        yield Metric(
            name="rule_precision", value=each.share, unit=Unit.SHARE, labels={"rule": rule}, numerator=each.confirmed,
            denominator=each.judged, n=each.judged,
        )  # fmt: skip


def summary(series: Sequence[Watched], found: Sequence[Unusual]) -> str:
    """All of it in one line."""
    message = plural(len(found), "anomaly", "anomalies") if found else "no anomaly"
    unsaid = [each.name for each in series if young(each)]
    text = f"{message} among {plural(len(series) - len(unsaid), 'series', 'series')}"
    few = f"; too short a past or too little traffic to judge {', '.join(unsaid[:3])}" if unsaid else ""
    return text + few + (f" and {len(unsaid) - 3} more" if len(unsaid) > 3 else "")  # noqa: PLR2004 - the first three


def _title(one: Unusual, others: Sequence[str], near: Sequence[str], precision: Precision | None) -> str:
    seen, unit = one.rarest, one.watched.unit
    moment = _MOMENT[one.watched.step]
    text = (
        f"{one.watched.name} was {_said(seen.value, unit)} at {one.at:{moment}} ({_said(seen.low, unit)} to "
        f"{_said(seen.high, unit)} expected from {one.n:,} values before; by chance once in {_once(seen.chance):,}), "
        f"unusual since {one.since:{moment}}{', still on at the end' if one.open else ''}"
    )
    text += f"; with it moved {', '.join(others)}" if others else ""
    text += f"; deployed before: {', '.join(near)}" if near else ""
    demoted = precision is not None and precision.demoted
    return text + (f"; this rule was right in {precision.confirmed} of {precision.judged}" if precision and demoted else "")


def _remedy(one: Unusual, near: Sequence[str]) -> str:
    first = (
        f"see whether {near[-1]} did it, and roll it back if so"
        if near
        else f"look at what changed by {one.since:{_MOMENT[one.watched.step]}}"
    )
    return f"{first}; say in the weekly review whether it was real"


def _once(chance: float) -> int:
    return min(round(1 / max(chance, 1e-9)), MOST_SURE)


def _said(value: float, unit: Unit) -> str:
    words = {
        Unit.SHARE: f"{value:.2%}",
        Unit.BYTES: size(value),
        Unit.SECONDS: span(value),
        Unit.MILLISECONDS: span(value / 1000),
    }
    return words.get(unit, f"{value:,.4g}")
