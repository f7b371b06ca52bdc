"""database_growth: sizes that are real, histories that are planted."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.lab import Lab, Past, rules
from upkeep.answer import Metric, Severity, Status
from upkeep.checks.database.database_growth import database_growth
from upkeep.humanize import GIB
from upkeep.units import Unit

MIB = 2**20


def past(lab: Lab, days: int, per_day: float, *, name: str = "server_bytes") -> Past:
    """So many days of steady growth that end at the size now."""
    now = {m.labels.get("database", ""): m.value for m in lab.ask(database_growth).metrics if m.name == name}
    labels = {"database": lab.database} if name == "database_bytes" else {}
    size = now[labels.get("database", "")]
    return Past(
        measured=[
            Metric(
                name=name, value=size - per_day * ago, unit=Unit.BYTES, labels=labels, at=datetime.now(UTC) - timedelta(days=ago)
            )
            for ago in range(days, 0, -1)
        ]
    )


def storage(lab: Lab, factor: float) -> dict[str, float]:
    """A target whose storage is so many times what is used."""
    used = next(m.value for m in lab.ask(database_growth).metrics if m.name == "server_bytes")
    return {"storage_gb": used * factor / 1e9}


@pytest.mark.baseline
def test_without_history_and_storage(lab: Lab) -> None:
    answer = lab.ask(database_growth)
    assert answer.status is Status.OK
    assert "too little history" in answer.summary
    assert "storage_gb is not given" in answer.summary
    assert {m.name for m in answer.metrics} == {"server_bytes", "database_bytes"}
    assert lab.database in {m.labels.get("database") for m in answer.metrics}


@pytest.mark.baseline
def test_half_full_and_calm(lab: Lab) -> None:
    answer = lab.ask(database_growth, target=storage(lab, 2), history=past(lab, 20, 1000))
    assert answer.status is Status.OK
    assert "50% of its storage" in answer.summary


@pytest.mark.near_miss
def test_little_room_left_but_shrinking(lab: Lab) -> None:
    answer = lab.ask(database_growth, target=storage(lab, 1.3), history=past(lab, 20, -5 * MIB))
    assert answer.status is Status.OK


@pytest.mark.near_miss
def test_six_days_make_no_trend(lab: Lab) -> None:
    assert lab.ask(database_growth, target=storage(lab, 2), history=past(lab, 6, 500 * MIB)).status is Status.OK


@pytest.mark.near_miss
def test_one_bulk_load_is_no_trend(lab: Lab) -> None:
    history = past(lab, 20, 1000)
    loaded = [
        m if i > 9 else Metric(name=m.name, value=m.value / 3, unit=m.unit, at=m.at) for i, m in enumerate(history.measured)
    ]
    history.measured = [*history.measured[:5], loaded[5], *history.measured[6:]]
    assert lab.ask(database_growth, target=storage(lab, 2), history=history).status is Status.OK


@pytest.mark.fault
def test_nearly_full(lab: Lab) -> None:
    answer = lab.ask(database_growth, target=storage(lab, 1.2))
    assert rules(answer) == [("storage_used", "storage")]
    assert answer.worst is Severity.HIGH
    assert lab.ask(database_growth, target=storage(lab, 1.05)).worst is Severity.CRITICAL


@pytest.mark.fault
def test_full_within_the_month(lab: Lab) -> None:
    used = storage(lab, 1)["storage_gb"] * 1e9
    answer = lab.ask(database_growth, target=storage(lab, 2), history=past(lab, 20, used / 20))
    assert rules(answer) == [("storage_full_soon", "storage")]
    assert answer.worst is Severity.HIGH
    assert 18 < (answer.findings[0].value or 0) < 22
    assert {m.name: m.value for m in answer.metrics}["storage_days_left"] == answer.findings[0].value
    assert lab.ask(database_growth, target=storage(lab, 2), history=past(lab, 20, used / 5)).worst is Severity.CRITICAL


@pytest.mark.fault
def test_a_sudden_jump(lab: Lab) -> None:
    history = past(lab, 20, 1000, name="database_bytes")
    lab.run("create table bulk as select repeat(md5(i::text), 30) from generate_series(1, 20000) i")
    answer = lab.ask(database_growth, history=history, jump_gib=10 * MIB / GIB)
    assert rules(answer) == [("database_jump", lab.database)]
    assert (answer.worst, answer.findings[0].limit) == (Severity.MEDIUM, 10 * MIB)
    grown = lab.value("select pg_database_size(current_database())") - history.measured[-1].value
    assert answer.findings[0].value == pytest.approx(grown, rel=0.05)
    assert rules(lab.ask(database_growth, history=history, jump_gib=10 * MIB / GIB, jump_factor=1e6)) == []
    assert lab.ask(database_growth, history=history).status is Status.OK


def test_a_database_whose_files_are_gone_already(lab: Lab) -> None:
    lab.run("create database going")
    try:
        files = lab.server.data / "base" / str(lab.value("select oid from pg_database where datname = 'going'"))
        # As while it is dropped: its files go before its row does.
        files.rename(files.with_suffix(".gone"))
        assert lab.value("select pg_database_size('going') is null")
        sizes = {m.labels.get("database") for m in lab.ask(database_growth).metrics}
        files.with_suffix(".gone").rename(files)
    finally:
        lab.run("drop database going")
    assert lab.database in sizes
    assert "going" not in sizes


def test_a_role_that_may_not_see_the_wal(lab: Lab) -> None:
    lab.run("drop role if exists no_wal; create role no_wal login; grant pg_monitor to no_wal")
    lab.run("revoke execute on function pg_ls_waldir() from pg_monitor")
    try:
        answer = lab.ask(database_growth, user="no_wal")
    finally:
        lab.run("drop role no_wal")
    assert answer.status is Status.OK
    assert "WAL not visible" in answer.summary
