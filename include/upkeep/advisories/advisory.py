"""An advisory in OSV's form, as far as it says what is affected, since when, and how bad that is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from upkeep.advisories.names import normalise
from upkeep.advisories.severity import Rating, ratings
from upkeep.errors import UpkeepError

Event = tuple[str, str]  # what begins or ends, and the version (or commit) at which


class BadAdvisoryError(UpkeepError):
    """A file that should be an advisory is none; the message says why."""


class RangeKind(StrEnum):
    """By what the events of a range are ordered."""

    ECOSYSTEM = "ECOSYSTEM"
    SEMVER = "SEMVER"
    GIT = "GIT"


@dataclass(frozen=True, slots=True)
class Range:
    """One range: its events in the order in which they stand."""

    kind: RangeKind
    events: tuple[Event, ...]
    repository: str = ""  # of commits


@dataclass(frozen=True, slots=True)
class Affected:
    """One package of an advisory. A package without an ecosystem is known by its repository's commits alone."""

    ecosystem: str
    name: str
    ranges: tuple[Range, ...]
    versions: tuple[str, ...]
    ratings: tuple[Rating, ...] = ()
    stream: str = ""  # of an RPM module: "postgresql:12"

    @property
    def fixed(self) -> tuple[str, ...]:
        """Versions that it names as mended."""
        return tuple(text for r in self.ranges if r.kind is not RangeKind.GIT for kind, text in r.events if kind == "fixed")


@dataclass(frozen=True, slots=True)
class Advisory:
    """
    One advisory. `aliases` are names of the same fault elsewhere, `upstream` the faults that a distribution's advisory is about.

    `published` is None where it is not said: then it always counts as known, rather than be missed.
    """

    id: str
    aliases: tuple[str, ...]
    upstream: tuple[str, ...]
    summary: str
    published: datetime | None
    modified: datetime
    withdrawn: datetime | None
    affected: tuple[Affected, ...]
    ratings: tuple[Rating, ...]

    def known(self, at: datetime) -> bool:
        """Whether it was published before then, and not withdrawn; a day of withdrawal that is still to come changes nothing."""
        return (self.published is None or self.published < at) and (self.withdrawn is None or at <= self.withdrawn)


def read_advisory(found: Mapping[str, Any]) -> Advisory:
    """An advisory of its JSON. Raises BadAdvisoryError that says what is wrong with it."""
    try:
        return _read(found)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        name = found.get("id") if isinstance(found, Mapping) else None
        raise BadAdvisoryError(f"the advisory {str(name)[:80]} cannot be read: {type(error).__name__}: {error}"[:300]) from error


def _read(found: Mapping[str, Any]) -> Advisory:
    name = str(found["id"])
    details = str(found.get("details") or "").strip().splitlines()
    return Advisory(
        id=name,
        aliases=tuple(map(str, found.get("aliases") or ())),
        upstream=tuple(map(str, found.get("upstream") or ())),
        summary=str(found.get("summary") or (details[0] if details else ""))[:300],
        published=_moment(found.get("published")),
        modified=_moment(found["modified"]) or datetime.min.replace(tzinfo=UTC),
        withdrawn=_moment(found.get("withdrawn")),
        affected=tuple(_affected(part, name) for part in found.get("affected") or ()),
        ratings=ratings(name, found.get("severity"), found.get("database_specific")),
    )


def _moment(text: object) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(str(text))
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _affected(part: Mapping[str, Any], advisory: str) -> Affected:
    package, more = part.get("package") or {}, _words(part.get("database_specific"))
    specific = _words(part.get("ecosystem_specific"))
    ecosystem = str(package.get("ecosystem") or "")
    limit = more.get("last_known_affected_version_range")
    return Affected(
        ecosystem=ecosystem,
        name=normalise(ecosystem, str(package.get("name") or "")),
        ranges=tuple(_range(r, limit) for r in part.get("ranges") or ()),
        versions=tuple(map(str, part.get("versions") or ())),
        ratings=ratings(advisory, part.get("severity"), {**specific, **more}),
        stream=str(specific.get("rpm_modularity_label") or more.get("rpm_modularity_label") or ""),
    )


def _words(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}


def _range(found: Mapping[str, Any], limit: object) -> Range:
    events = tuple(_events(found.get("events") or ()))
    ends = {kind for kind, _ in events} - {"introduced"}
    more = _words(found.get("database_specific")).get("last_known_affected_version_range") or limit
    # Some databases say only beside the range where it ends: taken by itself it would be about every version.
    closing = _end_of(str(more)) if more and not ends else ()
    return Range(kind=RangeKind(found["type"]), events=(*events, *closing), repository=str(found.get("repo") or ""))


def _events(found: Any) -> Iterator[Event]:
    for event in found:
        for kind, version in event.items():
            if kind not in {"introduced", "fixed", "last_affected", "limit"}:
                raise ValueError(f"an event is introduced, fixed, last_affected or limit, not {kind}")
            yield (str(kind), str(version))


def _end_of(text: str) -> tuple[Event, ...]:
    """The event that a limit such as `<= 1.2.3` or `< 1.2.3` is."""
    text = text.strip()
    if text.startswith("<="):
        return (("last_affected", text[2:].strip()),)
    return (("fixed", text[1:].strip()),) if text.startswith("<") else (("last_affected", text.removeprefix("=").strip()),)
