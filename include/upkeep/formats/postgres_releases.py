"""The table of PostgreSQL's minor releases: what a server misses, since when, and until when its major release is supported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

_MAJOR = 10_000
Version = tuple[int, int]
"""Major and minor."""


@dataclass(frozen=True, slots=True)
class Release:
    """One minor release of one major; `security` names the flaws that it mends."""

    version: Version
    day: date
    security: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """As it is written: "17.10"."""
        return "{}.{}".format(*self.version)


@dataclass(frozen=True, slots=True)
class ReleaseTable:
    """What was released until `as_of`, by major release in order, and when the next are due."""

    as_of: date
    scheduled: tuple[date, ...]
    end_of_life: Mapping[int, date]
    releases: Mapping[int, Sequence[Release]]

    def missed(self, version: Version, today: date) -> tuple[Release, ...]:
        """Releases of the same major after this one, oldest first, that were out on that day."""
        return tuple(r for r in self.releases.get(version[0], ()) if r.version > version and r.day <= today)

    def knows(self, version: Version) -> bool:
        """Whether this release stands in the table: one that is newer than the table, or of a newer major, does not."""
        return any(release.version == version for release in self.releases.get(version[0], ()))

    def behind_since(self, today: date) -> date | None:
        """The first day after the table's own on which releases were due by the roadmap; None while none was."""
        return min((day for day in self.scheduled if self.as_of < day <= today), default=None)


def version_of(number: int) -> Version:
    """Major and minor of `server_version_num`, such as 170010."""
    return number // _MAJOR, number % _MAJOR


def release_table(document: Mapping[str, Any]) -> ReleaseTable:
    """
    Read the table.

    Raises ValueError when something in it cannot be read, or a day of it lies after `as_of`.
    """
    try:
        table = _read(document)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"is no table of releases: {type(error).__name__} {error}") from None
    late = [r.text for each in table.releases.values() for r in each if r.day > table.as_of]
    if late:
        raise ValueError(f"as_of is {table.as_of}, and {', '.join(late)} came later")
    return table


def _read(document: Mapping[str, Any]) -> ReleaseTable:
    found: dict[int, list[Release]] = {}
    for entry in document["releases"]:
        for text in entry["versions"].split():
            major, minor = (int(part) for part in text.split("."))
            mends = str(major) in entry["only"].split() if "only" in entry else True
            security = tuple(str(flaw) for flaw in entry.get("security", ())) if mends else ()
            found.setdefault(major, []).append(Release((major, minor), _day(entry["date"]), security))
    return ReleaseTable(
        as_of=_day(document["as_of"]),
        scheduled=tuple(_day(day) for day in document.get("scheduled", ())),
        end_of_life={int(major): _day(day) for major, day in document["end_of_life"].items()},
        releases={major: tuple(sorted(each, key=lambda r: r.version)) for major, each in found.items()},
    )


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
