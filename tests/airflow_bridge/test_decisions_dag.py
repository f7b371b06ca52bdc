"""Decisions in a real Airflow: a review that its cadence asks, signed by two people; one that nobody answers."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.airflow_bridge.rig import Airflow, running
from tests.decisions.examples import question
from tests.lab import Lab, fresh_database
from upkeep.decisions.decision import Decision, Subject
from upkeep.store import decisions
from upkeep.store.answers import connected
from upkeep.store.migrate import migrate
from upkeep.window import Window

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
USERS = {"ada": "admin", "otto": "op", "olga": "op"}
INVENTORY = """
people:
  - {name: first, role: DBA, slack: U0000001, airflow: otto, on_call: 1}
  - {name: owner, role: DBA, slack: U0000002, airflow: olga}
databases:
  - {name: shop, owner: owner, connection: shop_db}
"""


def rows(lab: Lab, sql: str) -> list[tuple[Any, ...]]:
    with lab.endpoint.connect("look") as connection:
        return connection.execute(sql.encode()).fetchall()


@contextmanager
def metadata(lab: Lab) -> Iterator[str]:
    """Airflow's own database on the same server: many small tasks at once lock SQLite."""
    with fresh_database(lab.server, "airflow_decisions") as made:
        at = made.endpoint
        yield f"postgresql+psycopg2://{at.user}:{quote(at.password or '', safe='')}@{at.host}:{at.port}/{at.database}"


def start(airflow: Airflow, dag: str, run: str, **conf: Any) -> None:
    response = airflow.ask("ada", "POST", f"dags/{dag}/dagRuns", dag_run_id=run, logical_date=None, conf=conf)
    assert response.is_success, response.text


def wait(lab: Lab, sql: str, seconds: float = 150) -> tuple[Any, ...]:
    """The first row, once there is one."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := rows(lab, sql):
            return found[0]
        time.sleep(1)
    raise AssertionError(f"nothing after {seconds} s: {sql}")


def answer(airflow: Airflow, run: str, task: str, user: str, option: str, values: dict[str, Any]) -> int:
    """What Airflow says to it. No person answers before the scheduler has heard that the process which asked has ended."""
    time.sleep(5)
    path = f"dags/decisions/dagRuns/{run}/taskInstances/{task}/-1/hitlDetails"
    return airflow.ask(user, "PATCH", path, chosen_options=[option], params_input=values).status_code


def test_a_review_is_asked_signed_by_two_and_missed_when_nobody_answers(lab: Lab, tmp_path: Path) -> None:
    migrate(lab.endpoint)
    with metadata(lab) as url, running(tmp_path, lab, USERS, INVENTORY, AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=url) as airflow:
        for dag in ("quarterly", "open_decisions", "decisions"):
            airflow.ask("ada", "PATCH", f"dags/{dag}", is_paused=False)
        start(airflow, "quarterly", "quarter")
        (run,) = wait(lab, "select run_id from upkeep.decision where asked_at is not null", 240)
        asked = airflow.of("decisions")
        asked.waits(run, "answer", "awaiting_input")
        shown = asked.ask("ada", "GET", f"dags/decisions/dagRuns/{run}/taskInstances/answer/-1/hitlDetails").json()
        assert [user["id"] for user in shown["assigned_users"]] == ["olga", "otto"]
        assert "postgres" in shown["body"]
        fields = {name: "keep" for name in shown["params"] if name.startswith("login_")}
        good = {**fields, "action_owner": None, "action_due": None}
        assert answer(asked, run, "answer", "ada", "Sign", good) == 403
        assert answer(asked, run, "answer", "olga", "Sign", {**good, "login_1": "burn"}) == 200, "Airflow does not look"
        asked.waits(run, "answer", "up_for_retry")
        assert rows(lab, "select count(*) from upkeep.decision_answer") == [(0,)]
        asked.waits(run, "answer", "awaiting_input")
        assert answer(asked, run, "answer", "olga", "Sign", good) == 200
        asked.waits(run, "countersign", "awaiting_input")
        assert answer(asked, run, "countersign", "olga", "Countersign", {"comment": None}) == 403, "never who decided"
        assert answer(asked, run, "countersign", "otto", "Countersign", {"comment": None}) == 200
        asked.waits(run, "countersign", "success")
        assert rows(lab, "select status, outcome from upkeep.decision") == [("answered", "Sign")]
        assert rows(lab, "select person from upkeep.decision_answer order by place") == [("owner",), ("first",)]
        assert rows(lab, "select status::text from upkeep.answer where duty = 'accepted_logins'") == [("ok",)]
        _nobody_answers(airflow, lab)
        start(airflow, "open_decisions", "again")
        airflow.of("open_decisions").waits("again", "find", "success")
        runs = airflow.ask("ada", "GET", "dags/decisions/dagRuns").json()["dag_runs"]
        assert {r["state"] for r in runs} == {"success", "failed"}
        assert len(runs) == 2, "nobody is asked twice"


def _nobody_answers(airflow: Airflow, lab: Lab) -> None:
    now = datetime.now(UTC)
    about = Subject(duty="accepted_logins", target="shop", window=Window(now - timedelta(days=2), now - timedelta(days=1)))
    silent = Decision(kind="review", subject=about, question=question(), due_days=100 / 86_400)
    with connected(lab.endpoint) as store:
        decisions.open_decision(store, silent, datetime.now(UTC))
    start(airflow, "open_decisions", "silence")
    airflow.of("decisions").waits(silent.subject.run_id, "answer", "failed")
    found = decisions.standing(store := lab.session(), replace(silent).key)
    assert (found.status, found.outcome, found.reason) == ("missed", None, "nobody answered in time")
    assert found.reminded_at
    assert decisions.signatures(store, silent.key) == []
