"""An API with two slots for tokens: a new one takes the place of the one that is there, and a token may read /me."""

from dataclasses import dataclass, field

import httpx

from upkeep.rotation.http_calls import HttpCalls
from upkeep.rotation.kinds.token import TokenKind, TwoSlots
from upkeep.sources.http_address import HttpAddress

ADMIN = "admin-token"
KIND = TokenKind.model_validate(
    {
        "kind": "token",
        "connection": "api",
        "slots": ["primary", "secondary"],
        "make": {"path": "/tokens/{slot}"},
        "answer": "data.token",
        "end": {"method": "DELETE", "path": "/tokens/{slot}"},
        "proof": "/me",
    }
)


@dataclass
class TokenApi:
    """The tokens by slot."""

    slots: dict[str, str] = field(default_factory=dict)
    made: int = 0
    late: int = 0  # so many questions later a change is known
    waited: list[float] = field(default_factory=list)
    known: list[set[str]] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """One request."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if request.url.path == "/me":
            self.known.append(set(self.slots.values()))
            known = self.known[max(0, len(self.known) - 1 - self.late)]
            return httpx.Response(200 if token in known else 401, json={"who": "shop"})
        if token != ADMIN:
            return httpx.Response(403)
        slot = request.url.path.removeprefix("/tokens/")
        if request.method == "DELETE":
            return httpx.Response(204 if self.slots.pop(slot, None) else 404)
        self.made += 1
        self.slots[slot] = f"token-{self.made}-of-{slot}"
        return httpx.Response(201, json={"data": {"token": self.slots[slot]}})

    def service(self, kind: TokenKind = KIND, token: str = ADMIN) -> TwoSlots:
        """The two slots, by the administrator's token."""
        address, transport = HttpAddress("http://api.test", password=token), httpx.MockTransport(self.answer)
        return TwoSlots(
            kind, HttpCalls(address, "let it make tokens", transport, any_content=True), address, transport, self.waited.append
        )
