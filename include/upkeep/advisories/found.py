"""What is wrong with the packages of one repository: each fault of each package once, wherever it is locked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from upkeep.advisories.exploited import Exploited
from upkeep.advisories.knowledge import Knowledge
from upkeep.advisories.matcher import Fault, Matcher
from upkeep.advisories.orders.order import base, order_of
from upkeep.advisories.severity import Rating, worst
from upkeep.answer import Severity
from upkeep.formats.package import Origin, Package, Scope

UNRATED = Severity.HIGH  # until somebody rates it
_MALWARE = "MAL-"


@dataclass(frozen=True, slots=True)
class Located:
    """A package and the file that locks it, by its path in the repository."""

    file: str
    package: Package

    @property
    def text(self) -> str:
        """File and line."""
        return f"{self.file}:{self.package.line}" if self.package.line else self.file


@dataclass(frozen=True, slots=True)
class Found:
    """One fault of one package, in every version and place in which the repository has it."""

    fault: Fault
    places: tuple[Located, ...]
    rating: Rating | None
    exploited: Exploited | None
    chance: float | None  # EPSS's, that it will be used by attackers within 30 days
    fix: str | None  # smallest version that does not have this fault, above every version that is locked

    @property
    def package(self) -> Package:
        """The package as its first place locks it; a production one before others."""
        return min(self.places, key=lambda place: place.package.scope is Scope.DEVELOPMENT).package

    @property
    def subject(self) -> str:
        """The package with its ecosystem: "requests (PyPI)"."""
        return f"{self.package.name} ({self.package.ecosystem})"

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that are locked, in their order."""
        every = {place.package.version or place.package.commit or "?" for place in self.places}
        return tuple(in_order(self.package.ecosystem, every))

    @property
    def severity(self) -> Severity:
        """The worst that any source says; unrated is high, and a malicious package is critical."""
        if any(name.startswith(_MALWARE) for name in self.fault.names):
            return Severity.CRITICAL
        return (self.rating.severity if self.rating else None) or UNRATED

    @property
    def rated(self) -> bool:
        """Whether anybody said how bad it is."""
        return self.rating is not None

    @property
    def disagreement(self) -> str:
        """Who says what, where sources rate it differently."""
        rated = {r.source: r for r in self.fault.ratings if r.severity is not None}
        if len({rating.severity for rating in rated.values()}) < 2:  # noqa: PLR2004 - two that differ
            return ""
        return ", ".join(f"{source}: {_rated(rating)}" for source, rating in sorted(rated.items()))

    @property
    def scope(self) -> Scope:
        """Production as soon as one place has it there."""
        scopes = {place.package.scope for place in self.places}
        return next(scope for scope in (Scope.PRODUCTION, Scope.UNKNOWN, Scope.DEVELOPMENT) if scope in scopes)

    @property
    def direct(self) -> bool | None:
        """Whether any place asks for it itself; None where no file tells."""
        marks = {place.package.direct for place in self.places}
        return True if True in marks else (None if None in marks else False)

    @property
    def parents(self) -> tuple[str, ...]:
        """The direct dependencies through which it comes, where files tell."""
        paths = [place.package.path for place in self.places]
        return tuple(sorted({path[0] for path in paths if len(path) > 1}))


@dataclass(frozen=True, slots=True)
class Looked:
    """
    What came of looking: faults, worst first.

    `unjudged` says why whole ecosystems could not be judged, `unclear` which places could not, and why: a version that is not
    pinned, or none. `covered` are the ecosystems looked at, `matcher` what was asked.
    """

    found: tuple[Found, ...]
    unjudged: tuple[str, ...]
    unclear: tuple[tuple[Located, str], ...]
    notes: tuple[str, ...]
    packages: int
    covered: tuple[str, ...]
    matcher: Matcher


def look(located: Iterable[Located], knowledge: Knowledge, at: datetime) -> Looked:
    """Every fault of these packages that was known at a moment."""
    matcher = knowledge.matcher(at)
    every = list(located)
    grouped: dict[tuple[str, str, frozenset[str]], list[tuple[Fault, Located]]] = defaultdict(list)
    unclear: list[tuple[Located, str]] = []
    for place in every:
        match = matcher.match(place.package)
        unclear += [(place, why) for why in match.unjudged]
        for fault in match.faults:
            grouped[(place.package.ecosystem, place.package.name, fault.names)].append((fault, place))
    ecosystems = {place.package.ecosystem for place in every}
    found = [_found(group, matcher, knowledge, at) for group in grouped.values()]
    return Looked(
        found=tuple(sorted(found, key=lambda f: (-f.severity, f.exploited is None, f.subject, f.fault.title))),
        unjudged=(*knowledge.unsure(ecosystems, at), *_refused(knowledge), *knowledge.unasked),
        unclear=tuple(unclear),
        notes=tuple(knowledge.stale(ecosystems, at)),
        packages=len({(p.package.ecosystem, p.package.name, p.package.version) for p in every}),
        covered=tuple(sorted({base(e) for e in ecosystems} & knowledge.dated.keys())),
        matcher=matcher,
    )


def _refused(knowledge: Knowledge) -> list[str]:
    if not knowledge.refused:
        return []
    first = knowledge.refused[0]
    return [f"{len(knowledge.refused)} of the advisories could not be read, such as {first.name}: {first.why}"]


def _found(group: Sequence[tuple[Fault, Located]], matcher: Matcher, knowledge: Knowledge, at: datetime) -> Found:
    held = dict.fromkeys(one for fault, _ in group for one in fault.held)
    fault = Fault(group[0][0].names, tuple(held))
    places = tuple(dict.fromkeys(place for _, place in group))
    known = fault.known_as
    listed = [entry for name in sorted(known) if (entry := (knowledge.exploited or {}).get(name)) and _start(entry.added) < at]
    return Found(
        fault=fault,
        places=places,
        rating=worst(fault.ratings),
        exploited=min(listed, key=lambda entry: entry.due, default=None),
        chance=knowledge.chance(known, at),
        fix=_smallest_fix(fault, places, matcher),
    )


def _smallest_fix(fault: Fault, places: Sequence[Located], matcher: Matcher) -> str | None:
    """The lowest version (of git, a commit) that any source calls mended and that, asked again, has the fault no more."""
    package = places[0].package
    if package.origin is Origin.GIT:
        mended = fault.fixed_commits(package.repository or "")
        return next((commit for commit in mended if fault.names not in names_at(package, commit, matcher)), None)
    newest = in_order(package.ecosystem, [place.package.version for place in places if place.package.version])[-1:]
    above = [text for text in in_order(package.ecosystem, fault.fixed) if not newest or _is_above(package, text, newest[0])]
    return next((text for text in above if fault.names not in names_at(package, text, matcher)), None)


def _start(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)


def names_at(package: Package, version: str, matcher: Matcher) -> Mapping[frozenset[str], Fault]:
    """The faults that a package would have in another version, or at another commit."""
    source_version = version if package.source_version else None
    moved = replace(package, version=version, source_version=source_version)
    if package.origin is Origin.GIT:
        moved = replace(package, commit=version)
    return {fault.names: fault for fault in matcher.match(moved).faults}


def in_order(ecosystem: str, versions: Iterable[str]) -> list[str]:
    """Versions in their ecosystem's order; without those that cannot be read, unless none can."""
    order, every = order_of(ecosystem), sorted(set(versions))
    if order is None:
        return every
    keyed = []
    for text in every:
        try:
            keyed.append((order(text), text))
        except ValueError:
            continue
    return [text for _, text in sorted(keyed, key=lambda pair: pair[0])] or every


def _is_above(package: Package, text: str, version: str) -> bool:
    order = order_of(package.ecosystem)
    try:
        return order is None or bool(order(version) < order(text))
    except ValueError:
        return True


def _rated(rating: Rating) -> str:
    label = rating.severity.label if rating.severity else "unrated"
    return label if rating.score is None else f"{label} ({rating.score:g})"
