"""Everything that is known of faults, read from a place where it is kept: dumps, single documents, the exploited, EPSS."""

import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from upkeep.advisories.advisory import Advisory
from upkeep.advisories.commits import Histories
from upkeep.advisories.dump import MEGABYTE, Read, Refused, read_document, read_dump, unpacked
from upkeep.advisories.exploited import Exploited, day_of_epss, read_catalogue, read_epss
from upkeep.advisories.index_sources import FETCHED, catalogue_of, chances_of
from upkeep.advisories.matcher import Matcher
from upkeep.advisories.orders.order import base
from upkeep.errors import BrokenError
from upkeep.humanize import plural
from upkeep.sources.objects import ObjectStore

SAID_AFTER, UNKNOWN_AFTER = timedelta(days=3), timedelta(days=14)
_IN_MEMORY = 64 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Knowledge:
    """
    What is known, and of when it is.

    `dated` says for each ecosystem (without its release) when it was last complete: when it was fetched where that was kept,
    else the day of its newest advisory, which is not later. An advisory that changed stands once for each change that was kept.
    `unasked` is what nobody was asked about, `epss_day` the day that the chances are of, `histories` where commits are looked up.
    """

    advisories: tuple[Advisory, ...]
    dated: Mapping[str, datetime]
    refused: tuple[Refused, ...] = ()
    exploited: Mapping[str, Exploited] | None = None
    epss: Mapping[str, float] = field(default_factory=dict)
    unasked: tuple[str, ...] = ()
    epss_day: date | None = None
    histories: Histories | None = None

    def matcher(self, at: datetime) -> Matcher:
        """The advisories that were known at a moment, each as it was kept then."""
        return Matcher(_as_kept(self.advisories, at), at, self.histories)

    def chance(self, names: Iterable[str], at: datetime) -> float | None:
        """
        The chance that any of these is used by attackers, as was known about then.

        Scores change every day, and only the newest are kept: those of a day long after the moment say nothing about it.
        """
        if self.epss_day and datetime.combine(self.epss_day, datetime.min.time(), UTC) - at > SAID_AFTER:
            return None
        return max((self.epss[name] for name in names if name in self.epss), default=None)

    def unsure(self, ecosystems: Iterable[str], at: datetime) -> list[str]:
        """Why it cannot be told of these ecosystems whether anything is known: no advisories, or too old ones."""
        return [text for name in sorted({base(e) for e in ecosystems}) if (text := self._unsure(name, at))]

    def stale(self, ecosystems: Iterable[str], at: datetime) -> list[str]:
        """What a reader should know of the age of what was looked at."""
        ages = [(name, at - self.dated[name]) for name in sorted({base(e) for e in ecosystems}) if name in self.dated]
        return [f"advisories of {name} are of {self.dated[name]:%Y-%m-%d}, {plural(age.days, 'day')} old"
                for name, age in ages if SAID_AFTER < age <= UNKNOWN_AFTER]  # fmt: skip

    def _unsure(self, ecosystem: str, at: datetime) -> str | None:
        dated = self.dated.get(ecosystem)
        if dated is None:
            return f"there are no advisories of {ecosystem}"
        if at - dated > UNKNOWN_AFTER:
            days = f"{(at - dated).days} days old (limit {UNKNOWN_AFTER.days})"
            return f"the advisories of {ecosystem} are of {dated:%Y-%m-%d}, {days}"
        return None


def _as_kept(advisories: Iterable[Advisory], at: datetime) -> list[Advisory]:
    """Of each advisory its newest form from before; where only younger forms are kept, the oldest of them."""
    forms: dict[str, list[Advisory]] = defaultdict(list)
    for advisory in advisories:
        forms[advisory.id].append(advisory)
    return [_form(found, at) for found in forms.values()]


def _form(forms: list[Advisory], at: datetime) -> Advisory:
    if len(forms) == 1:
        return forms[0]
    then = [form for form in forms if form.modified < at]
    return max(then, key=lambda f: f.modified) if then else min(forms, key=lambda f: f.modified)


def in_order(advisories: Iterable[Advisory]) -> tuple[Advisory, ...]:
    """Advisories in the one order in which they are always looked at, however they were read."""
    return tuple(sorted(advisories, key=lambda one: (one.id, one.modified)))


def read_knowledge(place: ObjectStore) -> Knowledge:
    """
    All of a folder or bucket: `*.zip` and `*.json` at any depth, `known_exploited_vulnerabilities.csv` and `epss_scores*.csv`.

    Raises BrokenError when nothing is there, or a file of it cannot be read.
    """
    names = list(place.sizes())
    found = [read for name in names for read in _documents(place, name)]
    advisories = in_order({(read.id, read.modified): read for read in found if isinstance(read, Advisory)}.values())
    if not advisories:
        raise none_kept(place)
    catalogue, epss = catalogue_of(names), chances_of(names)
    scores = unpacked(place.get(epss), epss) if epss else b""
    return Knowledge(
        advisories=advisories,
        dated={**_newest(advisories), **fetched(place, names)},
        refused=tuple(read for read in found if isinstance(read, Refused)),
        exploited=read_catalogue(unpacked(place.get(catalogue), catalogue), catalogue) if catalogue else None,
        epss=read_epss(scores, epss) if epss else {},
        epss_day=day_of_epss(scores),
    )


def none_kept(place: ObjectStore) -> BrokenError:
    """A place without advisories: it must not look like one that knows of no fault."""
    remedy = "let the job fetch_advisories fetch them, or name another place"
    return BrokenError(f"no advisories at {place.url}", remedy, retry=False)


def _documents(place: ObjectStore, name: str) -> Iterator[Read]:
    if name.endswith(".zip"):
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
            with place.reader(name) as file:
                shutil.copyfileobj(file, spool)
            yield from read_dump(spool, f"{place.url}/{name}")
    elif name.endswith(".json") and name.rpartition("/")[2] != FETCHED:
        yield read_document(place.get(name), name)


def _newest(advisories: Iterable[Advisory]) -> dict[str, datetime]:
    newest: dict[str, datetime] = {}
    for advisory in advisories:
        for part in advisory.affected:
            name = base(part.ecosystem)
            newest[name] = max(newest.get(name, advisory.modified), advisory.modified)
    newest.pop("", None)
    return newest


def fetched(place: ObjectStore, names: Iterable[str]) -> dict[str, datetime]:
    """When each ecosystem was last complete, where that is kept at the place. Raises BrokenError when it cannot be read."""
    if FETCHED not in names:
        return {}
    try:
        found = {str(k): datetime.fromisoformat(v) for k, v in json.loads(place.get(FETCHED)).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise BrokenError(
            f"{FETCHED} at {place.url} cannot be read: {error}", "fetch the advisories again", retry=False
        ) from error
    return {name: at if at.tzinfo else at.replace(tzinfo=UTC) for name, at in found.items()}
