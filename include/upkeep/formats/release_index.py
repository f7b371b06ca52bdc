"""
Days of releases of packages, as somebody gathered them: how old what is used is, and what of it was withdrawn.

`{"PyPI/django": {"4.2": "2023-04-03", "4.2.1": {"day": "2023-05-03", "yanked": "broken wheel"}}}`
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

_BEFORE_A_RELEASE = re.compile(r"(?i)\d[.-]?(?:a|b|c|rc|alpha|beta|dev|pre|preview|next|canary|snapshot|m)[.-]?\d*|-0\.")
_YEAR_DAYS = 365.25


@dataclass(frozen=True, slots=True)
class Released:
    """One version: its day, and why it was yanked or deprecated (None when it was not)."""

    day: date
    yanked: str | None = None


Index = Mapping[str, Mapping[str, Released]]
"""Versions of packages, by "PyPI/django"."""


def release_index(document: Mapping[str, Any]) -> Index:
    """Read an index. Raises ValueError when something in it cannot be read."""
    try:
        return {str(name): {str(v): _released(raw) for v, raw in versions.items()} for name, versions in document.items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"is no index of releases: {type(error).__name__} {error}") from None


def years_behind(index: Index, name: str, version: str, today: date) -> float | None:
    """
    Years between the release that is used and the newest one of that day which was not yanked; pre-releases are none.

    None when the index does not have the version.
    """
    versions = index.get(name, {})
    used = versions.get(version)
    if used is None:
        return None
    days = [r.day for v, r in versions.items() if r.day <= today and r.yanked is None and not _BEFORE_A_RELEASE.search(v)]
    return max(0.0, (max(days, default=used.day) - used.day).days / _YEAR_DAYS)


def _released(raw: Any) -> Released:
    if isinstance(raw, Mapping):
        return Released(_day(raw["day"]), str(raw["yanked"]) if raw.get("yanked") else None)
    return Released(_day(raw))


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
