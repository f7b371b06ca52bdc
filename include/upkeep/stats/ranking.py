"""Many durations of many kinds, kept in bounded memory: count, total, longest, and percentiles to one in a hundred."""

from collections import Counter
from dataclasses import dataclass, field
from math import ceil, log

GROWTH = 1.02
MOST_KINDS = 5000
OTHER = "other"


@dataclass
class Tally:
    """
    Durations of one kind in whole microseconds.

    Percentiles come from buckets that grow by 2 %, so they are right to one in a hundred, and neither they nor the total depend
    on the order of arrival (after DDSketch: Masson, Rim and Lee, 2019).
    """

    count: int = 0
    total: int = 0
    longest: int = 0
    buckets: Counter[int] = field(default_factory=Counter)

    def add(self, micros: int) -> bool:
        """Count one. True when it is the longest so far."""
        self.total += micros
        self.count += 1
        self.buckets[ceil(log(max(micros, 1), GROWTH))] += 1
        longer = micros > self.longest
        self.longest = max(self.longest, micros)
        return longer

    def percentile(self, share: float) -> float:
        """Microseconds that this share of the durations does not exceed."""
        wanted, seen = ceil(share * self.count), 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen >= wanted:
                return float(min(self.longest, 2 * GROWTH**bucket / (1 + GROWTH)))
        return 0.0


@dataclass
class Ranking:
    """Tallies by kind. Kinds beyond `most` are counted together as OTHER, the first to come keep their own."""

    most: int = MOST_KINDS
    kinds: dict[str, Tally] = field(default_factory=dict)

    def kind(self, name: str) -> str:
        """The name that this kind is counted under."""
        return name if name in self.kinds or len(self.kinds) < self.most else OTHER

    def add(self, name: str, micros: int) -> bool:
        """Count one under `name`. True when it is the longest of its kind so far."""
        return self.kinds.setdefault(name, Tally()).add(micros)

    def dearest(self) -> list[tuple[str, Tally]]:
        """By total time; equal ones by name."""
        return sorted(self.kinds.items(), key=lambda item: (-item[1].total, item[0]))
