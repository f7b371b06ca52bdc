"""Airflow's REST API, signed in to: a login becomes a token, which each call carries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from upkeep.errors import CannotAskError
from upkeep.rotation.http_calls import HttpCalls, Reply
from upkeep.sources.http_address import HttpAddress

if TYPE_CHECKING:
    import httpx


@dataclass(slots=True)
class AirflowApi:
    """The API at an address with a user and a password, or with a token alone. It signs in at its first call."""

    address: HttpAddress
    denied: str
    transport: "httpx.BaseTransport | None" = None
    _calls: HttpCalls | None = field(default=None, init=False, repr=False)

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, passing: Collection[int] = ()) -> Reply:
        """The reply to one request below /api/v2."""
        self._calls = self._calls or HttpCalls(self._signed_in(), self.denied, self.transport)
        return self._calls.ask(method, f"/api/v2{path}", body, passing=passing)

    def _signed_in(self) -> HttpAddress:
        if not self.address.user:
            return self.address
        bare = replace(self.address, user=None, password=None)
        login = {"username": self.address.user, "password": self.address.password or ""}
        token = HttpCalls(bare, self.denied, self.transport).ask("POST", "/auth/token", login).body.get("access_token")
        if not isinstance(token, str):
            raise CannotAskError(f"{self.address.url} gives no token at /auth/token", "see which auth manager Airflow uses")
        return replace(bare, password=token)
