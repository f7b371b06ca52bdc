"""
Advisories fetched into the place where they are kept: an ecosystem whole the first time, then what changed since.

Each file is whole or not there, and called by the newest change that it holds, so that a run that is killed anywhere is made good
by the next: it fetches the same again under the same name. `fetched.json`, which says how old everything is, is written last.
Older files stay: they hold the forms that advisories had on past days.
"""

import csv
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, Protocol, cast

from upkeep.advisories.advisory import Advisory
from upkeep.advisories.dump import Refused, read_document, read_dump
from upkeep.advisories.index_sources import FETCHED
from upkeep.errors import BrokenError
from upkeep.sources.objects import ObjectStore

_MOST_SINGLE = 500  # more changes than this are fetched as a whole dump
_STAMP = "%Y%m%dT%H%M%S%fZ"
_IN_MEMORY = 64 * 10**6


class Source(Protocol):
    """Where advisories come from: files by name."""

    @property
    def url(self) -> str:
        """Its address."""
        ...

    def get(self, name: str) -> bytes:
        """A small file. Raises BrokenError."""
        ...

    def reader(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A file of any size. Raises BrokenError."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be fetched of one ecosystem: these advisories, or all of them when `names` is None. Nothing when it is empty."""

    ecosystem: str
    newest: datetime
    names: tuple[str, ...] | None

    @property
    def text(self) -> str:
        """In words."""
        if self.names is None:
            return f"{self.ecosystem}: everything"
        return f"{self.ecosystem}: {len(self.names)} changed" if self.names else f"{self.ecosystem}: nothing new"


def changes(source: Source, kept: ObjectStore, ecosystem: str) -> Change:
    """What changed since the newest that is kept. Raises BrokenError when the source does not say."""
    listed = _listed(source.get(f"{ecosystem}/modified_id.csv"), f"{source.url}/{ecosystem}/modified_id.csv")
    newest = max(at for at, _ in listed)
    since = max(map(_stamped, kept.at(ecosystem).sizes()), default=None)
    if since is None:
        return Change(ecosystem, newest, None)
    names = tuple(sorted({name for at, name in listed if at > since}))
    return Change(ecosystem, newest, names if len(names) <= _MOST_SINGLE else None)


def fetch(source: Source, kept: ObjectStore, change: Change) -> int:
    """Fetch it; how many advisories that were. Raises BrokenError when one cannot be had or read: then nothing is kept."""
    if change.names is not None and not change.names:
        return 0
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        file = cast("BinaryIO", spool)
        count = _whole(source, change, file) if change.names is None else _single(source, change, change.names, file)
        file.seek(0)
        with kept.at(change.ecosystem).writer(f"{change.newest.astimezone(UTC).strftime(_STAMP)}.zip") as out:
            shutil.copyfileobj(file, out)
    return count


def note_fetched(kept: ObjectStore, ecosystems: Mapping[str, datetime]) -> None:
    """Say when these were last complete, beside what is said of others."""
    before = json.loads(kept.get(FETCHED)) if kept.exists(FETCHED) else {}
    after = {**before, **{name: at.isoformat() for name, at in ecosystems.items()}}
    kept.put(FETCHED, json.dumps(after, indent=1, sort_keys=True).encode())


def _whole(source: Source, change: Change, file: BinaryIO) -> int:
    with source.reader(f"{change.ecosystem}/all.zip") as found:
        shutil.copyfileobj(found, file)
    file.seek(0)
    count = sum(isinstance(one, Advisory) for one in read_dump(file, f"{source.url}/{change.ecosystem}/all.zip"))
    if not count:
        raise BrokenError(f"{source.url}/{change.ecosystem}/all.zip holds no advisory", "check the source", retry=False)
    return count


def _single(source: Source, change: Change, names: tuple[str, ...], file: BinaryIO) -> int:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            data = source.get(f"{change.ecosystem}/{name}.json")
            found = read_document(data, name)
            if isinstance(found, Refused) or found.id != name:
                why = found.why if isinstance(found, Refused) else f"it is {found.id}"
                raise BrokenError(f"{source.url}/{change.ecosystem}/{name}.json cannot be kept: {why}", retry=True)
            archive.writestr(zipfile.ZipInfo(f"{name}.json"), data)
    return len(names)


def _listed(data: bytes, name: str) -> list[tuple[datetime, str]]:
    try:
        found = [(_moment(row[0]), row[1]) for row in csv.reader(io.StringIO(data.decode())) if row]
    except (ValueError, IndexError) as error:
        raise BrokenError(f"{name} is no list of changes: {error}", "check the source", retry=False) from error
    if not found or any("/" in advisory or not advisory for _, advisory in found):
        raise BrokenError(f"{name} is no list of changes", "check the source", retry=False)
    return found


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _stamped(name: str) -> datetime:
    try:
        return datetime.strptime(name.removesuffix(".zip"), _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
