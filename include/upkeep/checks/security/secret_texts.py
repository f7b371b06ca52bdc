"""The parts of a secret that must stay unknown, in memory only: what is public or too short to be told apart is left out."""

from collections.abc import Iterator

from upkeep.errors import UpkeepError
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.stages import Stage, Version
from upkeep.sources.connections import Connections
from upkeep.targets.secret import Secret

SHORTEST = 8
_PUBLIC = frozenset(
    [
        "username", "user", "login", "name", "host", "hostname", "server", "port", "dbname", "database", "schema", "engine",
        "driver", "region", "account", "email", "sslmode", "access_key_id", "aws_access_key_id", "accesskeyid", "key_id",
        "certificate", "cert", "ca", "tls.crt", "ca.crt", "public_key", "client_id", "tenant_id", "project",
        "dbinstanceidentifier", "masterarn",
    ]
)  # fmt: skip


def secret_texts(value: SecretValue) -> Iterator[str]:
    """Its fields that are secret, each once."""
    fields = {name: field for name, field in value.fields.items() if name.lower().replace("-", "_") not in _PUBLIC}
    texts = (field.strip() for field in fields.values() if isinstance(field, str))
    yield from dict.fromkeys(text for text in texts if len(text) >= SHORTEST)


def current_version(secret: Secret, connections: Connections) -> Version | UpkeepError | None:
    """The current value, None when there is none, or why it cannot be read."""
    try:
        return secret.opened(connections).read(Stage.CURRENT)
    except UpkeepError as error:
        return error
