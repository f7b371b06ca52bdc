"""A person's approval: of exactly what the plan said, by people whom the inventory names, kept with all other decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk.exceptions import AirflowFailException

from upkeep.airflow_bridge import connections
from upkeep.airflow_bridge.asking_people import AskingOperator, payload
from upkeep.airflow_bridge.decision_messages import now
from upkeep.config.inventory import Inventory
from upkeep.config.settings import Person
from upkeep.decisions.decision import Decision, Standing, Status, Subject
from upkeep.decisions.people import signers
from upkeep.decisions.question import APPROVE, REJECT, Question
from upkeep.store import decisions
from upkeep.store.answers import connected
from upkeep.targets.target import Target
from upkeep.window import Window

BOUND = "bound"
"""XCom key: what a plan is about; the approval keeps what it has shown, and the digest of it."""
DUE_DAYS = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What an approval is bound to: `things` are the ids and hashes of exactly what will be done, `text` says it in Markdown."""

    duty: str
    target: str
    subject: str
    text: str
    things: Mapping[str, Any]
    asked_by: str | None

    def decision(self, run_id: str) -> Decision:
        """The decision to be made in this run."""
        at = now()
        about = Subject(duty=self.duty, target=self.target, window=Window(at, at + timedelta(days=DUE_DAYS)), run=run_id)
        question = Question(subject=self.subject, body=self.text, evidence=dict(self.things), options=(APPROVE, REJECT))
        return Decision(kind="approval", subject=about, question=question, due_days=DUE_DAYS, asked_by=self.asked_by)


class Approval(AskingOperator, ApprovalOperator):
    """
    Shows the plan of the task before it to its approvers, and hands on what that plan was bound to.

    A plan that has changed since is asked again, whatever was answered before; one that has not is not.
    """

    def __init__(self, *, planned_by: str, **more: Any) -> None:
        super().__init__(**more)
        self.planned_by = planned_by

    def key_of(self, context: Any) -> str:
        """The decision of this run, opened or brought up to the plan."""
        ti = context["ti"]
        bound = ti.xcom_pull(task_ids=self.task_id, key=BOUND)
        return str(bound["decision"])

    def execute(self, context: Any) -> Any:
        """Keep what is shown, whatever the plan may say later, and wait."""
        ti = context["ti"]
        bound = ti.xcom_pull(task_ids=self.planned_by, key=BOUND)
        if not bound:
            raise AirflowFailException(f"there is no plan to approve: clear the task {self.planned_by}")
        text = str(ti.xcom_pull(task_ids=self.planned_by) or "")
        things = {name: value for name, value in bound.items() if name not in {"asked_by", "target"}}
        plan = Plan(ti.dag_id, bound["target"], self.subject, text, things, bound["asked_by"])
        with connected(connections.store(), "upkeep approval") as store:
            standing = decisions.open_decision(store, plan.decision(ti.run_id), now(), anew=True)
        ti.xcom_push(key=BOUND, value={**bound, "digest": standing.digest, "decision": standing.decision.key})
        return super().execute(context)

    def finish(self, context: Any, standing: Standing, event: Mapping[str, Any]) -> Any:
        """Go on when it was approved, else skip what comes after."""
        self._present(standing.decision.question, [])
        return ApprovalOperator.execute_complete(self, context, dict(event))


def approved(context: Mapping[str, Any], task_id: str) -> Mapping[str, Any]:
    """What was shown and approved, with who approved it. Fails when nothing was, or when the approval was for something else."""
    bound = context["ti"].xcom_pull(task_ids=task_id, key=BOUND)
    if not bound:
        raise AirflowFailException(f"nothing was approved: clear the tasks from the plan on, and approve in {task_id}")
    with connected(connections.store(), "upkeep approval") as store:
        standing = decisions.standing(store, bound["decision"])
        signed = decisions.signatures(store, bound["decision"])
    if (standing.status, standing.outcome, standing.digest) != (Status.ANSWERED, APPROVE, bound["digest"]):
        raise AirflowFailException(f"this plan was not approved: it is {standing.status}. Clear the task {task_id} to ask again")
    return {**bound, "approved_by": payload(signed[-1])["responded_by_user"]}


def put_result(bound: Mapping[str, Any], text: str, *, ok: bool) -> None:
    """Keep beside the approval what came of it. May be repeated: the newest try counts."""
    with connected(connections.store(), "upkeep approval") as store:
        decisions.put_result(store, bound["decision"], ok=ok, text=text, now=now())


def approvers(inventory: Inventory, target: Target, asked_by: str | None) -> list[Person]:
    """Who may approve for a target: owner and people on call with an Airflow user; not who asked, unless there is nobody else."""
    able = signers(inventory.settings.people, target.owner, asked_by=asked_by)
    return [inventory.person(each.name) for each in able.people]
