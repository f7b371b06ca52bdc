"""Packages that a VEX document names by their purls."""

from dataclasses import dataclass

from upkeep.advisories.names import normalise
from upkeep.advisories.orders.order import base, order_of
from upkeep.formats.purls import package_of


@dataclass(frozen=True, slots=True)
class Named:
    """The package that a purl names; the version is None where it is for all of them."""

    ecosystem: str
    name: str
    version: str | None

    def is_of(self, ecosystem: str, name: str, version: str | None) -> bool:
        """Whether it names this package in this version."""
        same = self.ecosystem == base(ecosystem) and self.name == normalise(ecosystem, name)
        return same and self.version in {None, version}


def named_by(text: str) -> Named | None:
    """The package of a purl; None for one of no known ecosystem, such as an image. Raises ValueError when it is no purl."""
    package = package_of(text)
    if order_of(package.ecosystem) is None:
        return None
    return Named(base(package.ecosystem), normalise(package.ecosystem, package.name), package.version)
