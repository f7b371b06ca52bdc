"""partitioning: what pg_partman is told against what is there, from a table of the shape that its versions 4 and 5 have."""

import pytest

from tests.checks.database.test_partitioning import asked, months
from tests.lab import Lab, rules
from upkeep.answer import Severity
from upkeep.checks.database.partitioning import partitioning

V5 = ", maintenance_last_run timestamptz default now()"
OURS = "partman_"


def told(lab: Lab, more: str = V5, schema: str = "partman", **fields: str) -> None:
    """pg_partman's configuration of `public.visits`."""
    lab.run(f"create schema if not exists {schema}")
    lab.run(
        f"create table if not exists {schema}.part_config (parent_table text primary key, control text not null,"
        " partition_interval text not null, premake int not null default 4, automatic_maintenance text not null default 'on',"
        " retention text, retention_keep_table bool not null default true, infinite_time_partitions bool not null default false,"
        f" undo_in_progress bool not null default false{more})"
    )
    row = {"parent_table": "'public.visits'", "control": "'at'", "partition_interval": "'1 month'", **fields}
    lab.run(f"insert into {schema}.part_config ({', '.join(row)}) values ({', '.join(row.values())})")


def found(lab: Lab, **thresholds: float) -> list[tuple[str, str]]:
    """What is found of pg_partman's."""
    return [each for each in rules(asked(lab, **thresholds)) if each[0].startswith(OURS)]


@pytest.mark.baseline
@pytest.mark.parametrize("more", [V5, ""], ids=["version 5", "version 4"])
def test_what_is_told_and_done(lab: Lab, more: str) -> None:
    months(lab, -3, 4)
    told(lab, more, retention="'4 months'")
    answer = asked(lab)
    assert rules(answer) == []
    assert answer.summary.endswith("1 set of pg_partman")


@pytest.mark.baseline
def test_without_it_nothing_is_said(lab: Lab) -> None:
    months(lab, -3, 4)
    lab.run("create table part_config (name text)")
    answer = asked(lab)
    assert rules(answer) == []
    assert "pg_partman" not in answer.summary


@pytest.mark.near_miss
def test_a_retention_in_numbers_and_names_that_need_quotes(lab: Lab) -> None:
    months(lab, -3, 4)
    lab.run('alter table visits rename to "Visits.old"')
    told(lab, parent_table="'public.Visits.old'", retention="'1000000'")
    assert found(lab) == []


@pytest.mark.near_miss
def test_old_partitions_without_retention_and_fresh_maintenance(lab: Lab) -> None:
    months(lab, -30, 4)
    told(lab)
    lab.run("update partman.part_config set maintenance_last_run = now() - interval '2 days 20 hours'")
    assert found(lab) == []


@pytest.mark.fault
def test_fewer_partitions_ahead_than_premake(lab: Lab) -> None:
    months(lab, -3, 2)
    told(lab, infinite_time_partitions="true")
    answer = asked(lab)
    assert rules(answer) == [("partman_behind", "public.visits")]
    assert "has 2 partitions ahead, and premake is 4: maintenance does not keep up" in answer.findings[0].title
    assert answer.findings[0].severity is Severity.MEDIUM


@pytest.mark.fault
def test_a_set_that_waits_for_rows(lab: Lab) -> None:
    months(lab, -3, 0)
    told(lab)
    behind = next(f for f in asked(lab).findings if f.rule == "partman_behind")
    assert behind.severity is Severity.HIGH
    assert "infinite_time_partitions is off" in behind.title
    assert behind.remedy.startswith("update part_config set infinite_time_partitions = true")


@pytest.mark.fault
def test_retention_that_is_not_applied(lab: Lab) -> None:
    months(lab, -6, 4)
    told(lab, retention="'3 months'")
    assert found(lab) == [("partman_retention_not_applied", "public.visits")]
    finding = next(f for f in asked(lab).findings if f.rule.startswith(OURS))
    assert finding.severity is Severity.MEDIUM
    assert "keeps 2 partitions beyond its retention of 3 months" in finding.title


@pytest.mark.fault
def test_maintenance_that_did_not_run(lab: Lab) -> None:
    months(lab, -3, 4)
    told(lab)
    lab.run("update partman.part_config set maintenance_last_run = now() - interval '4 days'")
    assert found(lab) == [("partman_maintenance_missing", "public.visits")]
    finding = next(f for f in asked(lab).findings if f.rule.startswith(OURS))
    assert finding.severity is Severity.HIGH
    assert finding.value == pytest.approx(4, abs=0.01)
    assert found(lab, partman_silent_days=5) == []


@pytest.mark.fault
@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"automatic_maintenance": "'off'"}, "partman_maintenance_off"),
        ({"undo_in_progress": "true"}, "partman_undo_in_progress"),
        ({"parent_table": "'public.gone'"}, "partman_parent_missing"),
    ],
)
def test_what_is_switched_off_or_gone(lab: Lab, fields: dict[str, str], rule: str) -> None:
    months(lab, -3, 4)
    told(lab, **fields)
    assert [name for name, _ in found(lab)] == [rule]
    assert [f.severity for f in asked(lab).findings if f.rule == rule] == [Severity.MEDIUM]


@pytest.mark.fault
def test_a_configuration_that_cannot_be_read_is_said_with_its_grant(lab: Lab) -> None:
    months(lab, -3, 4)
    told(lab, schema='"Part man"')
    lab.run("do $$ begin create role looker login in role pg_monitor; exception when duplicate_object then null; end $$")
    answer = lab.ask(partitioning, user="looker")
    assert [f.rule for f in answer.findings if f.rule.startswith(OURS)] == ["partman_unread"]
    assert next(f.severity for f in answer.findings if f.rule == "partman_unread") is Severity.LOW
    lab.run(next(f.remedy for f in answer.findings if f.rule == "partman_unread"))
    assert not [f for f in lab.ask(partitioning, user="looker").findings if f.rule.startswith(OURS)]
    lab.run("drop owned by looker")
