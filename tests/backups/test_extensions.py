"""Every extension that a server offers, installed in one database: there and back, and not one difference."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from tests.backups.world import in_folder, quiet
from upkeep.backups.scratch_restore import restore_to_scratch
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer, free_port, installed

# They need a library that is loaded at start, a file of the machine, or other software than PostgreSQL.
NOT_HERE = ("plpython", "plperl", "pltcl", "hstore_pl", "ltree_pl", "jsonb_pl", "bool_pl", "pg_cron", "pg_repack", "sepgsql")
USE = """
    create table used as select 1 as id, 'x'::text as t;
    grant select on used to public;
"""


@pytest.fixture(params=[major for major in (15, 17, 18) if major in installed()])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Endpoint, list[str]]]:
    """A database with everything that could be installed, and what that is."""
    tmp_path.chmod(0o755)
    (tmp_path / "s").mkdir()
    server = ScratchServer(tmp_path / "s", free_port(), major=request.param, settings={"fsync": "off", "autovacuum": "off"})
    try:
        server.start()
        with server.endpoint().connect("plant") as connection:
            names = [str(row[0]) for row in connection.execute("select name from pg_available_extensions order by 1")]
            for name in names:
                if not name.startswith(NOT_HERE):
                    with suppress(psycopg.Error):
                        connection.execute(f'create extension if not exists "{name}" cascade'.encode())
            connection.execute(USE.encode())
            made = [str(row[0]) for row in connection.execute("select extname from pg_extension order by 1")]
            for statement in _rights(made):
                connection.execute(statement.encode())
        yield server.endpoint(), made
    finally:
        server.remove()


def _rights(made: list[str]) -> Iterator[str]:
    """Rights that are given on what belongs to an extension, and to a role that nothing else names."""
    yield "create role datadog login; create role auditor; grant auditor to datadog"
    if "pg_stat_statements" in made:
        yield "grant select on pg_stat_statements to datadog"
    if "pgcrypto" in made:
        yield "revoke execute on function gen_random_bytes(integer) from public"


@pytest.mark.slow
@pytest.mark.baseline
def test_all_of_them_come_back(source: tuple[Endpoint, list[str]], tmp_path: Path) -> None:
    endpoint, made = source
    assert len(made) > 20, made
    shelf = in_folder(tmp_path, "extensions")
    record = shelf.take(endpoint)
    done, _ = restore_to_scratch(shelf.place.at(record.id), quiet)
    assert done.differences == ()
    assert done.exactness == "exact"
