"""Every type of PostgreSQL reads back equal, by the files' digest and by a restored table, or is refused by name."""

import random
import struct
from pathlib import Path

import psycopg
import pytest

from tests.archive.restored import restored
from tests.archive.world import World
from tests.lab import Lab
from upkeep.answer import Answer

DAY = "date '2020-02-29'"
EQUAL = {
    "smallint": ["-32768", "32767"],
    "integer": ["-2147483648", "2147483647"],
    "bigint": ["-9223372036854775808", "9223372036854775807"],
    "oid": ["4294967295"],
    "boolean": ["true", "false"],
    "numeric(38,10)": ["1234567890123456789012345678.0123456789", "-0.0000000001"],
    "numeric(5)": ["99999", "-1"],
    "numeric(39,2)": ["9999999999999999999999999999999999999.99"],
    "numeric(3,-2)": ["12300"],
    "numeric(2,4)": ["0.0012"],
    "numeric": ["'NaN'", "'Infinity'", "1e-100", "1e300", "1.10"],
    "real": ["'NaN'", "'-Infinity'", "0.1", "1e-45", "3.4028235e38", "1234567", "'-0'"],
    "double precision": [
        "'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "0.1", "1e15", "1e16", "123456789012345680", "5e-324",
        "1.7976931348623157e308", "0.0001", "0.00001", "1234567890123456.5", "-1234567890123456", "1e-7", "100",
    ],
    "text": ["''", "' '", "E'a\\nb\\r\\tc'", "'\"'", "'|'", "'\\\\.'", "'NULL'", "'\\N'", "'ä€😀'", "repeat('long', 50000)"],
    "varchar(5)": ["'ab'", "''"],
    "char(5)": ["'ab'"],
    '"char"': ["'x'"],
    "name": ["'n'"],
    "bytea": ["''", "'\\x00ff22'", "decode(repeat('00', 70000), 'hex')"],
    "uuid": ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
    "json": ["'{\"b\": 1,  \"a\": [null], \"b\": 2}'"],
    "jsonb": ["'{\"a\": 1.10, \"b\": \"\\\\\"}'", "'null'"],
    "jsonpath": ["'$.a[*] ? (@ > 2)'"],
    "date": ["'0001-01-01'", "'9999-12-31'", "'1969-12-31'"],
    "timestamp": ["'0001-01-01'", "'9999-12-31 23:59:59.999999'", "'2026-03-29 02:30:00.1'"],
    "timestamptz": ["'0001-01-01 00:00+00'", "'9999-12-31 23:59:59.999999+00'", "'2026-10-25 02:30+01'"],
    "timestamp(0)": ["'2026-01-01 00:00:01'"],
    "time": ["'00:00'", "'23:59:59.999999'", "'12:30:00.5'"],
    "timetz": ["'12:34:56+02'", "'24:00:00-15:59'"],
    "interval": ["'1 year -2 mons 3 days -04:05:06.789'", "'0'", "'-1 day'", "'178000000 years'"],
    "integer[]": ["'{1,NULL,3}'", "'[0:1][-3:-2]={{1,2},{3,4}}'", "'{}'"],
    "text[]": ["array['a,b', 'c\"d', '', null, 'NULL']"],
    "bytea[]": ["array['\\x00'::bytea]"],
    "float8[]": ["'{0.1,NaN,1e15}'"],
    "timestamptz[]": ["array['infinity'::timestamptz, '0044-03-15 12:00+00 BC']"],
    "int4range": ["'[1,5)'", "'empty'", "'(,)'"],
    "numrange": ["'(1.10,2.20]'"],
    "tstzrange": ["'[2026-01-01 00:00+00,infinity]'"],
    "int4multirange": ["'{[1,3),[5,7)}'", "'{}'"],
    "money": ["'1234.56'", "'-0.01'"],
    "bit(3)": ["'101'"],
    "bit varying": ["''", "'10101'"],
    "inet": ["'192.168.0.1/24'", "'::1'"],
    "cidr": ["'10.0.0.0/8'"],
    "macaddr": ["'08:00:2b:01:02:03'"],
    "macaddr8": ["'08:00:2b:01:02:03:04:05'"],
    "point": ["'(1.5,-0)'"],
    "polygon": ["'((0,0),(1,1),(1,0))'"],
    "path": ["'[(0,0),(1,1)]'"],
    "circle": ["'<(0,0),1>'"],
    "box": ["'(1,1),(0,0)'"],
    "line": ["'{1,2,3}'"],
    "lseg": ["'[(0,0),(1,1)]'"],
    "tsvector": ["'a:1A fat:2B,4C cat:5D'"],
    "tsquery": ["'fat & (rat | cat:ab)'"],
    "pg_lsn": ["'16/B374D848'"],
    "txid_snapshot": ["'10:20:10,14,15'"],
    "regclass": ["'pg_catalog.pg_class'"],
    "mood": ["'o''k'", "''"],
    "pair": ["row(1, 'a\"b,c')", "row(null, '')"],
    "pair[]": ["array[row(1, 'x')::pair]"],
    "positive": ["5"],
    "email": ["'a@b'"],
    "price": ["12.30"],
    "span": ["span(0.1, 2)"],
    "span_multirange": ["span_multirange(span(1, 2))"],
}  # fmt: skip
TYPES = """
    create type mood as enum ('sad', 'o''k', '');
    create domain positive as integer check (value > 0);
    create domain email as text check (value ~ '@');
    create domain price as numeric(10, 2);
    create type pair as ("left" integer, "ri""ght" text);
    create type span as range (subtype = float8, multirange_type_name = span_multirange);
"""


def plant(world: World, types: dict[str, list[str]]) -> int:
    """A table with a column of each type; one row a value, and one of nulls."""
    rows = max(map(len, types.values()))
    columns = ", ".join(f'"c {n} ""x""" {kind}' for n, kind in enumerate(types))
    world.lab.run(f"create table t (id integer, {columns}, at date)")
    for row in range(rows):
        values = ", ".join(f"({v[row]})::{kind}" if row < len(v) else "null" for kind, v in types.items())
        world.lab.run(f"insert into t values ({row}, {values}, {DAY})")
    world.plan(table="public.t", column="at")
    return rows


def same(world: World, before: str) -> None:
    """What came back is what was there, as PostgreSQL itself shows it."""
    assert world.lab.value("select string_agg(t::text, chr(10) order by id) from back as t") == before


def refused(answer: Answer) -> str:
    assert [finding.rule for finding in answer.findings] == ["archive_refused"], answer.summary
    return f"{answer.findings[0].title} {answer.findings[0].remedy}"


def test_every_type_reads_back_equal(world: World, tmp_path: Path) -> None:
    world.lab.run(TYPES)
    rows = plant(world, EQUAL)
    before = world.lab.value("select string_agg(t::text, chr(10) order by id) from t")
    answer = world.run()
    assert not answer.findings, answer.findings
    assert (len(world.archived()), world.ids()) == (rows, [])
    assert restored(world, tmp_path / "r").rows == rows
    same(world, before)


@pytest.mark.parametrize("kind", ["real", "double precision"])
@pytest.mark.parametrize("value", ["'NaN'", "'Infinity'", "'-Infinity'"])
def test_a_value_that_is_no_number_among_equal_ones_reads_back_equal(world: World, tmp_path: Path, kind: str, value: str) -> None:
    """The statistics of its file leave NaN out, and all other values are one."""
    plant(world, {kind: ["1.5", value, "1.5"]})
    before = world.lab.value("select string_agg(t::text, chr(10) order by id) from t")
    assert not world.run().findings
    assert restored(world, tmp_path / "r").rows == 3
    same(world, before)


def test_no_type_that_a_column_may_have_is_forgotten(world: World, tmp_path: Path) -> None:
    """Every base type of the server: nulls of it, so that its mapping and its name hold."""
    found = world.lab.value(
        "select array_agg(format_type(oid, null) order by oid) from pg_type where typtype in ('b', 'r', 'm') "
        "and typnamespace = 'pg_catalog'::regnamespace and typcategory <> 'Z' and typelem = 0 and typname <> 'gtsvector'"
    )
    plant(world, {kind: ["null"] for kind in found})
    assert not world.run().findings
    assert restored(world, tmp_path / "r").rows == 1


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("numeric(10,2)", "'NaN'"),
        ("date", "'infinity'"),
        ("timestamptz", "'-infinity'"),
        ("timestamp", "'0044-03-15 12:00 BC'"),
        ("date", "'0044-03-15 BC'"),
        ("timestamp", "'20000-01-01'"),
        ("time", "'24:00'"),
    ],
)
def test_what_a_file_cannot_hold_is_refused_by_name_and_kept_as_text_where_asked(
    world: World, tmp_path: Path, kind: str, value: str
) -> None:
    plant(world, {kind: [value]})
    output = refused(world.run())
    assert 'c 0 "x"' in output
    assert "as_text" in output
    assert world.ids() == [0]
    assert not world.place.pending()
    before = world.lab.value("select string_agg(t::text, chr(10) order by id) from t")
    world.plans.clear()
    world.plan(table="public.t", column="at", as_text=('c 0 "x"',))
    assert not world.run().findings
    assert restored(world, tmp_path / "r").rows == 1
    same(world, before)


def test_a_type_that_postgresql_does_not_read_again_is_refused(world: World) -> None:
    plant(world, {"pg_node_tree": ["null"]})
    assert 'c 0 "x" (pg_node_tree)' in refused(world.run())


def test_random_floats_read_back_equal(world: World, tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - the same each time
    values = [struct.unpack("<d", chance.randbytes(8))[0] for _ in range(3000)]
    values += [chance.uniform(-1, 1) * 10 ** chance.randint(-8, 20) for _ in range(3000)]
    world.lab.run("create table t (id integer, f float8, g real, at date)")
    with world.lab.endpoint.connect("plant") as connection, connection.cursor() as cursor:
        small = [v if abs(v) < 1e38 else 0.1 for v in values]
        cursor.executemany(f"insert into t values (%s, %s, case when abs(%s) < 1e-37 then 0 else %s::real end, {DAY})",
            [(n, v, s, s) for n, (v, s) in enumerate(zip(values, small, strict=True))])  # fmt: skip
    world.plan(table="public.t", column="at")
    before = world.lab.value("select string_agg(t::text, chr(10) order by id) from t")
    assert not world.run().findings
    restored(world, tmp_path / "r")
    same(world, before)


def test_rows_of_many_megabytes_read_back_equal(world: World, tmp_path: Path) -> None:
    """The reader's memory is bounded, but never below what the largest row takes."""
    plant(world, {"text": ["repeat('x\"', 15000000)", "'small'"], "bytea": ["decode(repeat('00', 20000000), 'hex')", "''"]})
    before = world.lab.value("select string_agg(md5(t::text), ' ' order by id) from t")
    assert not world.run().findings
    assert restored(world, tmp_path / "r").rows == 2
    assert world.lab.value("select string_agg(md5(t::text), ' ' order by id) from back as t") == before


def test_a_table_of_very_many_columns_reads_back_equal(world: World, tmp_path: Path) -> None:
    plant(world, {f"varchar({n})": ["''"] for n in range(1, 1201)})
    before = world.lab.value("select string_agg(t::text, chr(10) order by id) from t")
    assert not world.run().findings
    restored(world, tmp_path / "r")
    same(world, before)


EXTENSIONS = {
    "hstore": ['\'a=>1, "b c"=>NULL, "q\\""=>""\'', "''"],
    "ltree": ["'Top.Science.Astronomy'", "''"],
    "lquery": ["'Top.*{1,2}.!Science'"],
    "citext": ["'Ä b'"],
    "cube": ["'(1,2),(3,4.5)'"],
    "seg": ["'1.5 .. 2'"],
    "hstore[]": ["array['a=>1'::hstore, null]"],
    "isbn": ["'978-0-393-04002-9'"],
}


@pytest.mark.parametrize("name", ["hstore", "ltree", "citext", "cube", "seg", "isn"])
def test_types_of_extensions_read_back_equal(every_lab: Lab, tmp_path: Path, name: str) -> None:
    if not every_lab.value(f"select count(*) from pg_available_extensions where name = '{name}'"):
        pytest.skip(f"this server has no {name}")
    of = {"hstore": ("hstore", "hstore[]"), "ltree": ("ltree", "lquery"), "isn": ("isbn",)}.get(name, (name,))
    every_lab.run(f"create schema ext; create extension {name} schema ext; set search_path = public, ext")
    world = World(every_lab, tmp_path / "store")
    every_lab.run(f'alter database "{every_lab.database}" set search_path = public, ext')
    plant(world, {kind: EXTENSIONS[kind] for kind in of})
    before = every_lab.value("select string_agg(t::text, chr(10) order by id) from t")
    assert not world.run().findings
    restored(world, tmp_path / "r")
    same(world, before)


def test_xml_reads_back_equal_where_the_server_has_it(world: World, tmp_path: Path) -> None:
    values = ['\'<a b="c">&amp;|"</a>\'', "'text only'"]
    try:
        plant(world, {"xml": values})
    except psycopg.errors.FeatureNotSupported:
        pytest.skip("built without xml")
    before = world.lab.value("select string_agg(t::text, chr(10) order by id) from t")
    assert not world.run().findings
    restored(world, tmp_path / "r")
    same(world, before)
