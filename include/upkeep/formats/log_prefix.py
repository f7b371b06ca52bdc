"""log_line_prefix as a pattern, and times of a server's log as moments."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from upkeep.errors import CannotAskError

_ZONE = r"(?:[A-Za-z]{1,10}|[+-]\d[\d:]*)"
_SECOND = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
_ANYTHING = r".*?"
# What each escape of log_line_prefix looks like, from its chapter in PostgreSQL's documentation; letters not here are free text.
_LOOKS = {
    "t": f"{_SECOND} {_ZONE}",
    "m": rf"{_SECOND}\.\d{{3}} {_ZONE}",
    "n": r"\d+\.\d{3}",
    "s": f"{_SECOND} {_ZONE}",
    "p": r"\d+",
    "P": r"\d*",
    "l": r"\d+",
    "c": r"[0-9a-f]+\.[0-9a-f]+",
    "v": r"[\d/]*",
    "x": r"\d+",
    "e": r"[0-9A-Z]{5}",
    "Q": r"-?\d+",
}
_NAMES = {"t": "time", "m": "time", "n": "epoch", "p": "pid", "c": "session", "u": "user", "d": "database"}
_ESCAPE = re.compile(r"%(-?\d*)(.)", re.DOTALL)
NUMERIC_ZONE = re.compile(r"([+-])(\d\d?):?(\d\d)?")


@dataclass(frozen=True, slots=True)
class Prefix:
    """
    `entry` matches the prefix of a session's line and its severity; `clock` matches any process's line up to its time.

    Groups, where the format has them: time or epoch, pid, session, user, database. Names may hold anything, so that whoever
    chooses an application_name can imitate a line; csvlog and jsonlog cannot be deceived like that.
    """

    entry: re.Pattern[bytes]
    clock: re.Pattern[bytes]


def compile_prefix(log_line_prefix: str) -> Prefix:
    """Raises CannotAskError when lines carry no time."""
    parts, seen, clock = [], set[str](), None
    at = 0
    for escape in _ESCAPE.finditer(log_line_prefix):
        parts.append(re.escape(log_line_prefix[at : escape.start()]))
        at = escape.end()
        parts.append(_piece(escape, seen))
        if clock is None and seen & {"time", "epoch"}:
            clock = "".join(parts)
    parts.append(re.escape(log_line_prefix[at:]))
    if clock is None:
        reason = f"log_line_prefix '{log_line_prefix}' has no time"
        raise CannotAskError(reason, "alter system set log_line_prefix = '%m [%p] %q%u@%d '; select pg_reload_conf();")
    entry = "".join(parts) + r"LOG:  (?:[0-9A-Z]{5}: )?"
    return Prefix(re.compile(entry.encode(), re.DOTALL), re.compile(clock.encode(), re.DOTALL))


def _piece(escape: re.Match[str], seen: set[str]) -> str:
    padding, letter = escape.groups()
    if letter == "%":
        return "%"
    if letter == "q":
        return ""
    look = _LOOKS.get(letter, _ANYTHING)
    look = f" *(?:{look}) *" if padding else look
    name = _NAMES.get(letter)
    if name is None or name in seen or (name in {"time", "epoch"} and seen & {"time", "epoch"}):
        return f"(?:{look})"
    seen.add(name)
    return f"(?P<{name}>{look})"


class Clock:
    """Turns times of a log into moments. `log_timezone` decides unless the printed abbreviation says it is another offset."""

    def __init__(self, log_timezone: str) -> None:
        try:
            self._zone = ZoneInfo(log_timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            reason = f'log_timezone "{log_timezone}" is no known time zone'
            raise CannotAskError(reason, "set log.timezone of this target to the zone that the log is written in") from None
        self._offset = lru_cache(maxsize=4096)(self._find_offset)

    def moment(self, printed: str) -> datetime:
        """Of a text such as `2026-11-23 07:15:00.123 CET`; in UTC. Raises ValueError when it is none."""
        text, _, abbreviation = printed.strip().rpartition(" ")
        return datetime.fromisoformat(text).replace(tzinfo=UTC) - self._offset(text[:16], abbreviation)

    def _find_offset(self, minute: str, abbreviation: str) -> timedelta:
        numeric = NUMERIC_ZONE.fullmatch(abbreviation)
        if numeric:
            sign, hours, minutes = numeric.groups()
            return timedelta(hours=int(hours), minutes=int(minutes or 0)) * (1 if sign == "+" else -1)
        if abbreviation in {"UTC", "GMT", "Z"}:
            return timedelta(0)
        local = [datetime.fromisoformat(minute).replace(tzinfo=self._zone, fold=fold) for fold in (0, 1)]
        fitting = [moment for moment in local if moment.tzname() == abbreviation] or local
        return fitting[0].utcoffset() or timedelta(0)


def epoch_moment(printed: str) -> datetime:
    """Of `%n`: seconds since 1970 with milliseconds."""
    seconds, _, thousandths = printed.strip().partition(".")
    return datetime.fromtimestamp(int(seconds), UTC) + timedelta(milliseconds=int(thousandths))
