"""Relations as they are listed, and the statements that copy their rows."""

import pytest

from tests.lab import Lab
from upkeep.backups import tables
from upkeep.backups.tables import Table


def table(**more: object) -> Table:
    given = {"oid": 1, "schema": "s", "name": 'na"me', "kind": "r", "persistence": "p", "condition": "", "of_extension": False,
             "is_heap": True, "columns": ("a", 'b"c')}  # fmt: skip
    return Table(**{**given, **more})  # type: ignore[arg-type] # as they are named


def test_statements() -> None:
    assert tables.copy_out(table(), "UTF8") == """copy "s"."na""me" ("a", "b""c") to stdout (encoding 'UTF8')"""
    assert tables.copy_out(table(), "UTF8", 3, 7, is_part=True) == (
        """copy (select "a", "b""c" from only "s"."na""me" where ctid >= '(3,0)' and ctid < '(7,0)')"""
        """ to stdout (encoding 'UTF8')"""
    )
    assert "ctid >= '(7,0)')" in tables.copy_out(table(), "UTF8", 7, None, is_part=True)
    assert "where x > 1) to" in tables.copy_out(table(condition="where x > 1"), "UTF8")
    assert tables.copy_out(table(columns=()), "UTF8") == """copy "s"."na""me" to stdout (encoding 'UTF8')"""
    assert tables.copy_in(("s", "t"), ("a",), "LATIN1") == """copy "s"."t" ("a") from stdin (encoding 'LATIN1')"""
    assert "(freeze, encoding" in tables.copy_in(("s", "t"), ("a",), "UTF8", frozen=True)


def test_columns_that_copy_writes(lab: Lab) -> None:
    lab.run("create table t (gone int, a int, b int generated always as (a) stored, c int); alter table t drop column gone")
    with lab.endpoint.connect("look") as connection:
        (found,) = tables.relations(connection)
    assert (found.key, found.columns, found.root) == ("public.t", ("a", "c"), None)


@pytest.mark.parametrize(("key", "root"), [("c", "public.p"), ("n", None)])
def test_rows_go_through_the_root_only_where_a_hash_of_an_enum_decides(lab: Lab, key: str, root: str | None) -> None:
    lab.run(
        "create type color as enum ('red', 'green'); create table p (n int, c color) partition by list (n);"
        f"create table p1 partition of p for values in (1) partition by hash ({key});"
        "create table p1a partition of p1 for values with (modulus 1, remainder 0)"
    )
    with lab.endpoint.connect("look") as connection:
        (leaf,) = (each for each in tables.relations(connection) if each.kind == "r")
    assert leaf.root == root


def test_sizes_count_what_was_moved_out_of_the_rows(lab: Lab) -> None:
    lab.run(
        "create table empty (a int); create table plain as select generate_series(1, 20000) as a; create table moved (a text);"
        "alter table moved alter column a set storage external;"
        "insert into moved select repeat('x', 100000) from generate_series(1, 40);"
        "create table parted (a int) partition by list (a); create table part partition of parted for values in (1)"
    )
    with lab.endpoint.connect("look") as connection:
        found = tables.relations(connection)
        printed = "\n".join("|".join(map(str, row)) for row in connection.execute(tables.sizes(found).encode()))
        (pages,) = connection.execute("select pg_relation_size('plain') / 8192").fetchone() or (0,)
    sized = tables.measured(found, printed)
    assert [t.name for t in sized if t.bytes] == ["moved", "plain"], "the largest first, by all of their bytes"
    assert [t.name for t in sized if not t.bytes] == ["empty", "part"]
    assert (sized[0].pages <= 2, sized[0].bytes > 4_000_000) == (True, True)
    assert (sized[1].pages, sized[1].bytes) == (pages, pages * 8192)
    assert tables.measured([], "") == []


def test_names_in_statements_are_those_of_the_driver() -> None:
    from psycopg.sql import Identifier, Literal

    from upkeep.backups.names import literal, quoted

    odd = ['a"b', "it's", "back\\slash", "'\\'", "Ünï 😀", "a.b", " ", "$1", "%s", "select"]
    assert [quoted(one, "x") for one in odd] == [Identifier(one, "x").as_string() for one in odd]
    assert [literal(one) for one in odd] == [Literal(one).as_string() for one in odd]


def test_extensions_tables_come_after_what_they_refer_to() -> None:
    one, two, three = (table(oid=number) for number in (1, 2, 3))
    assert [t.oid for t in tables.in_order([one, two, three], [(1, 2), (2, 3), (1, 9)])] == [3, 2, 1]
    assert {t.oid for t in tables.in_order([one, two], [(1, 2), (2, 1)])} == {1, 2}, "a circle in any order"


@pytest.mark.parametrize(
    ("one", "standby", "named"),
    [
        (table(kind="f"), False, "foreign table"), (table(kind="m"), False, "materialised view"),
        (table(persistence="u"), True, "unlogged table"), (table(persistence="u"), False, ""), (table(), True, ""),
    ],
)  # fmt: skip
def test_what_is_not_covered(one: Table, standby: bool, named: str) -> None:  # noqa: FBT001 - a column of the table above
    (*lines,) = tables.not_covered([one], standby=standby)
    assert ([line.partition(":")[0] for line in lines] or [""]) == [named]


def test_encodings() -> None:
    assert (tables.encodings("SQL_ASCII"), tables.codec("SQL_ASCII")) == ("LATIN1", "latin-1")
    assert (tables.encodings("EUC_JP"), tables.codec("EUC_JP")) == ("UTF8", "utf-8")
    assert "transaction_timeout" in tables.set_local(17)
    assert "transaction_timeout" not in tables.set_local(16)
