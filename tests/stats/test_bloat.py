"""
Bytes that the formulas predict against bytes that VACUUM FULL and REINDEX really give back.

The error of a case is the difference of the two shares of its size, in points. The mean over all cases is held under
five points. On PostgreSQL 18 it was 1.4 for indexes and 0.0 for tables when estimated, 0.3 and 0.8 when measured; the worst
case, 11.7, is an estimated index whose nulls cost some entries a bitmap. The usual estimate errs by 219 and 44 points on
indexes of few keys, fresh and after deletes.
"""

from collections.abc import Mapping

import pytest

from tests.lab import Lab
from upkeep.checks.database.index_bloat import index_bloat
from upkeep.checks.database.table_bloat import table_bloat
from upkeep.duty import Duty

ROWS = 60_000
SERIES = "from generate_series(1, {rows}) as i"
FEW_KEYS = "create table t as select i % 5 as k, i as id from generate_series(1, {rows}) as i; create index x on t (k)"
UNIQUE = "create table t as select i as k from generate_series(1, {rows}) as i; create unique index x on t (k)"
TEXT = "create table t as select md5((i % 700)::text) as k, i as id from generate_series(1, {rows}) as i; create index x on t (k)"
NUMERIC = "create table t as select (i % 5)::numeric as k, i as id from generate_series(1, {rows}) as i; create index x on t (k)"
NULLS = (
    "create table t as select nullif(i % 3, 1) as k, i as id from generate_series(1, {rows}) as i; create index x on t (k, id)"
)
PLAIN = "create table t as select i as id, md5(i::text) as s, now() as at from generate_series(1, {rows}) as i"
PADDED = f"create table t as select true as a, i::bigint as b, true as c, i::bigint as d, true as e {SERIES}"
SPARSE = f"create table t as select i as id, case when i % 10 = 0 then md5(i::text) end as s, i::bigint as n {SERIES}"
FILLED = f"create table t (id int, s text) with (fillfactor = 70); insert into t select i, md5(i::text) {SERIES}"
TOAST = """create table t (id int, s text); alter table t alter s set storage external;
    insert into t select i, repeat(md5(i::text), 190) from generate_series(1, {rows} / 20) as i"""

INDEXES = {
    "few keys, fresh": (FEW_KEYS, "select 1"),
    "few keys, 80 % deleted": (FEW_KEYS, "delete from t where id % 25 >= 5"),
    "few keys, the first 80 % deleted": (FEW_KEYS, "delete from t where id <= 48000"),
    "unique, fresh": (UNIQUE, "select 1"),
    "unique, a half deleted": (UNIQUE, "delete from t where k % 2 = 0"),
    "text, fresh": (TEXT, "select 1"),
    "text, 70 % deleted": (TEXT, "delete from t where id % 10 < 7"),
    "numeric, fresh": (NUMERIC, "select 1"),
    "two columns with nulls, a half deleted": (NULLS, "delete from t where id % 2 = 0"),
}
TABLES = {
    "plain, fresh": (PLAIN, "select 1"),
    "plain, 70 % deleted": (PLAIN, "delete from t where id % 10 < 7"),
    "padded, fresh": (PADDED, "select 1"),
    "padded, a half deleted": (PADDED, "delete from t where b % 2 = 0"),
    "sparse, a half deleted": (SPARSE, "delete from t where id % 2 = 0"),
    "fill factor, 60 % deleted": (FILLED, "delete from t where id % 5 < 3"),
    "toast, fresh": (TOAST, "select 1"),
    "toast, 70 % deleted": (TOAST, "delete from t where id % 10 < 7"),
}


def predicted_and_given_back(lab: Lab, case: tuple[str, str], duty: Duty, rebuild: str, size: str) -> tuple[float, float]:
    """Shares of the size: what the check says is wasted, and what the rebuild gives back."""
    make, delete = case
    lab.run("drop table if exists t")
    for statement in (*make.format(rows=ROWS).split(";"), delete, "vacuum analyze t"):
        lab.run(statement)
    metric = lab.ask(duty, min_mb=0.001).metrics[0]
    before = lab.value(size)
    assert metric.denominator == before
    lab.run(rebuild)
    return metric.value / before, 1 - lab.value(size) / before


def errors(lab: Lab, cases: Mapping[str, tuple[str, str]], duty: Duty, rebuild: str, size: str) -> dict[str, float]:
    """Points between prediction and truth, by case."""
    shares = {name: predicted_and_given_back(lab, case, duty, rebuild, size) for name, case in cases.items()}
    return {name: round(abs(predicted - truth) * 100, 1) for name, (predicted, truth) in shares.items()}


@pytest.mark.fault
@pytest.mark.slow
@pytest.mark.parametrize("how", ["measured", "estimated"])
def test_indexes_against_reindex(lab: Lab, how: str) -> None:
    if how == "measured":
        lab.run("create extension pgstattuple")
    found = errors(lab, INDEXES, index_bloat, "reindex index x", "select pg_relation_size('x')")
    assert sum(found.values()) / len(found) < 5, found
    assert max(found.values()) < 12, found


@pytest.mark.fault
@pytest.mark.slow
@pytest.mark.parametrize("how", ["measured", "estimated"])
def test_tables_against_vacuum_full(lab: Lab, how: str) -> None:
    if how == "measured":
        lab.run("create extension pgstattuple")
    size = """select pg_relation_size('t') + coalesce(
        (select pg_relation_size(nullif(reltoastrelid, 0)) from pg_class where oid = 't'::regclass), 0)"""
    found = errors(lab, TABLES, table_bloat, "vacuum full t", size)
    assert sum(found.values()) / len(found) < 5, found
    assert max(found.values()) < 12, found
