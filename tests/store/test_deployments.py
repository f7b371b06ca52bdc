"""Rows of deployments: what replaces what, and which failed as known at a moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.store.conftest import Store
from upkeep.delivery.deployed import Change, Deployed, Outcome
from upkeep.delivery.kept import Unexplained
from upkeep.store.deployments import StoredDeployments
from upkeep.window import Window

NINE = datetime(2026, 5, 14, 9, tzinfo=UTC)
DAY = Window(datetime(2026, 5, 14, tzinfo=UTC), datetime(2026, 5, 15, tzinfo=UTC))


def at(hours: float) -> datetime:
    return NINE + timedelta(hours=hours)


def live(name: str, hours: float, commit: str, **more: Any) -> Deployed:
    usual = Deployed(
        environment="production", deployment=name, started_at=at(hours - 0.1), finished_at=at(hours), status=Outcome.SUCCEEDED,
        source="pipeline", commit_id=commit * 40,
    )  # fmt: skip
    return replace(usual, **more)


@pytest.fixture
def web(store: Store) -> StoredDeployments:
    return StoredDeployments(store.connection, "web")


def known(store: Store, hours: float = 24) -> list[tuple[Any, ...]]:
    query = "select deployment, previous, failed_at, recovered_at from upkeep.live_deployments(%s) order by live_at"
    return store.rows(query, [at(hours)])


def test_the_same_again_changes_nothing(web: StoredDeployments) -> None:
    assert web.keep([live("1", 0, "a")]) == 1
    assert web.keep([live("1", 0, "a")]) == 0
    assert web.keep([live("1", 0, "a", version="2.0")]) == 1
    assert web.newest(5) == [live("1", 0, "a", version="2.0")]


def test_statuses_in_any_order_end_the_same(web: StoredDeployments) -> None:
    running = live("1", 0, "a", status=Outcome.RUNNING, finished_at=None)
    for order in ([running, live("1", 0, "a")], [live("1", 0, "a"), running]):
        web.keep(order)
        assert web.newest(1)[0].status is Outcome.SUCCEEDED


def test_what_people_marked_stays(web: StoredDeployments) -> None:
    web.keep([live("1", 0, "a", failed_at=at(1), failed_why="carts were empty")])
    assert web.keep([live("1", 0, "a")]) == 0
    web.keep([live("1", 0, "a", status=Outcome.ROLLED_BACK)])
    assert web.keep([live("1", 0, "a")]) == 0
    assert web.newest(1)[0].failed_why == "carts were empty"
    assert web.newest(1)[0].status is Outcome.ROLLED_BACK


def test_the_one_after_an_earlier_commit_was_taken_back(store: Store, web: StoredDeployments) -> None:
    web.keep([live("1", 0, "a"), live("2", 1, "b"), live("3", 2, "a"), live("4", 3, "c")])
    assert known(store) == [("1", None, None, None), ("2", "1", at(2), at(2)), ("3", "2", None, None), ("4", "3", None, None)]
    assert store.rows("select deployment from upkeep.live_deployments(%s) where rework", [at(24)]) == [("3",)]


def test_the_same_commit_again_takes_nothing_back(store: Store, web: StoredDeployments) -> None:
    web.keep([live("1", 0, "a"), live("2", 1, "a"), live("3", 2, "a")])
    assert [row[2] for row in known(store)] == [None, None, None]


def test_of_a_past_moment_only_what_was_known_then(store: Store, web: StoredDeployments) -> None:
    web.keep([live("1", 0, "a"), live("2", 1, "b", failed_at=at(3)), live("3", 5, "a")])
    assert known(store, 2) == [("1", None, None, None), ("2", "1", None, None)]
    assert known(store, 4) == [("1", None, None, None), ("2", "1", at(3), None)]
    assert known(store, 6)[1] == ("2", "1", at(3), at(5))


def test_recovery_is_the_next_that_did_not_fail(store: Store, web: StoredDeployments) -> None:
    web.keep([live("1", 0, "a", failed_at=at(0.5)), live("2", 1, "b", failed_at=at(1.5)), live("3", 2, "c")])
    assert [row[3] for row in known(store)] == [at(2), at(2), None]


def test_recovery_never_comes_from_the_same_moment_nor_from_elsewhere(store: Store, web: StoredDeployments) -> None:
    web.keep([live("1", 0, "a", failed_at=at(1)), live("2", 0, "b"), live("4", 3, "d"), live("3", 3, "c")])
    StoredDeployments(store.connection, "other").keep([live("5", 2, "a")])
    web.keep([live("6", 1, "a", environment="staging")])
    query = "select recovered_at, recovered_by from upkeep.live_deployments(%s) where deployment = '1'"
    assert store.rows(query, [at(24)]) == [(at(3), "3")]


def test_a_failed_job_never_went_live_unless_somebody_says_so(store: Store, web: StoredDeployments) -> None:
    web.keep([live("1", 0, "a", status=Outcome.FAILED), live("2", 1, "b", status=Outcome.FAILED, failed_at=at(1))])
    assert [row[0] for row in known(store)] == ["2"]


def test_services_and_environments_do_not_mix(store: Store, web: StoredDeployments) -> None:
    web.keep([live("1", 0, "a"), live("2", 1, "b"), live("3", 2, "a", environment="staging")])
    StoredDeployments(store.connection, "other").keep([live("4", 3, "a")])
    assert [row[1:3] for row in known(store)] == [(None, None), ("1", None), (None, None), (None, None)]


def test_changes_are_asked_for_once_and_never_of_the_first(web: StoredDeployments) -> None:
    web.keep([live("1", 0, "a"), live("2", 1, "b"), live("3", 2, "c", source="GitHub"), live("4", 3, "d", merged_as="e" * 40)])
    asked = web.unexplained(DAY, "pipeline")
    assert asked == [
        Unexplained("production", "2", "a" * 40, "b" * 40),
        Unexplained("production", "4", "c" * 40, "e" * 40),
    ]
    for _ in range(2):
        web.explain(asked[0], [Change("b" * 40, at(-1))])
    assert [each.deployment for each in web.unexplained(DAY, "pipeline")] == ["4"]


def test_a_pipeline_with_its_own_login_may_insert_and_no_more(store: Store) -> None:
    store.run("create role pipeline")
    store.run("grant usage on schema upkeep to pipeline; grant select, insert, update on upkeep.deployment to pipeline")
    store.run("set role pipeline")
    for status in ("succeeded", "rolled back"):
        store.run(
            """
            insert into upkeep.deployment (service, deployment, version, commit_id, started_at, finished_at, status)
            values ('web', '4711', '2.4', 'abcdef1', '2026-05-14 09:00+00', '2026-05-14 09:05+00', %s)
            on conflict (service, environment, deployment) do update
                set status = excluded.status, finished_at = excluded.finished_at
            """,
            [status],
        )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        store.run("delete from upkeep.deployment")
    store.run("reset role")
    assert store.rows("select status, environment, source from upkeep.deployment") == [("rolled back", "production", "pipeline")]
    store.run("drop owned by pipeline; drop role pipeline")


@pytest.mark.parametrize(
    "wrong",
    [
        "status = 'done'",
        "commit_id = 'HEAD'",
        "finished_at = '2026-05-14 08:00+00'",
        "finished_at = null",
        "status = 'running'",
        "url = 'javascript:alert(1)'",
        "failed_at = '2026-05-14 08:00+00'",
    ],
)
def test_what_cannot_be_is_refused(store: Store, web: StoredDeployments, wrong: str) -> None:
    web.keep([live("1", 0, "a")])
    with pytest.raises(psycopg.errors.CheckViolation):
        store.run(f"update upkeep.deployment set {wrong}")
