"""A person's approval: of exactly what the plan said, by people whom the inventory names."""

from collections.abc import Mapping
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk.exceptions import AirflowFailException

from upkeep.config.inventory import Inventory
from upkeep.config.settings import Person
from upkeep.targets.target import Target

BOUND = "bound"
"""XCom key: what a plan is about and who may approve it; the approval keeps what it has shown."""


class Approval(ApprovalOperator):
    """Shows the plan of the task before it to its approvers, and hands on what that plan was bound to."""

    def __init__(self, *, planned_by: str, **more: Any) -> None:
        super().__init__(**more)
        self.planned_by = planned_by

    def execute(self, context: Any) -> Any:
        """Keep what is shown, whatever the plan may say later, and wait."""
        ti = context["ti"]
        bound = ti.xcom_pull(task_ids=self.planned_by, key=BOUND)
        if not bound:
            raise AirflowFailException(f"there is no plan to approve: clear the task {self.planned_by}")
        ti.xcom_push(key=BOUND, value=bound)
        self.assigned_users = bound["approvers"] or None
        return super().execute(context)


def approved(context: Mapping[str, Any], task_id: str) -> Mapping[str, Any]:
    """What was shown and approved. Fails when nothing was."""
    bound = context["ti"].xcom_pull(task_ids=task_id, key=BOUND)
    if not bound:
        raise AirflowFailException(f"nothing was approved: clear the tasks from the plan on, and approve in {task_id}")
    return dict(bound)


def approvers(inventory: Inventory, target: Target, asked_by: str | None) -> list[Person]:
    """Who may approve for a target: owner and people on call with an Airflow user; not who asked, unless there is nobody else."""
    people = [p for p in inventory.settings.people if p.airflow and (p.on_call or p.name == target.owner)]
    others = [p for p in people if asked_by is None or asked_by not in {p.airflow, p.airflow_id}]
    return sorted(others or people, key=lambda p: (p.name != target.owner, p.on_call or len(people)))


def users(people: list[Person]) -> list[dict[str, str]]:
    """The same as Airflow knows them."""
    return [{"id": str(p.airflow_id or p.airflow), "name": str(p.airflow)} for p in people]
