"""What SBOMs of every format are made of, and how it becomes a reading: components by their purl, and who depends on whom."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from upkeep.formats.lockfiles.dependency_graph import chains
from upkeep.formats.lockfiles.installed import NOT_KNOWN
from upkeep.formats.lockfiles.text import shown
from upkeep.formats.os_release import OsRelease
from upkeep.formats.package import Package, Reading, Scope
from upkeep.formats.purls import package_of

_UNSAID = frozenset(["NOASSERTION", "NONE", ""])
_DISTRIBUTIONS = ("Debian", "Ubuntu", "Alpine", "Red Hat", "Rocky Linux", "AlmaLinux", "openSUSE", "SUSE", "deb", "apk", "rpm")


@dataclass(frozen=True, slots=True)
class Component:
    """One component; `ref` is its name within the document. `matters` says whether advisories could speak of it at all."""

    ref: str
    name: str
    purl: str | None
    version: str | None = None
    licence: str | None = None
    scope: Scope = Scope.UNKNOWN
    alias: str | None = None
    matters: bool = True


@dataclass(slots=True)
class Sbom:
    """A document: its components, who needs whom by `ref`, and the roots, which are what it is about."""

    kind: str
    components: list[Component] = field(default_factory=list)
    needs: dict[str, list[str]] = field(default_factory=dict)
    roots: list[str] = field(default_factory=list)
    system: OsRelease | None = None
    wrong: list[str] = field(default_factory=list)

    def reading(self) -> Reading:
        """The packages, each once. A component that matters and has no purl makes it incomplete."""
        direct = dict.fromkeys(self._direct({each.ref for each in self.components if each.purl}))
        paths, names = chains(direct, self.needs), {each.ref: each.name for each in self.components}
        found: dict[tuple[str, str, str | None, str | None], Package] = {}
        for component in self.components:
            chain = tuple(names.get(ref, ref) for ref in paths.get(component.ref, ()))
            package = self._package(component, chain, known=bool(direct), direct=component.ref in direct)
            if package:
                key = (package.ecosystem, package.name, package.version, package.alias)
                found[key] = _merged(found.get(key), package)
        packages = tuple(found.values())
        return Reading(self.kind, packages, (*self.wrong, *_gaps(self.components), *_without_release(packages)))

    def _direct(self, packages: set[str]) -> list[str]:
        """What the roots need: a lockfile or an application between them and packages is passed through."""
        found: list[str] = []
        waiting, seen = [need for root in self.roots for need in self.needs.get(root, ())], set(self.roots)
        while waiting:
            ref = waiting.pop(0)
            if ref in packages:
                found.append(ref)
            elif ref not in seen:
                waiting += self.needs.get(ref, ())
            seen.add(ref)
        return list(dict.fromkeys(found))

    def _package(self, component: Component, chain: tuple[str, ...], *, known: bool, direct: bool) -> Package | None:
        if component.purl is None:
            return None
        try:
            package = package_of(component.purl, self.system)
        except ValueError:
            self.wrong.append(f'"{shown(component.purl)}" of {shown(component.name)} is no purl')
            return None
        return replace(
            package,
            version=package.version or component.version,
            direct=direct if known else None,
            path=(*chain[:-1], package.name) if chain else (),
            scope=component.scope,
            licence=licence_text(component.licence),
            alias=component.alias,
        )


def licence_text(licence: object) -> str | None:
    """A licence that is said; None for what SPDX writes where nobody said any."""
    return licence.strip() if isinstance(licence, str) and licence.strip() not in _UNSAID else None


def _merged(known: Package | None, package: Package) -> Package:
    """One of two entries of the same package: production wins, and so does the shorter way to it."""
    if known is None:
        return package
    scopes = {known.scope, package.scope}
    scope = next(each for each in (Scope.PRODUCTION, Scope.UNKNOWN, Scope.DEVELOPMENT) if each in scopes)
    shorter = min((each for each in (known, package) if each.path), key=lambda each: len(each.path), default=known)
    return replace(shorter, scope=scope, direct=known.direct or package.direct, licence=known.licence or package.licence)


def _gaps(components: Sequence[Component]) -> Iterator[str]:
    for component in components:
        if component.purl is None and component.matters:
            named = shown(f"{component.name} {component.version or ''}".strip())
            yield f"{named} has no purl: of which ecosystem it is cannot be known"


def _without_release(packages: Sequence[Package]) -> Iterator[str]:
    without = Counter(each.ecosystem for each in packages if each.ecosystem in _DISTRIBUTIONS)
    for ecosystem, count in sorted(without.items()):
        yield f"{count} of {ecosystem} do not say of which release they are: {NOT_KNOWN}"


def joined(parts: Sequence[str], word: str) -> str | None:
    """Licences that hold together ("AND") or by choice ("OR") as one expression."""
    told = [part for part in parts if licence_text(part)]
    return f" {word} ".join(f"({part})" if " " in part and len(told) > 1 else part for part in told) or None


def system_of(name: str, version: str | None) -> OsRelease:
    """The distribution that a component "operating system" names, as scanners write it."""
    year, _, month = (version or "").partition(".")
    long_term = name.lower() == "ubuntu" and month.startswith("04") and year.isdigit() and int(year) % 2 == 0
    return OsRelease({"redhat": "rhel"}.get(name.lower(), name.lower()), version or "", "", long_term)
