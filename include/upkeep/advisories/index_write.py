"""An index of advisories made: one SQLite file out of dumps, documents and lists."""

import hashlib
import json
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from upkeep.advisories.advisory import Advisory
from upkeep.advisories.dump import MEGABYTE, Raw, Refused, load_document, raw_documents, read_loaded, unpacked
from upkeep.advisories.exploited import day_of_epss, read_catalogue, read_epss
from upkeep.advisories.index_keys import keys_of
from upkeep.advisories.index_sources import Kind, Source
from upkeep.advisories.orders.order import base
from upkeep.sources.hashed import HashedSource
from upkeep.sources.objects import CHUNK, ObjectStore

_IN_MEMORY = 64 * MEGABYTE
_FOR_PEOPLE = frozenset({"details", "references", "credits"})
_DOCUMENT = """
    insert into document (id, modified, source, body) values (?, ?, ?, ?)
    on conflict (id, modified) do update set source = excluded.source, body = excluded.body where excluded.source >= source
    returning number
"""
_NEWEST = """
    insert into newest values (?, ?) on conflict (ecosystem) do update set modified = excluded.modified
    where excluded.modified > modified
"""


def write_index(place: ObjectStore, sources: Mapping[str, Source], file: Path) -> None:
    """
    Bring the index in a file up to these sources: an empty file, or an index of some of their dumps.

    The file is good only when this returns. Raises BrokenError when a source cannot be read, sqlite3.Error when the file cannot
    be written.
    """
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.executescript("pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -65536; begin")
        _Writer(place, database).add(sources)
        database.execute("commit")


class _Writer:
    """One index while it is written."""

    def __init__(self, place: ObjectStore, database: sqlite3.Connection) -> None:
        self._place, self._database = place, database
        if not database.execute("select 1 from sqlite_schema").fetchone():
            for statement in (files("upkeep.advisories") / "index_file.sql").read_text(encoding="utf-8").split(";\n"):
                database.execute(statement)

    def add(self, sources: Mapping[str, Source]) -> None:
        """What is not there yet; lists that are there in an older form are replaced."""
        there = dict(self._database.execute("select name, state from source"))
        adding = {
            Kind.DUMP: self._dump,
            Kind.DOCUMENT: self._document,
            Kind.CATALOGUE: self._catalogue,
            Kind.CHANCES: self._chances,
        }
        for kind, table in ((Kind.CATALOGUE, "exploited"), (Kind.CHANCES, "chance")):
            if not any(s.kind is kind and there.get(name) == s.state for name, s in sources.items()):
                self._database.execute("delete from source where kind = ?", [kind])
                self._database.execute(f"delete from {table}")  # noqa: S608 - one of the two names above
        for name, source in sources.items():
            if there.get(name) != source.state:
                row = [name, source.kind, source.state, *adding[source.kind](name)]
                self._database.execute("insert or replace into source values (?, ?, ?, ?, ?)", row)

    def _dump(self, name: str) -> tuple[str, str | None]:
        """Read one source; gives its digest, and the day that it is of where it says so."""
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
            with self._place.reader(name) as file:
                hashed = HashedSource(file)
                while data := hashed.read(CHUNK):
                    spool.write(data)
            spool.seek(0)
            for raw in raw_documents(cast("Any", spool), f"{self._place.url}/{name}"):
                self._put(raw, name)
        return hashed.sum.sha256, None

    def _document(self, name: str) -> tuple[str, str | None]:
        data = self._place.get(name)
        self._put((name, data), name)
        return hashlib.sha256(data).hexdigest(), None

    def _catalogue(self, name: str) -> tuple[str, str | None]:
        data = self._place.get(name)
        rows = read_catalogue(unpacked(data, name), name).values()
        values = ((e.name, e.added.isoformat(), e.due.isoformat(), e.in_ransomware) for e in rows)
        self._database.executemany("insert or replace into exploited values (?, ?, ?, ?)", values)
        return hashlib.sha256(data).hexdigest(), None

    def _chances(self, name: str) -> tuple[str, str | None]:
        data = self._place.get(name)
        scores = unpacked(data, name)
        self._database.executemany("insert or replace into chance values (?, ?)", read_epss(scores, name).items())
        day = day_of_epss(scores)
        return hashlib.sha256(data).hexdigest(), day.isoformat() if day else None

    def _put(self, raw: Raw, source: str) -> None:
        loaded = raw if isinstance(raw, Refused) else load_document(raw[1], raw[0])
        read = loaded if isinstance(loaded, Refused) else read_loaded(loaded, cast("tuple[str, bytes]", raw)[0])
        if isinstance(read, Refused):
            self._database.execute("insert into refused values (?, ?, ?)", [source, _text(read.name), _text(read.why)])
            return
        body = zlib.compress(json.dumps(_kept(cast("Mapping[str, Any]", loaded), read), separators=(",", ":")).encode(), 1)
        row = [read.id.encode("utf-8", "surrogatepass"), moment(read.modified), source, body]
        for (number,) in self._database.execute(_DOCUMENT, row).fetchall():
            self._database.executemany("insert or ignore into held values (?, ?)", ((key, number) for key in keys_of(read)))
        self._database.executemany(_NEWEST, ((name, moment(read.modified)) for name in _ecosystems(read)))


def moment(at: datetime) -> str:
    """A moment as a text that sorts as moments do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _ecosystems(read: Advisory) -> Iterator[str]:
    return (_text(name) for name in {base(part.ecosystem) for part in read.affected} if name)


def _kept(loaded: Mapping[str, Any], read: Advisory) -> dict[str, Any]:
    """The document without its long texts: the summary is what was read of them."""
    return {**{key: value for key, value in loaded.items() if key not in _FOR_PEOPLE}, "summary": read.summary}


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
