"""What a task's colour means, and that everything it does may be done twice or be cut off."""

from datetime import timedelta
from typing import Any

import pytest

from tests.airflow_bridge.world import NOW, World
from tests.lab import Lab
from upkeep.discovery import discover
from upkeep.runner import PRESENT_ONLY
from upkeep.sources.postgres import Endpoint

pytestmark = pytest.mark.airflow

WAIVERS = """
waivers:
  - duty: sequences
    reason: the table is retired next week
    issue: https://issues.example.com/7
    approver: on-call
    expires_on: {expires}
"""


def fill(lab: Lab, value: int) -> None:
    """A sequence of which `value` of 32,767 numbers are used."""
    lab.run(f"create table if not exists public.t (id smallserial); select setval('public.t_id_seq', {value})")


def test_ok_is_green(world: World) -> None:
    fill(world.lab, 100)
    world.tasks.ask_one("sequences", "shop")
    assert world.rows("select status::text from upkeep.answer") == [("ok",)]


def test_a_finding_is_red_after_its_rows_are_stored_and_green_once_it_is_mended(world: World) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    fill(world.lab, 20_000)
    with pytest.raises(AirflowFailException, match=r"t_id_seq has used 61\.0%"):
        world.tasks.ask_one("sequences", "shop")
    assert world.rows("select severity::text from upkeep.finding") == [("high",)]
    fill(world.lab, 1)
    world.tasks.ask_one("sequences", "shop")
    assert world.rows("select status::text from upkeep.answer") == [("ok",)]
    assert world.rows("select count(*) from upkeep.finding") == [(0,)]


def test_a_waiver_keeps_it_from_being_red_but_not_from_being_seen(world: World) -> None:
    fill(world.lab, 20_000)
    (world.folder / "waivers.yaml").write_text(WAIVERS.format(expires=(NOW + timedelta(days=9)).date()))
    world.tasks.ask_one("sequences", "shop")
    assert world.rows("select count(*) from upkeep.finding") == [(1,)]


@pytest.mark.parametrize("expires", [(NOW - timedelta(days=1)).date().isoformat(), "soon"], ids=["expired", "a bad file"])
def test_a_waiver_that_has_expired_or_cannot_be_read_quiets_nothing(world: World, expires: str) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    fill(world.lab, 20_000)
    (world.folder / "waivers.yaml").write_text(WAIVERS.format(expires=expires))
    with pytest.raises(AirflowFailException):
        world.tasks.ask_one("sequences", "shop")


def test_a_bad_waivers_file_fails_the_quality_task_with_its_line(world: World) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    (world.folder / "waivers.yaml").write_text(WAIVERS.format(expires="soon"))
    world.tasks.begin()
    world.tasks.missing_answers()
    with pytest.raises(AirflowFailException, match=r"waivers\.yaml:7"):
        world.tasks.judge_rows()


def test_a_missing_right_is_skipped_as_unknown_with_the_grant(world: World) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    world.lab.run("drop role if exists stranger; create role stranger login")
    world.endpoints["shop_db"] = world.lab.login("stranger")
    with pytest.raises(AirflowSkipException, match="pg_monitor"):
        world.tasks.ask_one("sequences", "shop")
    assert world.rows("select status::text, evidence->>'remedy' from upkeep.answer") == [
        ("unknown", "grant pg_monitor to stranger;")
    ]


def test_a_host_that_is_away_is_tried_again_and_a_wrong_database_is_not(world: World) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    world.endpoints["shop_db"] = Endpoint("127.0.0.1", 1)
    with pytest.raises(RuntimeError, match="does not answer"):
        world.tasks.ask_one("sequences", "shop")
    world.endpoints["shop_db"] = world.lab.server.endpoint("no such database")
    with pytest.raises(AirflowFailException, match="there is no such database"):
        world.tasks.ask_one("sequences", "shop")
    assert world.rows("select status::text, count(*) from upkeep.answer group by 1") == [("unknown", 1)]


def test_what_was_not_selected_costs_no_task_of_its_own(world: World) -> None:
    world.inventory("  - {name: other, owner: on-call, connection: other_db}\n")
    world.run("manual", targets=["other"], areas=["database"])
    asked = {("database.sequences", 1), ("database.blocking", 1)}
    boxes = world.begin()
    assert {("database.sequences", 0), ("backups.backup_completed", 0), ("backups.backup_completed", 1)} < boxes
    assert asked & boxes == set()
    world.run("manual", report_only=True)
    assert asked < world.begin()
    assert world.rows("select count(*) from upkeep.target where active") == [(3,)], "it has done the rest of its work before"


def test_what_was_not_selected_is_skipped_and_leaves_no_row(world: World) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    for params in ({"areas": ["costs"]}, {"targets": ["other"]}, {"report_only": True}):
        world.run("manual", **params)
        with pytest.raises(AirflowSkipException, match="not selected"):
            world.tasks.ask_one("sequences", "shop")
        world.tasks.missing_answers()
    assert world.rows("select count(*) from upkeep.answer") == [(0,)]


def test_a_backfill_says_present_only_and_leaves_what_was_answered_before(world: World) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    fill(world.lab, 100)
    world.tasks.ask_one("sequences", "shop")
    for days_ago in (0, 3):
        _skipped_at_begin(world, "backfill", days_ago)
        with pytest.raises(AirflowSkipException, match="present only"):
            world.tasks.ask_one("sequences", "shop")
    rows = world.rows("select status::text from upkeep.answer where duty = 'sequences' order by window_end")
    assert rows == [("unknown",), ("ok",)]


def test_what_only_sees_the_live_system_costs_a_backfill_no_task(world: World) -> None:
    boxes = [_skipped_at_begin(world, kind, days_ago) for kind, days_ago in (("backfill", 3), ("backfill", 3), ("manual", 3))]
    assert {("database.sequences", 0), ("database.blocking", 0)} < boxes[0]
    assert boxes[0] == boxes[1] == boxes[2]
    assert {box for box, _ in boxes[0]} & {f"{duty.area}.{duty.name}" for duty in discover() if duty.dated} == set()
    rows = world.rows("select status::text, summary, run_id, task_id, count(*) from upkeep.answer group by 1, 2, 3, 4")
    assert rows == [("unknown", PRESENT_ONLY, "backfill__1", "database.sequences", len(boxes[0]))]


@pytest.mark.parametrize("kind", ["scheduled", "backfill"])
def test_a_live_duty_that_is_cleared_days_later_changes_nothing_that_was_told(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    told: list[Any] = []
    monkeypatch.setattr(world.tasks.notifications, "answered", lambda *about, **_: told.append(about))
    _skipped_at_begin(world, kind, 3)
    with pytest.raises(AirflowSkipException, match="present only"):
        world.tasks.ask_one("sequences", "shop")
    assert told == []


def test_what_was_answered_in_its_time_stays_when_a_backfill_begins(world: World) -> None:
    fill(world.lab, 100)
    world.tasks.ask_one("sequences", "shop")
    _skipped_at_begin(world, "backfill", 0)
    assert world.rows("select status::text from upkeep.answer where duty = 'sequences'") == [("ok",)]


def test_the_newest_window_is_asked_of_the_live_system(world: World) -> None:
    world.run("manual")
    assert world.begin() == set()
    assert world.rows("select count(*) from upkeep.answer") == [(0,)]


def _skipped_at_begin(world: World, kind: str, days_ago: int) -> set[tuple[str, int]]:
    world.run(kind, days_ago=days_ago)
    return world.begin()


def test_the_windows_of_one_backfill_share_a_thread(world: World) -> None:
    for days_ago in (2, 3, 4):
        _skipped_at_begin(world, "backfill", days_ago)
    rows = world.rows("select distinct thread from upkeep.run where run_type = 'backfill'")
    assert len(rows) == 1
    assert rows[0][0].startswith("backfill/daily/")


def test_a_whole_run_twice_gives_the_same_rows_and_no_second_message(world: World) -> None:
    def once() -> list[list[tuple[Any, ...]]]:
        world.tasks.begin()
        world.tasks.ask_one("sequences", "shop")
        world.tasks.missing_answers()
        world.tasks.judge_rows()
        world.tasks.report()
        return [
            world.rows("select duty, target, window_start, window_end, status, summary from upkeep.answer order by duty, target"),
            world.rows("select duty, target, window_end, name, labels, at, value from upkeep.metric order by name, labels::text"),
            world.rows("select cadence, window_end, name, markdown, content from upkeep.report order by name"),
            world.rows("select key, revision >= 1, final from upkeep.message order by key"),
        ]

    fill(world.lab, 100)
    assert once() == once()
    assert world.rows("select count(*) from upkeep.run where finished_at is not null") == [(1,)]


def test_the_report_database_away_is_tried_again(world: World) -> None:
    from upkeep.errors import BrokenError

    world.endpoints["upkeep_db"] = Endpoint("127.0.0.1", 1)
    with pytest.raises((BrokenError, RuntimeError)) as error:
        world.tasks.begin()
    assert getattr(error.value, "retry", True)


def test_a_task_cleared_after_its_run_brings_the_report_up_to_date(world: World) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    fill(world.lab, 20_000)
    with pytest.raises(AirflowFailException):
        world.tasks.ask_one("sequences", "shop")
    world.tasks.report()
    report = "select content->'findings' = '[]' from upkeep.report where name = 'daily' or name = 'run'"
    assert world.rows(report) == [(False,)]
    fill(world.lab, 1)
    world.tasks.ask_one("sequences", "shop")
    assert world.rows(report) == [(True,)]


def test_the_daily_report_drops_what_is_past_its_age_and_a_backfill_does_not(world: World) -> None:
    fill(world.lab, 100)
    world.tasks.ask_one("sequences", "shop")
    world.lab.run("""
        insert into upkeep.answer
        select duty, target, window_start - interval '500 days', window_end - interval '500 days', cadence, status, summary,
            '{"a": 1}', asked_at, seconds, dag_id, run_id, task_id, map_index, try_number
        from upkeep.answer
    """)
    evidence = "select count(*) from upkeep.answer where evidence = '{\"a\": 1}'"
    world.run("backfill")
    world.begin()
    world.tasks.report()
    assert world.rows(evidence) == [(1,)]
    world.run()
    world.begin()
    world.tasks.report()
    assert world.rows(evidence) == [(0,)]
    assert world.rows("select count(*) from upkeep.answer where window_end < now() - interval '400 days'") == [(1,)]
