"""index_bloat: what is judged, what is not, and who may see."""

import pytest

from tests.lab import Lab, rules
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.database.index_bloat import index_bloat

FOUND = [("bloated_index", 'public."X ä"')]


def plant(lab: Lab, delete: str) -> None:
    """An index of 0.9 MB, and what is deleted from it."""
    lab.run('create table "T ä" as select i as id, i % 7 as s from generate_series(1, 40000) as i')
    lab.run('create index "X ä" on "T ä" (id)')
    lab.run(delete)
    lab.run('vacuum analyze "T ä"')


def ask(lab: Lab, user: str = "postgres", **thresholds: float) -> Answer:
    return lab.ask(index_bloat, user=user, **{"min_mb": 0.5, **thresholds})  # type: ignore[arg-type]


@pytest.mark.baseline
def test_a_fresh_index(lab: Lab) -> None:
    plant(lab, "select 1")
    assert ask(lab).status is Status.OK


@pytest.mark.near_miss
def test_a_third_is_normal(lab: Lab) -> None:
    plant(lab, 'delete from "T ä" where id % 3 = 0')
    assert rules(ask(lab)) == []


@pytest.mark.near_miss
def test_a_small_index(lab: Lab) -> None:
    plant(lab, 'delete from "T ä" where id % 5 > 0')
    assert rules(lab.ask(index_bloat)) == []


@pytest.mark.fault
@pytest.mark.parametrize("how", ["estimated", "measured"])
def test_most_rows_are_gone(lab: Lab, how: str) -> None:
    plant(lab, 'delete from "T ä" where id % 5 > 0')
    if how == "measured":
        lab.run("create extension pgstattuple")
    answer = ask(lab)
    assert rules(answer) == FOUND
    assert answer.findings[0].details["how"] == how
    assert answer.worst is Severity.MEDIUM
    assert ask(lab, high_gb=0.0005).worst is Severity.HIGH


@pytest.mark.fault
def test_a_locked_index_is_estimated(lab: Lab) -> None:
    plant(lab, 'delete from "T ä" where id % 5 > 0')
    lab.run("create extension pgstattuple")
    lab.session(autocommit=False).execute('drop index "X ä"')
    answer = lab.ask(index_bloat, min_mb=0.5, target={"lock_timeout_s": 0.2, "thresholds": {"index_bloat": {"min_mb": 0.5}}})
    assert answer.findings[0].details["how"] == "estimated"


@pytest.mark.fault
def test_beyond_the_budget_it_is_estimated(lab: Lab) -> None:
    plant(lab, 'delete from "T ä" where id % 5 > 0')
    lab.run("create extension pgstattuple")
    (finding,) = ask(lab, measure_gb=0.0001).findings
    assert finding.details["how"] == "estimated"
    assert "estimated from widths 0.0 days old" in finding.title
    assert "widths" not in ask(lab).findings[0].title


def test_a_role_that_sees_no_columns_needs_the_extension(lab: Lab) -> None:
    plant(lab, 'delete from "T ä" where id % 5 > 0')
    lab.run("drop role if exists bloat_watcher; create role bloat_watcher login in role pg_monitor")
    try:
        answer = ask(lab, user="bloat_watcher")
        assert answer.status is Status.UNKNOWN
        assert "create extension" in answer.evidence["remedy"]
        lab.run("create extension pgstattuple")
        assert rules(ask(lab, user="bloat_watcher")) == FOUND
    finally:
        lab.run("drop role bloat_watcher")
