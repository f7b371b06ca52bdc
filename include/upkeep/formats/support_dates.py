"""Until when releases of systems and languages are supported: a dated table, and what it says of one version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Support:
    """A release of a product, as the table has it; `ends` is None while no day is set."""

    product: str
    release: str
    ends: date | None


@dataclass(frozen=True, slots=True)
class SupportTable:
    """What is known as of a day: products by name, each with its releases."""

    as_of: date
    products: Mapping[str, Mapping[str, date | None]]

    def of(self, product: str, version: str) -> Support | None:
        """The longest release that the version belongs to ("3.11" of 3.11.7); None when the table has none, which is no end."""
        parts = version.removeprefix("v").split(".")
        releases = self.products.get(product, {})
        for length in range(len(parts), 0, -1):
            release = ".".join(parts[:length])
            if release in releases:
                return Support(product, release, releases[release])
        return None


def support_table(document: Mapping[str, Any]) -> SupportTable:
    """Read the table. Raises ValueError when something in it cannot be read."""
    try:
        products = {
            str(product): {str(release): None if day == "none" else _day(day) for release, day in releases.items()}
            for product, releases in document["products"].items()
        }
        return SupportTable(_day(document["as_of"]), products)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"is no table of support: {type(error).__name__} {error}") from None


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
