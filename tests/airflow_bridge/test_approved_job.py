"""The task `apply` of the DAG `decisions`: skipped, green or red as what was approved deserves."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.lab import Lab
from upkeep.answer import Answer
from upkeep.config.inventory import current
from upkeep.decisions.decision import Decision, Signature, Status, Subject
from upkeep.decisions.plan import Plan
from upkeep.decisions.question import SIGN, Question
from upkeep.duty import job
from upkeep.errors import BrokenError
from upkeep.sources.connections import Connections, OneDatabase
from upkeep.store import decisions
from upkeep.targets.database import Database
from upkeep.window import Cadence

pytestmark = pytest.mark.airflow
INVENTORY = """
people: [{name: owner, role: DBA, slack: U0000001, airflow: olga}]
notify: {slack_connection: slack, channel: C0000001}
databases: [{name: shop, owner: owner, connection: shop_db}]
"""
trouble: list[BrokenError] = []


def felled(plan: Plan, db: Database, connections: Connections) -> Answer:
    """Delete the trees of the plan."""
    if trouble:
        raise trouble.pop()
    with connections.postgres(db.connection).connect("fell") as write:
        write.execute("delete from tree where id = any(%s)", (plan.steps["trees"],))
    return Answer.judged(f"felled {plan.steps['trees']}")


@job(Cadence.MONTHLY, owner="database", approve=felled)
def fell(db: Database, connections: Connections) -> Plan | Answer:
    """Fell the trees, once somebody has said so."""
    with connections.postgres(db.connection).connect("look") as read:
        found = [number for (number,) in read.execute("select id from tree order by id").fetchall()]
    return Plan(subject=f"Fell {found}?", markdown=f"* trees {found}", steps={"trees": found})


class World:
    """One run of `decisions` about the trees of a database."""

    def __init__(self, lab: Lab, task: Any) -> None:
        self.lab, self.task = lab, task
        now = datetime.now(UTC)
        self.about = Subject(duty="fell", target="shop", window=Cadence.MONTHLY.last_full(now, current().zone))
        question = Plan(subject="Fell [1, 2]?", markdown="* trees", steps={"trees": [1, 2]}).question
        self.decision = Decision(kind="approval", subject=self.about, question=question)

    def decide(self, option: str = "Approve") -> None:
        """Somebody has answered it."""
        now, key = datetime.now(UTC), self.decision.key
        with self.lab.endpoint.connect("decide") as store:
            found = decisions.open_decision(store, self.decision, now)
            signed = Signature(place=1, option=option, values={}, user="olga", user_id="olga", person="owner", answered_at=now,
                digest=found.digest)  # fmt: skip
            decisions.sign(store, key, signed)
            decisions.close(store, key, Status.ANSWERED, now, outcome=option)

    def apply(self) -> str:
        """The task."""
        text: str = self.task.apply()
        return text

    def trees(self) -> int:
        """How many stand."""
        return int(self.lab.value("select count(*) from tree"))

    def told(self) -> str:
        """The newest message."""
        return str(self.lab.value("select body::text from upkeep.message order by key desc limit 1"))


@pytest.fixture
def world(reports: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    from upkeep.airflow_bridge import approved_job, decision_messages

    trouble.clear()
    reports.run("create table tree (id int primary key); insert into tree values (1), (2)")
    inventory = tmp_path / "inventory.yaml"
    inventory.write_text(INVENTORY)
    monkeypatch.setenv("UPKEEP_INVENTORY", str(inventory))
    current.cache_clear()
    made = World(reports, approved_job)
    run = SimpleNamespace(dag_id="decisions", run_id="r1")
    ti = SimpleNamespace(task_id="apply", map_index=-1, try_number=1, max_tries=1, task=SimpleNamespace(retries=1))
    context = {"params": {"decision": made.decision.key}, "ti": ti, "dag_run": run}
    everything = SimpleNamespace(store=lambda: reports.endpoint, AirflowConnections=lambda: OneDatabase(reports.endpoint))
    monkeypatch.setattr(approved_job, "get_current_context", lambda: context)
    monkeypatch.setattr(approved_job, "connections", everything)
    monkeypatch.setattr(approved_job, "find", lambda _: fell)
    monkeypatch.setattr(decision_messages, "deliver", lambda: None)
    return made


def test_what_was_approved_is_done_and_told(world: World) -> None:
    world.decide()
    assert world.apply() == "done: felled [1, 2]"
    assert world.trees() == 0
    assert "Approved: Fell [1, 2]?" in world.told()
    assert "Done: felled [1, 2]" in world.told()
    assert world.apply() == "done before"


@pytest.mark.fault
def test_what_was_refused_is_skipped(world: World) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    world.decide("Reject")
    with pytest.raises(AirflowSkipException, match=r"not approved: Fell \[1, 2\]\? \(Reject\)"):
        world.apply()
    assert world.trees() == 2


def test_a_review_is_skipped(world: World) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    world.decision = replace(world.decision, kind="review", question=Question(subject="?", body="", options=(SIGN,)))
    world.decide(SIGN)
    with pytest.raises(AirflowSkipException, match="a review"):
        world.apply()


@pytest.mark.fault
def test_another_world_is_asked_again(world: World) -> None:
    world.decide()
    world.lab.run("insert into tree values (3)")
    assert "people are asked again" in world.apply()
    assert world.trees() == 3
    assert world.lab.value("select format('%s %s', status, round) from upkeep.decision") == "open 2"


@pytest.mark.fault
def test_what_may_be_tried_again_is_and_what_may_not_is_red_and_told(world: World) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    world.decide()
    trouble.append(BrokenError("away", retry=True))
    with pytest.raises(RuntimeError, match="away"):
        world.apply()
    trouble.append(BrokenError("the saw broke", "buy one", retry=False))
    with pytest.raises(AirflowFailException, match="the saw broke\nbuy one"):
        world.apply()
    assert "Not done as approved: failed: the saw broke" in world.told()
    assert world.apply() == "done: felled [1, 2]"


def test_the_dag_asks_countersigns_and_applies() -> None:
    from upkeep.airflow_bridge.decisions import decisions_dag, open_decisions_dag

    dag = decisions_dag("text")
    applied = dag.get_task("apply")
    assert (applied.upstream_task_ids, applied.trigger_rule, applied.queue) == ({"countersign"}, "none_failed", "heavy")
    assert "upkeep_decision_applied" in {asset.name for asset in applied.outlets}
    assert all(name in repr(open_decisions_dag().schedule) for name in ("upkeep_decision_applied", "upkeep_report_monthly"))
