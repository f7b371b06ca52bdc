"""An index of advisories asked: what is about these packages, as a knowledge that says the same of them as everything would."""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from upkeep.advisories.advisory import Advisory, read_advisory
from upkeep.advisories.dump import Refused
from upkeep.advisories.exploited import Exploited
from upkeep.advisories.index_keys import key_called, keys_asked, names_of
from upkeep.advisories.index_sources import Kind
from upkeep.advisories.knowledge import Knowledge, in_order
from upkeep.formats.package import Package

_AT_ONCE = 500  # values of one question


def read_index(file: Path, packages: Iterable[Package]) -> Knowledge | None:
    """What an index holds about these packages; None when it holds no advisory at all. Raises sqlite3.Error when it is none."""
    with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro&immutable=1", uri=True)) as database:
        holds = database.execute("select 1 from document limit 1").fetchone()
        return _Reader(database).about(packages) if holds else None


def states_in(file: Path) -> dict[str, str]:
    """The state of each dump and document that an index was made of. Raises sqlite3.Error when it is none."""
    with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro&immutable=1", uri=True)) as database:
        return dict(database.execute("select name, state from source where kind in (?, ?)", [Kind.DUMP, Kind.DOCUMENT]))


class _Reader:
    """One index while it is asked."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def about(self, packages: Iterable[Package]) -> Knowledge:
        """The advisories of these packages, and all that is joined to them by aliases: what is one fault stays one."""
        found = self._joined({key for package in packages for key in keys_asked(package)})
        names = {name for one in found for name in (*names_of(one), *one.upstream)}
        return Knowledge(
            advisories=in_order(found),
            dated={name: datetime.fromisoformat(at) for name, at in self._database.execute("select * from newest")},
            refused=tuple(Refused(*row) for row in self._database.execute("select name, why from refused order by rowid")),
            exploited=self._exploited(names),
            epss=dict(self._rows("select name, chance from chance where name in ({})", names)),
            epss_day=self._day(),
        )

    def _day(self) -> date | None:
        row = self._database.execute("select day from source where kind = ? and day is not null", [Kind.CHANCES]).fetchone()
        return date.fromisoformat(row[0]) if row else None

    def _joined(self, keys: set[bytes]) -> list[Advisory]:
        found: dict[int, Advisory] = {}
        asked: set[bytes] = set()
        while keys:
            asked |= keys
            numbers = {number for (number,) in self._rows("select number from held where key in ({})", keys)} - found.keys()
            more = self._rows("select number, body from document where number in ({})", numbers)
            found |= (new := {number: read_advisory(json.loads(zlib.decompress(body))) for number, body in more})
            keys = {key_called(name) for one in new.values() for name in names_of(one)} - asked
        return list(found.values())

    def _exploited(self, names: Iterable[str]) -> Mapping[str, Exploited] | None:
        if not self._database.execute("select 1 from source where kind = ?", [Kind.CATALOGUE]).fetchone():
            return None
        rows = self._rows("select name, added, due, in_ransomware from exploited where name in ({})", names)
        return {name: Exploited(name, date.fromisoformat(a), date.fromisoformat(d), bool(used)) for name, a, d, used in rows}

    def _rows(self, sql: str, values: Iterable[object]) -> Iterator[tuple[Any, ...]]:
        # Half a character in a name of other people's is no text for a database, and no name of a list.
        every = [one for one in values if not isinstance(one, str) or one.isprintable()]
        for start in range(0, len(every), _AT_ONCE):
            part = every[start : start + _AT_ONCE]
            yield from self._database.execute(sql.format(", ".join("?" * len(part))), part)
