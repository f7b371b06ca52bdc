"""Whether a log can answer for a window: does it reach back, was it silent, were durations logged all the time."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from upkeep.formats.log_entries import Entry

# Entries of different processes are not quite in order.
DISORDER = timedelta(minutes=2)
_CHANGED = re.compile(r'parameter "log_min_duration_statement" (?:changed to "(-?\d+)|removed from)')


@dataclass
class Coverage:
    """What a log showed for `[start, end)` while it was read by `inside`. `end` is the window's, or now when that is earlier."""

    start: datetime
    end: datetime
    first: datetime | None = None
    moments: list[datetime] = field(default_factory=list)
    off_since: datetime | None = None
    off: timedelta = timedelta(0)

    def inside(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Entries whose own time is inside; reading stops soon after the end."""
        for entry in entries:
            self.first = min(self.first or entry.at, entry.at)
            if entry.at >= self.end + DISORDER:
                return
            if self.start <= entry.at < self.end:
                self._note(entry)
                yield entry

    def _note(self, entry: Entry) -> None:
        minute = entry.at.replace(second=0, microsecond=0)
        if not self.moments or minute != self.moments[-1]:
            self.moments.append(minute)
        changed = _CHANGED.match(entry.message)
        if changed:
            self._switched(entry.at, on=changed[1] not in {None, "-1"})

    def _switched(self, at: datetime, *, on: bool) -> None:
        if on and self.off_since:
            self.off += at - self.off_since
        self.off_since = None if on else self.off_since or at

    @property
    def durations_off(self) -> timedelta:
        """For how long log_min_duration_statement was switched off, as far as the log tells."""
        return self.off + (self.end - self.off_since if self.off_since else timedelta(0))

    def reaches_back(self, since: datetime, slack: timedelta) -> bool:
        """Whether something was logged before, or soon after, `since`."""
        return self.first is not None and self.first <= since + slack

    def silence(self, since: datetime) -> tuple[datetime, datetime]:
        """The longest time without an entry of any kind, from `since` (when it is later than the start) to the end."""
        begin = max(self.start, since)
        edges = sorted({begin, *(m for m in self.moments if m > begin), self.end})
        return max(pairwise(edges), key=lambda pair: pair[1] - pair[0], default=(self.end, self.end))


def born(system_identifier: int) -> datetime:
    """When a cluster was made: the upper half of its identifier is the time of initdb in seconds since 1970 (xlog.c)."""
    return datetime.fromtimestamp((system_identifier >> 32) & 0xFFFFFFFF, UTC)
