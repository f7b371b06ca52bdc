"""Finding an Airflow connection, and saying what is wrong when it cannot be had: never a word of its content."""

import os
from collections.abc import Collection
from typing import Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from upkeep.airflow_bridge.connection_text import what_is_wrong, wrong_extra
from upkeep.errors import BrokenError, MissingConnectionError

PREFIX = "AIRFLOW_CONN_"
_UNDEFINED_TABLE = "42P01"


def look_up(connection_id: str, types: Collection[str]) -> Any:
    """
    The connection of this id, which must be of one of these types.

    Raises BrokenError that says whether it is missing, malformed, of another type, or in a secrets backend that cannot be read.
    """
    try:
        found = BaseHook.get_connection(connection_id)
    except AirflowNotFoundException:
        raise not_found(connection_id) from None
    except PermissionError:
        reason = f'Airflow does not let this task have the connection "{connection_id}"'
        raise BrokenError(reason, "let this DAG's team have it, or name another", retry=False) from None
    except Exception as error:  # noqa: BLE001 - a backend may raise anything; its words may hold the secret
        raise _unreadable(connection_id, [type(error).__name__]) from None
    _check(connection_id, found, types)
    return found


def not_found(connection_id: str) -> BrokenError:
    """Why Airflow gave no connection: its variable is malformed, a secrets backend cannot be read, or there is none."""
    variable = f"{PREFIX}{connection_id.upper()}"
    if variable in os.environ:
        return _malformed(connection_id, what_is_wrong(os.environ[variable]) or "Airflow cannot read it")
    broken, asked = _ask_backends(connection_id)
    if broken:
        return _unreadable(connection_id, broken)
    reason = f'Airflow has no connection "{connection_id}"'
    remedy = f"add it in Admin > Connections, or set {variable}"
    return MissingConnectionError(f"{reason} (asked: {', '.join(asked)})" if asked else reason, remedy)


def missing_provider(name: str, what: str, error: ImportError) -> BrokenError:
    """The error for a provider of Airflow that is not installed. `what` needs it."""
    package = f"apache-airflow-providers-{name}"
    why = f"{package} is not installed or cannot be imported ({error.name or type(error).__name__})"
    return BrokenError(f"{what} needs Airflow's provider: {why}", f"pip install {package}", retry=False)


def _check(connection_id: str, found: Any, types: Collection[str]) -> None:
    text = os.environ.get(f"{PREFIX}{connection_id.upper()}")
    if not found.conn_type:
        raise _malformed(connection_id, (text and what_is_wrong(text)) or "it names no type")
    if found.conn_type not in types:
        wanted = " or ".join(sorted(types))
        reason = f'connection "{connection_id}" is of type {found.conn_type}, not {wanted}'
        raise BrokenError(reason, "correct its type, or name another connection in the inventory", retry=False)
    extra = wrong_extra(found.extra)
    if extra:
        raise _malformed(connection_id, extra)


def _malformed(connection_id: str, wrong: str) -> BrokenError:
    variable = f"{PREFIX}{connection_id.upper()}"
    where = variable if variable in os.environ else f'connection "{connection_id}"'
    return BrokenError(f"{where} is malformed: {wrong}", "correct it; write it as JSON to escape nothing", retry=False)


def _unreadable(connection_id: str, broken: Collection[str]) -> BrokenError:
    reason = f'the connection "{connection_id}" cannot be read from Airflow\'s secrets backend: {", ".join(broken)}'
    remedy = "check [secrets] backend and backend_kwargs, and that this machine may read it; Airflow's log at DEBUG says more"
    return BrokenError(reason, remedy, retry=True)


def _ask_backends(connection_id: str) -> tuple[list[str], list[str]]:
    """What went wrong in which backend, and all that were asked: Airflow only logs it, at DEBUG."""
    from airflow.sdk.execution_time.supervisor import ensure_secrets_backend_loaded

    broken, asked = [], []
    for backend in ensure_secrets_backend_loaded():
        name = type(backend).__name__
        asked.append(name)
        try:
            backend.get_connection(conn_id=connection_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this backend's
            if not _has_no_tables(error):
                broken.append(f"{name} ended with {type(error).__name__}")
    return broken, asked


def _has_no_tables(error: Exception) -> bool:
    """Whether Airflow's own database was never made, as where commands are run without Airflow: then it holds no connection."""
    original = getattr(error, "orig", None)
    return getattr(original, "pgcode", None) == _UNDEFINED_TABLE or str(original).startswith("no such table: connection")
