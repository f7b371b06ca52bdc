"""A connection with all that it holds, as a task of its own is given it."""

from collections.abc import Mapping
from typing import Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from upkeep.errors import BrokenError

_FIELDS = ("conn_type", "host", "login", "password", "schema", "port", "extra")


def whole_connection(connection_id: str) -> Mapping[str, Any] | None:
    """Its fields by Airflow's names; None when there is none. What it holds is hidden in Airflow's logs from then on."""
    try:
        found = BaseHook.get_connection(connection_id)
    except AirflowNotFoundException:
        return None
    except Exception as error:  # noqa: BLE001 - a backend may raise anything; its words may hold the secret
        reason = f'the connection "{connection_id}" cannot be read ({type(error).__name__})'
        raise BrokenError(reason, "see Airflow's secrets backend", retry=True) from None
    return {name: getattr(found, name) for name in _FIELDS}
