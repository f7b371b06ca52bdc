"""The DAG `restore`: what was approved is what is restored, and the right people approve it."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.backups.world import Rows, Shelf, in_folder
from tests.lab import Lab, fresh_reports
from upkeep.backups.registry import Record
from upkeep.config.inventory import Inventory, current, load
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer

pytestmark = pytest.mark.airflow

PEOPLE = """
people:
  - {name: owner, role: DBA, slack: U0000001, airflow: olga}
  - {name: first, role: Operations, slack: U0000002, on_call: 1, airflow: fred, airflow_id: "7"}
  - {name: second, role: Operations, slack: U0000003, on_call: 2, airflow: sam}
  - {name: no user, role: Operations, slack: U0000004, on_call: 3}
  - {name: bystander, role: Finance, slack: U0000005, airflow: bea}
databases:
  - {name: shop, owner: owner, connection: shop_db}
"""


@dataclass
class Task:
    """As much of a task instance as is used: XCom by task and key."""

    xcom: dict[tuple[str, str], Any] = field(default_factory=dict)
    task_id: str = "plan"
    dag_id: str = "restore"
    run_id: str = "manual__1"
    map_index: int = -1
    try_number: int = 1

    def xcom_push(self, key: str, value: Any) -> None:
        """Keep."""
        self.xcom[self.task_id, key] = value

    def xcom_pull(self, task_ids: str, key: str = "return_value") -> Any:
        """What another task kept."""
        return self.xcom.get((task_ids, key))


@dataclass
class World:
    """A shelf with backups of `shop`, an inventory, and the tasks of one run."""

    lab: Lab
    shelf: Shelf
    restoring: Any
    inventory: Path
    store: Endpoint
    sent: list[str] = field(default_factory=list)
    ti: Task = field(default_factory=Task)
    asked_by: str | None = "fred"
    params: dict[str, Any] = field(
        default_factory=lambda: {
            "backup": "shop", "destination": "scratch", "major": None, "roles": None, "no_owner": False, "missing_roles": "skip"
        }
    )  # fmt: skip

    def take(self) -> Record:
        """One more backup."""
        return self.shelf.take(self.lab.endpoint)

    def plan(self) -> str:
        """The first task."""
        self.ti.task_id = "plan"
        text: str = self.restoring.plan()
        self.ti.xcom_push("return_value", text)
        return text

    def approve(self, monkeypatch: pytest.MonkeyPatch, option: str = "Approve") -> list[dict[str, str]] | None:
        """The second one, answered by sam; who may answer."""
        from airflow.providers.standard.operators.hitl import ApprovalOperator

        from upkeep.airflow_bridge.approval import Approval

        asked: list[Any] = []
        monkeypatch.setattr(ApprovalOperator, "execute", lambda self, _: asked.append(self.assigned_users))
        self.ti.task_id = "approve"
        operator = Approval(task_id="approve", planned_by="plan", subject="?")
        operator.execute({"ti": self.ti})
        operator.execute_complete({"ti": self.ti, "task": operator}, self.answer(option))
        people: list[dict[str, str]] | None = asked[0]
        return people

    def answer(self, option: str) -> dict[str, Any]:
        """What Airflow hands on of an answer."""
        sam = {"id": "sam", "name": "sam"}
        return {"chosen_options": [option], "params_input": {}, "responded_at": datetime.now(UTC), "responded_by_user": sam}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the report database."""
        with self.store.connect("look") as connection:
            found: list[tuple[Any, ...]] = connection.execute(sql.encode()).fetchall()
        return found

    def restore(self) -> None:
        """The third one."""
        self.ti.task_id = "restore"
        self.restoring.restore()


@pytest.fixture
def report_database(server: ScratchServer) -> Iterator[Lab]:
    """Where approvals are kept; apart from what is backed up."""
    with fresh_reports(server, f"approvals_{os.getpid()}") as made:
        yield made


@pytest.fixture
def world(lab: Lab, report_database: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    from upkeep.airflow_bridge import approval, asking_people, restoring

    lab.run("create table t (a int); insert into t select generate_series(1, 7)")
    inventory = tmp_path / "inventory.yaml"
    inventory.write_text(PEOPLE)
    monkeypatch.setenv("UPKEEP_INVENTORY", str(inventory))
    current.cache_clear()
    made = World(lab, in_folder(tmp_path / "store"), restoring, inventory, report_database.endpoint)

    @contextmanager
    def rows() -> Iterator[Rows]:
        yield made.shelf.rows

    def context() -> dict[str, Any]:
        return {"params": made.params, "ti": made.ti, "dag_run": SimpleNamespace(triggering_user_name=made.asked_by)}

    monkeypatch.setattr(restoring, "get_current_context", context)
    monkeypatch.setattr(restoring, "_registry", rows)
    monkeypatch.setattr(restoring, "say_progress", lambda *_: None)
    monkeypatch.setattr(restoring, "_send", lambda _, text: made.sent.append(text))
    stand_in = SimpleNamespace(AirflowConnections=lambda: OneDatabase(lab.endpoint), store=lambda: report_database.endpoint)
    for module in (approval, asking_people, restoring):
        monkeypatch.setattr(module, "connections", stand_in)
    monkeypatch.setitem(sys.modules, "upkeep.airflow_bridge.connections", stand_in)
    yield made
    current.cache_clear()


@pytest.mark.fault
def test_what_was_approved_is_restored_and_not_what_is_newest_by_then(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    approved = world.take()
    text = world.plan()
    assert f"backup {approved.id} of shop" in text
    assert f"manifest {approved.manifest_sha256}" in text
    world.approve(monkeypatch)
    world.take()
    world.plan()  # cleared alone: what was shown to a person is kept with the approval
    world.restore()
    (done,) = world.shelf.rows.restorations("shop")
    assert (done.backup_id, done.state, done.manifest_sha256) == (approved.id, "proven", approved.manifest_sha256)
    assert done.asked_by == "fred, approved by sam (in Airflow)"
    assert world.sent[0].startswith("Proven: backup ")


@pytest.mark.fault
def test_another_manifest_than_the_approved_one_is_not_restored(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    approved = world.take()
    world.plan()
    world.approve(monkeypatch)
    other = world.take()
    place = world.shelf.place
    exchanged = place.at(other.id).get("manifest.json").replace(other.id.encode(), approved.id.encode())
    place.at(approved.id).put("manifest.json", exchanged)
    world.shelf.rows.put(replace(approved, manifest_sha256=None))
    with pytest.raises(AirflowFailException, match="manifest"):
        world.restore()
    assert world.shelf.rows.restorations("shop") == []


def test_without_an_approval_nothing_is_restored(world: World) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    world.take()
    world.plan()
    with pytest.raises(AirflowFailException, match="nothing was approved"):
        world.restore()


def test_only_the_named_may_approve_and_not_who_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.take()
    assert "asked for by fred; to be approved by owner or second" in world.plan()
    assert world.approve(monkeypatch) == [{"id": "olga", "name": "olga"}, {"id": "sam", "name": "sam"}]
    world.asked_by = None
    world.plan()
    people = world.approve(monkeypatch)
    assert people is not None
    assert {"id": "7", "name": "fred"} in people


def test_who_is_alone_approves_what_he_asked_for(inventory: Callable[[str], Inventory]) -> None:
    from upkeep.airflow_bridge.approval import approvers

    alone = inventory(PEOPLE.replace(", airflow: olga", "").replace(", airflow: sam", ""))
    assert [p.name for p in approvers(alone, alone.target("shop"), "fred")] == ["first"]
    nobody = inventory(PEOPLE.replace("airflow: ", "runs: ").replace(", runs: ", "}# "))
    assert approvers(nobody, nobody.target("shop"), "fred") == []


@pytest.fixture
def inventory(tmp_path: Path) -> Callable[[str], Inventory]:
    def one(text: str) -> Inventory:
        file = tmp_path / "one.yaml"
        file.write_text(text)
        return load(file)

    return one


def test_without_a_mapping_whoever_may_answer_approves_and_the_plan_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.inventory.write_text(
        "people: [{name: owner, role: DBA, slack: U0000001}]\ndatabases:\n  - {name: shop, owner: owner, connection: shop_db}\n"
    )
    current.cache_clear()
    world.take()
    assert "whoever may answer in Airflow approves" in world.plan()
    assert world.approve(monkeypatch) is None


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"backup": "shoq"}, 'no backup or target is called "shoq"'),
        ({"destination": "postgresql://a:b@c/d"}, "a form is no place for a password"),
        ({"destination": "shop_db/taken"}, "is not empty"),
    ],
)
def test_what_cannot_be_done_fails_at_the_plan(world: World, params: dict[str, str], message: str) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    world.take()
    world.params |= {name: word.replace("taken", world.lab.database) for name, word in params.items()}
    with pytest.raises(AirflowFailException, match=message):
        world.plan()


def test_the_approval_and_its_result_stand_in_the_report_database(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record = world.take()
    world.plan()
    world.approve(monkeypatch)
    world.restore()
    kept = (
        "select kind, duty, target, status, outcome, asked_by, question #>> '{evidence,backup}', result_ok from upkeep.decision"
    )
    assert world.rows(kept) == [("approval", "restore", "shop", "answered", "Approve", "fred", record.id, True)]
    assert world.rows("select result from upkeep.decision")[0][0].startswith(f"Proven: backup {record.id}")
    signed = (
        "select user_name, person, place, decision_answer.digest = decision.digest from upkeep.decision_answer, upkeep.decision"
    )
    assert world.rows(signed) == [("sam", "second", 1, True)]


@pytest.mark.fault
def test_a_plan_that_has_changed_is_asked_again_whatever_was_approved(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.take()
    world.plan()
    world.approve(monkeypatch)
    newer = world.take()
    world.plan()
    world.approve(monkeypatch)
    world.restore()
    (done,) = world.shelf.rows.restorations("shop")
    assert done.backup_id == newer.id
    assert world.rows("select round, question #>> '{evidence,backup}' from upkeep.decision") == [(2, newer.id)]
    assert world.rows("select count(distinct digest) from upkeep.decision_answer") == [(2,)]


def test_the_same_plan_is_not_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.providers.standard.operators.hitl import ApprovalOperator

    from upkeep.airflow_bridge.approval import Approval

    world.take()
    world.plan()
    world.approve(monkeypatch)
    monkeypatch.setattr(ApprovalOperator, "execute", lambda *_: pytest.fail("asked again"))
    operator = Approval(task_id="approve", planned_by="plan", subject="?")
    assert operator.execute({"ti": world.ti, "task": operator})["chosen_options"] == ["Approve"]


@pytest.mark.fault
def test_a_form_that_was_changed_after_the_approval_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    world.take()
    world.plan()
    world.approve(monkeypatch)
    world.params["destination"] = "shop_db/another"
    with pytest.raises(AirflowFailException, match="not the one that was approved"):
        world.restore()
    assert world.shelf.rows.restorations("shop") == []
    assert world.rows("select result_ok, result like 'failed: the form of this run%' from upkeep.decision") == [(False, True)]


@pytest.mark.fault
def test_a_plan_that_was_rejected_is_not_restored(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    world.take()
    world.plan()
    world.approve(monkeypatch, "Reject")
    with pytest.raises(AirflowFailException, match="not approved"):
        world.restore()
    assert world.shelf.rows.restorations("shop") == []
