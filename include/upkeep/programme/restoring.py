"""The manual DAG `restore`: a plan, a person's approval of that plan, and the restore itself."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import DAG, Param, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from upkeep.asking import say_progress
from upkeep.backups.manifest import NAME, Manifest
from upkeep.backups.registry import Record
from upkeep.backups.restore import Restored
from upkeep.backups.roles import Roles
from upkeep.backups.wanted import Wanted, carry_out, chosen, mapping
from upkeep.errors import BrokenError, UpkeepError
from upkeep.inventory import Database, current
from upkeep.programme import connections, telling
from upkeep.quantity import plural, size, span
from upkeep.sources.objects import ObjectStore
from upkeep.store.answers import Provenance, connected
from upkeep.store.backups import StoredRegistry
from upkeep.store.outbox import Message, put
from upkeep.window import Window

APPROVE = "approve"
log = logging.getLogger(__name__)


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
        default_args={"retries": 1, "retry_delay": timedelta(seconds=20), "owner": "upkeep"},
    ) as dag:
        planned: Any = task(task_id="plan", execution_timeout=timedelta(minutes=10))(plan)()
        approved = ApprovalOperator(
            task_id=APPROVE,
            subject="Restore {{ params.backup }} to {{ params.destination }}?",
            body="{{ ti.xcom_pull(task_ids='plan') }}",
            response_timeout=timedelta(days=1),
            execution_timeout=timedelta(hours=25),
        )
        restored: Any = task(task_id="restore", execution_timeout=timedelta(hours=6))(restore)()
        planned >> approved >> restored
    return dag


def plan() -> str:
    """Look everything up, change nothing, and say what will happen; the approval shows it."""
    wanted = _wanted(get_current_context()["params"])
    with _registry() as registry, _told_apart():
        record, place = _found(wanted, registry)
        manifest = Manifest.parse(place.get(NAME))
        into = wanted.destination(connections.endpoint)
        state = into.look(manifest) if into else "a new server is started for it and removed afterwards"
    if manifest.encrypted_to:
        raise AirflowFailException("this backup is encrypted: restore it with `upkeep restore --identity FILE`")
    lines = [
        f"Backup **{record.id}** of **{record.target}**, as it was at {manifest.snapshot_at:%Y-%m-%d %H:%M:%S} UTC",
        f"PostgreSQL {manifest.server_version}, {plural(manifest.rows, 'row')}, {size(manifest.stored_bytes)} stored",
        f"To **{wanted.to}**: {state}",
        *(f"What {old} owned and was granted goes to {new}" for old, new in wanted.roles.mapped.items()),
        *(["All belongs to who restores; no grants"] if wanted.roles.no_owner else []),
    ]
    said = "\n".join(f"* {line}" for line in lines)
    log.info("%s", said)
    return said


def restore() -> None:
    """Restore and compare. Red when the copy differs; the differences are in the log and in the report database."""
    context = get_current_context()
    wanted = replace(_wanted(context["params"]), asked_by=_approver(context))
    with _registry() as registry, _told_apart():
        record, place = _found(wanted, registry)
        into = wanted.destination(connections.endpoint)
        done, _ = carry_out(wanted, place, into, say_progress, registry=registry, expected_sha256=record.manifest_sha256)
    _tell(done)


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
        "no_owner": Param(default=False, type="boolean", title="No owners", description="All belongs to who restores; no grants"),
    }


def _wanted(params: Mapping[str, Any]) -> Wanted:
    roles = Roles(mapping(params["roles"] or ()), no_owner=bool(params["no_owner"]))
    with _told_apart():
        return Wanted(backup=params["backup"], to=params["destination"], major=params["major"], roles=roles)


def _found(wanted: Wanted, registry: StoredRegistry) -> tuple[Record, ObjectStore]:
    inventory = current()
    record = chosen(wanted.backup, [target.name for target in inventory.of(Database)], registry.records)
    target = inventory.target(record.target)
    backed_up = target.backup if isinstance(target, Database) else None
    return record, connections.AirflowOutside().objects(record.location, backed_up.connection if backed_up else None)


def _approver(context: Mapping[str, Any]) -> str:
    said = context["ti"].xcom_pull(task_ids=APPROVE) or {}
    user = said.get("responded_by_user") or {}
    return f"{user.get('name') or user.get('id') or 'nobody'} (approved in Airflow)"


@contextmanager
def _registry() -> Iterator[StoredRegistry]:
    ti, now = get_current_context()["ti"], datetime.now(UTC)
    provenance = Provenance(
        ti.dag_id, ti.run_id, ti.task_id, ti.map_index if ti.map_index is not None else -1, ti.try_number, now, 0
    )
    with connected(connections.store(), "upkeep restore") as connection:
        yield StoredRegistry(connection, Window(now - timedelta(days=1), now), provenance)


@contextmanager
def _told_apart() -> Iterator[None]:
    """What another try cannot mend fails at once, with what to do in the log."""
    try:
        yield
    except BrokenError as error:
        if error.retry:
            raise
        raise AirflowFailException(f"{error}" + (f"\n→ {error.remedy}" if error.remedy else "")) from error
    except UpkeepError as error:
        raise AirflowFailException(str(error)) from error


def _tell(done: Restored) -> None:
    for stage, seconds in done.seconds.items():
        log.info("%s took %s", stage, span(seconds))
    for line in done.uncertain:
        log.warning("to be looked at: %s", line)
    what = f"backup {done.backup_id} of {done.target} restored to {done.destination}"
    text = f"Proven: {what}" if done.proven else f"Differs: {what}, {plural(len(done.differences), 'difference')}"
    _send(f"restore/{done.backup_id}/{get_current_context()['ti'].run_id}", text)
    if not done.proven:
        raise AirflowFailException("\n".join([text, *done.differences]))
    log.info("%s", text)


def _send(key: str, text: str) -> None:
    if not current().settings.notify.slack_connection:
        return
    with connected(connections.store(), "upkeep restore") as store:
        put(store, Message(key=key, conversation=key, kind="summary", body={"text": text, "blocks": []}))
    telling.deliver_now(telling.BUDGET_S)
