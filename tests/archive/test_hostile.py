"""Every table of the hostile database: archived and read back equal, by digest, by DuckDB and by pandas, or refused by name."""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from psycopg.sql import SQL, Identifier

from tests.archive.restored import restored
from tests.archive.world import World
from tests.conftest import MAJORS
from tests.lab import Lab, rules
from upkeep.archive.manifest import DamagedError
from upkeep.archive.verifying import damage
from upkeep.sources.scratch import ScratchServer, free_port

HOSTILE = Path(__file__).parents[1] / "backups/hostile.sql"
DATED = "archived at"
# Whatever has no date gets one.
TABLES = f"""
    select n.nspname, c.relname,
        (select a.attname from pg_attribute as a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            and a.attname in ('at', '{DATED}') order by a.attname limit 1)
    from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and c.reloftype = 0
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    order by 1, 2
"""
REFUSED = {
    "empty_table": "rules of public.empty_table rewrite a delete",
    "orders": "foreign keys lead to",
    "parent": "has tables that inherit from it",
}


@pytest.fixture(scope="module", params=MAJORS)
def hostile(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The database on a server of its own of each major, each table with a date."""
    folder = tmp_path_factory.mktemp("hostile")
    folder.chmod(0o755)
    server = ScratchServer(folder / "server", free_port(), request.param, settings={"fsync": "off", "wal_level": "logical"})
    with ExitStack() as stack:
        stack.callback(server.remove)
        server.start()
        with server.endpoint().connect("plant") as admin:
            admin.execute("create database hostile")
        lab = Lab(server, "hostile", stack)
        lab.run(HOSTILE.read_text(encoding="utf-8"))
        with lab.endpoint.connect("plant") as connection:
            for schema, table, dated in connection.execute(TABLES.encode()).fetchall():
                if dated is None:
                    connection.execute(SQL("alter table {} add column if not exists {} date default '2020-02-29'").format(
                        Identifier(schema, table), Identifier(DATED)))  # fmt: skip
        yield lab


def tables(lab: Lab) -> list[tuple[str, str, str]]:
    with lab.endpoint.connect("look") as connection:
        found = connection.execute(TABLES.encode()).fetchall()
    return [(schema, table, dated) for schema, table, dated in found if dated and not schema.startswith(" ")]


def content(lab: Lab, schema: str, table: str) -> list[tuple[str]]:
    with lab.endpoint.connect("look") as connection:
        return connection.execute(SQL("select t::text from {} as t order by 1").format(Identifier(schema, table))).fetchall()


def planned(lab: Lab, folder: Path, schema: str, table: str, dated: str) -> World:
    return World(lab, folder / "store").plan(table=f"{schema}.{table}", column=dated, keep="1 day", replicated_deletes=True)


@pytest.mark.slow
def test_each_is_archived_and_comes_back_equal_or_is_refused_by_name(hostile: Lab, tmp_path: Path) -> None:
    seen: dict[str, int] = {}
    for number, (schema, table, dated) in enumerate(tables(hostile)):
        folder = tmp_path / str(number)
        folder.mkdir()
        world, before = planned(hostile, folder, schema, table, dated), content(hostile, schema, table)
        answer = world.run()
        if table in REFUSED:
            assert rules(answer) == [("archive_refused", f"{schema}.{table}")], (table, answer.summary)
            assert REFUSED[table] in answer.findings[0].title
            assert content(hostile, schema, table) == before
            continue
        assert not answer.findings, (table, answer.findings)
        young = content(hostile, schema, table)
        assert damage(world.place, folder) == []
        if len(young) == len(before):
            continue
        done = restored(world, folder / "r", name=f"back {number}")
        assert sorted([*content(hostile, "public", f"back {number}"), *young]) == before, table
        seen[table] = done.rows
    assert seen["select"] == 500
    assert len(seen) > 8, seen


def test_partitions_are_archived_as_one_table_for_any_reader(hostile: Lab, tmp_path: Path) -> None:
    import duckdb
    import pandas as pd  # type: ignore[import-untyped]

    hostile.run("create table orders_alone (like orders including defaults) partition by range (at)")
    hostile.run("create table orders_old partition of orders_alone for values from ('2025-01-01') to ('2026-01-01')")
    hostile.run("create table orders_rest partition of orders_alone default")
    hostile.run("insert into orders_alone select i, 'eu', date '2025-06-01' + i % 300, i * 1.5 from generate_series(1, 900) as i")
    world = World(hostile, tmp_path / "store").plan(table="public.orders_alone", column="at", keep="1 day")
    assert not world.run().findings
    folder = f"read_parquet('{world.rows_folder}/**/*.parquet', hive_partitioning = true, union_by_name = true)"
    asked = f'select count(*), sum(total::numeric(20, 1)), count(distinct "at"), count(distinct at_month) from {folder}'
    by_duckdb = duckdb.connect().execute(asked).fetchone()
    frame = pd.read_parquet(world.rows_folder)
    by_pandas = (len(frame), sum(float(x) for x in frame["total"]), frame["at"].nunique(), frame["at_month"].nunique())
    assert by_duckdb is not None
    assert tuple(float(x) for x in by_duckdb) == tuple(float(x) for x in by_pandas)
    assert by_duckdb[0] == 900
    assert hostile.value("select count(*) from orders_alone") == 0


@pytest.mark.fault
def test_twenty_flipped_bytes_of_its_files_are_each_found_and_never_restored(hostile: Lab, tmp_path: Path) -> None:
    hostile.run(
        'create table flipped as select row(i, md5(i::text))::"pa.ir" as pair, span(i, i + 0.5) as spans, '
        "jsonb_build_object('k', repeat(md5(i::text), 9)) as wide, date '2020-02-29' as at from generate_series(1, 500) as i"
    )
    world = World(hostile, tmp_path / "store").plan(table="public.flipped", column="at")
    assert not world.run().findings
    (path,) = world.files_there()
    whole, chance = path.read_bytes(), random.Random(7)  # noqa: S311 - the same each time
    (tmp_path / "v").mkdir()
    for number in range(20):
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        assert damage(world.place, tmp_path / "v"), number
        with pytest.raises(DamagedError):
            restored(world, tmp_path / "r", name=f"flipped back {number}")
    path.write_bytes(whole)
    assert damage(world.place, tmp_path / "v") == []
