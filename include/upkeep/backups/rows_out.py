"""
The rows of a snapshot into the store: each table once, digested and packed while it passes.

Large tables are split by ranges of pages (TID range scans, PostgreSQL 14), one object a part. Small ones go in batches into
shared objects, which are scripts for psql. A store that is slower than the database makes the server wait, and nothing else.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from upkeep.backups import packing, tables
from upkeep.backups.digest import Digest, combined
from upkeep.backups.manifest import Content, StoredObject
from upkeep.backups.pipelined import END
from upkeep.backups.psql import Psql
from upkeep.backups.snapshot import Snapshot
from upkeep.backups.tables import Table
from upkeep.humanize import size
from upkeep.sources.objects import ObjectStore

FOLDER = "rows"
PART_BYTES, LEAST_PART_BYTES = 1 << 27, 1 << 24
_BATCH_BYTES, _BATCH_TABLES = 1 << 24, 1000
_RANGES_SINCE = 14


@dataclass(frozen=True, slots=True)
class Part:
    """Pages of one table from `first` to before `end`; the whole table when it is not `ranged`."""

    table: Table
    name: str
    first: int = 0
    end: int | None = None
    ranged: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Small tables that share an object."""

    tables: Sequence[Table]
    name: str


Work = Part | Batch


@dataclass
class RowsOut:
    """One snapshot's rows on their way. `objects` and `contents` are complete when `run` has returned; `failure` ended it."""

    snapshot: Snapshot
    place: ObjectStore
    recipients: Sequence[str] = ()
    objects: list[StoredObject] = field(default_factory=list)
    failure: BaseException | None = None
    _found: dict[int, list[tuple[str, Digest]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _parts: list[Part] = field(default_factory=list)
    _total: int = 0

    def run(self) -> None:
        """Copy everything. The first error ends all sessions and is raised."""
        held = self.snapshot
        rows = tables.with_rows(held.tables, standby=held.standby)
        large = {t.oid for t in held.large}
        version = held.catalog.info.server_version // 10000
        self._parts = [part for t in rows if t.oid in large for part in parts(t, version, len(held.helpers) + 1)]
        small = [t for t in rows if t.oid not in large]
        together = batches([t for t in small if not t.of_extension])
        if of_extensions := tables.in_order([t for t in small if t.of_extension], tables.references(held.catalog)):
            together.append(Batch(of_extensions, f"{FOLDER}/extensions.sql"))
        self._total = len(self._parts) + len(together)
        with ThreadPoolExecutor(len(held.helpers) + 1, "rows") as pool:
            working = [pool.submit(self._work, held.control, together)]
            working += [pool.submit(self._work, helper, []) for helper in held.helpers]
            done, _ = wait(working, return_when=FIRST_EXCEPTION)
            self.failure = next((error for each in done if (error := each.exception())), None)
            if self.failure:
                for session in (held.control, *held.helpers):
                    session.end()
        for each in done:
            each.result()

    def contents(self) -> tuple[Content, ...]:
        """What was found, a table each."""
        of = {t.oid: t for t in self.snapshot.tables}
        return tuple(sorted((_content(of[oid], found) for oid, found in self._found.items()), key=lambda c: c.key))

    def progress(self) -> str:
        """How far it is, in words."""
        with self._lock:
            raw, stored = sum(o.raw_bytes for o in self.objects), sum(o.bytes for o in self.objects)
            return f"{len(self.objects)} of {self._total} parts, {size(raw)} as {size(stored)}"

    def _work(self, session: Psql, first: Iterable[Work]) -> None:
        for work in first:
            self._store(session, work)
        while (part := self._next()) is not None:
            self._store(session, part)

    def _next(self) -> Part | None:
        with self._lock:
            return self._parts.pop(0) if self._parts else None

    def _store(self, session: Psql, work: Work) -> None:
        found: list[tuple[Table, Digest]] = []
        blocks = self._part(session, work, found) if isinstance(work, Part) else self._batch(session, work, found)
        stored = packing.store(self.place, work.name, packing.Blocks(blocks), self.recipients)
        with self._lock:
            self.objects.append(stored)
            for table, digest in found:
                self._found.setdefault(table.oid, []).append((stored.name, digest))

    def _part(self, session: Psql, part: Part, found: list[tuple[Table, Digest]]) -> Iterator[bytes]:
        statement = tables.copy_out(part.table, self.snapshot.encoding, part.first, part.end, is_part=part.ranged)
        yield from _digested(part.table, session.copy(statement, self.snapshot.client_encoding), found)

    def _batch(self, session: Psql, batch: Batch, found: list[tuple[Table, Digest]]) -> Iterator[bytes]:
        encoding = self.snapshot.encoding
        statements = (tables.copy_out(table, encoding) for table in batch.tables)
        outputs = session.copies(statements, self.snapshot.client_encoding)
        for table, blocks in zip(batch.tables, outputs, strict=True):
            yield (script_line(table, encoding) + "\n").encode(tables.codec(encoding))
            yield from _digested(table, blocks, found)
            yield END


def parts(table: Table, version: int, jobs: int) -> list[Part]:
    """A table in parts of about equal size. The last one has no end: nothing that the snapshot shows can lie outside."""
    name = f"{FOLDER}/{table.oid}"
    count = min(table.bytes // min(max(table.bytes // (jobs * 2), LEAST_PART_BYTES), PART_BYTES), table.pages)
    if version < _RANGES_SINCE or not table.is_heap or table.condition or count <= 1:
        return [Part(table, f"{name}.copy")]
    starts = range(0, table.pages, -(-table.pages // count))
    return [
        Part(table, f"{name}-{number:05}.copy", start, starts[number] if number < len(starts) else None, ranged=True)
        for number, start in enumerate(starts, 1)
    ]


def batches(small: Iterable[Table]) -> list[Batch]:
    """Small tables together, as far as they are small together too."""
    made: list[list[Table]] = []
    total = 0
    for table in small:
        if not made or total >= _BATCH_BYTES or len(made[-1]) >= _BATCH_TABLES:
            made.append([])
            total = 0
        made[-1].append(table)
        total += table.bytes
    return [Batch(each, f"{FOLDER}/small-{number:05}.sql") for number, each in enumerate(made, 1)]


def script_line(table: Table, encoding: str) -> str:
    """What comes before the rows of a table in a shared object: with them, a script for psql."""
    into = (table.root_schema, table.root_name or "") if table.root_schema else (table.schema, table.name)
    return tables.copy_in(into, table.columns, encoding) + ";"


def _digested(table: Table, blocks: Iterable[bytes], found: list[tuple[Table, Digest]]) -> Iterator[bytes]:
    digest = Digest()
    for block in blocks:
        digest.feed(block)
        yield block
    found.append((table, digest))


def _content(table: Table, found: list[tuple[str, Digest]]) -> Content:
    return Content(
        key=table.key,
        rows=sum(digest.rows for _, digest in found),
        digest=combined(digest.value for _, digest in found),
        name=(table.schema, table.name),
        columns=tuple(table.columns),
        objects=tuple(sorted(name for name, _ in found)),
        condition=table.condition,
        of_extension=table.of_extension,
        root=(table.root_schema, table.root_name or "") if table.root_schema else (),
    )
