"""The report that deploy/host-report makes of a machine: what waits for an update, and what runs there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from upkeep.formats.os_release import OsRelease

VERSION = "1"
_HEAD = "upkeep-host-report"
_PARTS = {"host": 1, "at": 1, "kernel": 1, "os": 3, "lists": 1, "update": 4, "held": 1, "reboot": 1, "runtime": 2, "failed": 1}
_KINDS = frozenset(["security", "other", "unknown"])


class ReportError(ValueError):
    """The text is no whole report; the message says by line why."""


@dataclass(frozen=True, slots=True)
class Update:
    """A package that waits. `kind` is "security", "other", or "unknown" where the package manager does not tell."""

    package: str
    installed: str
    candidate: str
    kind: str


@dataclass(frozen=True, slots=True)
class HostReport:
    """One machine at one time. `lists_at` is when its package lists were fetched; `failed` says what it could not tell."""

    host: str
    at: datetime
    system: OsRelease | None
    lists_at: datetime | None
    updates: tuple[Update, ...]
    held: tuple[str, ...]
    reboot: str | None  # the packages that ask for one; None when none does
    runtimes: Mapping[str, str]
    failed: tuple[str, ...]


def host_report(text: str) -> HostReport:
    """Read a report. Raises ReportError for what is none, was cut off, or is of another version."""
    found: dict[str, list[list[str]]] = {word: [] for word in _PARTS}
    for number, parts in _lines(text):
        if parts[0] not in _PARTS or len(parts) - 1 != _PARTS[parts[0]]:
            raise ReportError(f'line {number}: "{" ".join(parts)[:80]}" cannot be read')
        found[parts[0]].append(parts[1:])
    if not found["at"] or not found["host"]:
        raise ReportError("it does not say of which machine and time it is")
    system = found["os"][-1] if found["os"] else None
    return HostReport(
        host=found["host"][0][0],
        at=_moment(found["at"][0][0]),
        system=_release(*system) if system else None,
        lists_at=_moment(found["lists"][0][0]) if found["lists"] else None,
        updates=tuple(dict.fromkeys(_update(*parts) for parts in found["update"])),
        held=tuple(parts[0] for parts in found["held"]),
        reboot=found["reboot"][0][0].strip() if found["reboot"] else None,
        runtimes={parts[0]: parts[1] for parts in found["runtime"]},
        failed=tuple(parts[0] for parts in found["failed"]),
    )


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """The lines between the first and the last, in parts."""
    lines = [(number, line.split("\t")) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines or lines[0][1][0] != _HEAD:
        raise ReportError("it does not begin as a report of deploy/host-report")
    if lines[0][1][1:] != [VERSION]:
        raise ReportError(f"it is of version {lines[0][1][1:]}, and version {VERSION} is read: use the script of this Upkeep")
    if lines[-1][1] != ["end"]:
        raise ReportError("it was cut off: its last line is not its end")
    return lines[1:-1]


def _update(package: str, installed: str, candidate: str, kind: str) -> Update:
    if kind not in _KINDS or not package:
        raise ReportError(f'an update of "{package[:80]}" of an unknown kind: {kind[:80]}')
    return Update(package, installed, candidate, kind)


def _release(name: str, version: str, pretty: str) -> OsRelease:
    return OsRelease(name.lower(), version, pretty or f"{name} {version}".strip(), "LTS" in pretty.split())


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise ReportError(f'"{text[:80]}" is no time') from None
