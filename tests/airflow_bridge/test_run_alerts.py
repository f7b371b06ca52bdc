"""A run that ends without its report, or that hangs, reaches Slack; one whose report was published is not told twice."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.airflow_bridge.world import World
from tests.notify.slack_double import SlackDouble
from upkeep.sources.postgres import Endpoint

pytestmark = pytest.mark.airflow


def context(reason: str, task_id: str | None = None) -> dict[str, Any]:
    """What Airflow gives to the callback of a DAG; without a task when none had begun."""
    given: dict[str, Any] = {"run_id": "scheduled__1", "reason": reason}
    given["dag"] = SimpleNamespace(dag_id="daily", dagrun_timeout=timedelta(hours=6))
    if task_id:
        given["ti"] = SimpleNamespace(dag_id="daily", run_id="scheduled__1", task_id=task_id, map_index=3)
    return given


def late(state: str) -> dict[str, Any]:
    """What Airflow gives to the callback of a deadline."""
    return {"dag_run": {"dag_id": "daily", "dag_run_id": "scheduled__1", "state": state}, "deadline": {"id": "1"}}


def texts(slack: SlackDouble) -> list[str]:
    return [message["text"] for message in slack.sent()]


@pytest.mark.fault
def test_a_run_that_timed_out_reaches_slack_once(world: World, slack: SlackDouble) -> None:
    from upkeep.airflow_bridge import run_alerts

    assert world
    for _ in range(2):
        run_alerts.run_failed(context("timed_out", "backups.backup"))
    (message,) = slack.sent()
    assert message["text"] == "🔴 daily: a run ended without its report"
    shown = str(message["blocks"])
    assert "it ran into its limit of 6 h" in shown
    assert "/dags/daily/runs/scheduled__1/tasks/backups.backup/mapped/3|log>" in shown
    assert "/dags/daily/runs/scheduled__1|run>" in shown


@pytest.mark.fault
def test_the_first_on_call_is_called(world: World, slack: SlackDouble) -> None:
    from upkeep.airflow_bridge import run_alerts
    from upkeep.config.inventory import current

    text = (world.folder / "inventory.yaml").read_text().replace("slack: U0000001}", "slack: U0000001, on_call: 1}")
    (world.folder / "inventory.yaml").write_text(text)
    current.cache_clear()
    run_alerts.run_failed(context("all_tasks_deadlocked"))
    assert "<@U0000001>" in str(slack.sent()[0]["blocks"])


@pytest.mark.fault
def test_who_has_no_slack_is_called_by_name(world: World, slack: SlackDouble) -> None:
    from upkeep.airflow_bridge import run_alerts
    from upkeep.config.inventory import current

    text = (world.folder / "inventory.yaml").read_text().replace(", slack: U0000001}", ", on_call: 1}")
    (world.folder / "inventory.yaml").write_text(text)
    current.cache_clear()
    world.tasks.begin()
    run_alerts.run_failed(context("all_tasks_deadlocked"))
    assert slack.sent()[-1]["blocks"][-1]["elements"][0]["text"].endswith("|run> · on-call")
    assert world.rows("select owner, owner_slack from upkeep.target where name = 'shop'") == [("on-call", None)]


@pytest.mark.fault
def test_without_the_report_database_it_goes_past_the_outbox(world: World, slack: SlackDouble) -> None:
    from upkeep.airflow_bridge import run_alerts

    world.endpoints["upkeep_db"] = Endpoint("127.0.0.1", 1)
    run_alerts.run_failed(context("timed_out"))
    run_alerts.task_failed(context("task_failure", "begin") | {"exception": RuntimeError("the server does not answer")})
    assert texts(slack) == ["🔴 daily: a run ended without its report", "🔴 daily: Upkeep's own task begin failed"]
    assert "the server does not answer" in str(slack.sent()[1]["blocks"])


@pytest.mark.fault
def test_a_run_cleared_after_its_report_that_then_times_out_is_told(world: World, slack: SlackDouble) -> None:
    from upkeep.airflow_bridge import run_alerts

    world.tasks.report()
    world.tasks.begin()
    told = len(slack.sent())
    run_alerts.run_failed(context("timed_out"))
    assert len(slack.sent()) == told + 1


@pytest.mark.near_miss
def test_what_the_report_has_told_is_not_told_again(world: World, slack: SlackDouble) -> None:
    from upkeep.airflow_bridge import run_alerts

    world.tasks.report()
    told = texts(slack)
    for reason in ("task_failure", "timed_out"):
        run_alerts.run_failed(context(reason, "database.sequences"))
    assert texts(slack) == told


@pytest.mark.near_miss
@pytest.mark.parametrize("task_id", ["begin", "report"])
def test_a_task_that_has_told_its_own_failure_is_not_told_again(world: World, slack: SlackDouble, task_id: str) -> None:
    from upkeep.airflow_bridge import run_alerts

    assert world
    run_alerts.task_failed(context("", task_id))
    run_alerts.run_failed(context("task_failure", task_id))
    assert texts(slack) == [f"🔴 daily: Upkeep's own task {task_id} failed"]


@pytest.mark.fault
def test_a_run_that_hangs_is_told_before_its_limit(world: World, slack: SlackDouble) -> None:
    from upkeep.airflow_bridge import run_alerts

    assert world
    run_alerts.running_late(late("running"), "5 h", "6 h")
    assert texts(slack) == ["🔴 daily: a run is still under way after 5 h"]
    assert "at 6 h Airflow stops it" in str(slack.sent()[0]["blocks"])


@pytest.mark.near_miss
@pytest.mark.parametrize("state", ["success", "failed"])
def test_a_run_that_has_ended_is_not_late(world: World, slack: SlackDouble, state: str) -> None:
    from upkeep.airflow_bridge import run_alerts

    assert world
    run_alerts.running_late(late(state), "5 h", "6 h")
    assert texts(slack) == []


@pytest.mark.near_miss
def test_nothing_raises_when_slack_is_away_or_not_named(world: World, slack: SlackDouble) -> None:
    from tests.notify.slack_double import Fault
    from upkeep.airflow_bridge import run_alerts

    slack.always = Fault(status=503)
    world.endpoints["upkeep_db"] = Endpoint("127.0.0.1", 1)
    run_alerts.run_failed(context("timed_out"))
    world.inventory()
    run_alerts.run_failed(context("timed_out"))
    assert texts(slack) == []
