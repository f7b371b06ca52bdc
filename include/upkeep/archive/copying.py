"""A batch of old rows out of the table: a file on this disk, and the versions of exactly these rows."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.archive.binary_rows import taken_apart
from upkeep.archive.content_digest import ContentDigest
from upkeep.archive.copy_stream import Piece, pieces
from upkeep.archive.period import Period, of_value, period_condition
from upkeep.archive.rows_file import RowsFile
from upkeep.archive.session import Session, standing
from upkeep.archive.subject import Subject
from upkeep.archive.versions import Versions
from upkeep.targets.archive import Archive

if TYPE_CHECKING:
    from psycopg.sql import Composed

MOST_ROWS, MOST_BYTES, FEWEST_ROWS = 200_000, 1 << 26, 100
_WAITING = 1


@dataclass(slots=True)
class Copied:
    """What came out of the table. `last` is the dated column's value of the last row, in the form of the file."""

    path: Path
    versions: Versions = field(default_factory=Versions)
    digest: str = ""
    last: Any = None

    @property
    def end(self) -> "After":
        """Where the next batch goes on."""
        return After(self.last, self.versions.last_place)


@dataclass(frozen=True, slots=True)
class After:
    """The last row of a batch: its date and its place."""

    date: Any
    place: str


def batch_rows(subject: Subject) -> int:
    """How many rows a batch may have, so that its text stays near 64 MB."""
    if not subject.facts.rows_estimated:
        return MOST_ROWS  # never analyzed: rows pass through in pieces, whatever their size
    width = subject.facts.bytes / subject.facts.rows_estimated
    return int(max(FEWEST_ROWS, min(MOST_ROWS, MOST_BYTES / max(width, 1.0))))


def copy_rows(
    session: Session, subject: Subject, plan: Archive, period: Period, after: After | None, path: Path
) -> Copied:  # fmt: skip
    """
    Copy the oldest rows of a period into a local file, at most `batch_rows`, of those that come `after` a row.

    They are taken apart and written by another thread, while the server sends more. Raises CannotAskError and BrokenError.
    """
    copied = Copied(path, Versions(_horizon(session)))
    with (
        standing(subject.label),
        RowsFile(path, subject.columns) as file,
        ThreadPoolExecutor(1, "archive file") as writer,
        closing(pieces(session, _statement(subject, plan, period, after))) as sent,
    ):
        sink, waiting = _Sink(file, subject, plan, copied), deque[Future[None]]()
        for piece in sent:
            waiting.append(writer.submit(sink.take, piece))
            if len(waiting) > _WAITING:
                waiting.popleft().result()
        for each in waiting:
            each.result()
    copied.digest = sink.digest.hexdigest()
    return copied


class _Sink:
    """Takes pieces apart, digests them and writes them to the file."""

    def __init__(self, file: RowsFile, subject: Subject, plan: Archive, copied: Copied) -> None:
        self._file, self._subject, self._plan, self._copied = file, subject, plan, copied
        self.digest = ContentDigest(len(subject.columns))

    def take(self, piece: Piece) -> None:
        """One more."""
        rows = taken_apart(piece, self._subject.columns)
        self.digest.add(rows.values)
        self._file.write(rows.table)
        dates = rows.table.column(self._plan.column).combine_chunks()
        self._copied.versions.add(rows.pages, rows.lines, rows.writers, dates)
        self._copied.last = dates[-1].as_py()


def _horizon(session: Session) -> int:
    """A transaction id before which every transaction has ended."""
    asked = "select pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text::int8 %% (2 ^ 32)::int8"
    return int(session.one(asked, [])[0])


def _statement(subject: Subject, plan: Archive, period: Period, after: After | None) -> "Composed":
    from psycopg.sql import SQL, Identifier, Literal

    asked = [SQL(c.sent.replace("{0}", "t.{0}")).format(Identifier(c.name)) for c in subject.columns]
    return SQL(
        "copy (select t.ctid, t.xmin, {asked} "
        "from only {table} as t where {old}{more} order by t.{column}, t.ctid limit {most}) to stdout with (format binary)"
    ).format(
        asked=SQL(", ").join(asked), table=Identifier(subject.schema, subject.name), column=Identifier(plan.column),
        old=period_condition(subject, plan, period), more=_after(subject, plan, after), most=Literal(batch_rows(subject)),
    )  # fmt: skip


def _after(subject: Subject, plan: Archive, after: After | None) -> Any:
    from psycopg.sql import SQL, Identifier, Literal

    if after is None:
        return SQL("")
    return SQL(" and t.{column} >= {date} and (t.{column} > {date} or t.ctid > {place}::pg_catalog.tid)").format(
        column=Identifier(plan.column), date=of_value(subject, after.date), place=Literal(after.place)
    )


def new_id(now: datetime | None = None) -> str:
    """The name of a new batch: names of later ones sort after it."""
    import secrets

    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}"
