"""Tokens of an HTTP API with two slots: one works while the other gets a new one."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.http_calls import HttpCalls
from upkeep.rotation.secret_value import SecretValue, new_password
from upkeep.rotation.service import KeepsNothing, Kind, RefusedError, Service, Use
from upkeep.sources.connections import Connections
from upkeep.sources.http_address import HttpAddress, address_of

if TYPE_CHECKING:
    import httpx

_SLOT = "{slot}"
_DENIED, _ABSENT = {401, 403}, {404, 410}
_PAUSES_S = (1.0, 2.0, 4.0, 8.0)


class SlotRequest(BaseModel):
    """A request about one slot; `{slot}` in its path or in its body stands for the slot's name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Literal["POST", "PUT", "PATCH", "DELETE"] = Field(default="POST", description="HTTP method")
    path: str = Field(pattern="^/", description="Path below the connection's address, such as /tokens/{slot}")
    body: Mapping[str, str] = Field(default_factory=dict, description="JSON object that is sent, such as {name: '{slot}'}")

    def of(self, slot: str) -> tuple[str, str, Mapping[str, str] | None]:
        """Method, path and body for a slot."""
        body = {name: value.replace(_SLOT, slot) for name, value in self.body.items()}
        return self.method, self.path.replace(_SLOT, slot), body or None

    @property
    def names_the_slot(self) -> bool:
        """Whether it is about one slot."""
        return any(_SLOT in text for text in (self.path, *self.body.values()))


class TokenKind(Kind):
    """Two named slots of an API, each with one token. The secret is a JSON object with the slot and the token."""

    kind: Literal["token"]
    connection: str = Field(description="Airflow connection (http) of a login that may make and end tokens")
    slots: tuple[str, str] = Field(description="The names of the two slots")
    make: SlotRequest = Field(description="Puts a new token into a slot, in place of the one there")
    answer: str = Field(default="token", description="Where the token is in the answer of `make`, such as data.key")
    end: SlotRequest = Field(description="Takes the token out of a slot")
    proof: str = Field(pattern="^/", description="Path that a GET with a token may read: 401 or 403 without one that works")
    header: str = Field(default="Authorization", description="Header that carries a token")
    prefix: str = Field(default="Bearer ", description="What stands before the token in the header")
    slot: str = Field(default="slot", description="Field of the secret that has the slot")
    token: str = Field(default="token", description="Field of the secret that has the token")

    @field_validator("slots")
    @classmethod
    def _two(cls, slots: tuple[str, str]) -> tuple[str, str]:
        if slots[0] == slots[1]:
            raise ValueError("two different slots are needed: one works while the other gets a new token")
        return slots

    @field_validator("make", "end")
    @classmethod
    def _about_a_slot(cls, request: SlotRequest) -> SlotRequest:
        if not request.names_the_slot:
            raise ValueError("name the slot in its path or its body: {slot}; else the token in use would be replaced")
        return request

    @property
    def described(self) -> str:
        """The slots."""
        return f"tokens in the slots {self.slots[0]} and {self.slots[1]}, by {self.connection}"

    def open(self, connections: Connections) -> Service:
        """The API, by the login that may make tokens."""
        address = address_of(connections, self.connection)
        denied = f"let the login of the connection {self.connection} make and end tokens"
        return TwoSlots(self, HttpCalls(address, denied, any_content=True), address)


@dataclass(frozen=True, slots=True)
class TwoSlots(KeepsNothing):
    """
    The two slots of `kind`. The slot that is in use is never touched.

    A run that was killed after a token was made and before it was stored makes another one in the same slot, in its place.
    """

    kind: TokenKind
    admin: HttpCalls
    address: HttpAddress
    transport: "httpx.BaseTransport | None" = None
    sleep: Callable[[float], None] = time.sleep

    def identity(self, value: SecretValue) -> str:
        """The slot. Raises CannotAskError for one that is none of the two."""
        slot = value.get(self.kind.slot)
        if slot not in self.kind.slots:
            message = f"the secret is of slot {slot}, and the inventory names {self.kind.slots[0]} and {self.kind.slots[1]}"
            raise CannotAskError(message, "correct the inventory, or the secret in its store")
        return slot

    def separate(self, old: SecretValue, current: SecretValue) -> bool:
        """Another slot."""
        return self.identity(old) != self.identity(current)

    def check(self, current: SecretValue) -> None:
        """The current token must work, and one that was never made must not, else it could not be told whether a new one does."""
        if not self._works(current):
            message = f"the API refuses the current token, of slot {self.identity(current)}"
            raise CannotAskError(message, "put the one that works into its store")
        if self._works(current.replaced(**{self.kind.token: new_password()})):
            message = f"GET {self.kind.proof} lets in whoever asks, so that it proves nothing"
            raise CannotAskError(message, "name as `proof` a path that answers 401 or 403 without a token that works")

    def propose(self, current: SecretValue) -> SecretValue:
        """A new token in the other slot."""
        slot = self._other(current)
        found: Any = self.admin.ask(*self.kind.make.of(slot)).body
        for name in self.kind.answer.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        if not isinstance(found, str) or not found:
            raise BrokenError(
                f"the answer to {self.kind.make.path} has no text at {self.kind.answer}", "correct `answer`", retry=False
            )
        return current.replaced(**{self.kind.slot: slot, self.kind.token: found})

    def accepts(self, pending: SecretValue, current: SecretValue) -> None:
        """Only a token of the other slot may be pending."""
        if self.identity(pending) != self._other(current):
            message = f"what is pending is of slot {self.identity(pending)}, which the application uses now"
            raise CannotAskError(message, "stop the other rotator, and take its pending value out of the store")
        pending.get(self.kind.token)

    def install(self, pending: SecretValue) -> None:
        """It works soon after it was made; one whose slot was emptied or filled again since is of no use."""
        if not self._comes_to(pending, works=True):
            raise RefusedError(f"the API refuses the token of slot {self.identity(pending)}", "another one is made")

    def prove(self, pending: SecretValue, current: SecretValue) -> None:  # noqa: ARG002 - rights are of the API
        """Read what the application may read."""
        if not self._works(pending):
            raise BrokenError(f"the API refuses the new token of slot {self.identity(pending)}", retry=True, tries=2)

    def uses(self, old: SecretValue, since: datetime) -> Sequence[Use]:  # noqa: ARG002 - nobody knows
        """Nobody can say."""
        return ()

    def retire(self, old: SecretValue, *, end_sessions: bool) -> None:  # noqa: ARG002 - a token has none
        """Take it out of its slot."""
        self.admin.ask(*self.kind.end.of(self.identity(old)), passing=_ABSENT)

    def is_dead(self, old: SecretValue) -> bool:
        """Whether the API refuses it."""
        return self._comes_to(old, works=False)

    def _comes_to(self, value: SecretValue, *, works: bool) -> bool:
        """Whether it works, or not, in a quarter of a minute: parts of an API may hear of it late."""
        for pause in _PAUSES_S:
            if self._works(value) is works:
                return True
            self.sleep(pause)
        return self._works(value) is works

    def _works(self, value: SecretValue) -> bool:
        token = value.get(self.kind.token)
        if not (token.isascii() and token.isprintable()):
            message = f"the token of slot {self.identity(value)} has a line break or other signs that no header carries"
            raise CannotAskError(message, "correct the secret in its store")
        bare = replace(self.address, user=None, password=None, headers={self.kind.header: f"{self.kind.prefix}{token}"})
        found = HttpCalls(bare, "", self.transport, any_content=True).ask("GET", self.kind.proof, passing=_DENIED)
        return found.status not in _DENIED

    def _other(self, value: SecretValue) -> str:
        first, second = self.kind.slots
        return second if self.identity(value) == first else first
