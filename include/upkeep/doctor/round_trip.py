"""A tiny backup's definitions, dumped and restored on a server of our own: whether the programs here work together."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from upkeep.backups import programs
from upkeep.backups.definitions import Definitions, PgRestore
from upkeep.backups.scratch_restore import scratch_server
from upkeep.errors import BrokenError, UpkeepError
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors
from upkeep.sources.scratch import installed
from upkeep.targets.diagnosis import Level

_ONE_AT_A_TIME = Lock()
_APPLICATION = "upkeep doctor"
_ASKED = "select pg_catalog.count(*) from pg_catalog.pg_class where relname in ('doctor', 'doctor_pkey')"
_BOTH = 2


def round_trip(server: int, major: int, folder: Path) -> tuple[Level, str, str]:
    """The diagnosis on restores on this machine: level, what is said, what to do. Tried once for the same programs."""
    with _ONE_AT_A_TIME:
        return _tried(server, major, folder)


@cache
def _tried(server: int, major: int, folder: Path) -> tuple[Level, str, str]:
    there = [each for each in installed() if each >= server]
    if not there:
        message = f"no server programs of PostgreSQL {server} or newer here: `upkeep restore` reaches other servers, not scratch"
        return Level.NOTE, message, f"install postgresql-{server} on the workers to prove backups there"
    scratch = min(there)
    try:
        with scratch_server(scratch) as one, TemporaryDirectory(prefix="upkeep-doctor-") as place:
            _there_and_back(one.endpoint(), major, folder, Path(place) / "definitions.dump", scratch)
    except (UpkeepError, OSError) as error:
        remedy = getattr(error, "remedy", "") or "install the programs of one PostgreSQL release, server and client"
        return Level.NO, f"a tiny restore into PostgreSQL {scratch} failed: {error}", remedy
    loosely = "" if scratch == server else f"; of another major version than {server}: definitions are compared loosely"
    return (
        Level.OK,
        f"a tiny database was dumped and restored by {folder} on a scratch server of PostgreSQL {scratch}{loosely}",
        "",
    )


def _there_and_back(admin: Endpoint, major: int, folder: Path, archive: Path, scratch: int) -> None:
    source, copy = replace(admin, database="doctor"), replace(admin, database="doctor_copy")
    with translate_errors(), admin.connect(_APPLICATION) as connection:
        connection.execute("create database doctor")
        connection.execute("create database doctor_copy")
    with translate_errors(), source.connect(_APPLICATION) as connection:
        connection.execute("create table doctor (id integer primary key)")
    Definitions(source, _APPLICATION, folder, scratch).dump(archive)
    restoring = PgRestore(programs.client(major)[1] / "pg_restore", copy, _APPLICATION, scratch)
    log = archive.with_suffix(".said")
    for section in ("pre-data", "post-data"):
        with log.open("wb") as file:
            code = restoring.section(archive, section, 1, file).wait()
        if code or log.read_bytes().strip():
            raise programs.complaint("pg_restore", code, log.read_text(errors="replace"))
    with translate_errors(), copy.connect(_APPLICATION) as connection:
        row = connection.execute(_ASKED).fetchone()
    if not row or row[0] != _BOTH:
        raise BrokenError("pg_restore said nothing, but what it was to restore is not there", retry=False)
