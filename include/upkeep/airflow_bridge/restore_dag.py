"""The graph and the form of the DAG `restore`. What its tasks do is in `restoring`."""

from datetime import timedelta
from typing import Any, Final

from airflow.sdk import DAG, Param, task

from upkeep.airflow_bridge import entry_points
from upkeep.airflow_bridge.approval import Approval
from upkeep.airflow_bridge.asking_people import UnfitAnswerError
from upkeep.airflow_bridge.retries import at_once_after, few_retries
from upkeep.backups.role_mode import Mode

PLAN: Final = "plan"
APPROVE: Final = "approve"


def restore_dag(text: str) -> DAG:
    """The DAG: plan, approve, restore."""
    with DAG(
        dag_id="restore",
        doc_md=text,
        schedule=None,
        catchup=False,
        params=_form(),
        tags=["upkeep"],
        max_active_runs=4,
        dagrun_timeout=timedelta(hours=36),
        # A backup in a folder is on the disk of the worker that took it.
        default_args={**at_once_after(UnfitAnswerError), "queue": "heavy", "owner": "upkeep"},
    ) as dag:
        planned: Any = task(task_id=PLAN, execution_timeout=timedelta(minutes=10))(entry_points.plan)()
        asked = Approval(
            task_id=APPROVE,
            planned_by=PLAN,
            subject="Restore {{ params.backup }} to {{ params.destination }}?",
            response_timeout=timedelta(days=1),
            execution_timeout=timedelta(hours=25),
        )
        restored: Any = task(task_id="restore", execution_timeout=timedelta(hours=6), **few_retries(1))(entry_points.restore)()
        planned >> asked >> restored
    return dag


def _form() -> dict[str, Param]:
    return {
        "backup": Param(None, type="string", minLength=1, title="Backup", description="An id, or a target's name for its newest"),
        "destination": Param(
            "scratch",
            type="string",
            pattern="^(scratch|[^/]+/.+)$",
            title="Destination",
            description="scratch, or CONNECTION_ID/DATABASE: a database that is new or empty",
        ),
        "major": Param(None, type=["null", "integer"], title="Major version", description="For scratch: a newer PostgreSQL"),
        "roles": Param(
            [],
            type=["null", "array"],
            title="Roles",
            description="OLD=NEW, one a line: what OLD owned goes to NEW",
            items={"type": "string", "pattern": "^.+=.+$"},
        ),
        "missing_roles": Param(
            Mode.SKIP.value,
            type="string",
            enum=[mode.value for mode in Mode],
            title="Roles missing there",
            description="create: with all they had but password and login; map: each by the lines above; skip: bare",
        ),
        "no_owner": Param(default=False, type="boolean", title="No owners", description="All belongs to who restores; no grants"),
    }
