"""Manifests of exports: which files are one delivery, of which period; of each day the newest delivery counts."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from upkeep.errors import BrokenError
from upkeep.ledger.deliveries import Chosen, Listed, limited
from upkeep.ledger.entry import Days, without
from upkeep.sources.objects import ObjectStore

_PERIOD = re.compile(r"BILLING_PERIOD=(\d{4}-\d{2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    What one says: `files` with their sizes (None where it does not tell), as paths of its own.

    `period` is a billing period that it is the whole of; `days` are days that it covers; of one without both the newest counts.
    """

    name: str
    made_at: datetime
    files: tuple[tuple[str, int | None], ...]
    period: str | None
    days: Days | None


def by_manifests(store: ObjectStore, found: Sequence[Listed], files: Sequence[Listed]) -> list[Chosen]:
    """The files that count. Raises BrokenError when a manifest cannot be read, or names a file that is not there as it says."""
    read = [parsed(store.get(each.name), each) for each in found]
    chosen: list[Chosen] = []
    periods: set[str | None] = set()
    taken: list[Days] = []
    for manifest in sorted(read, key=lambda m: (m.made_at, m.name), reverse=True):
        if manifest.days:
            own = without(manifest.days, taken)
            taken.append(manifest.days)
            chosen += limited(_there(manifest, files), own) if own else []
        elif manifest.period not in periods:
            periods.add(manifest.period)
            chosen += limited(_there(manifest, files), None)
    return list({each.file.name: each for each in reversed(chosen)}.values())


def parsed(data: bytes, listed: Listed) -> Manifest:
    """A manifest of AWS Data Exports, of an older Cost and Usage Report, or of Azure. Raises BrokenError."""
    try:
        document = json.loads(data)
        named = tuple(_files(document))
        days = _days(document.get("runInfo") or {})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _refused(listed.name, f"it cannot be read ({error})") from error
    if not named:
        raise _refused(listed.name, "it names no files")
    made = (document.get("runInfo") or {}).get("submittedTime")
    return Manifest(
        listed.name, _moment(made) if made else listed.changed_at, named, None if days else _period(document, listed.name), days
    )


def _files(document: Mapping[str, Any]) -> list[tuple[str, int | None]]:
    for key in ("dataFiles", "reportKeys"):
        if key in document:
            return [(str(path), None) for path in document[key]]
    return [(str(blob["blobName"]), blob.get("byteCount")) for blob in document.get("blobs", ())]


def _period(document: Mapping[str, Any], name: str) -> str | None:
    found = _PERIOD.search(name)
    if found:
        return found[1]
    period = document.get("billingPeriod")
    start = str(period.get("start", "")) if isinstance(period, Mapping) else ""
    return f"{start[:4]}-{start[4:6]}" if re.match(r"\d{6}", start) else None


def _days(run: Mapping[str, Any]) -> Days | None:
    if not run.get("startDate") or not run.get("endDate"):
        return None
    first, end = _moment(run["startDate"]), _moment(run["endDate"])
    # Azure names the last day itself; others the first moment after it, which begins a month.
    after = end.day == 1 and end.time() == datetime.min.time() and end > first
    return Days(first.date(), end.date() - timedelta(days=1) if after else end.date())


def _there(manifest: Manifest, files: Sequence[Listed]) -> list[Listed]:
    there = []
    for path, size in manifest.files:
        fitting = [each for each in files if path == each.name or path.endswith("/" + each.name)]
        found = max(fitting, key=lambda each: len(each.name), default=None)
        if found is None or (size is not None and found.size != size):
            what = "is not there" if found is None else f"has {found.size:,} bytes, not {size:,}"
            remedy = "wait for the delivery to be whole; nothing was read"
            raise BrokenError(f"{manifest.name} names {path}, which {what}", remedy, retry=True)
        there.append(found)
    return there


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _refused(name: str, why: str) -> BrokenError:
    return BrokenError(f"the manifest {name} is refused: {why}", "have it delivered again; nothing was read", retry=False)
