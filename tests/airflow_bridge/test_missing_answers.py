"""What a run did not answer, as its task `missing_answers` finds it."""

from typing import Any

import pytest

from tests.airflow_bridge.test_tasks import fill
from tests.airflow_bridge.world import NOW, World

pytestmark = pytest.mark.airflow


def test_a_question_without_an_answer_becomes_unknown(world: World) -> None:
    fill(world.lab, 100)
    world.tasks.ask_one("sequences", "shop")
    world.tasks.missing_answers()
    counted = dict(world.rows("select status::text, count(*) from upkeep.answer group by 1"))
    assert counted["ok"] == 1
    assert counted["unknown"] > 10


def test_an_unexpected_exception_is_known_afterwards_and_not_called_killed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from upkeep.checks.database.sequences import sequences

    def ask(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(world.tasks, "find", lambda _: replace(sequences, ask=ask))
    with pytest.raises(RuntimeError, match="sequences about shop: unexpected ZeroDivisionError: by nothing"):
        world.tasks.ask_one("sequences", "shop")
    world.tasks.missing_answers()
    rows = world.rows("select status::text, summary from upkeep.answer where duty = 'sequences'")
    assert rows == [("unknown", "could not ask: unexpected ZeroDivisionError: by nothing")]


def test_a_cleared_run_whose_task_died_says_so_and_keeps_the_other_answers(world: World) -> None:
    fill(world.lab, 100)
    for duty in ("sequences", "wraparound"):
        world.tasks.ask_one(duty, "shop")
    world.tasks.missing_answers()
    before = dict(world.rows("select duty, asked_at from upkeep.answer"))
    world.tasks.begin()
    world.lab.run("update upkeep.answer set asked_at = asked_at - interval '1 day' where duty = 'wraparound'")
    world.lab.run(f"""
        insert into upkeep.pending_answer
        select duty, target, window_start, window_end, dag_id, run_id, 2, '{NOW.isoformat()}' from upkeep.answer
        where duty = 'sequences'
    """)
    world.tasks.missing_answers()
    assert world.rows("select duty, summary from upkeep.answer where status = 'unknown' and summary ~ 'killed or ran out'") == [
        ("sequences", "no answer: its task began to ask, and was killed or ran out of time")
    ]
    after = dict(world.rows("select duty, asked_at from upkeep.answer"))
    assert {duty for duty in before if before[duty] != after[duty]} == {"sequences", "wraparound"}
    assert world.rows("select status::text from upkeep.answer where duty = 'wraparound'") == [("ok",)]


def test_a_later_run_about_the_window_has_to_answer_anew(world: World) -> None:
    fill(world.lab, 100)
    world.tasks.ask_one("sequences", "shop")
    world.context["dag_run"].run_id = "manual__2"
    world.tasks.begin()
    world.tasks.missing_answers()
    rows = world.rows("select status::text, summary from upkeep.answer where duty = 'sequences'")
    assert rows == [("unknown", "no answer: its task never got to ask: it failed before, was killed or never ran")]


def test_a_backfill_of_a_past_window_leaves_live_answers_of_its_time(world: World) -> None:
    fill(world.lab, 100)
    world.tasks.ask_one("sequences", "shop")
    world.run("backfill")
    world.context["dag_run"].run_id = "backfill__2"
    world.begin()
    world.tasks.missing_answers()
    assert world.rows("select status::text from upkeep.answer where duty = 'sequences'") == [("ok",)]
