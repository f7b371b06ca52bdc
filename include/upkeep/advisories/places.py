"""Where advisories are looked up: a folder or bucket of dumps, or OSV's API."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from upkeep.advisories.advisory import Advisory
from upkeep.advisories.commits import Histories
from upkeep.advisories.dump import Read, Refused, read_document
from upkeep.advisories.found import Located
from upkeep.advisories.index import knowledge_about
from upkeep.advisories.knowledge import Knowledge
from upkeep.advisories.names import normalise
from upkeep.advisories.orders.order import base
from upkeep.formats.package import Origin, Package
from upkeep.sources.objects import ObjectStore
from upkeep.sources.osv_api import OsvApi, Query


@dataclass(frozen=True, slots=True)
class Advisories:
    """
    The advisories of the place that the inventory names.

    `opened` is their store, None where they are asked of an API; `histories` tell which commits advisories are about.
    """

    place: str
    opened: ObjectStore | None
    histories: Histories | None = None

    def about(self, located: Iterable[Located]) -> Knowledge:
        """What is known about these packages today. Raises BrokenError when it cannot be had."""
        if self.opened is not None:
            return replace(knowledge_about(self.opened, (place.package for place in located)), histories=self.histories)
        with OsvApi(self.place) as api:
            return from_api(api, located, datetime.now(UTC))


def is_api(place: str) -> bool:
    """Whether a place is the address of an API, and no store."""
    return urlsplit(place).scheme in {"http", "https"}


def from_api(api: OsvApi, located: Iterable[Located], now: datetime) -> Knowledge:
    """What the API knows about these packages, as of now. Raises BrokenError when it could not be asked about all of them."""
    every = [place.package for place in located]
    queries = [_query(package) for package in every if package.origin is Origin.REGISTRY]
    found: list[Read] = [read_document(json.dumps(d).encode(), str(d.get("id"))) for d in api.documents(queries)]
    return Knowledge(
        advisories=tuple(one for one in found if isinstance(one, Advisory)),
        dated=dict.fromkeys({base(package.ecosystem) for package in every}, now),
        refused=tuple(one for one in found if isinstance(one, Refused)),
        unasked=tuple(sorted(f"{p.name} at {p.commit} comes from git, and the API was not asked about commits"
                             for p in every if p.origin is Origin.GIT)),
    )  # fmt: skip


def _query(package: Package) -> Query:
    name = normalise(package.ecosystem, package.source_name or package.name)
    return Query(package.ecosystem, name, package.source_version or package.version)
