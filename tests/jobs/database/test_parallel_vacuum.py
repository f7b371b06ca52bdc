"""vacuum with workers beside it: where a table has several large indexes, and only there."""

from typing import Any

import pytest

from tests.jobs.database.world import Kept, run
from tests.lab import Lab
from upkeep.jobs.database.vacuum import vacuum
from upkeep.maintenance.session import Done, Maintenance
from upkeep.maintenance.work import Outcome

ROWS, INDEXES = 60_000, 4
FILL = f"create table t as select n as id, n as a, n as b, n as c, repeat('x', 40) as text from generate_series(1, {ROWS}) as n"


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every word of the server, and the statements it was given."""
    heard: list[str] = []
    do = Maintenance.do

    def watched(self: Maintenance, statement: Any, *args: Any) -> Done:
        done = do(self, statement, *args)
        heard.extend([statement.as_string(None), *(str(each) for each in done.notices)])
        return done

    monkeypatch.setattr(Maintenance, "do", watched)
    return heard


def fill(lab: Lab, indexes: int) -> None:
    """More than half a megabyte in each index, below which PostgreSQL gives it no worker."""
    lab.run(FILL)
    for column in ("id", "a", "b", "c")[:indexes]:
        lab.run(f"create index on t ({column})")
    lab.run("analyze t")
    lab.run("delete from t where id % 2 = 0")


def logged(notices: list[str]) -> str:
    return "\n".join(notices)


@pytest.mark.fault
def test_several_large_indexes_are_cleaned_by_several_workers(every_lab: Lab, notices: list[str]) -> None:
    fill(every_lab, INDEXES)
    kept = Kept()
    run(every_lab, vacuum, kept, parallel_mb=1, cost_delay_ms=0)
    assert "parallel 2" in logged(notices)
    assert "launched 2 parallel vacuum workers for index vacuuming" in logged(notices)
    (work,) = kept.rows.values()
    assert (work.outcome, work.removed_rows, work.kept_rows) == (Outcome.DONE, ROWS / 2, 0)
    every_lab.run("create extension if not exists amcheck" if _has_amcheck(every_lab) else "select 1")
    if _has_amcheck(every_lab):
        wrong = "select count(bt_index_check(indexrelid, true)) from pg_index where indrelid = 't'::regclass"
        assert every_lab.value(wrong) == INDEXES


@pytest.mark.near_miss
@pytest.mark.parametrize(("indexes", "limit_mb"), [(1, 0), (INDEXES, 100)])
def test_one_index_or_small_ones_get_no_worker(lab: Lab, notices: list[str], indexes: int, limit_mb: float) -> None:
    fill(lab, indexes)
    kept = Kept()
    run(lab, vacuum, kept, parallel_mb=limit_mb, cost_delay_ms=0)
    assert "parallel 0" in logged(notices)
    assert "parallel vacuum worker" not in logged(notices)
    assert kept.outcomes() == {"public.t": Outcome.DONE}


@pytest.mark.near_miss
def test_two_indexes_get_one_worker_beside_the_session_itself(lab: Lab, notices: list[str]) -> None:
    fill(lab, 2)
    run(lab, vacuum, Kept(), parallel_mb=1, cost_delay_ms=0)
    assert "parallel 1" in logged(notices)


def _has_amcheck(lab: Lab) -> bool:
    return bool(lab.value("select count(*) from pg_available_extensions where name = 'amcheck'"))
