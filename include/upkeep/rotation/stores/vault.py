"""HashiCorp Vault and OpenBao, KV version 2: each write is a check-and-set, so that nobody else's is overwritten."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import Field, field_validator

from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.http_calls import HttpCalls
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.stages import Place, SecretStore, Stage, Version
from upkeep.sources.connections import Connections
from upkeep.sources.http_address import address_of

_CONFLICT, _ABSENT, _SEALED = 400, 404, 503


class VaultPlace(Place):
    """A secret of a KV engine, version 2."""

    kind: Literal["vault"]
    path: str = Field(min_length=1, description="Its path below the mount, such as shop/database")
    mount: str = Field(default="secret", description="Where the engine is mounted")
    connection: str = Field(description="Airflow connection (http) of the server; its password, without a login, is the token")

    @field_validator("path", "mount")
    @classmethod
    def _bare(cls, path: str) -> str:
        if path != path.strip("/") or path.startswith(("data/", "metadata/")):
            raise ValueError("give it without slashes at its ends, and without data/ or metadata/")
        return path

    @property
    def described(self) -> str:
        """Its mount and path."""
        return f"Vault, {self.mount}/{self.path}"

    def open(self, connections: Connections) -> SecretStore:
        """The secret, by the token of the connection."""
        denied = f"correct the token, or its policy: {vault_policy(self.mount, self.path)}"
        return Vault(HttpCalls(address_of(connections, self.connection), denied), self.mount, self.path)


def vault_policy(mount: str, path: str) -> str:
    """What a token needs."""
    names = (path, f"{path}.pending", f"{path}.previous")
    parts = {f"{mount}/data/{name}": "create, update, read" for name in names} | {f"{mount}/metadata/{names[1]}": "delete"}
    quoted = {where: ", ".join(f'"{each}"' for each in what.split(", ")) for where, what in parts.items()}
    return " ".join(f'path "{where}" {{ capabilities = [{what}] }}' for where, what in quoted.items())


@dataclass(frozen=True, slots=True)
class Vault:
    """
    The secret `path`, of which applications read the newest version.

    What is pending and what was current before are secrets of their own beside it: earlier versions of the secret itself go when
    their number or their age is limited. Current is copied to previous before the next one is written: cut off in between, the
    two are one value, which ends nothing.
    """

    calls: HttpCalls
    mount: str
    path: str

    def check(self) -> None:
        """Raise CannotAskError for a secret that is not there, or whose newest version was deleted."""
        found = self._data(self.path)
        about = found.get("metadata") or {}
        put = "put the value that works there"
        if found.get("data") is None and about.get("destroyed"):
            raise CannotAskError(f"version {about['version']} of {self.mount}/{self.path}, the newest, was destroyed", put)
        if found.get("data") is None and about:
            remedy = f"vault kv undelete -mount={self.mount} -versions={about['version']} {self.path}"
            raise CannotAskError(f"version {about['version']} of {self.mount}/{self.path}, the newest, was deleted", remedy)
        if found.get("data") is None:
            raise CannotAskError(f"there is no {self.mount}/{self.path}", f"{put}; the engine must be KV version 2")

    def read(self, stage: Stage) -> Version | None:
        """The value of a stage; a version that was deleted or destroyed is none."""
        found = self._data(self._of(stage))
        if found.get("data") is None:
            return None
        about = found["metadata"]
        return Version(str(about["version"]), SecretValue(found["data"]), datetime.fromisoformat(about["created_time"]))

    def stage(self, value: SecretValue) -> None:
        """Write the secret beside it."""
        if value.plain:
            raise CannotAskError("the value is plain text", "keep it as a field of a JSON object: KV holds nothing else")
        self._replace(Stage.PENDING, value)

    def promote(self) -> None:
        """Copy current to previous, write the next one if nobody wrote meanwhile, and take pending away."""
        pending, current = self.read(Stage.PENDING), self.read(Stage.CURRENT)
        if pending is None:
            return
        if current is None or pending.value != current.value:
            if current is not None:
                self._replace(Stage.PREVIOUS, current.value)
            self._write(self.path, pending.value, int(current.id) if current else self._newest(self.path)[0])
        self.discard()

    def discard(self) -> None:
        """Destroy what is pending, with all its versions."""
        self._ask("DELETE", f"metadata/{self._of(Stage.PENDING)}", passing={_ABSENT})

    def _of(self, stage: Stage) -> str:
        return self.path if stage is Stage.CURRENT else f"{self.path}.{stage.value}"

    def _replace(self, stage: Stage, value: SecretValue) -> None:
        path = self._of(stage)
        version, data = self._newest(path)
        if data != dict(value.fields):
            self._write(path, value, version)

    def _newest(self, path: str) -> tuple[int, Any]:
        """Its number, 0 for none, and its data, None where it was deleted."""
        found = self._data(path)
        return int(found.get("metadata", {}).get("version", 0)), found.get("data")

    def _data(self, path: str) -> Mapping[str, Any]:
        """A deleted version comes with the status of an absent one, and with its number."""
        found: Mapping[str, Any] = self._ask("GET", f"data/{path}", passing={_ABSENT}).get("data") or {}
        return found

    def _write(self, path: str, value: SecretValue, after: int) -> None:
        body = {"options": {"cas": after}, "data": dict(value.fields)}
        if "data" not in self._ask("POST", f"data/{path}", body, passing={_CONFLICT}):
            what = (
                f"{self.mount}/{path} was not written after its version {after}: somebody else wrote it, or the server refuses it"
            )
            raise BrokenError(what, "see what else writes there", retry=True)

    def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, passing: set[int] | None = None
    ) -> Mapping[str, Any]:
        found = self.calls.ask(method, f"/v1/{self.mount}/{path}", body, passing={*(passing or ()), _SEALED})
        if found.status == _SEALED:
            raise BrokenError(
                f"{self.calls.address.url} is sealed or in maintenance", "unseal it: vault operator unseal", retry=True
            )
        return found.body
