"""Alerts that fired, and those that nobody acknowledged."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from re import fullmatch

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural, share, span
from upkeep.signals.alert_rows import AlertFiring
from upkeep.signals.alerts import AlertPlace, Firing, coverage, firings, silenced
from upkeep.sources.alertmanager import open_alertmanager
from upkeep.sources.connections import Connections
from upkeep.sources.prometheus import Prometheus, open_prometheus
from upkeep.targets.service import Service
from upkeep.units import Unit
from upkeep.window import Cadence, Window

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class _Told:
    """What one place tells; without `known`, nobody can say what was acknowledged."""

    every: tuple[Firing, ...]
    known: bool
    coverage: float


@check(Cadence.DAILY, owner="service")
def alerts(
    service: Service,
    connections: Connections,
    window: Window,
    *,
    severities: str = "critical|page",
    least_minutes: float = 15,
    most_times: int = 5,
    least_coverage: float = 0.5,
) -> Answer:
    """
    Alerts that fired, and those that nobody acknowledged.

    What fired, and for how long, is read from the series ALERTS of Prometheus; gaps of a few minutes are merged, since an alert
    that is sent again a little late did not end. Acknowledged is what a silence in Alertmanager matches. Of the `severities` (a
    regular expression) each is told that fired for `least_minutes` in the window unacknowledged; of all, each that fired more
    than `most_times`. Silences are kept for a few days only: of a window before that, nobody can say what was acknowledged.
    """
    if not service.alerts:
        return Answer.judged("no place of alerts is declared", evidence={"declare": "alerts of the service"})
    told = [_told(connections, place, window) for place in service.alerts]
    every = [firing for each in told for firing in each.every]
    unseen = [
        firing
        for each in told
        if each.known
        for firing in each.every
        if not firing.seen and fullmatch(severities, firing.severity) and firing.seconds >= least_minutes * _MINUTE
    ]
    least = min(each.coverage for each in told)
    findings = [*_unacknowledged(unseen, least_minutes), *_noisy(every, most_times)]
    text, metrics = _said(every, told), list(_metrics(every, least))
    if least < least_coverage and not findings:
        return Answer.unknown(text, "see whether Prometheus was down, or keeps less", metrics=metrics)
    return Answer.judged(text, findings=findings, metrics=metrics, records=_rows(told))


def _told(connections: Connections, place: AlertPlace, window: Window) -> _Told:
    server = open_prometheus(connections, place.connection, place.timeout)
    every = tuple(firings(server, place, window))
    if place.alertmanager is None or not every or _too_old(server, place, every):
        return _Told(every, known=not every, coverage=coverage(server, window))
    silences = open_alertmanager(connections, place.alertmanager).silences()
    return _Told(tuple(silenced(every, silences, window)), known=True, coverage=coverage(server, window))


def _too_old(server: Prometheus, place: AlertPlace, every: Sequence[Firing]) -> bool:
    """Whether a silence of any of them may have been forgotten by now."""
    return (server.clock() - min(firing.began for firing in every)).total_seconds() > place.kept


def _rows(told: Sequence[_Told]) -> Collection[AlertFiring]:
    """Each once, though places may overlap."""
    every = [AlertFiring.of(firing, known=each.known) for each in told for firing in each.every]
    return {(row.alert, row.labels, row.began): row for row in every}.values()


def _unacknowledged(unseen: Sequence[Firing], least_minutes: float) -> Iterator[Finding]:
    for (alert, labels), each in _by_alert(unseen).items():
        seconds = sum(firing.seconds for firing in each)
        yield Finding(
            rule="unacknowledged",
            object=f"{alert}{{{labels}}}",
            severity=Severity.HIGH,
            title=f"{alert} fired for {span(seconds)} and nobody acknowledged it (limit {span(least_minutes * _MINUTE)})",
            remedy="see whom its route reaches in Alertmanager, and silence it when somebody works on it",
            value=seconds,
            limit=least_minutes * _MINUTE,
            unit=Unit.SECONDS,
        )


def _noisy(every: Sequence[Firing], most: int) -> Iterator[Finding]:
    for (alert, labels), each in _by_alert(every).items():
        if len(each) > most:
            yield Finding(
                rule="noisy",
                object=f"{alert}{{{labels}}}",
                severity=Severity.LOW,
                title=f"{alert} fired {plural(len(each), 'time')} (limit {most})",
                remedy="let its rule wait longer (for, keep_firing_for), or mend what comes and goes",
                value=len(each),
                limit=most,
                unit=Unit.COUNT,
            )


def _by_alert(every: Sequence[Firing]) -> Mapping[tuple[str, str], Sequence[Firing]]:
    found: dict[tuple[str, str], list[Firing]] = defaultdict(list)
    for firing in every:
        found[firing.alert, firing.own].append(firing)
    return found


def _metrics(every: Sequence[Firing], seen: float) -> Iterator[Metric]:
    yield Metric(name="alerts", value=len(every), unit=Unit.COUNT)
    yield Metric(name="alert_time", value=sum(firing.seconds for firing in every), unit=Unit.SECONDS, n=len(every))
    yield Metric(name="coverage", value=seen, unit=Unit.SHARE)


def _said(every: Sequence[Firing], told: Sequence[_Told]) -> str:
    longest = max(every, key=lambda firing: firing.seconds, default=None)
    text = plural(len(every), "alert") + (f", the longest {longest.alert} for {span(longest.seconds)}" if longest else "")
    if not all(each.known for each in told):
        text += "; what was acknowledged is not known"
    least = min(each.coverage for each in told)
    return text if least >= 0.95 else f"{text}; Prometheus was there for {share(least)} of the window"  # noqa: PLR2004 - as elsewhere
