"""What came, went and changed between two inventories of a repository."""

from collections.abc import Mapping, Sequence

from upkeep.checks.dependencies.parts import Licensed

_LISTED = 200

Packages = Mapping[str, Sequence[str]]
"""Versions by package."""


def versions_of(found: Sequence[Licensed]) -> dict[str, list[str]]:
    """The versions of each package, or the commit, or "open" where a range stands."""
    versions: dict[str, set[str]] = {}
    for each in found:
        versions.setdefault(each.object, set()).add(each.package.version or each.package.commit or "open")
    return {name: sorted(versions[name]) for name in sorted(versions)}


def difference(now: Packages, before: Packages | None) -> dict[str, list[str]]:
    """What came, went and changed since the last inventory; nothing when this is the first."""
    if before is None:
        return {}
    return {
        "added": [name for name in now if name not in before][:_LISTED],
        "removed": [name for name in sorted(before) if name not in now][:_LISTED],
        "changed": [
            f"{name} {', '.join(before[name])} -> {', '.join(now[name])}"
            for name in now
            if name in before and list(before[name]) != now[name]
        ][:_LISTED],
    }
