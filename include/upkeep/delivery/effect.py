"""What a deployment did to the signals of its service: a verdict from counts, with the change and its interval."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from upkeep.delivery.beside import Counts, Span
from upkeep.humanize import plural
from upkeep.record import Record
from upkeep.stats.proportions import Difference, Share, difference

_FEWEST_SEEN = 0.5


class Verdict(StrEnum):
    """How the signals were after it."""

    WORSE = "worse"
    BETTER = "better"
    SAME = "no difference seen"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is demanded of a difference: that it is sure, that it matters, and that it stands on enough."""

    confidence: float
    least_requests: int
    least_events: int
    errors_effect: float
    slow_effect: float


@dataclass(frozen=True, slots=True)
class Effect:
    """The verdict, why, and the changes that it stands on; None for what could not be compared."""

    verdict: Verdict
    reason: str
    errors: Difference | None = None
    slow: Difference | None = None


@dataclass(frozen=True, slots=True)
class DeploymentEffect(Record):
    """A deployment with the signals before and after it."""

    table: ClassVar[str] = "deployment_effect"

    environment: str
    deployment: str
    verdict: str
    reason: str
    before_start: datetime
    before_end: datetime
    before_seen: int
    before_requests: int
    before_errors: int
    before_slow: int | None
    after_start: datetime
    after_end: datetime
    after_seen: int
    after_requests: int
    after_errors: int
    after_slow: int | None
    errors_change: float | None
    errors_low: float | None
    errors_high: float | None
    slow_change: float | None
    slow_low: float | None
    slow_high: float | None
    others: list[str]

    @classmethod
    def of(
        cls, key: tuple[str, str], effect: Effect, spans: tuple[Span, Span], counts: tuple[Counts, Counts], others: Iterable[str]
    ) -> "DeploymentEffect":
        """The row."""
        sides = [
            value
            for span, count in zip(spans, counts, strict=True)
            for value in (span.start, span.end, count.seen, count.requests, count.errors, count.slow)
        ]
        changes = [value for each in (effect.errors, effect.slow) for value in _bounds(each)]
        return cls(*key, effect.verdict.value, effect.reason, *sides, *changes, list(others))  # type: ignore[arg-type,call-arg]


def effect_of(before: Counts, after: Counts, asked: Asked) -> Effect:
    """
    Compare errors and slow answers before and after.

    Unknown where either side has too few minutes seen or too few requests, and where an outage before would make anything look
    better. One error among few requests is no verdict.
    """
    if reason := next(_unknown(before, after, asked), None):
        return Effect(Verdict.UNKNOWN, reason)
    errors = difference(Share(before.errors, before.requests), Share(after.errors, after.requests), asked.confidence)
    found = [_judged("errors", errors, max(before.errors, after.errors), asked.errors_effect, asked)]
    slow = None
    if before.slow is not None and after.slow is not None:
        slow = difference(Share(before.slow, before.requests), Share(after.slow, after.requests), asked.confidence)
        found.append(_judged("slow answers", slow, max(before.slow, after.slow), asked.slow_effect, asked))
    for verdict in (Verdict.WORSE, Verdict.BETTER):
        if texts := [text for each, text in found if each is verdict]:
            return Effect(verdict, "; ".join(texts), errors, slow)
    return Effect(Verdict.SAME, "; ".join(text for _, text in found), errors, slow)


def _unknown(before: Counts, after: Counts, asked: Asked) -> Iterator[str]:
    for name, side in (("before", before), ("after", after)):
        if side.minutes == 0:
            yield f"no minute {name} it is without another deployment"
        elif side.seen < _FEWEST_SEEN * side.minutes:
            yield f"{side.seen} of {plural(side.minutes, 'minute')} {name} it were seen"
        elif side.requests < asked.least_requests:
            yield f"{plural(side.requests, 'request')} {name} it, {asked.least_requests:,} are needed"
    if before.outage is not None:
        yield f"an outage before it, from {before.outage:%H:%M} UTC: anything would look better"


def _judged(name: str, change: Difference, events: int, effect: float, asked: Asked) -> tuple[Verdict, str]:
    text = f"{name} {100 * change.value:+.2f} points ({100 * change.low:+.2f} to {100 * change.high:+.2f})"
    sure = change.p < 1 - asked.confidence and (change.low > 0 or change.high < 0)
    if not sure or events < asked.least_events or abs(change.value) < effect:
        return Verdict.SAME, text
    return (Verdict.WORSE if change.value > 0 else Verdict.BETTER), text


def _bounds(change: Difference | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if change is None else (change.value, change.low, change.high)
