"""Tables and their partitions, as `partitioning` asks for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """One partition. `low` and `high` are None where open, unknown, or of a key that is no one time or number."""

    name: str
    default: bool
    pending: bool
    bytes: int
    rows: int
    inserted: int
    low: float | None
    high: float | None

    @property
    def width(self) -> float | None:
        """From its lower to its upper bound, where both are known."""
        return self.high - self.low if self.high is not None and self.low is not None else None


@dataclass(frozen=True, slots=True)
class Table:
    """
    A partitioned table (`strategy` r, l or h, `key` time, number or other), or a plain one (`strategy` empty).

    `now` is the server's clock in seconds since 1970; `deleted` and `inserted` count rows since the statistics were reset.
    """

    name: str
    strategy: str
    key: str
    now: float
    bytes: int
    rows: int
    deleted: int
    inserted: int
    time_column: str
    parts: Sequence[Mapping[str, Any]]

    @property
    def ranges(self) -> list[Part]:
        """Its partitions with an upper bound, by that bound."""
        return sorted((p for p in self.children if p.high is not None and not p.pending), key=lambda p: (p.high or 0.0, p.name))

    @property
    def children(self) -> list[Part]:
        """Its partitions, those that are being detached included."""
        return [Part(**part) for part in self.parts]

    @property
    def period(self) -> float | None:
        """How far a partition usually reaches; the median of the newest few, since the first one is often wider."""
        widths = [part.width for part in self.ranges if part.width is not None]
        return median(widths[-6:]) if widths else None

    @property
    def open_ended(self) -> bool:
        """Whether a partition takes everything above the others, so that none can be missing ahead."""
        return any(p.high is None and p.low is not None and not p.pending for p in self.children)
