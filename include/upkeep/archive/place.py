"""
Where the archive of one table lies, and what its objects are called.

`rows/<column>_<month>=<value>/<batch>.parquet` holds rows that have left the table, and nothing else: any program may read that
folder as one table. `manifests/<batch>.json` says what each file is. `pending/` holds batches under way: a file that is proven
and whose rows may still be in the table, and a record of each delete.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from upkeep.archive.columns import Column
from upkeep.archive.manifest import DamagedError, Manifest
from upkeep.archive.recorded import Recorded, contradictions
from upkeep.sources.objects import ObjectStore
from upkeep.targets.archive import Archive

PENDING, MANIFESTS, ROWS = "pending", "manifests", "rows"


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of one table's archive."""

    store: ObjectStore

    def pending(self) -> dict[str, dict[str, int]]:
        """Bytes of the objects of each batch under way, by its id and their names below `pending/`."""
        found: dict[str, dict[str, int]] = {}
        for name, size in self.store.at(PENDING).sizes().items():
            found.setdefault(name.partition(".")[0], {})[name] = size
        return found

    def check_pending(self, *manifests: Manifest) -> None:
        """The store may lose an object between proof and delete: look once more before it counts. Raises DamagedError."""
        there = self.store.at(PENDING)
        sizes = there.sizes()
        for name, bytes_ in ((f"{each.id}.parquet", each.bytes) for each in manifests):
            if sizes.get(name) != bytes_:
                lost = "is gone from" if name not in sizes else f"has {sizes[name]} bytes, not {bytes_}, in"
                raise DamagedError(f"{name} {lost} {there.url} after it was proven; no row was deleted for it")

    def manifests(self) -> list[Manifest]:
        """Every published batch, oldest first. Raises DamagedError."""
        folder = self.store.at(MANIFESTS)
        return [Manifest.parse(folder.get(name), f"{MANIFESTS}/{name}") for name in sorted(folder.sizes())]

    def newest(self) -> Manifest | None:
        """The newest published batch."""
        folder = self.store.at(MANIFESTS)
        names = sorted(folder.sizes())
        return Manifest.parse(folder.get(names[-1]), f"{MANIFESTS}/{names[-1]}") if names else None

    def published(self, batch: str) -> bool:
        """Whether its manifest stands: that is stored after its file was read back."""
        return self.store.exists(f"{MANIFESTS}/{batch}.json")

    def check_whole(self, recorded: Iterable[Recorded] = ()) -> list[Manifest]:
        """
        The manifests, after a look that each has its file with its size and no file is without one. Raises DamagedError.

        All that was `recorded` must be there too.
        """
        known, there = self.manifests(), self.store.at(ROWS).sizes()
        sizes = {m.file.partition("/")[2]: m.bytes for m in known}
        wrong = [f"{name} is missing" for name in sorted(sizes.keys() - there.keys())]
        wrong += [f"{n} has {there[n]} bytes, not {b}" for n, b in sorted(sizes.items()) if n in there and there[n] != b]
        under_way = self.pending()
        stray = [n for n in sorted(there.keys() - sizes.keys()) if n.rpartition("/")[2].partition(".")[0] not in under_way]
        wrong += [f"{name} has no manifest" for name in stray]
        wrong += contradictions(self.store.url, known, there, recorded)
        if wrong:
            raise DamagedError(f"{self.store.url}: " + "; ".join(wrong))
        return known


def place_of(store: ObjectStore, target: str, table: str) -> Place:
    """The table's folder in a store, whatever the names hold."""
    return Place(store.at(quote(target, safe=""), quote(table, safe="")))


def part_of(plan: Archive, columns: Iterable[Column], value: str) -> str:
    """The folder of one day, month or year; its key is no column of the table."""
    key, taken = f"{plan.column}_{plan.by}", {column.name.lower() for column in columns}
    while key.lower() in taken:
        key += "_"
    return f"{quote(key, safe='')}={value}"
