"""A PostgreSQL connection of Airflow as an endpoint: what PostgresHook would tell psycopg, tokens of clouds included."""

import json
from collections.abc import Mapping
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException

from upkeep.airflow_bridge.connection_lookup import look_up, missing_provider
from upkeep.errors import BrokenError
from upkeep.sources.libpq import keywords
from upkeep.sources.postgres import Endpoint
from upkeep.suggestions import nearest

TYPES = frozenset({"postgres", "postgresql"})
_FIELDS = ("host", "port", "user", "password", "dbname")
_CURSOR = ("row_factory", "cursor_factory")


def endpoint(connection_id: str) -> Endpoint:
    """
    Where the connection of this id goes.

    With `iam` in its extras a token is asked for each time; new sessions can be made with it for about 15 minutes. Raises
    BrokenError when the connection cannot be had, when an extra is nothing that libpq knows, and when there is no token.
    """
    found = look_up(connection_id, TYPES)
    extras = json.loads(found.extra or "{}")
    _refuse_unknown(connection_id, extras)
    told = _parameters_of_hook(connection_id, found)
    _mask(told.get("password"))
    return _endpoint(connection_id, {name: value for name, value in told.items() if name not in _CURSOR})


def _hook(connection_id: str) -> Any:
    """Airflow's PostgresHook, changed in that it connects to nothing and keeps what it would have told psycopg."""
    try:
        from airflow.providers.postgres.hooks.postgres import PostgresHook
    except ImportError as error:
        raise missing_provider("postgres", f'connection "{connection_id}"', error) from error

    class Told(PostgresHook):
        told: dict[str, Any]

        def _create_connection(self, conn_args: dict[str, Any]) -> Any:
            self.told = conn_args

    return Told


def _parameters_of_hook(connection_id: str, found: Any) -> dict[str, Any]:
    hook = _hook(connection_id)(postgres_conn_id=connection_id, connection=found)
    try:
        hook.get_conn()
    except (AirflowNotFoundException, AirflowException, ImportError, ValueError) as error:
        raise _no_arguments(connection_id, error, retry=False) from error
    except Exception as error:
        raise _no_arguments(connection_id, error, retry=True) from error
    told: dict[str, Any] = hook.told
    return told


def _no_arguments(connection_id: str, error: Exception, *, retry: bool) -> BrokenError:
    message = next(iter(str(error).splitlines()), "")
    reason = f'Airflow\'s PostgresHook cannot use the connection "{connection_id}": {type(error).__name__}: {message}'
    return BrokenError(reason, "correct its extras; `iam` also needs the provider and the connection of the cloud", retry=retry)


def _refuse_unknown(connection_id: str, extras: Mapping[str, Any]) -> None:
    known = {*keywords(), *_hook(connection_id).ignored_extra_options}
    for name in extras:
        if name not in known:
            reason = f'connection "{connection_id}" has the extra "{name}", which neither libpq nor PostgresHook knows'
            raise BrokenError(f"{reason}{nearest(name, known, most=0)}", "correct or remove it", retry=False)


def _endpoint(connection_id: str, told: Mapping[str, Any]) -> Endpoint:
    fields = {name: _text(connection_id, name, value) for name, value in told.items() if value is not None}
    host, port, user, password, database = (fields.pop(name, "") for name in _FIELDS)
    if port and not port.isdigit():
        fields["port"], port = port, ""  # several, of as many hosts
    return Endpoint(host, int(port or 0), user or None, password or None, database or None, fields)


def _text(connection_id: str, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str | int | float):
        return str(value)
    raise BrokenError(f'connection "{connection_id}": its extra "{name}" is no text and no number', "correct it", retry=False)


def _mask(password: Any) -> None:
    """Have Airflow hide it in logs, as it does with passwords that it stores: a token it does not know."""
    from airflow.sdk.log import mask_secret

    if password:
        mask_secret(password)
