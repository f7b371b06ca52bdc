"""What a repository is made of: packages of all its lockfiles, each with the verdict on its licence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from upkeep.formats.licences import Judged, Policy, judge
from upkeep.formats.package import Origin, Package, Reading, Scope
from upkeep.formats.sbom_document import Part
from upkeep.sources.installed_licences import installed_licence


@dataclass(frozen=True, slots=True)
class Licensed:
    """A package, the file that names it, and what the policy says of its licence."""

    file: str
    package: Package
    judged: Judged

    @property
    def object(self) -> str:
        """How findings call it, whatever its version: "PyPI/django"."""
        return f"{self.package.ecosystem}/{self.package.name}"

    @property
    def ships(self) -> bool:
        """Whether it may be part of what runs: all but what is known to be for development."""
        return self.package.scope is not Scope.DEVELOPMENT

    @property
    def part(self) -> Part:
        """As it stands in an SBOM."""
        return Part(self.package, self.judged.expression, self.package.licence)


def licensed(readings: Iterable[tuple[str, Reading]], rules: Policy) -> list[Licensed]:
    """
    Every package of a registry, git or an address, in the order of its file; folders of the repository itself are left out.

    A licence that the file does not say is read from the metadata of the package where it is installed here in that version.
    """
    found = []
    for file, reading in readings:
        for package in reading.packages:
            if package.origin is not Origin.PATH:
                told = _with_licence(package)
                found.append(Licensed(file, told, judge(rules, f"{told.ecosystem}/{told.name}", told.licence)))
    return _settled(found)


def _settled(found: Sequence[Licensed]) -> list[Licensed]:
    """Without ranges that another file of the repository locks; what they say of being direct stays."""
    locked = {each.object for each in found if each.package.version is not None}
    asked = {each.object for each in found if each.package.direct}
    return [
        replace(each, package=replace(each.package, direct=True)) if each.object in asked else each
        for each in found
        if each.package.version is not None or each.package.commit or each.object not in locked
    ]


def _with_licence(package: Package) -> Package:
    if package.licence is None and package.ecosystem == "PyPI" and package.origin is Origin.REGISTRY:
        return replace(package, licence=installed_licence(package.name, package.version))
    return package
