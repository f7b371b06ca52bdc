"""A batch of old rows out of the table: a proven file in `pending/`, and the versions of exactly these rows."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.archive import reading
from upkeep.archive.manifest import DamagedError, Manifest
from upkeep.archive.period import Period, period_condition
from upkeep.archive.place import PENDING, Place
from upkeep.archive.rows_file import RowsFile, pieces
from upkeep.archive.session import Session
from upkeep.archive.subject import Subject
from upkeep.errors import BrokenError
from upkeep.sources.objects import CHUNK, ObjectStore
from upkeep.sources.postgres_errors import translate_errors
from upkeep.targets.archive import Archive

if TYPE_CHECKING:
    from psycopg.sql import Composed

MOST_ROWS, MOST_BYTES, FEWEST_ROWS = 200_000, 1 << 26, 100


@dataclass(slots=True)
class Copied:
    """What came out of the table. `versions` name each row's place and version (ctid and xmin), in the file's order."""

    path: Path
    versions: list[bytes] = field(default_factory=list)
    digest: str = ""


def batch_rows(subject: Subject) -> int:
    """How many rows a batch may have, so that its text stays near 64 MB."""
    if not subject.facts.rows_estimated:
        return MOST_ROWS  # never analyzed: rows pass through in pieces, whatever their size
    width = subject.facts.bytes / subject.facts.rows_estimated
    return int(max(FEWEST_ROWS, min(MOST_ROWS, MOST_BYTES / max(width, 1.0))))


def copy_rows(session: Session, subject: Subject, plan: Archive, period: Period, path: Path) -> Copied:
    """Copy the oldest rows of a period into a local file, at most `batch_rows`. Raises CannotAskError and BrokenError."""
    import xxhash

    copied, digest = Copied(path), xxhash.xxh3_128()
    with translate_errors(), RowsFile(path, subject.columns) as file:
        for piece in pieces(_rows(session, _statement(subject, plan, period))):
            rests = []
            for row in piece:
                version, _, rest = row.partition(b"|")
                copied.versions.append(version)
                rests.append(rest)
            lines = b"".join(rests)
            digest.update(lines)
            file.write(lines)
    copied.digest = digest.hexdigest()
    return copied


def _rows(session: Session, statement: "Composed") -> Iterator[bytes]:
    """The driver's own copy costs more for each row than the server does: so the rows are taken from libpq itself."""
    from psycopg import errors, pq

    line = session.connection.pgconn
    begun = line.exec_(statement.as_bytes(session.connection))
    if begun.status != pq.ExecStatus.COPY_OUT:
        raise errors.error_from_result(begun)
    whole = False
    try:
        while (got := line.get_copy_data(0))[0] > 0:
            yield bytes(got[1])
        whole = True
    finally:
        if not whole:
            line.get_cancel().cancel()
            while line.get_copy_data(0)[0] > 0:
                pass
        ended = line.get_result()
        while line.get_result():
            pass
    if ended is None or ended.status != pq.ExecStatus.COMMAND_OK:
        raise errors.error_from_result(ended) if ended else BrokenError("the copy ended without a result", retry=True)


def _statement(subject: Subject, plan: Archive, period: Period) -> "Composed":
    from psycopg.sql import SQL, Identifier, Literal

    asked: list[Any] = [
        SQL(c.asked.replace("{0}", "t.{0}")).format(Identifier(c.name)) + SQL(" as ") + Identifier(f"c{n}")
        for n, c in enumerate(subject.columns)
    ]
    return SQL(
        "copy (select t.ctid::pg_catalog.text || '/' || t.xmin::pg_catalog.text as version, {asked} "
        "from only {table} as t where {old} order by t.{column}, t.ctid limit {most}) "
        "to stdout with (format csv, delimiter '|', encoding 'UTF8', force_quote ({names}))"
    ).format(
        asked=SQL(", ").join(asked), table=Identifier(subject.schema, subject.name), column=Identifier(plan.column),
        old=period_condition(subject, plan, period), most=Literal(batch_rows(subject)),
        names=SQL(", ").join(Identifier(f"c{n}") for n in range(len(subject.columns))),
    )  # fmt: skip


def store_proven(place: Place, manifest: Manifest, copied: Copied, folder: Path) -> Manifest:
    """
    Store the file under `pending/`, read it back from there, compare, and only then store its manifest.

    Killed anywhere, what is in `pending/` without a record of a delete is thrown away by the next run. Raises DamagedError when
    the stored file does not hold what came out of the table.
    """
    name = f"{PENDING}/{manifest.id}.parquet"
    size, sha256 = upload(place.store, name, copied.path)
    manifest = replace(manifest, rows=len(copied.versions), digest=copied.digest, bytes=size, sha256=sha256)
    back = folder / "back.parquet"
    download(place.store, name, back, manifest)
    check_content(back, manifest)
    back.unlink()
    place.store.put(f"{PENDING}/{manifest.id}.json", manifest.to_json())
    return manifest


def check_content(path: Path, manifest: Manifest) -> None:
    """Compare what DuckDB reads of a file with what its manifest says. Raises DamagedError."""
    found = reading.content(path, manifest.columns)
    if (found.rows, found.digest) != (manifest.rows, manifest.digest):
        what = f"{found.rows} rows, not {manifest.rows}" if found.rows != manifest.rows else "other values than the table had"
        raise DamagedError(f"batch {manifest.id} of {manifest.table}, read back by DuckDB, has {what}")


def sealed(path: Path) -> dict[str, Any]:
    """Bytes and SHA-256 of a local file, as a manifest has them."""
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def upload(store: ObjectStore, name: str, path: Path) -> tuple[int, str]:
    """Store a local file: bytes and SHA-256 of what was sent."""
    sha256, size = hashlib.sha256(), 0
    with path.open("rb") as source, store.writer(name) as sink:
        while data := source.read(CHUNK):
            sha256.update(data)
            size += len(data)
            sink.write(data)
    return size, sha256.hexdigest()


def download(store: ObjectStore, name: str, path: Path, manifest: Manifest) -> None:
    """Fetch an object into a local file. Raises DamagedError when it is not what its manifest says, BrokenError when away."""
    sha256, size = hashlib.sha256(), 0
    with store.reader(name) as source, _room(path), path.open("wb") as sink:
        while data := source.read(CHUNK):
            sha256.update(data)
            size += len(data)
            sink.write(data)
    if (size, sha256.hexdigest()) != (manifest.bytes, manifest.sha256):
        raise DamagedError(f"{store.url}/{name} is not as it was stored: {size} bytes of {manifest.bytes}, or other content")


class _room:  # noqa: N801 - it is used as a word
    """Says that the local disk is full where it is."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and not isinstance(error, BrokenError):
            raise BrokenError(
                f"no room for a batch in {self._path.parent}: {error.strerror}", "make room there, or set TMPDIR", retry=True
            ) from error


def new_id(now: datetime | None = None) -> str:
    """The name of a new batch: names of later ones sort after it."""
    import secrets

    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}"
