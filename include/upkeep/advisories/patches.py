"""The smallest changes that close most: for each package one version to go to, and who asks for it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from upkeep.advisories.found import Found, in_order, names_at
from upkeep.advisories.matcher import Matcher
from upkeep.answer import Severity
from upkeep.formats.package import Package


@dataclass(frozen=True, slots=True)
class Patch:
    """
    One package to bring to one version. `closes` are the faults that go with it, `leaves` those for which no version is known.

    `parents` are the direct dependencies that ask for it, where it is not asked for directly: they are what can be changed.
    """

    package: Package
    versions: tuple[str, ...]
    to: str | None
    closes: tuple[Found, ...]
    leaves: tuple[Found, ...]
    parents: tuple[str, ...]

    @property
    def worst(self) -> Severity:
        """The worst fault that it closes, or leaves where it closes none."""
        return max(found.severity for found in self.closes or self.leaves)

    @property
    def text(self) -> str:
        """What to do, in words."""
        now = ", ".join(self.versions)
        if self.to is None:
            return f"{self.package.name} {now}: no version without these faults is known: replace it"
        if self.parents:
            return f"{self.package.name} {now} → {self.to}, through {' and '.join(self.parents)}"
        return f"{self.package.name} {now} → {self.to}"


def patches(found: Iterable[Found], matcher: Matcher) -> list[Patch]:
    """One patch for each package with faults: those that close the worst first, and of these those that close most."""
    by_package: dict[tuple[str, str], list[Found]] = defaultdict(list)
    for one in found:
        by_package[(one.package.ecosystem, one.package.name)].append(one)
    made = [_patch(faults, matcher) for faults in by_package.values()]
    return sorted(made, key=lambda patch: (patch.to is None, -patch.worst, -len(patch.closes), patch.package.name))


def _patch(found: Sequence[Found], matcher: Matcher) -> Patch:
    package = found[0].package
    versions = tuple(in_order(package.ecosystem, (v for one in found for v in one.versions)))
    candidates = in_order(package.ecosystem, (one.fix for one in found if one.fix))
    to = min(candidates, key=lambda text: (_left(package, text, found, matcher), candidates.index(text)), default=None)
    still = names_at(package, to, matcher) if to else {one.fault.names for one in found}
    parents = () if any(one.direct for one in found) else tuple(sorted({p for one in found for p in one.parents}))
    return Patch(
        package=package,
        versions=versions,
        to=to,
        closes=tuple(one for one in found if one.fault.names not in still),
        leaves=tuple(one for one in found if one.fault.names in still),
        parents=parents,
    )


def _left(package: Package, version: str, found: Sequence[Found], matcher: Matcher) -> tuple[int, int]:
    """How bad it still is there: faults that stay, and faults that only this version has."""
    there = names_at(package, version, matcher)
    stay = sum(one.fault.names in there for one in found)
    return (stay, len(there) - stay)
