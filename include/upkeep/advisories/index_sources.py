"""What an index of advisories is made of, and the name that says so: another state of any source is another index."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

FETCHED = "fetched.json"
FORM = 1  # of the file: raise it when an older one would be read wrongly
_CATALOGUE, _EPSS = "known_exploited_vulnerabilities.csv", "epss_scores"


class Kind(StrEnum):
    """What is in a source."""

    DUMP = "dump"
    DOCUMENT = "document"
    CATALOGUE = "catalogue"
    CHANCES = "chances"


@dataclass(frozen=True, slots=True)
class Source:
    """One object at a place; `state` tells it from what it was before."""

    kind: Kind
    state: str


def sources_of(states: Mapping[str, str | None]) -> dict[str, Source] | None:
    """Every source among the objects of a place; None where the store does not tell one state of an object from another."""
    kinds = {**_advisories(states), **_lists(states)}
    found = {name: Source(kind, state) for name, kind in kinds.items() if (state := states[name]) is not None}
    return found if len(found) == len(kinds) else None


def digest_of(sources: Mapping[str, Source]) -> str:
    """The same for the same sources in the same state."""
    content = [FORM, sorted((name, source.kind, source.state) for name, source in sources.items())]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def last_named(names: Iterable[str], start: str) -> str | None:
    """The last by name of files that are called so: their names hold days."""
    return max((name for name in names if name.rpartition("/")[2].startswith(start)), default=None)


def catalogue_of(names: Iterable[str]) -> str | None:
    """The catalogue of the known exploited."""
    return last_named(names, _CATALOGUE)


def chances_of(names: Iterable[str]) -> str | None:
    """EPSS's newest scores."""
    return last_named(names, _EPSS)


def _advisories(names: Iterable[str]) -> dict[str, Kind]:
    dumps = {name: Kind.DUMP for name in names if name.endswith(".zip")}
    singles = {name: Kind.DOCUMENT for name in names if name.endswith(".json") and name.rpartition("/")[2] != FETCHED}
    return {**dumps, **singles}


def _lists(names: Iterable[str]) -> dict[str, Kind]:
    every = list(names)
    named = ((catalogue_of(every), Kind.CATALOGUE), (chances_of(every), Kind.CHANCES))
    return {name: kind for name, kind in named if name}
