"""Processors, memory, disks, restarts and the network of what services run on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural, share, span
from upkeep.signals.infrastructure import Measured, measured, once_each
from upkeep.sources.connections import Connections
from upkeep.sources.prometheus import open_prometheus
from upkeep.targets.service import Service
from upkeep.units import Unit
from upkeep.window import Cadence, Window


@dataclass(frozen=True, slots=True)
class _Rule:
    """How a measure is judged and said."""

    limit: float
    unit: Unit
    what: str
    remedy: str
    least: bool = False

    def broken(self, value: float) -> bool:
        return value < self.limit if self.least else value > self.limit

    def said(self, value: float) -> str:
        if self.unit is Unit.SHARE:
            return share(value)
        return span(value) if self.unit is Unit.SECONDS else f"{value:g}"


@check(Cadence.DAILY, owner="service")
def infrastructure(
    service: Service,
    connections: Connections,
    window: Window,
    *,
    max_cpu: float = 0.7,
    max_memory: float = 0.8,
    max_disk: float = 0.8,
    max_restarts: int = 3,
    max_latency_ms: float = 300,
    min_up: float = 0.999,
    least_coverage: float = 0.5,
) -> Answer:
    """
    Processors, memory, disks, restarts and the network of what services run on.

    Processors, memory and latency are judged by their average over the window, disks by their fullest moment, restarts by their
    exact count. Each host, disk and container is judged by itself. Of which fewer than `least_coverage` of the samples are there
    is not judged, and without a finding the answer is unknown: a host that was down tells nothing of itself.
    """
    if not service.infrastructure:
        return Answer.judged("nothing that it runs on is declared", evidence={"declare": "infrastructure of the service"})
    found = once_each(
        each
        for place in service.infrastructure
        for each in measured(open_prometheus(connections, place.connection, place.timeout), place, window)
    )
    rules = _rules(max_cpu, max_memory, max_disk, max_restarts, max_latency_ms, min_up)
    known = [each for each in found if each.coverage >= least_coverage]
    findings = list(_findings(known, rules))
    text, metrics = _said(found, known), list(_metrics(known, rules))
    if not findings and (len(known) < len(found) or not found):
        remedy = "see whether they were down, and whether the matchers of its infrastructure are right"
        return Answer.unknown(text, remedy, metrics=metrics)
    return Answer.judged(text, findings=findings, metrics=metrics)


def _rules(cpu: float, memory: float, disk: float, restarts: int, latency_ms: float, up: float) -> Mapping[str, _Rule]:
    more = "see what takes it, and give it more or less to do"
    return {
        "cpu": _Rule(cpu, Unit.SHARE, "processors were busy on average", more),
        "memory": _Rule(memory, Unit.SHARE, "memory was taken on average", more),
        "disk": _Rule(disk, Unit.SHARE, "of the disk was full", "remove what is no longer needed, or make it larger"),
        "restarts": _Rule(restarts, Unit.COUNT, "restarts", "see why its last run ended: kubectl describe pod"),
        "latency": _Rule(latency_ms / 1000, Unit.SECONDS, "a probe on average", "see what takes it: name, connection or TLS"),
        "up": _Rule(up, Unit.SHARE, "of looks found it up", "see when it was away and what happened then", least=True),
    }


def _findings(known: Sequence[Measured], rules: Mapping[str, _Rule]) -> Iterator[Finding]:
    for each in known:
        rule = rules[each.measure]
        if rule.broken(each.value):
            yield Finding(
                rule=each.measure,
                object=each.object,
                severity=Severity.MEDIUM,
                title=f"{each.object}: {rule.said(each.value)} {rule.what} (limit {rule.said(rule.limit)})",
                remedy=rule.remedy,
                value=each.value,
                limit=rule.limit,
                unit=rule.unit,
            )


def _metrics(known: Sequence[Measured], rules: Mapping[str, _Rule]) -> Iterator[Metric]:
    for each in known:
        unit = rules[each.measure].unit
        yield Metric(name=each.measure, value=each.value, unit=unit, labels={"object": each.object}, n=each.n)


def _said(found: Sequence[Measured], known: Sequence[Measured]) -> str:
    things = {each.object for each in found}
    unseen = sorted({each.object for each in found} - {each.object for each in known})
    text = f"{plural(len(known), 'number')} of {plural(len(things), 'thing')}" if found else "nothing was found"
    few = [each for each in found if each not in known]
    if few:
        text += f"; too few samples of {', '.join(unseen[:3]) or few[0].object} ({share(few[0].coverage)} of {few[0].measure})"
    return text
