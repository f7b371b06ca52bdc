"""The newest values of a stream, in order of size: what is usual, and how rare something is. Pure arithmetic."""

from bisect import bisect_left, insort
from collections import deque
from math import log

TAIL = 20
"""The most of the largest that a tail's shape is taken from."""
_LEAST_SHAPE = 0.1
_TINY = 1e-12


class Newest:
    """The newest `most` values; older ones are forgotten, so that memory stays bounded."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._queue: deque[float] = deque()
        self._ordered: list[float] = []

    def learn(self, value: float) -> None:
        """Take one more, and forget the oldest beyond `most`."""
        if len(self._queue) == self._most:
            del self._ordered[bisect_left(self._ordered, self._queue.popleft())]
        self._queue.append(value)
        insort(self._ordered, value)

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def median(self) -> float | None:
        """The middle value; None without any."""
        middle, odd = divmod(len(self._ordered), 2)
        if not self._ordered:
            return None
        return self._ordered[middle] if odd else (self._ordered[middle - 1] + self._ordered[middle]) / 2

    @property
    def largest(self) -> float:
        """The largest; 0 without any."""
        return self._ordered[-1] if self._ordered else 0.0

    def chance(self, size: float) -> float:
        """
        How likely a value as large or larger is, judged by these; 1 without any. For sizes that are never below zero.

        Up to the largest it is the share of those as large. Beyond it a Pareto tail goes on whose shape is that of the largest
        few (Hill, 1975), as in Siffer and others, "Anomaly detection in streams with extreme value theory" (2017).
        """
        n = len(self._ordered)
        if not n:
            return 1.0
        above = n - bisect_left(self._ordered, size)
        if above:
            return (above + 1) / (n + 1) if above < n else 1.0
        beyond = (size + _TINY) / (self.largest + _TINY)
        return float(beyond ** (-1 / self._shape()) / (n + 1))

    def limit(self, chance: float) -> float:
        """The size beyond which no more than this share of them lies."""
        return self._ordered[max(0, len(self._ordered) - 1 - int(chance * len(self._ordered)))] if self._ordered else 0.0

    def _shape(self) -> float:
        """The mean logarithm of the largest over the least of them: 0 is no tail, 1 a very long one."""
        tail = self._ordered[-min(TAIL, max(3, len(self._ordered) // 10)) :]
        if len(tail) < 2:  # noqa: PLR2004 - one value has no tail
            return 1.0
        over = [log((size + _TINY) / (tail[0] + _TINY)) for size in tail[1:]]
        return max(_LEAST_SHAPE, sum(over) / len(over))
