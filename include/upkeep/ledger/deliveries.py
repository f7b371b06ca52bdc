"""Which files of a folder or bucket count now: those that the newest manifests name, all together, or the newest of each day."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from upkeep.ledger.entry import Days, without
from upkeep.sources.objects import ObjectStore

_DATA = re.compile(r"\.(csv|parquet)(\.(gz|gzip|zst|zstd|snappy))?$|\.(csv|parquet)\.[a-z]+$|\.(gz|zst)$", re.IGNORECASE)
_STAMPS = ("ETag", "etag", "md5Hash", "content_md5")
_TIMES = ("LastModified", "last_modified", "updated", "mtime", "created")


@dataclass(frozen=True, slots=True)
class Listed:
    """An object of the place: its name in it, size and version as one text, and when it was last changed."""

    name: str
    size: int
    stamp: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Chosen:
    """An object that counts, and for which days; None stands for all that it has."""

    file: Listed
    counts_for: tuple[Days, ...] | None = None


def listed(store: ObjectStore) -> list[Listed]:
    """Everything in the place that may be of an export, by name; what begins with a dot or an underscore is passed over."""
    return [_listed(name, entry) for name, entry in store.listed().items() if not _is_hidden(name)]


def data_files(found: Iterable[Listed]) -> list[Listed]:
    """Those that hold rows."""
    return [each for each in found if _DATA.search(each.name) and not _is_manifest(each.name)]


def manifests(found: Iterable[Listed]) -> list[Listed]:
    """Those that say which others belong together."""
    return [each for each in found if _is_manifest(each.name)]


def newest_first(files: Sequence[Listed]) -> list[Listed]:
    """By when they were changed; of one moment, by name."""
    return sorted(files, key=lambda each: (each.changed_at, each.name), reverse=True)


def snapshots(files: Sequence[Listed], days: Mapping[str, Days]) -> list[Chosen]:
    """Each is a whole delivery of the days that it has: of every day the newest counts."""
    chosen: list[Chosen] = []
    taken: list[Days] = []
    for file in newest_first([each for each in files if each.name in days]):
        own = without(days[file.name], taken)
        if own:
            chosen.append(Chosen(file, own))
        taken.append(days[file.name])
    return chosen


def limited(files: Iterable[Listed], counts_for: tuple[Days, ...] | None) -> list[Chosen]:
    """All of these, for the same days."""
    return [replace(Chosen(each), counts_for=counts_for) for each in files]


def _listed(name: str, entry: Mapping[str, Any]) -> Listed:
    size = int(entry["size"])
    changed = next((entry[key] for key in _TIMES if entry.get(key) is not None), 0)
    mark = next((str(entry[key]) for key in _STAMPS if entry.get(key)), str(changed))
    return Listed(name, size, f"{size} {mark}", _time(changed))


def _time(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, str):
        return _time(datetime.fromisoformat(value))
    return datetime.fromtimestamp(float(value), UTC)


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "_")) for part in name.split("/")) or name.endswith(".half")


def _is_manifest(name: str) -> bool:
    return name.rpartition("/")[2].lower().endswith("manifest.json")
