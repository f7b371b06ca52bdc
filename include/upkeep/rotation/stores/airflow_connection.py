"""A connection of Airflow: written over its REST API, which hides passwords, and read as tasks read it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Protocol, runtime_checkable
from urllib.parse import quote

from pydantic import Field

from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.airflow_api import AirflowApi
from upkeep.rotation.secret_value import fields_of
from upkeep.rotation.slots import SlotStore
from upkeep.rotation.stages import Place, SecretStore, Stage
from upkeep.sources.connections import Connections
from upkeep.sources.http_address import address_of

# The fields of the secret, as kinds name them, and those of the connection; all others are in its extra.
FIELDS = {"username": "login", "password": "password", "host": "host", "port": "port", "dbname": "schema"}
_SINCE = "Upkeep put this value here at "
_ABSENT = 404


@runtime_checkable
class WholeConnections(Protocol):
    """Connections that are given with all that they hold, as tasks are given them."""

    def whole(self, connection_id: str) -> Mapping[str, Any] | None:
        """Its fields by Airflow's names; None when there is none."""
        ...


class AirflowConnectionPlace(Place):
    """A connection in Airflow's database."""

    kind: Literal["airflow_connection"]
    id: str = Field(pattern=r"^[\w.-]+$", description="Id of the connection that is rotated")
    api: str = Field(description="Airflow connection (http) of the API server, with a login that may edit connections")

    @property
    def described(self) -> str:
        """Its id."""
        return f"Airflow's connection {self.id}"

    def open(self, connections: Connections) -> SecretStore:
        """The connection and its two neighbours."""
        if not isinstance(connections, WholeConnections):
            raise BrokenError("there are no connections of Airflow here", retry=False)
        denied = f"give the login of the connection {self.api} a role that may read, create, edit and delete connections"
        return ConnectionStore(ConnectionSlots(AirflowApi(address_of(connections, self.api), denied), connections, self.id))


@dataclass(frozen=True, slots=True)
class ConnectionStore(SlotStore):
    """Three connections: the one that has the id, `ID.pending` and `ID.previous`."""

    slots: "ConnectionSlots"

    def check(self) -> None:
        """Raise CannotAskError for a connection that tasks do not have from Airflow's database."""
        self.slots.assert_stored()


@dataclass(frozen=True, slots=True)
class ConnectionSlots:
    """
    The connections, whose description says when a value was put there.

    Airflow keeps no such date itself: a value that Upkeep did not put there counts as past any age.
    """

    api: AirflowApi
    read: WholeConnections
    id: str

    def assert_stored(self) -> None:
        """A connection of the environment or of a secrets backend is rotated there."""
        if self._asked(Stage.CURRENT) is None:
            message = f"the connection {self.id} is not in Airflow's database"
            raise CannotAskError(message, "one of the environment or of a secrets backend is rotated in that store; else add it")

    def get(self, stage: Stage) -> tuple[str, datetime] | None:
        """The fields that it has, as JSON, and since when."""
        asked = self._asked(stage)
        found = self.read.whole(self._of(stage)) if asked is not None else None
        if asked is None or found is None:
            return None
        fields = {name: str(found[own]) for name, own in FIELDS.items() if found.get(own)}
        return json.dumps(self._extra(found.get("extra")) | fields), _since(asked.get("description"))

    def put(self, stage: Stage, text: str) -> None:
        """Edit it, or create it."""
        name, fields, there = self._of(stage), fields_of(text, f"the connection {self._of(stage)}"), self._asked(stage)
        body: dict[str, Any] = {own: fields.get(each) for each, own in FIELDS.items()}
        body["port"] = _port(body["port"], name)
        body["extra"] = json.dumps({each: value for each, value in fields.items() if each not in FIELDS})
        body |= {"connection_id": name, "description": _described((there or {}).get("description"))}
        # Airflow wants the type in an edit, too.
        body["conn_type"] = (there or self._asked(Stage.CURRENT) or {}).get("conn_type") or "generic"
        if there is None:
            self.api.ask("POST", "/connections", body)
        else:
            self.api.ask("PATCH", f"/connections/{quote(name)}", body)

    def delete(self, stage: Stage) -> None:
        """Delete it."""
        self.api.ask("DELETE", f"/connections/{quote(self._of(stage))}", passing={_ABSENT})

    def _extra(self, text: Any) -> dict[str, Any]:
        """Its fields. Raises CannotAskError for one that would take the place of the connection's own."""
        try:
            found = json.loads(text or "{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise CannotAskError(
                f"the extra of the connection {self.id} is no JSON object", "correct it: it has the other fields"
            )
        if twice := sorted(found.keys() & FIELDS.keys()):
            raise CannotAskError(f"the extra of the connection {self.id} has {', '.join(twice)}", "put it into its own field")
        return found

    def _asked(self, stage: Stage) -> Mapping[str, Any] | None:
        found = self.api.ask("GET", f"/connections/{quote(self._of(stage))}", passing={_ABSENT})
        return None if found.status == _ABSENT else found.body

    def _of(self, stage: Stage) -> str:
        return self.id if stage is Stage.CURRENT else f"{self.id}.{stage.value}"


def _port(port: Any, name: str) -> int | None:
    if port and not str(port).isdecimal():
        raise CannotAskError(f"the next value for the connection {name} has a port that is no number", "correct the secret")
    return int(port) if port else None


def _described(description: Any) -> str:
    """What a person wrote stays, before what is said here."""
    own = str(description or "").partition(_SINCE)[0].strip()
    return f"{own} {_SINCE}{datetime.now(UTC).isoformat()}".strip()


def _since(description: Any) -> datetime:
    try:
        return datetime.fromisoformat(str(description or "").partition(_SINCE)[2].strip())
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
