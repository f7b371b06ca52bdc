"""How much a counter rose between two readings, aware of resets. Pure arithmetic; live duties keep readings in their state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """
    A counter as it stood at `at`, by the server's clock.

    `since` is when it last began at zero, None when the server does not say. `pace` is a busier counter with the same life, such
    as the database's transactions: after a crash the server forgets both without a word, and `pace` shows it even where `value`
    has already passed its old height.
    """

    value: float
    at: datetime
    since: datetime | None = None
    pace: float = 0

    def remember(self) -> dict[str, Any]:
        """As JSON for `Answer.state`."""
        since = self.since.isoformat() if self.since else None
        return {"value": self.value, "at": self.at.isoformat(), "since": since, "pace": self.pace}

    @classmethod
    def recall(cls, remembered: Mapping[str, Any] | None) -> Self | None:
        """From what `remember` gave; None when nothing usable was remembered."""
        if not remembered or "value" not in remembered or "at" not in remembered:
            return None
        since = remembered.get("since")
        return cls(
            value=float(remembered["value"]),
            at=datetime.fromisoformat(remembered["at"]),
            since=datetime.fromisoformat(since) if since else None,
            pace=float(remembered.get("pace") or 0),
        )


@dataclass(frozen=True, slots=True)
class Rise:
    """
    By how much a counter rose over `span`.

    Not `complete` when a reset fell between the readings: what was counted before it is lost, and `amount` is the least it can
    be.
    """

    amount: float
    span: timedelta
    complete: bool = True

    @property
    def per_day(self) -> float:
        """Mean rise in 24 hours; 0 for an empty span."""
        return self.amount / (self.span / DAY) if self.span else 0.0

    @property
    def text(self) -> str:
        """`in 24.0 h`, or what a reset leaves of it."""
        hours = f"in {self.span.total_seconds() / 3600:.1f} h"
        return hours if self.complete else f"{hours} (at least: the counter was reset in between)"


def rise(before: Reading | None, now: Reading) -> Rise | None:
    """
    What was counted since `before`; without one, since the counter began.

    None when it cannot be told: a first reading whose beginning the server does not say, unless nothing was counted at all.
    """
    if before is None or before.at >= now.at:
        return _since_the_beginning(now)
    if was_reset(before, now):
        begun = now.since if now.since and now.since > before.at else before.at
        return Rise(now.value, now.at - begun, complete=False)
    return Rise(now.value - before.value, now.at - before.at)


@dataclass(frozen=True, slots=True)
class Compared:
    """Many counters against an earlier run: the rises that are `known` by name, the names that are not, and what to remember."""

    known: Mapping[str, Rise]
    unseen: tuple[str, ...]
    state: Mapping[str, Any]


def compare(remembered: Mapping[str, Any] | None, now: Mapping[str, Reading]) -> Compared:
    """Rises since what an earlier answer remembered (its `state`), by name."""
    before = remembered or {}
    rises = {name: rise(Reading.recall(before.get(name)), reading) for name, reading in now.items()}
    return Compared(
        known={name: risen for name, risen in rises.items() if risen},
        unseen=tuple(sorted(name for name, risen in rises.items() if not risen)),
        state={name: reading.remember() for name, reading in now.items()},
    )


def was_reset(before: Reading, now: Reading) -> bool:
    """Whether the counter began anew between two readings: the server says so (or has forgotten), or it or its pace went down."""
    return now.since != before.since or now.value < before.value or now.pace < before.pace


def _since_the_beginning(now: Reading) -> Rise | None:
    if now.since and now.since < now.at:
        return Rise(now.value, now.at - now.since)
    return None if now.value else Rise(0, timedelta())
