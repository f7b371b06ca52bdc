"""How services are used: people, sessions, sign-ups, revenue."""

from collections.abc import Iterator
from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.errors import CannotAskError
from upkeep.signals.usage import UsageMeasure, Used
from upkeep.sources.connections import Connections
from upkeep.targets.service import Service
from upkeep.window import Cadence, Window


@dataclass(frozen=True, slots=True)
class _Asked:
    """A measure with its number, or why there is none."""

    measure: UsageMeasure
    used: Used
    why: str = ""
    remedy: str = ""


@check(Cadence.DAILY, owner="service")
def usage(service: Service, connections: Connections, window: Window) -> Answer:
    """
    How services are used: people, sessions, sign-ups, revenue.

    Each number is asked of its source over its whole period, never added up from days: who came on three days is one active user
    of the month. One outside of the range that the inventory expects is found. One that the source does not have is unknown and
    not zero, and the answer is unknown where nothing else is wrong.
    """
    if not service.usage:
        return Answer.judged("no usage is declared", evidence={"declare": "usage of the service"})
    found = [_asked(measure, connections, window) for measure in service.usage]
    findings = [finding for each in found for finding in _findings(each)]
    metrics = [metric for each in found for metric in _metrics(each)]
    text, unknown = "; ".join(map(_said, found)), [each for each in found if each.used.value is None]
    if unknown and not findings:
        return Answer.unknown(text, unknown[0].remedy, metrics=metrics)
    return Answer.judged(text, findings=findings, metrics=metrics)


def _asked(measure: UsageMeasure, connections: Connections, window: Window) -> _Asked:
    try:
        used = measure.used(connections, window)
    except CannotAskError as error:
        return _Asked(measure, Used(None), error.reason, error.remedy)
    return _Asked(measure, used, "" if used.value is not None else "its source has none", "see whether its source was filled")


def _findings(each: _Asked) -> Iterator[Finding]:
    value, measure = each.used.value, each.measure
    if value is None:
        return
    for rule, limit, outside in (
        ("usage_below", measure.least, measure.least is not None and value < measure.least),
        ("usage_above", measure.most, measure.most is not None and value > measure.most),
    ):
        if outside:
            yield Finding(
                rule=rule,
                object=measure.name,
                severity=Severity.MEDIUM,
                title=f"{measure.name} is {value:,.10g} (limit {limit:,.10g} {measure.unit})",
                remedy="see the signals, deployments and anomalies of the window, and whether its source was filled whole",
                value=value,
                limit=limit,
                unit=measure.unit,
            )


def _metrics(each: _Asked) -> Iterator[Metric]:
    used = each.used
    if used.value is not None:
        yield Metric(
            name=each.measure.name,
            value=used.value,
            unit=each.measure.unit,
            numerator=used.numerator,
            denominator=used.denominator,
            n=None if used.n is None else int(used.n),
        )


def _said(each: _Asked) -> str:
    value = each.used.value
    return f"{each.measure.name} unknown: {each.why}" if value is None else f"{each.measure.name} {value:,.10g}"
