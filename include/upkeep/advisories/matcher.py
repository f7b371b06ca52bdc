"""Packages against advisories."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from upkeep.advisories.advisory import Advisory, Affected, RangeKind
from upkeep.advisories.aliases import AliasGroups, title_of
from upkeep.advisories.commits import Histories, about_commit
from upkeep.advisories.names import normalise
from upkeep.advisories.orders.order import Order, base, order_of
from upkeep.advisories.ranges import Interval, Lookup, intervals
from upkeep.advisories.severity import Rating
from upkeep.advisories.streams import in_stream
from upkeep.formats.git_address import repository_of
from upkeep.formats.package import Origin, Package

Held = tuple[Advisory, Affected]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one package: every advisory about it as one, with all of their names, ratings and fixes."""

    names: frozenset[str]
    held: tuple[Held, ...]

    @property
    def title(self) -> str:
        """The name that people know it by."""
        return title_of(self.names)

    @property
    def advisories(self) -> tuple[str, ...]:
        """The advisories that say so."""
        return tuple(sorted({advisory.id for advisory, _ in self.held}))

    @property
    def summary(self) -> str:
        """What it is, in the words of the first that says it."""
        return next((advisory.summary for advisory, _ in self.held if advisory.summary), "")

    @property
    def ratings(self) -> tuple[Rating, ...]:
        """What its sources say of its severity; those about this package count before those about all."""
        return tuple(rating for advisory, part in self.held for rating in part.ratings or advisory.ratings)

    @property
    def fixed(self) -> tuple[str, ...]:
        """Every version that any of them names as mended, in no order."""
        return tuple(dict.fromkeys(text for _, part in self.held for text in part.fixed))

    def fixed_commits(self, repository: str) -> tuple[str, ...]:
        """Every commit of a repository that any of them names as mended, in no order."""
        ranges = [r for _, part in self.held for r in part.ranges if r.kind is RangeKind.GIT]
        events = [event for r in ranges if repository_of(r.repository) == repository for event in r.events]
        return tuple(dict.fromkeys(commit for kind, commit in events if kind == "fixed"))

    @property
    def known_as(self) -> frozenset[str]:
        """Its names, and those of the faults that a distribution's advisory is about."""
        return self.names | {name for advisory, _ in self.held for name in advisory.upstream}


@dataclass(frozen=True, slots=True)
class Match:
    """What is known of one package. `unjudged` says why something could not be judged: then it is not known to be clean."""

    faults: tuple[Fault, ...]
    unjudged: tuple[str, ...] = ()


NOTHING = Match(())


class Matcher:
    """The advisories that were known at one time, looked up by package. Safe to ask any number of times."""

    def __init__(self, advisories: Iterable[Advisory], at: datetime, histories: Histories | None = None) -> None:
        """Takes all advisories there are, the moment that it is about, and where commits are looked up."""
        self._histories = histories
        every = [advisory for advisory in advisories if advisory.published is None or advisory.published < at]
        self.groups = AliasGroups(every)
        self.held: dict[tuple[str, str], list[Held]] = defaultdict(list)
        self._by_repository: dict[str, list[Held]] = defaultdict(list)
        self._by_commit: dict[str, list[Held]] = defaultdict(list)
        for advisory in every:
            if advisory.known(at):
                self._file(advisory)
        self._lookups: dict[tuple[str, str], _Known] = {}

    def _file(self, advisory: Advisory) -> None:
        for part in advisory.affected:
            if part.name:
                self.held[(part.ecosystem, part.name)].append((advisory, part))
            for found in part.ranges:
                if found.kind is RangeKind.GIT:
                    self._by_repository[repository_of(found.repository)].append((advisory, part))
                    for _, commit in found.events:
                        self._by_commit[commit].append((advisory, part))

    def match(self, package: Package) -> Match:
        """Every fault of a package; nothing for one of a folder of its own, which no registry's advisory is about."""
        if package.origin is Origin.GIT:
            return self._match_commit(package)
        if package.origin is not Origin.REGISTRY:
            return NOTHING
        name = normalise(package.ecosystem, package.source_name or package.name)
        version = (package.source_version or package.version) if package.source_name else package.version
        known = self._known(package.ecosystem, name)
        if not known:
            return NOTHING
        if version is None:
            message = f"{name} is not pinned ({package.asked_for or 'no version'}), and some of its versions have known faults"
            return Match((), (message,))
        return known.match(version, package.stream)

    def _known(self, ecosystem: str, name: str) -> "_Known | None":
        key = (ecosystem, name)
        if key not in self._lookups:
            held = [*self.held.get(key, ()), *(self.held.get((base(ecosystem), name), ()) if ":" in ecosystem else ())]
            if not held:
                return None
            self._lookups[key] = _Known(ecosystem, name, held, self.groups)
        return self._lookups[key]

    def _match_commit(self, package: Package) -> Match:
        held = [
            *self._by_repository.get(package.repository or "", ()),
            *self._by_commit.get(package.commit or "", ()),
        ]
        commit, repository = package.commit or "", package.repository or ""
        verdicts = [(one, about_commit(one[1], commit, repository, self._histories)) for one in dict.fromkeys(held)]
        unjudged = [self._untold(package, advisory, part) for (advisory, part), hit in verdicts if hit is None]
        return _merge([one for one, hit in verdicts if hit], unjudged, self.groups)

    def _untold(self, package: Package, advisory: Advisory, part: Affected) -> str:
        address = next((r.repository for r in part.ranges if repository_of(r.repository) == package.repository), "")
        why = f": {self._histories.why(address)}" if self._histories and package.commit else ""
        at = package.commit or f"no commit ({package.asked_for or 'none is named'})"
        return f"{package.name} at {at}: whether {advisory.id} is about it needs the history of {package.repository}{why}"


def _merge(held: Sequence[Held], unjudged: Sequence[str], aliases: AliasGroups) -> Match:
    groups: dict[frozenset[str], list[Held]] = {}
    for one in held:
        groups.setdefault(aliases.of(one[0].id), []).append(one)
    return Match(tuple(Fault(names, tuple(found)) for names, found in groups.items()), tuple(unjudged))


class _Known:
    """What is known of one package, in the order of its versions."""

    def __init__(self, ecosystem: str, name: str, held: Sequence[Held], aliases: AliasGroups) -> None:
        self._ecosystem, self._name, self._order, self._aliases = ecosystem, name, order_of(ecosystem), aliases
        self._held = held
        self._has_streams = any(part.stream for _, part in held)
        self._unreadable: list[str] = []
        self._lookup = Lookup(list(self._kept(held, self._order))) if self._order else None
        self._found: dict[int, Match] = {}

    def _kept(self, held: Sequence[Held], order: Order) -> Iterator[tuple[Held, list[Interval]]]:
        for one in held:
            try:
                yield one, intervals(one[1], order)
            except ValueError as error:
                self._unreadable.append(f"{one[0].id} about {self._name} cannot be judged: {error}")

    def match(self, version: str, stream: str | None) -> Match:
        """What holds for this version, and what could not be judged."""
        if self._lookup is None or self._order is None:
            return self._listed(version, f"no order of versions is known for {self._ecosystem}")
        try:
            place = self._lookup.place(self._order(version))
        except ValueError as error:
            return self._listed(version, str(error))
        if self._has_streams:
            held = [one for one in self._lookup.held(place) if in_stream(one[1].stream, version, stream)]
            return _merge(held, self._unreadable, self._aliases)
        if self._ecosystem == "PyPI" and "+" in version:
            return _merge(self._held_locally(version, self._lookup, self._order), self._unreadable, self._aliases)
        if place not in self._found:
            self._found[place] = _merge(self._lookup.held(place), self._unreadable, self._aliases)
        return self._found[place]

    def _held_locally(self, version: str, lookup: Lookup[Held], order: Order) -> list[Held]:
        """
        What holds for a build of one's own, such as 2.0+cu118: what holds for it or for the release that it was built from.

        Unless a version between the two mends it: a build may hold a fix.
        """
        key, public = order(version), order(version.partition("+")[0])
        held = {id(one): one for one in lookup.held(lookup.place(key))}
        for one in lookup.held(lookup.place(public)):
            if not any(public < order(text) <= key for text in one[1].fixed):
                held.setdefault(id(one), one)
        return list(held.values())

    def _listed(self, version: str, why: str) -> Match:
        """For a version that cannot be put in order: only what names it literally is known."""
        held = [one for one in self._held if version in one[1].versions]
        return _merge(held, [f"{self._name} {version}: {why}; only advisories that list it are known"], self._aliases)
