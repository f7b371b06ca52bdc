"""An Airflow connection that holds private keys of age."""

from upkeep.airflow_bridge.connection_lookup import look_up
from upkeep.errors import BrokenError

TYPES = frozenset({"generic"})


def private_key(connection_id: str) -> str:
    """Its password, which is the text of a key file. Raises BrokenError when it cannot be had or is empty."""
    found = look_up(connection_id, TYPES)
    if not found.password:
        reason = f'connection "{connection_id}" has no password: a private key of age (AGE-SECRET-KEY-1…) belongs there'
        raise BrokenError(reason, "age-keygen makes one; its public half belongs in backup.encrypt_to", retry=False)
    return str(found.password)
