"""What the tasks of the DAG `restore` do: a plan, and the restore of exactly what was approved."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException

from upkeep.airflow_bridge import connections, notifications
from upkeep.airflow_bridge.approval import BOUND, approved, put_result
from upkeep.airflow_bridge.restore_dag import APPROVE
from upkeep.backups.preview import preview
from upkeep.backups.readback import read_manifest
from upkeep.backups.registry import Record
from upkeep.backups.restore import Restored
from upkeep.backups.restore_request import SCRATCH, Wanted, carry_out, check_here, chosen, is_postgres, mapping
from upkeep.backups.role_mode import Mode
from upkeep.backups.roles import Roles
from upkeep.backups.shelf import folder_of
from upkeep.config.inventory import current
from upkeep.decisions.people import Signers, signers
from upkeep.errors import BrokenError, UpkeepError
from upkeep.given.progress import say_progress
from upkeep.humanize import plural, span
from upkeep.sources.objects import ObjectStore
from upkeep.store.answers import Provenance, connected
from upkeep.store.backups import StoredRegistry
from upkeep.store.outbox import Message, put
from upkeep.targets.database import Database
from upkeep.window import Window

log = logging.getLogger(__name__)


def plan() -> str:
    """Look everything up, change nothing, and say what will happen. The approval shows it, and only that is restored."""
    context = get_current_context()
    with _registry() as registry, _classify_errors():
        wanted = _wanted(context["params"])
        record, place = _found(wanted, registry)
        manifest = read_manifest(place, record.id, record.manifest_sha256)
        if manifest.encrypted_to:
            raise UpkeepError("this backup is encrypted: restore it with `upkeep restore --identity FILE`")
        lines = list(preview(wanted, manifest, place, wanted.destination(connections.AirflowConnections().postgres)))
    asked_by = getattr(context["dag_run"], "triggering_user_name", None)
    able = signers(current().settings.people, current().target(record.target).owner, asked_by=asked_by)
    bound = {"target": record.target, "backup": record.id, "sha256": manifest.sha256, **_form_of(wanted), "asked_by": asked_by}
    context["ti"].xcom_push(key=BOUND, value=bound)
    message = "\n".join(f"* {line}" for line in [*lines, _who_approves(able, asked_by)])
    log.info("%s", message)
    return message


def restore() -> None:
    """Restore and compare what was approved. Red when the copy differs; the differences are in the log and on the pages."""
    context = get_current_context()
    bound = approved(context, APPROVE)
    with _registry() as registry, _beside(bound), _classify_errors():
        wanted = replace(_wanted(context["params"]), backup=bound["backup"], asked_by=_people(bound))
        _refuse_other_form(wanted, bound)
        _, place = _found(wanted, registry)
        into = wanted.destination(connections.AirflowConnections().postgres)
        done, _ = carry_out(wanted, place, into, say_progress, registry=registry, expected_sha256=bound["sha256"])
    _tell(done, bound)


@contextmanager
def _beside(bound: Mapping[str, Any]) -> Iterator[None]:
    """What went wrong stands beside the approval."""
    try:
        yield
    except Exception as error:
        put_result(bound, f"failed: {error}", ok=False)
        raise


def _form_of(wanted: Wanted) -> dict[str, Any]:
    """All of the form that decides what is done, for the approval to be bound to."""
    roles = wanted.roles
    return {
        "destination": wanted.to,
        "major": wanted.major,
        "roles": {"mode": roles.mode.value, "no_owner": roles.no_owner, "mapping": dict(sorted(roles.mapped.items()))},
    }


def _refuse_other_form(wanted: Wanted, bound: Mapping[str, Any]) -> None:
    form = _form_of(wanted)
    if form != {name: bound[name] for name in form}:
        raise UpkeepError("the form of this run is not the one that was approved: clear the tasks from the plan on")


def _who_approves(able: Signers, asked_by: str | None) -> str:
    asked = f"asked for by {asked_by or 'nobody that Airflow names'}"
    if not able.people:
        return f"{asked}; whoever may answer in Airflow approves: no owner or person on call has `airflow` in the inventory"
    return f"{asked}; to be approved by {able.names_text}"


def _wanted(params: Mapping[str, Any]) -> Wanted:
    """What the form says. Raises UpkeepError."""
    if is_postgres(params["destination"]):
        raise UpkeepError("name an Airflow connection: CONNECTION_ID/DATABASE; a form is no place for a password")
    roles = Roles(
        mapping(params["roles"] or ()),
        no_owner=bool(params["no_owner"]),
        mode=Mode(params["missing_roles"]) if params["destination"] != SCRATCH else Mode.SKIP,
    )
    return Wanted(backup=params["backup"], to=params["destination"], major=params["major"], roles=roles)


def _found(wanted: Wanted, registry: StoredRegistry) -> tuple[Record, ObjectStore]:
    inventory = current()
    record = chosen(wanted.backup, [target.name for target in inventory.of(Database)], registry.records)
    place = folder_of(record, inventory.target(record.target), connections.AirflowConnections())
    check_here(record, place)
    return record, place


def _people(bound: Mapping[str, Any]) -> str:
    user = bound["approved_by"]
    return f"{bound.get('asked_by') or 'nobody'}, approved by {user.get('name') or user.get('id') or 'nobody'} (in Airflow)"


@contextmanager
def _registry() -> Iterator[StoredRegistry]:
    ti, now = get_current_context()["ti"], datetime.now(UTC)
    provenance = Provenance(
        ti.dag_id, ti.run_id, ti.task_id, ti.map_index if ti.map_index is not None else -1, ti.try_number, now, 0
    )
    with connected(connections.store(), "upkeep restore") as connection:
        yield StoredRegistry(connection, Window(now - timedelta(days=1), now), provenance)


@contextmanager
def _classify_errors() -> Iterator[None]:
    """What another try cannot mend fails at once, with what to do in the log."""
    try:
        yield
    except BrokenError as error:
        if error.retry:
            raise
        raise AirflowFailException(f"{error}" + (f"\n→ {error.remedy}" if error.remedy else "")) from error
    except UpkeepError as error:
        raise AirflowFailException(str(error)) from error


def _tell(done: Restored, bound: Mapping[str, Any]) -> None:
    for stage, seconds in done.seconds.items():
        log.info("%s took %s", stage, span(seconds))
    log.info("definitions: %s", done.exactness or "not compared")
    for line in done.uncertain:
        log.warning("to be looked at: %s", line)
    what = f"backup {done.backup_id} of {done.target} restored to {done.destination}"
    loosely = " (definitions compared loosely)" if "loosely" in done.exactness else ""
    text = f"Proven{loosely}: {what}" if done.proven else f"Differs: {what}, {plural(len(done.differences), 'difference')}"
    put_result(bound, text, ok=done.proven)
    _send(f"restore/{done.backup_id}/{get_current_context()['ti'].run_id}", text)
    if not done.proven:
        raise AirflowFailException("\n".join([text, *done.differences]))
    log.info("%s", text)


def _send(key: str, text: str) -> None:
    if not current().settings.notify.slack_connection:
        return
    with connected(connections.store(), "upkeep restore") as store:
        put(store, Message(key=key, thread=key, kind="summary", body={"text": text, "blocks": []}))
    notifications.deliver_now(notifications.BUDGET_S)
