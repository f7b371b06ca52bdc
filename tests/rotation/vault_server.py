"""A server that answers as KV version 2 of Vault does: check-and-set, deletions with data in a 404, sealed, forbidden."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from upkeep.rotation.http_calls import HttpCalls
from upkeep.rotation.stores.vault import Vault
from upkeep.sources.http_address import HttpAddress

TOKEN = "hvs.root"
DENIED = {"errors": ["1 error occurred:\n\t* permission denied\n\n"]}


@dataclass
class Entry:
    """One secret: its versions from 1 on, None where one was destroyed, and what is known about it."""

    versions: list[dict[str, Any] | None] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    deleted: set[int] = field(default_factory=set)
    max_versions: int = 10


@dataclass
class VaultServer:
    """The engine mounted at `secret`. It is a transport of httpx, so that a client speaks to it as to any server."""

    entries: dict[str, Entry] = field(default_factory=dict)
    sealed: bool = False
    asked: list[str] = field(default_factory=list)

    def store(self, path: str, token: str = TOKEN) -> Vault:
        """A store whose client reaches this server only."""
        address = HttpAddress("http://vault.test", password=token)
        return Vault(HttpCalls(address, "correct its policy", httpx.MockTransport(self.answer)), "secret", path)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """One request, as Vault routes it."""
        path = request.url.path
        self.asked.append(f"{request.method} {path}")
        if self.sealed:
            return httpx.Response(503, json={"errors": ["Vault is sealed"]})
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return httpx.Response(403, json=DENIED)
        kind, _, name = path.removeprefix("/v1/secret/").partition("/")
        body = json.loads(request.content) if request.content else {}
        return _ANSWERS[request.method, kind](self, name, body, request.url.params.get("version", "0"))

    def get(self, name: str, body: Any, version: str) -> httpx.Response:  # noqa: ARG002 - a reading has none
        """The newest version, or one."""
        entry = self.entries.get(name)
        number = int(version) or len(entry.versions if entry else ())
        if entry is None or not number or number > len(entry.versions):
            return httpx.Response(404, json={"errors": []})
        gone = number in entry.deleted
        data = None if gone else entry.versions[number - 1]
        about = {
            "created_time": entry.made[number - 1],
            "custom_metadata": None,
            "deletion_time": entry.made[number - 1] if gone else "",
            "destroyed": data is None and not gone,
            "version": number,
        }
        return httpx.Response(200 if data is not None else 404, json={"data": {"data": data, "metadata": about}})

    def write(self, name: str, body: Any, version: str) -> httpx.Response:  # noqa: ARG002 - the next one is written
        """The next version, if it follows the one that is named."""
        entry = self.entries.get(name) or Entry()
        if body.get("options", {}).get("cas", len(entry.versions)) != len(entry.versions):
            text = "check-and-set parameter did not match the current version"
            return httpx.Response(400, json={"errors": [text]})
        self.entries[name] = entry
        entry.versions.append(body["data"])
        entry.made.append(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}123Z")
        for old in range(len(entry.versions) - entry.max_versions):
            entry.versions[old] = None
        return httpx.Response(200, json={"data": {"version": len(entry.versions)}})

    def destroy(self, name: str, body: Any, version: str) -> httpx.Response:  # noqa: ARG002 - all of it goes
        """All versions and what is known of them."""
        self.entries.pop(name, None)
        return httpx.Response(204)


_ANSWERS = {
    ("GET", "data"): VaultServer.get, ("POST", "data"): VaultServer.write, ("DELETE", "metadata"): VaultServer.destroy,
}  # fmt: skip
