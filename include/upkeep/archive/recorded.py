"""What the report database remembers of an archive: a file that is lost together with its manifest leaves no other trace."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from upkeep.archive.manifest import Manifest
from upkeep.archive.records import ArchiveBatch
from upkeep.humanize import plural
from upkeep.sources.rows import Rows


@dataclass(frozen=True, slots=True)
class Recorded:
    """One published file as it was reported; the fields are the columns of the question."""

    batch: str
    archived_table: str
    relation: str
    location: str
    rows: int
    bytes: int
    digest: str
    sha256: str
    first: str
    before: str
    copied_at: datetime
    window_start: datetime
    window_end: datetime

    @property
    def record(self) -> ArchiveBatch:
        """The row again, so that an answer that replaces its own does not forget it."""
        return ArchiveBatch(**{name: getattr(self, name) for name in ArchiveBatch.columns()})


def recorded(rows: Rows, target: str, table: str) -> list[Recorded]:
    """Every file of a table's archive that was ever reported. Raises BrokenError when the report database is away."""
    return rows(__file__, Recorded, {"target": target, "table": table})


def contradictions(url: str, known: Iterable[Manifest], there: Mapping[str, int], recorded: Iterable[Recorded]) -> Iterator[str]:
    """What the place at `url` lacks of what was reported of it, in words. `there` are its files, by name below `rows/`."""
    manifests = {manifest.id: manifest for manifest in known}
    for each in recorded:
        name = each.location.removeprefix(f"{url.rstrip('/')}/rows/")
        if name == each.location:
            continue  # archived to another place
        manifest, day = manifests.get(each.batch), f"{each.copied_at:%Y-%m-%d}"
        if manifest is None and name not in there:
            yield f"{name} is gone with its manifest: {plural(each.rows, 'row')} that were archived on {day}"
        elif manifest is not None and (manifest.sha256, manifest.rows) != (each.sha256, each.rows):
            yield f"{name} and its manifest are not those that were stored on {day}: another sum or number of rows was reported"
