"""Whether a log can answer for a window: does it reach back, was it silent, were durations logged all the time."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from upkeep.errors import CannotAskError
from upkeep.formats.log_entries import Entry
from upkeep.formats.log_lines import LinesRead

# Entries of different processes are not quite in order.
DISORDER = timedelta(minutes=2)
FIT_THEM = (
    "alter system set lc_messages = 'C'; select pg_reload_conf(); -- and see pg_db_role_setting for roles and databases that set "
    "lc_messages; where the prefix was changed give the one of these lines as log.line_prefix of this target, or wait for a "
    "window with one prefix"
)
_CHANGED = re.compile(r'parameter "log_min_duration_statement" (?:changed to "(-?\d+)|removed from)')


@dataclass
class Coverage:
    """
    What a log showed for `[start, end)` while it was read by `inside`. `end` is the window's, or now when that is earlier.

    `reading` counts lines while they are read; `lines` are those of the window: a line without a time belongs to the next entry.
    """

    start: datetime
    end: datetime
    reading: LinesRead = field(default_factory=LinesRead)
    lines: LinesRead = field(default_factory=LinesRead)
    first: datetime | None = None
    moments: list[datetime] = field(default_factory=list)
    off_since: datetime | None = None
    off: timedelta = timedelta(0)

    def inside(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Entries whose own time is inside; reading stops soon after the end."""
        for entry in entries:
            self.first = min(self.first or entry.at, entry.at)
            counted = self.reading.take()
            if self.start <= entry.at < self.end:
                self.lines.add(counted)
            if entry.at >= self.end + DISORDER:
                return
            if self.start <= entry.at < self.end:
                self._note(entry)
                yield entry
        self.lines.add(self.reading.take())

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

    def __post_init__(self) -> None:
        """Lines that show a time outside of the window are none of its."""
        self.reading.start, self.reading.end = self.start, self.end

    def require_fitted(self, most: float) -> None:
        """Raises CannotAskError when more than this share of what tells durations, or half of all lines, was not understood."""
        lines = self.lines
        known = lines.told + lines.lost
        if lines.lost > most * known:
            like = "; ".join(f"`{example}`" for example in lines.examples)
            message = "do not fit the server's log_line_prefix and English messages"
            raise CannotAskError(f"{lines.lost:,} of {known:,} durations (limit {most:.0%}) {message}, such as {like}", FIT_THEM)
        if lines.unfitted + lines.foreign > lines.fitted:
            other = f"{lines.unfitted:,} of another form and {lines.foreign:,} that are no server's"
            raise CannotAskError(f"{lines.read:,} lines were read, {other}", FIT_THEM)

    def silence(self, since: datetime) -> tuple[datetime, datetime]:
        """The longest time without an entry of any kind, from `since` (when it is later than the start) to the end."""
        begin = max(self.start, since)
        edges = sorted({begin, *(m for m in self.moments if m > begin), self.end})
        return max(pairwise(edges), key=lambda pair: pair[1] - pair[0], default=(self.end, self.end))


def born(system_identifier: int) -> datetime:
    """When a cluster was made: the upper half of its identifier is the time of initdb in seconds since 1970 (xlog.c)."""
    return datetime.fromtimestamp((system_identifier >> 32) & 0xFFFFFFFF, UTC)
