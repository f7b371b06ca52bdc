"""An API server of Airflow as far as connections go: passwords are hidden, and only a token that it gave is taken."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from upkeep.rotation.airflow_api import AirflowApi
from upkeep.rotation.stores.airflow_connection import ConnectionSlots, ConnectionStore
from upkeep.sources.http_address import HttpAddress

PASSWORD, TOKEN = "admin-password", "jwt"


@dataclass
class Connections:
    """The connections by id."""

    stored: dict[str, dict[str, Any]] = field(default_factory=dict)
    signed_in: int = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        """One request."""
        body = json.loads(request.content) if request.content else {}
        if request.url.path == "/auth/token":
            self.signed_in += 1
            right = body == {"username": "upkeep", "password": PASSWORD}
            return httpx.Response(201 if right else 401, json={"access_token": TOKEN} if right else {"detail": "no"})
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return httpx.Response(403, json={"detail": "Forbidden"})
        name = request.url.path.removeprefix("/api/v2/connections").strip("/")
        if request.method == "POST":
            if body["connection_id"] in self.stored:
                return httpx.Response(409, json={"detail": "exists"})
            self.stored[body["connection_id"]] = body
            return httpx.Response(201, json={})
        if name not in self.stored:
            return httpx.Response(404, json={"detail": "not found"})
        return self._one(request.method, name, body)

    def _one(self, method: str, name: str, body: dict[str, Any]) -> httpx.Response:
        if method == "DELETE":
            del self.stored[name]
            return httpx.Response(204)
        if method == "PATCH":
            if missing := {"connection_id", "conn_type"} - set(body):
                return httpx.Response(422, json={"detail": f"required: {', '.join(sorted(missing))}"})
            self.stored[name] |= body
        return httpx.Response(200, json={**self.stored[name], "password": "***"})

    def whole(self, connection_id: str) -> Mapping[str, Any] | None:
        """As a task is given it."""
        return self.stored.get(connection_id)

    def api(self, password: str = PASSWORD) -> AirflowApi:
        """Signed in to by a login."""
        address = HttpAddress("http://airflow.test", user="upkeep", password=password)
        return AirflowApi(address, "give it a role", httpx.MockTransport(self.answer))

    def store(self, name: str, password: str = PASSWORD) -> ConnectionStore:
        """One connection as a store."""
        return ConnectionStore(ConnectionSlots(self.api(password), self, name))
