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
