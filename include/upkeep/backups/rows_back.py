"""The rows of a restored copy, read back and digested as those of the source were."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from upkeep.backups import large_objects, tables
from upkeep.backups.destination import Destination
from upkeep.backups.digest import Digest, combined
from upkeep.backups.manifest import Content, Manifest
from upkeep.backups.names import shown
from upkeep.backups.psql import Psql, SessionError, environment
from upkeep.backups.rows_in import settle
from upkeep.backups.tables import Table

_NO_SUCH_COLUMN = "42703"


@dataclass
class RowsBack:
    """Reads every table of the copy once, `jobs` at a time. `major` is the version of the copy's server."""

    manifest: Manifest
    into: Destination
    folder: Path
    major: int
    jobs: int = 2
    _left: list[Content] = field(default_factory=list)
    _found: list[Content] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> tuple[Content, ...]:
        """What stands there, for every table of the copy. A table that lacks a column of the backup has no digest."""
        with self.into.session() as connection, connection.transaction():
            settle(connection, self.manifest.encoding)
            there = tables.relations(connection)
            blobs = large_objects.content(connection)
        self._left = sorted(self._wanted(there), key=lambda content: content.rows)
        with ThreadPoolExecutor(self.jobs, "read") as pool:
            for each in [pool.submit(self._work) for _ in range(self.jobs)]:
                each.result()
        known = {content.key for content in self.manifest.contents}
        # An empty table that the backup has no rows of is no difference of rows: the catalog says whether it belongs there.
        found = [content for content in self._found if content.rows or content.root or content.key in known]
        return (*found, blobs)

    def _wanted(self, there: Sequence[Table]) -> Iterator[Content]:
        """What to read: as the manifest has it, a root once for all its partitions, and what the manifest does not know."""
        known = {content.key: content for content in self.manifest.contents}
        own = {table.key: table for table in tables.with_rows(there)}
        for key, table in own.items():
            content = known.get(key) or Content(key, 0, "", (table.schema, table.name), tuple(table.columns))
            if not content.root:
                yield content
        roots = {content.root: content for content in known.values() if content.root}
        named = {(table.schema, table.name) for table in there}
        yield from (replace(content, key=shown(*root)) for root, content in roots.items() if root in named)

    def _work(self) -> None:
        while (content := self._next()) is not None:
            try:
                with self._session() as session:
                    while content is not None:
                        self._read(session, content)
                        content = self._next()
            except SessionError as error:
                if error.sqlstate != _NO_SUCH_COLUMN or content is None:
                    raise
                with self._lock:
                    self._found.append(replace(content, digest="a column is missing"))

    def _next(self) -> Content | None:
        with self._lock:
            return self._left.pop() if self._left else None

    def _session(self) -> Psql:
        encoding = tables.encodings(self.manifest.encoding)
        session = Psql(
            self.folder / "psql",
            environment(self.into.endpoint, self.into.application, encoding),
            self.into.database,
            self.into.server.options,
        )
        session.ask(tables.set_local(self.major).replace("set local", "set"))
        return session

    def _read(self, session: Psql, content: Content) -> None:
        digest = Digest.of(session.copy(statement_of(content, self.manifest.encoding), tables.encodings(self.manifest.encoding)))
        with self._lock:
            self._found.append(replace(content, rows=digest.rows, digest=digest.value))


def expected(contents: Sequence[Content]) -> tuple[Content, ...]:
    """The manifest's contents as they are compared: partitions that are loaded through their root as one."""
    alone = [content for content in contents if not content.root]
    through: dict[tuple[str, ...], list[Content]] = {}
    for content in contents:
        if content.root:
            through.setdefault(content.root, []).append(content)
    together = (
        replace(some[0], key=shown(*root), rows=sum(c.rows for c in some), digest=combined(c.digest for c in some))
        for root, some in through.items()
    )
    return (*alone, *together)


def statement_of(content: Content, encoding: str) -> str:
    """The COPY that reads back what the manifest has of a table, or of all partitions through their root."""
    if content.root:
        return tables.copy_out_through(content.root, content.columns, encoding)
    schema, name = content.name
    return tables.copy_out(Table(0, schema, name, "r", "p", content.condition, False, True, content.columns), encoding)  # noqa: FBT003
