"""How often is tried again: as long as what is away may come back, and not over what stays wrong."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.airflow_bridge.world import World
from upkeep.errors import BrokenError, known
from upkeep.sources.postgres import Endpoint

pytestmark = pytest.mark.airflow

AWAY = BrokenError("the server does not answer", retry=True)
CUT_OFF = BrokenError("the question was cut off", retry=True, tries=3)


def ti(try_number: int, *, cleared_after: int = 0, retries: int = 5) -> Any:
    return SimpleNamespace(try_number=try_number, max_tries=cleared_after + retries, task=SimpleNamespace(retries=retries))


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (AWAY, 6),
        (CUT_OFF, 3),
        (known(KeyError("a fault of the duty")), 2),
        (BrokenError("the login was refused", retry=False), 1),
    ],
)
@pytest.mark.parametrize("cleared_after", [0, 6])
def test_as_many_tries_as_make_sense_and_as_many_again_when_cleared(error: BrokenError, tries: int, cleared_after: int) -> None:
    from upkeep.airflow_bridge.retries import makes_sense

    again = [makes_sense(error, ti(cleared_after + number, cleared_after=cleared_after)) for number in range(1, 7)]
    assert again == [number < tries for number in range(1, 7)]


def test_a_task_that_is_tried_less_often_ends_with_its_own_tries() -> None:
    from upkeep.airflow_bridge.retries import makes_sense

    assert makes_sense(CUT_OFF, ti(1, retries=1))
    assert not makes_sense(CUT_OFF, ti(2, retries=1))


def test_a_target_that_is_away_is_tried_again_and_told_at_the_last_try(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    told = []
    monkeypatch.setattr(world.tasks.notifications, "answered", lambda *_, **more: told.append(more["red"]))
    world.endpoints["shop_db"] = Endpoint("127.0.0.1", 1)
    for number in range(1, 4):
        world.context["ti"].try_number = number
        with pytest.raises(RuntimeError, match="sequences about shop"):
            world.tasks.ask_one("sequences", "shop")
    assert told == []
    world.context["ti"].try_number = 4
    with pytest.raises(AirflowFailException, match="sequences about shop"):
        world.tasks.ask_one("sequences", "shop")
    assert told == [True]


def test_who_answers_what_does_not_fit_is_asked_again_at_once() -> None:
    from upkeep.airflow_bridge.asking_people import UnfitAnswerError
    from upkeep.airflow_bridge.retries import at_once_after

    policy = at_once_after(UnfitAnswerError)["retry_policy"]
    assert policy.evaluate(UnfitAnswerError("asked again"), 1, 5).retry_delay.total_seconds() == 10
    assert policy.evaluate(RuntimeError("the report database is away"), 1, 5).retry_delay is None
