"""Advisories about packages fetched, so that checks need not ask anybody."""

from collections.abc import Iterable
from datetime import UTC, datetime

from upkeep.advisories.dump import unpacked
from upkeep.advisories.exploited import read_catalogue, read_epss
from upkeep.advisories.fetch import Change, Source, changes, fetch, note_fetched
from upkeep.advisories.index import keep_index
from upkeep.advisories.places import is_api
from upkeep.answer import Answer, Metric
from upkeep.config.inventory import Inventory
from upkeep.duty import Progress, job
from upkeep.sources.connections import Connections
from upkeep.sources.http_place import HttpPlace
from upkeep.sources.objects import ObjectStore
from upkeep.targets.system import System
from upkeep.units import Unit
from upkeep.window import Cadence

_CATALOGUE = "known_exploited_vulnerabilities.csv"
_EPSS = "epss_scores.csv"


@job(Cadence.DAILY, owner="security")
def fetch_advisories(
    system: System,
    inventory: Inventory,
    connections: Connections,
    progress: Progress,
    *,
    source: str = "https://osv-vulnerabilities.storage.googleapis.com",
    ecosystems: str = "PyPI,npm",
    catalogue: str = "https://www.cisa.gov/sites/default/files/csv/known_exploited_vulnerabilities.csv",
    epss: str = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
    dry_run: bool = False,
) -> Answer:
    """
    Advisories about packages fetched, so that checks need not ask anybody.

    Into the place that the inventory names under `advisories`: OSV's dump of each of the `ecosystems`, whole the first time and
    then what changed since; CISA's catalogue of known exploited vulnerabilities; EPSS. `source` may be a bucket or folder that
    holds the same files; an empty `catalogue` or `epss` is left out. An index of all of it is kept beside them, so that a check
    reads only what is about its packages. Each file is read before it is kept, whole or not at all, and the day from which they
    count is written last: safe to kill at any point, the next run fetches the same again and keeps the index that is missing.
    """
    named = inventory.settings.advisories
    if named is None or is_api(named.place):
        return Answer.judged(f"nothing to fetch: the inventory names {'an API' if named else 'no place'} for advisories")
    kept = connections.objects(named.place, named.connection)
    begun, origin = datetime.now(UTC), _source(source, connections)
    wanted = [changes(origin, kept, name) for name in (part.strip() for part in ecosystems.split(",")) if name]
    if dry_run:
        return Answer.judged(f"would fetch {_text(wanted)}; dry run, nothing was kept")
    counts = {change.ecosystem: _fetched(origin, kept, change, progress) for change in wanted}
    _others(kept, connections, progress, catalogue, epss)
    _count_from(begun, kept, counts, progress)
    metrics = [_metric(name, count) for name, count in counts.items()]
    return Answer.judged(f"fetched {_text(wanted)}", metrics=metrics, evidence={"source": source, "place": kept.url})


def _fetched(origin: Source, kept: ObjectStore, change: Change, progress: Progress) -> int:
    progress("fetch", change.text)
    return fetch(origin, kept, change)


def _count_from(begun: datetime, kept: ObjectStore, ecosystems: Iterable[str], progress: Progress) -> None:
    """The index, and then the note that makes them count."""
    progress("index", "for checks, which read only what is about their packages")
    keep_index(kept)
    progress("note", "from when it counts")
    note_fetched(kept, dict.fromkeys(ecosystems, begun))


def _metric(ecosystem: str, count: int) -> Metric:
    return Metric(name="advisories_fetched", value=count, unit=Unit.COUNT, labels={"ecosystem": ecosystem})


def _source(url: str, connections: Connections) -> Source:
    if is_api(url):
        return HttpPlace(url)
    return connections.objects(url, None)


def _text(wanted: list[Change]) -> str:
    return ", ".join(change.text for change in wanted) or "no ecosystem"


def _others(kept: ObjectStore, connections: Connections, progress: Progress, catalogue: str, epss: str) -> None:
    """Lists that are read whole before they replace what is kept."""
    for url, name, read in ((catalogue, _CATALOGUE, read_catalogue), (epss, _EPSS, read_epss)):
        if url:
            progress("fetch", name)
            folder, _, file = url.rpartition("/")
            data = unpacked(_source(folder, connections).get(file), url)
            read(data, url)
            kept.put(name, data)
