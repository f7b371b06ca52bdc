"""backup_status: what a week of daily answers says of a database's backups."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.lab import Lab, asking, rules
from upkeep.answer import Answer, Finding, Severity, Status
from upkeep.checks.backups.backup_completed import backup_completed
from upkeep.checks.backups.backup_status import backup_status
from upkeep.jobs.backups.retention import retention
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.store.answers import Provenance, connected, save
from upkeep.store.migrate import migrate
from upkeep.targets.database import Database
from upkeep.window import Window

WEEK = Window.parse("2026-11-02", "2026-11-09")
SHOP = Database(name="shop", owner="ann", connection="shop_db")
FINE = Answer.judged("fresh")
UNKNOWN = Answer.unknown("the listing does not reach back")


def found(rule: str, severity: Severity = Severity.HIGH) -> Answer:
    """A day's answer that found this."""
    return Answer.judged("found", findings=[Finding(rule=rule, object="x", severity=severity, title="t", remedy="r")])


class Past:
    """A week of stored days; None is a run that has no answer."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        migrate(lab.endpoint)

    def days(self, answers: Sequence[Answer | None], stopped: int = 0) -> None:
        """Store them, the first on Monday; on the first `stopped` days retention refused."""
        by = Provenance("daily", "r", "t", 0, 1, WEEK.end, 0)
        with connected(self.lab.endpoint) as store:
            for number, answer in enumerate(answers):
                start = WEEK.start + timedelta(days=number)
                day = Window(start, start + timedelta(days=1))
                store.execute(
                    "insert into upkeep.run values ('daily', %s, %s, 'daily', 'r', 'manual', 't', now())", (day.start, day.end)
                )
                if answer:
                    save(store, backup_completed, "shop", day, answer, by)
                if number < stopped:
                    save(store, retention, "shop", day, found("retention_stopped", Severity.MEDIUM), by)

    def restored(self, state: str, at: datetime) -> None:
        """A restore that ended."""
        self.lab.run(f"""
            insert into upkeep.restore (id, backup_id, target, destination, state, begun_at, finished_at, dag_id, run_id, task_id,
                map_index)
            values (gen_random_uuid(), 'b', 'shop', 'scratch', '{state}', '{at}', '{at}', '', '', '', 0)
        """)

    def ask(self, **thresholds: float) -> Answer:
        """The check about that week."""
        target = SHOP.model_copy(update={"thresholds": {"backup_status": thresholds}})
        with connected(self.lab.endpoint) as store:
            return ask(replace(asking(backup_status, target, OneDatabase(self.lab.endpoint), window=WEEK), database=store))


@pytest.fixture
def past(lab: Lab) -> Past:
    return Past(lab)


@pytest.mark.baseline
def test_a_good_week(past: Past) -> None:
    past.days([FINE] * 7)
    past.restored("proven", WEEK.start)
    answer = past.ask()
    assert (answer.status, answer.summary) == (Status.OK, "7 of 7 days with a backup; last proven by a restore on 2026-11-02")
    assert {m.name: m.value for m in answer.metrics} == {"backup_days_covered": 1.0, "backup_proof_age": 7.0}


@pytest.mark.near_miss
def test_one_bad_night_is_the_daily_checks(past: Past) -> None:
    past.days([FINE, found("backup_overdue"), *[FINE] * 5], stopped=2)
    answer = past.ask()
    assert rules(answer) == []
    assert answer.summary == "6 of 7 days with a backup, 1 without; never proven by a restore"


@pytest.mark.near_miss
def test_what_is_found_about_good_backups_is_no_missing_one(past: Past) -> None:
    past.days([found("restore_overdue")] * 7)
    assert rules(past.ask()) == []


@pytest.mark.fault
@pytest.mark.parametrize("rule", ["no_backup", "backup_overdue", "backup_incomplete", "backup_damaged"])
def test_nights_that_fail_again(past: Past, rule: str) -> None:
    past.days([found(rule), FINE, found(rule), *[FINE] * 4])
    answer = past.ask()
    assert rules(answer) == [("backups_missing_repeatedly", "backups")]
    assert answer.findings[0].title == "2 days of the week had no backup to rely on (limit 2): Mon 2 Nov, Wed 4 Nov"
    assert rules(past.ask(days_without=3)) == []


@pytest.mark.fault
@pytest.mark.parametrize("silent", [UNKNOWN, None], ids=["unknown", "not asked"])
def test_days_that_nobody_knows_of(past: Past, silent: Answer | None) -> None:
    past.days([silent, silent, *[FINE] * 5])
    assert rules(past.ask()) == [("backups_unknown_repeatedly", "backups")]


@pytest.mark.fault
def test_a_week_that_nobody_knows_of_is_unknown(past: Past) -> None:
    assert past.ask().summary == "the week had no daily run, so that nothing says whether there were backups"
    past.days([UNKNOWN] * 3)
    answer = past.ask()
    assert (answer.status, answer.summary[:51]) == (Status.UNKNOWN, "none of 3 daily runs knows whether there was a back")


@pytest.mark.fault
def test_retention_that_refuses_for_days(past: Past) -> None:
    past.days([FINE] * 7, stopped=3)
    assert rules(past.ask()) == [("retention_stopped_for_days", "backups")]


@pytest.mark.fault
@pytest.mark.parametrize("state", ["failed", "differs"])
def test_restores_that_fail(past: Past, state: str) -> None:
    past.days([FINE] * 7)
    past.restored(state, WEEK.start + timedelta(days=3))
    assert rules(past.ask()) == [("restores_failing", "restores")]
    past.restored("proven", WEEK.start + timedelta(days=4))
    assert rules(past.ask()) == []


@pytest.mark.near_miss
def test_other_weeks_and_other_databases_do_not_count(past: Past) -> None:
    past.days([FINE] * 7)
    past.restored("failed", WEEK.start - timedelta(days=1))
    past.restored("failed", WEEK.end + timedelta(days=1))
    assert rules(past.ask()) == []
