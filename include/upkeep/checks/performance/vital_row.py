"""Web vitals by device: the 75th percentile with its interval, against the limits that browsers' makers give."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from upkeep.record import Record
from upkeep.signals.vital_values import VitalCount
from upkeep.stats.rank_interval import rank_interval

LIMITS = {"lcp": (2500.0, 4000.0), "inp": (200.0, 500.0), "cls": (0.1, 0.25)}
"""Good up to the first, poor above the second."""
DEVICES = ("mobile", "desktop")


@dataclass(frozen=True, slots=True)
class WebVital(Record):
    """A vital of a device over a window."""

    table: ClassVar[str] = "web_vital"

    device: str
    vital: str
    samples: int
    good: int
    poor: int
    p75: float
    p75_low: float
    p75_high: float


def web_vital_rows(counts: Sequence[VitalCount]) -> Iterator[WebVital]:
    """A row for each device and vital that was measured."""
    for device in DEVICES:
        for vital, (good, poor) in LIMITS.items():
            found = [(each.value, each.n) for each in counts if (each.device, each.vital) == (device, vital)]
            p75 = rank_interval(found, 0.75)
            if p75 is not None:
                fine = sum(n for value, n in found if value <= good)
                bad = sum(n for value, n in found if value > poor)
                yield WebVital(device, vital, p75.n, fine, bad, p75.value, p75.low, p75.high)
