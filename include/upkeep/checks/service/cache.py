"""Hit rates of caches."""

from collections.abc import Iterator, Sequence

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import share
from upkeep.signals.cache import Lookups, lookups
from upkeep.sources.connections import Connections
from upkeep.sources.prometheus import open_prometheus
from upkeep.targets.service import Service
from upkeep.units import Unit
from upkeep.window import Cadence, Window


@check(Cadence.DAILY, owner="service")
def cache(
    service: Service,
    connections: Connections,
    window: Window,
    *,
    min_hit_rate: float = 0.8,
    min_lookups: int = 1000,
    least_coverage: float = 0.5,
) -> Answer:
    """
    Hit rates of caches.

    A cache that answers few of its lookups costs memory and time and saves little. Lookups are counted exactly, through restarts;
    fewer than `min_lookups` are not judged. A cache of which fewer than `least_coverage` of the minutes were seen is unknown.
    """
    if not service.caches:
        return Answer.judged("no cache is declared", evidence={"declare": "caches of the service"})
    found = [lookups(open_prometheus(connections, place.connection, place.timeout), place, window) for place in service.caches]
    known = [each for each in found if each.coverage >= least_coverage]
    findings = [_finding(each, min_hit_rate) for each in known if each.all >= min_lookups and each.rate < min_hit_rate]
    text, metrics = "; ".join(_said(each, least_coverage) for each in found), list(_metrics(known))
    if not findings and len(known) < len(found):
        return Answer.unknown(text, "see whether it was scraped, and whether its matchers are right", metrics=metrics)
    return Answer.judged(text, findings=findings, metrics=metrics)


def _finding(each: Lookups, limit: float) -> Finding:
    return Finding(
        rule="low_hit_rate",
        object=each.name,
        severity=Severity.LOW,
        title=f"{each.name} answered {each.hits:,} of {each.all:,} lookups: {share(each.rate)} (limit {share(limit)})",
        remedy="see its size and evictions, how long entries live, and whether keys repeat at all",
        value=each.rate,
        limit=limit,
        unit=Unit.SHARE,
    )


def _metrics(known: Sequence[Lookups]) -> Iterator[Metric]:
    for each in known:
        if each.all:
            yield Metric(
                name="hit_rate",
                value=each.rate,
                unit=Unit.SHARE,
                labels={"cache": each.name},
                numerator=each.hits,
                denominator=each.all,
                n=each.all,
            )


def _said(each: Lookups, least: float) -> str:
    if each.coverage < least:
        return f"{each.name}: {each.seen} of {each.minutes} minutes seen"
    return f"{each.name}: {share(each.rate)} of {each.all:,} lookups" if each.all else f"{each.name}: no lookup"
