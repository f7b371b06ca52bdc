"""A decision is asked of the right people, kept when it fits, told in one message, and missed when nobody answers."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.airflow_bridge.test_restoring import Task
from tests.decisions.examples import question
from tests.lab import Lab, fresh_reports
from upkeep.config.inventory import current
from upkeep.decisions.decision import Decision, Status, Subject
from upkeep.sources.scratch import ScratchServer
from upkeep.store import decisions
from upkeep.store.answers import connected
from upkeep.store.decisions import NotOpenError
from upkeep.window import Window

pytestmark = pytest.mark.airflow

INVENTORY = """
people:
  - {name: owner, role: DBA, slack: U0000001, airflow: olga}
  - {name: first, role: Operations, slack: U0000002, on_call: 1, airflow: fred, airflow_id: "7"}
  - {name: second, role: Operations, slack: U0000003, on_call: 2}
notify: {slack_connection: slack}
databases:
  - {name: shop, owner: owner, connection: shop_db}
"""
START = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
WEEK = Window(START - timedelta(days=7), START)
GOOD = {"root": "keep", "report": "take away", "action_owner": "owner", "action_due": "2026-11-30"}
OLGA, FRED = {"id": "olga", "name": "olga"}, {"id": "7", "name": "fred"}


@dataclass
class World:
    """A report database with one open review, a clock, and the tasks of its run."""

    lab: Lab
    module: Any
    decision: Decision
    at: datetime = START
    ti: Task = field(default_factory=lambda: Task(dag_id="decisions", run_id="run"))
    shown: list[Any] = field(default_factory=list)

    def operator(self, name: str) -> Any:
        """One task of the DAG."""
        from upkeep.airflow_bridge.decisions import Answer, Countersign

        self.ti.task_id = name
        return {"answer": Answer, "countersign": Countersign}[name](task_id=name)

    def context(self) -> dict[str, Any]:
        """What a task is given."""
        return {"ti": self.ti, "params": {"decision": self.decision.key}}

    def ask(self, name: str = "answer") -> Any:
        """What a person sees; what the task ends with when there is nothing to ask."""
        ended = self.operator(name).execute(self.context())
        return ended or self.shown[-1]

    def answer(self, user: dict[str, str], option: str = "Sign", name: str = "answer", **values: Any) -> Any:
        """Answer what was asked."""
        event = {
            "chosen_options": [option], "params_input": values, "responded_at": self.at, "responded_by_user": user,
        }  # fmt: skip
        return self.operator(name).execute_complete(self.context(), event)

    def wake(self, name: str = "answer") -> Any:
        """What the scheduler does when the time is up."""
        return self.operator(name).execute_complete(self.context(), {"error": "late", "error_type": "timeout"})

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the report database."""
        with self.lab.endpoint.connect("look") as connection:
            return connection.execute(sql.encode()).fetchall()

    def told(self) -> list[str]:
        """Texts of all messages, by key."""
        return [text for (text,) in self.rows("select body ->> 'text' from upkeep.message order by key")]


@pytest.fixture(scope="module")
def database(server: ScratchServer) -> Iterator[Lab]:
    with fresh_reports(server, f"asking_{os.getpid()}") as made:
        yield made


@pytest.fixture
def world(database: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.setenv("UPKEEP_INVENTORY", str(tmp_path / "inventory.yaml"))
    (tmp_path / "inventory.yaml").write_text(INVENTORY)
    current.cache_clear()
    from airflow.providers.standard.operators.hitl import HITLOperator

    from upkeep.airflow_bridge import asking_people, connections, decision_messages
    from upkeep.airflow_bridge import decisions as dags

    database.run("truncate upkeep.decision, upkeep.decision_answer, upkeep.action_item, upkeep.message")
    about = Subject(duty="accepted_logins", target="shop", window=WEEK)
    made = World(database, asking_people, Decision(kind="review", subject=about, question=question(), needed=2, due_days=8))
    monkeypatch.setattr(connections, "store", lambda: database.endpoint)
    for module in (asking_people, dags):
        monkeypatch.setattr(module, "now", lambda: made.at)
    monkeypatch.setattr(decision_messages, "deliver", lambda: None)
    monkeypatch.setattr(HITLOperator, "execute", lambda self, _: made.shown.append(self))
    with connected(database.endpoint) as store:
        decisions.open_decision(store, made.decision, START)
    yield made
    current.cache_clear()


def test_the_question_is_shown_to_those_who_may_answer(world: World) -> None:
    shown = world.ask()
    assert (shown.subject, shown.body, shown.options) == ("Which logins?", "All of them?", ["Sign"])
    assert shown.assigned_users == [OLGA, FRED]
    form = shown.serialized_params
    assert list(form) == ["root", "report", "action_owner", "action_due"]
    assert form["root"]["schema"]["enum"] == ["keep", "take away"]
    assert form["action_owner"]["schema"]["enum"] == ["owner", "first", "second", None]
    assert form["action_due"]["schema"]["format"] == "date"
    assert shown.response_timeout == timedelta(hours=6)
    assert world.rows("select task_id, asked_at, signers #>> '{0,user}' from upkeep.decision") == [("answer", START, "olga")]


def test_two_people_sign_and_what_was_decided_becomes_rows(world: World) -> None:
    world.ask()
    first = world.answer(OLGA, **GOOD)
    assert first["responded_by_user"] == OLGA
    assert world.rows("select status from upkeep.decision") == [("open",)]
    shown = world.ask("countersign")
    assert shown.assigned_users == [FRED], "never who decided"
    assert "owner decided on 2026\\-11\\-16" in shown.body or "owner decided on 2026-11-16 06:00 UTC: **Sign**" in shown.body
    assert "* report: `take away`" in shown.body
    assert shown.body.endswith("All of them?"), "on the same evidence"
    assert shown.options == ["Countersign", "Object"]
    world.answer(FRED, "Countersign", "countersign", comment=None)
    assert world.rows("select status, outcome, patch from upkeep.decision") == [("answered", "Sign", "")]
    assert world.rows("select person, place from upkeep.decision_answer order by place") == [("owner", 1), ("first", 2)]
    assert world.rows("select object, owner from upkeep.action_item") == [("report", "owner")]
    assert world.told() == ["✅ Signed: Which logins?"]


@pytest.mark.fault
@pytest.mark.parametrize(
    ("values", "message"),
    [(GOOD | {"root": "burn"}, '"burn" is none of keep'), (GOOD | {"action_owner": "x"}, "no person"), ({}, "root: is missing")],
    ids=["a word that is no choice", "nobody", "an empty form"],
)
def test_an_answer_that_does_not_fit_the_form_is_not_kept(world: World, values: dict[str, Any], message: str) -> None:
    world.ask()
    with pytest.raises(ValueError, match=message):
        world.answer(OLGA, **values)
    assert world.rows("select count(*) from upkeep.decision_answer") == [(0,)]
    assert world.ask().subject == "Which logins?", "the next try asks again"


@pytest.mark.fault
def test_who_decided_cannot_countersign(world: World) -> None:
    world.ask()
    world.answer(OLGA, **GOOD)
    world.ask("countersign")
    with pytest.raises(NotOpenError, match="another person must countersign"):
        world.answer(OLGA, "Countersign", "countersign")
    assert world.rows("select status from upkeep.decision") == [("open",)]


def test_an_objection_is_red_and_cleared_it_is_asked_again(world: World) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    world.ask()
    world.answer(OLGA, **GOOD)
    world.ask("countersign")
    with pytest.raises(AirflowFailException, match="first objected: root is gone"):
        world.answer(FRED, "Object", "countersign", comment="root is gone")
    assert world.rows("select status, outcome from upkeep.decision") == [("answered", "Object")]
    assert world.rows("select count(*) from upkeep.action_item") == [(0,)]
    assert world.told() == ["🔴 Objected: Which logins?"]
    with pytest.raises(AirflowFailException, match="first objected"):
        world.ask("countersign")
    assert world.ask().subject == "Which logins?"
    assert world.rows("select status, round from upkeep.decision") == [("open", 2)]
    with pytest.raises(AirflowFailException, match="nobody has decided yet"):
        world.ask("countersign")


def test_what_was_answered_is_not_asked_again(world: World) -> None:
    world.ask()
    world.answer(OLGA, **GOOD)
    assert world.ask()["responded_by_user"] == OLGA, "a retry after the answer was kept goes on"
    world.ask("countersign")
    world.answer(FRED, "Countersign", "countersign")
    assert world.ask()["params_input"] == GOOD
    assert world.ask("countersign")["chosen_options"] == ["Countersign"]
    assert len(world.shown) == 2


@pytest.mark.fault
def test_silence_is_missed_told_and_never_approved(world: World) -> None:
    from airflow.sdk.exceptions import AirflowFailException, TaskAwaitingInput

    world.ask()
    world.at = START + timedelta(days=4)
    for _ in range(2):
        with pytest.raises(TaskAwaitingInput):
            world.wake()
    assert world.told()[1] == "⏳ Half the time is over: due Tue 24 Nov 2026 06:00 UTC: Which logins?"
    world.at = START + timedelta(days=8)
    for _ in range(2):
        with pytest.raises(AirflowFailException, match="missed: nobody answered by 2026-11-24 06:00 UTC"):
            world.wake()
    assert world.rows("select status, outcome, reason from upkeep.decision") == [("missed", None, "nobody answered in time")]
    assert world.told()[0] == "🔴 Missed: Which logins?"
    called = world.rows("select body ->> 'blocks' from upkeep.message where key like '%/missed'")[0][0]
    assert "<@U0000002>" in called, "the next on call, who is not the one called first"
    with pytest.raises(AirflowFailException, match="missed"):
        world.answer(OLGA, **GOOD)
    assert world.rows("select count(*) from upkeep.decision_answer") == [(0,)]


def test_who_has_no_slack_is_called_by_name(world: World, tmp_path: Path) -> None:
    from airflow.sdk.exceptions import AirflowFailException, TaskAwaitingInput

    file = tmp_path / "inventory.yaml"
    file.write_text(re.sub(r", slack: \w+", "", file.read_text()))
    current.cache_clear()
    world.ask()
    first = world.rows("select body ->> 'blocks' from upkeep.message")[0][0]
    world.at = START + timedelta(days=4)
    with pytest.raises(TaskAwaitingInput):
        world.wake()
    world.at = START + timedelta(days=8)
    with pytest.raises(AirflowFailException, match="missed"):
        world.wake()
    reminder, missed = (
        world.rows(f"select body ->> 'blocks' from upkeep.message where key like '%/{kind}'")[0][0]
        for kind in ("reminder", "missed")
    )
    assert "evidence> · owner" in first
    assert "UTC. owner" in reminder
    assert "nothing was approved. first" in missed, "somebody is on call, who only has no Slack"


def test_cleared_after_it_was_missed_it_is_asked_again_with_a_message_of_its_own(world: World) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    world.ask()
    world.at = START + timedelta(days=8)
    with pytest.raises(AirflowFailException):
        world.wake()
    assert world.ask().response_timeout == timedelta(hours=6)
    assert world.rows("select status, round, due_at from upkeep.decision") == [("open", 2, START + timedelta(days=16))]
    assert "🟡 Decision needed: Which logins?" in world.told()


def test_withdrawn_it_is_skipped_at_the_next_wake_and_an_answer_is_not_kept(world: World) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    world.ask()
    with connected(world.lab.endpoint) as store:
        decisions.close(store, world.decision.key, Status.WITHDRAWN, START, reason="nothing to ask any more")
    ends: list[Callable[[], Any]] = [world.wake, lambda: world.answer(OLGA, **GOOD), world.ask]
    for end in ends:
        with pytest.raises(AirflowSkipException, match="withdrawn: nothing to ask any more"):
            end()
    assert world.told() == ["⚪ Withdrawn: Which logins?"]
    assert world.rows("select count(*) from upkeep.decision_answer") == [(0,)]


def test_too_few_people_is_red_and_says_what_to_do(world: World, tmp_path: Path) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    (tmp_path / "inventory.yaml").write_text(INVENTORY.replace(', airflow: fred, airflow_id: "7"', ""))
    current.cache_clear()
    with pytest.raises(AirflowFailException, match="2 different people must sign, and only owner may"):
        world.ask()
    assert world.shown == []
    assert world.told() == ["🔴 Cannot be asked: Which logins?"]


def test_one_signature_is_enough_where_the_duty_says_so(world: World) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    world.lab.run("update upkeep.decision set needed = 1")
    world.ask()
    world.answer(FRED, **GOOD)
    assert world.rows("select status, outcome from upkeep.decision") == [("answered", "Sign")]
    with pytest.raises(AirflowSkipException, match="one signature is enough"):
        world.ask("countersign")


def test_what_waits_is_found_with_the_run_that_asks_it(world: World) -> None:
    from upkeep.airflow_bridge.decisions import find

    expected = [{"trigger_run_id": world.decision.subject.run_id, "conf": {"decision": world.decision.key}}]
    assert find() == find() == expected
    world.at = START + timedelta(days=8, hours=2)
    assert find() == []
    assert world.rows("select status from upkeep.decision") == [("missed",)]
    assert world.told()[0] == "🔴 Missed: Which logins?"


def test_a_run_that_says_no_decision_says_how_to_start_one(world: World) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    with pytest.raises(AirflowFailException, match="trigger `open_decisions`"):
        world.operator("answer").execute({"ti": world.ti, "params": {}})


def test_only_what_was_not_told_yet_is_told_as_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    from upkeep.airflow_bridge import decisions as dags

    told: list[Any] = []
    monkeypatch.setattr(dags, "entry_points", SimpleNamespace(task_failed=told.append))
    dags.failed({"exception": AirflowFailException("missed")})
    assert told == []
    dags.failed({"exception": RuntimeError("a bug")})
    assert len(told) == 1
