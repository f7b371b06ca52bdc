"""
Archived rows back into a table beside the one that they came from.

All in one transaction: killed anywhere, there is no such table, and the same command may be given again. What PostgreSQL then
writes of the new table is compared with what the files hold, and these with their manifests.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.archive import reading
from upkeep.archive.columns import Column
from upkeep.archive.copy_stream import text_of
from upkeep.archive.frozen import frozen_partitions
from upkeep.archive.manifest import DamagedError, Manifest
from upkeep.archive.place import Place
from upkeep.archive.proving import check_content, fetch
from upkeep.archive.session import Session
from upkeep.errors import CannotAskError
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors
from upkeep.sources.vanished import SignsOfLife

if TYPE_CHECKING:
    from psycopg.sql import Composable


@dataclass(frozen=True, slots=True)
class Span:
    """Rows from `first` to before `end`, moments of the archive's time zone without saying so; None is no limit."""

    first: datetime | None = None
    end: datetime | None = None

    def touches(self, manifest: Manifest) -> bool:
        """Whether rows of a batch may be in it."""
        oldest, newest = datetime.fromisoformat(manifest.oldest), datetime.fromisoformat(manifest.newest)
        return (self.end is None or oldest < self.end) and (self.first is None or newest > self.first)


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: rows that are in the table now, and the files that they were in."""

    table: str
    rows: int
    files: int


@dataclass(frozen=True, slots=True)
class Restoring:
    """One table's archive into `schema`.`name`, which must not be there. `zone` is the archive's time zone."""

    session: Session
    place: Place
    schema: str
    name: str
    zone: str
    folder: Path
    say: Callable[[str], None]

    def run(self, span: Span) -> Restored:
        """Bring them back. Raises CannotAskError, DamagedError when a file is not what it was, and BrokenError."""
        known = [manifest for manifest in self._settled() if span.touches(manifest)]
        if not known:
            raise CannotAskError(f"{self.place.store.url} holds no rows of that time", "see `upkeep archive list`")
        columns = united(known)
        self._check_types(columns)
        with translate_errors(), self.session.connection.transaction():
            self._create(columns)
            fed = self._fill(known, columns)
            self._compare(columns, fed)
            self._only(span, next(c for c in columns if c.name == known[-1].column))
            rows = self.session.one(self._sql("select pg_catalog.count(*) from {table}"))[0]
        return Restored(f"{self.schema}.{self.name}", int(rows), len(known))

    def _settled(self) -> list[Manifest]:
        """The manifests, when no batch is half way: its rows may be in no published file yet."""
        half = [batch for batch, names in self.place.pending().items() if any(name.endswith(".deleted") for name in names)]
        away = [note for _, note in frozen_partitions(self.session) if note.place == self.place.store.url]
        half += [batch for note in away for batch in note.batches]
        if half:
            raise CannotAskError(
                f"{len(set(half))} batches of an interrupted run are not settled: their rows would be missing",
                "run `upkeep job archive TARGET` first",
            )
        return self.place.check_whole()

    def _check_types(self, columns: Sequence[Column]) -> None:
        """Each is one type's name and nothing else, and the database has it."""
        asked = "select t from pg_catalog.unnest(%s::text[]) as t where pg_catalog.to_regtype(t) is null"
        with translate_errors():
            missing = [t for (t,) in self.session.connection.execute(asked, [[column.type for column in columns]])]
        if missing:
            raise CannotAskError(f"the database has no type {', '.join(missing)}", "create it as it was, then try again")

    def _create(self, columns: Sequence[Column]) -> None:
        import psycopg
        from psycopg.sql import SQL, Identifier

        fields = [SQL("{} {}").format(Identifier(c.name), SQL(c.type)) for c in columns]  # was checked
        try:
            self.session.connection.execute(self._sql("create table {table} ({fields})", fields=SQL(", ").join(fields)))
        except psycopg.errors.DuplicateTable as error:
            raise CannotAskError(f"there is a table {self.schema}.{self.name}", "drop it, or say another by --into") from error

    def _fill(self, known: Sequence[Manifest], columns: Sequence[Column]) -> reading.Content:
        import xxhash

        digest, rows = xxhash.xxh3_128(), 0
        into = self._sql("copy {table} ({names}) from stdin with (format csv, delimiter '|')", names=_names(columns))
        connection = self.session.connection
        watch = SignsOfLife(Endpoint.of(connection), "upkeep restores an archive")
        with watch as alive, alive.ending_session(connection), connection.cursor() as cursor, cursor.copy(into) as copy:
            for array in self._lines(known, columns):
                text = text_of(array)
                digest.update(text)
                rows += len(array)
                copy.write(text)
        return reading.Content(rows, digest.hexdigest())

    def _lines(self, known: Sequence[Manifest], columns: Sequence[Column]) -> Iterator[Any]:
        for manifest in known:
            self.say(manifest.file)
            path = self.folder / "restored.parquet"
            fetch(self.place.store, manifest.file, path, manifest)
            check_content(path, manifest)
            yield from reading.lines(path, manifest.columns, columns)
            path.unlink()

    def _compare(self, columns: Sequence[Column], fed: reading.Content) -> None:
        """What COPY writes of the new table is what was in the files."""
        import xxhash
        from psycopg.sql import SQL, Identifier

        asked = [
            SQL(c.asked.replace("{0}", "t.{0}")).format(Identifier(c.name)) + SQL(" as ") + Identifier(f"c{n}")
            for n, c in enumerate(columns)
        ]
        quoted = SQL(", ").join(Identifier(f"c{n}") for n in range(len(columns)))
        out = self._sql(
            "copy (select {asked} from {table} as t order by t.ctid) to stdout "
            "with (format csv, delimiter '|', force_quote ({quoted}))",
            asked=SQL(", ").join(asked), quoted=quoted,
        )  # fmt: skip
        digest, rows = xxhash.xxh3_128(), 0
        with self.session.connection.cursor() as cursor, cursor.copy(out) as copy:
            while data := copy.read():
                digest.update(data)
                rows += 1
        if reading.Content(rows, digest.hexdigest()) != fed:
            raise DamagedError(
                f"{self.schema}.{self.name} would not hold what the files do ({rows} rows, {fed.rows} in the files)"
            )

    def _only(self, span: Span, column: Column) -> None:
        """Without what the files hold beside the span; a column without a zone is of the archive's already."""
        from psycopg.sql import SQL, Identifier, Literal

        moment = "({moment}::timestamp at time zone {zone})" if column.base == "timestamptz" else "{moment}::timestamp"
        for word, at in (("<", span.first), (">=", span.end)):
            if at is not None:
                beside = SQL(f"delete from {{table}} as t where t.{{column}} {word} {moment}")  # noqa: S608 - of words of ours
                self.session.connection.execute(beside.format(
                    table=Identifier(self.schema, self.name), column=Identifier(column.name), zone=Literal(self.zone),
                    moment=Literal(at),
                ))  # fmt: skip

    def _sql(self, text: str, **parts: "Composable") -> Any:
        from psycopg.sql import SQL, Identifier

        return SQL(text).format(table=Identifier(self.schema, self.name), **parts)


def united(known: Sequence[Manifest]) -> tuple[Column, ...]:
    """Every column that any of the files has, as the newest of them has it."""
    found = {column.name: column for manifest in known for column in manifest.columns}
    return tuple(found.values())


def _names(columns: Sequence[Column]) -> "Composable":
    from psycopg.sql import SQL, Identifier

    return SQL(", ").join(Identifier(column.name) for column in columns)
