"""
The package database of Red Hat, SUSE and their kin in an unpacked image: rpmdb.sqlite.

It is read in memory, as data: nothing that the file defines beside its one plain table is used. The older Berkeley DB and SUSE's
ndb are not read, and that is said.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from upkeep.formats.lockfiles.installed import release_beside, root_beside
from upkeep.formats.lockfiles.registry import MEGABYTE, Beside, UnreadableError, reads
from upkeep.formats.lockfiles.text import shown
from upkeep.formats.package import Package, Reading, Scope
from upkeep.formats.rpm_header import RpmPackage, rpm_package, source_of

KIND = "rpmdb.sqlite"
_MAGIC = b"SQLite format 3\0"
_JOURNAL = slice(18, 20)
_ROLLBACK = b"\x01\x01"
_PLAIN = "select type from sqlite_schema where lower(name) = 'packages'"
_COMPUTED = "select count(*) from pragma_table_xinfo('Packages') where hidden <> 0"
_LONGEST = 64 * MEGABYTE
_KEYS = "gpg-pubkey"
_LIMIT = 256 * MEGABYTE


@reads("var/lib/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/rpmdb.sqlite", "usr/share/rpm/rpmdb.sqlite", kind=KIND, limit=_LIMIT)
def rpm_database(raw: bytes, open_beside: Beside) -> Reading:
    """Every installed package with its source package and, of modules, its stream."""
    ecosystem, wrong = release_beside(open_beside, root_beside(open_beside), "rpm")
    if open_beside("rpmdb.sqlite-wal"):
        wrong = (*wrong, "rpmdb.sqlite-wal beside it holds changes that are not in it: open and close the database once with rpm")
    packages = tuple(_package(ecosystem, each) for each in _installed(raw) if each.name != _KEYS)
    if not packages:
        raise UnreadableError("it names no package")
    return Reading(kind=KIND, packages=packages, incomplete=wrong)


@reads("var/lib/rpm/Packages", "usr/lib/sysimage/rpm/Packages", kind="rpm Packages", limit=_LIMIT)
def berkeley_db(_raw: bytes, _open_beside: Beside) -> Reading:
    """The database of rpm before 4.16."""
    raise UnreadableError("a Berkeley DB of rpm is not read: convert it with `rpmdb --rebuilddb`, or give an SBOM of the image")


@reads("var/lib/rpm/Packages.db", "usr/lib/sysimage/rpm/Packages.db", kind="rpm Packages.db", limit=_LIMIT)
def ndb(_raw: bytes, _open_beside: Beside) -> Reading:
    """The database of SUSE."""
    raise UnreadableError("an ndb database of rpm is not read: give an SBOM of the image")


def _installed(raw: bytes) -> Iterator[RpmPackage]:
    if not raw.startswith(_MAGIC):
        raise UnreadableError("it is no SQLite database")
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            # A database in memory has no log beside it, which the journal mode of the file would ask for.
            database.deserialize(raw[: _JOURNAL.start] + _ROLLBACK + raw[_JOURNAL.stop :])
            for number, (blob,) in enumerate(_headers(database), 1):
                yield _header(number, blob)
    except sqlite3.Error as error:
        raise UnreadableError(f"it cannot be read: {shown(error)}") from None


def _headers(database: sqlite3.Connection) -> sqlite3.Cursor:
    """The headers, from plain columns of a table: a view or a computed column could be made to run without end."""
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    for setting in ("trusted_schema = off", "cell_size_check = on", "query_only = on"):
        database.execute(f"pragma {setting}")
    if database.execute(_PLAIN).fetchall() != [("table",)] or database.execute(_COMPUTED).fetchone() != (0,):
        raise UnreadableError("it has no plain table Packages")
    return database.execute("select blob from Packages order by hnum")


def _header(number: int, blob: object) -> RpmPackage:
    try:
        return rpm_package(blob if isinstance(blob, bytes) else b"")
    except ValueError as error:
        raise UnreadableError(f"package {number}: {error}") from None


def _package(ecosystem: str, found: RpmPackage) -> Package:
    source = source_of(found.source)
    return Package(
        ecosystem,
        found.name,
        found.version,
        scope=Scope.PRODUCTION,
        source_name=source[0] if source else None,
        source_version=source[1] if source else None,
        licence=found.licence,
        stream=":".join(found.module.split(":")[:2]) if found.module else None,
    )
