"""Packages that are a commit: what an advisory says of it without the repository's history."""

from upkeep.advisories.advisory import Affected, RangeKind


def about_commit(affected: Affected, commit: str | None) -> bool | None:
    """Whether the advisory holds at this commit: true or false where it names the commit itself, None where history decides."""
    kinds = {kind for r in affected.ranges if r.kind is RangeKind.GIT for kind, at in r.events if commit and _is_same(at, commit)}
    if kinds & {"fixed", "limit"}:
        return False
    return True if kinds else None


def _is_same(one: str, other: str) -> bool:
    shortest = 7  # letters of a commit that git itself takes for one
    return min(len(one), len(other)) >= shortest and (one.startswith(other) or other.startswith(one))
