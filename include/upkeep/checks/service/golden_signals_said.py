"""What golden_signals says in words and numbers."""

from collections.abc import Iterator
from math import isfinite

from upkeep.answer import Metric
from upkeep.humanize import plural, share
from upkeep.signals.latency import Percentile
from upkeep.signals.place import Told
from upkeep.units import Unit

MS = 1000
_MOST_NOTES = 3


def said(told: Told, low_coverage: float) -> str:
    """One line: requests, errors, latency, and what was not seen."""
    return "; ".join((*_counts(told), *_latency(told), *_unseen(told, low_coverage), *told.notes[:_MOST_NOTES]))


def metrics(told: Told) -> Iterator[Metric]:
    """Numbers of what was seen; none of what was not."""
    minutes, total = told.minutes, told.minutes.total
    yield _ratio("coverage", minutes.seen, len(minutes.each))
    if not minutes.seen:
        return
    yield Metric(name="requests", value=total.requests, unit=Unit.COUNT, n=minutes.seen)
    if total.requests:
        yield _ratio("error_rate", total.errors, total.requests)
        yield _ratio("refused_rate", total.refused, total.requests)
        if total.slow is not None:
            yield _ratio("slow_rate", total.slow, total.requests)
    for each in told.latency:
        yield Metric(name=f"p{each.share * 100:.0f}", value=each.best_s, unit=Unit.SECONDS, n=each.n)


def _ratio(name: str, part: int, whole: int) -> Metric:
    value = part / whole if whole else 0.0
    return Metric(name=name, value=value, unit=Unit.SHARE, numerator=part, denominator=whole, n=whole)


def _counts(told: Told) -> Iterator[str]:
    total = told.minutes.total
    if total.requests:
        yield f"{plural(total.requests, 'request')}, {total.errors:,} failed ({share(total.errors / total.requests)})"
        if total.closed:
            yield f"{total.closed:,} given up by the client"


def _latency(told: Told) -> Iterator[str]:
    bounds = [f"p{each.share * 100:.0f} {_bounds(each)}" for each in told.latency]
    if bounds:
        yield ", ".join(bounds)
    elif told.minutes.total.requests:
        yield "its source keeps no latency"


def _bounds(each: Percentile) -> str:
    if each.exact:
        return f"{each.low_s * MS:,.0f} ms"
    if not isfinite(each.high_s):
        return f"above {each.low_s * MS:,.0f} ms"
    return f"{each.low_s * MS:,.0f} to {each.high_s * MS:,.0f} ms"


def _unseen(told: Told, low: float) -> Iterator[str]:
    minutes = told.minutes
    if minutes.coverage < low:
        yield f"{share(minutes.coverage)} of {plural(len(minutes.each), 'minute')} seen, the others are unknown"
