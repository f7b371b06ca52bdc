"""Logins to a real Prometheus that wants a password and a client certificate."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from tests.prometheus_lab import needs_prometheus, prometheus
from tests.tls_server import Issued, issue
from upkeep.errors import BrokenError
from upkeep.sources.http_address import HttpAddress
from upkeep.sources.http_json import HttpJson
from upkeep.sources.prometheus import Prometheus

pytestmark = needs_prometheus
WEB = """
tls_server_config:
  cert_file: {folder}/server.pem
  key_file: {folder}/server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: {folder}/ca.pem
"""


@dataclass(frozen=True)
class World:
    """The server and who may ask it."""

    address: HttpAddress
    folder: Path


def _store(folder: Path, name: str, issued: Issued) -> None:
    key = issued.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip
    (folder / f"{name}.pem").write_bytes(issued.pem)
    (folder / f"{name}.key").write_bytes(key)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server with certificates of an authority of its own."""
    folder = tmp_path_factory.mktemp("tls")
    authority = issue("authority", authority=True)
    _store(folder, "ca", authority)
    _store(folder, "server", issue("127.0.0.1", authority, names=("127.0.0.1",)))
    _store(folder, "client", issue("upkeep", authority))
    _store(folder, "stranger", issue("stranger"))
    with prometheus(folder / "prometheus", web=WEB.format(folder=folder)) as served:
        files = {name: str(folder / name) for name in ("ca.pem", "client.pem", "client.key")}
        address = HttpAddress(
            served.url, authority=files["ca.pem"], certificate=files["client.pem"], key=files["client.key"]
        )  # fmt: skip
        yield World(address, folder)


def ask(address: HttpAddress) -> float:
    server = Prometheus(HttpJson(address, "Prometheus", tries=1))
    return server.query("vector(1)", datetime(2026, 5, 14, tzinfo=UTC))[0].values[0]


def test_both_sides_prove_themselves(world: World) -> None:
    assert ask(world.address) == 1


def test_a_server_of_an_unknown_authority_is_not_asked(world: World) -> None:
    with pytest.raises(BrokenError, match="CERTIFICATE_VERIFY_FAILED"):
        ask(replace(world.address, authority=None))


def test_whoever_wants_may_ask_it_all_the_same(world: World) -> None:
    assert ask(replace(world.address, authority=None, verify=False)) == 1


@pytest.mark.parametrize("name", [None, "stranger"])
def test_the_server_refuses_whoever_is_not_known(world: World, name: str | None) -> None:
    certificate, key = (f"{world.folder}/{name}.pem", f"{world.folder}/{name}.key") if name else (None, None)
    with pytest.raises(BrokenError, match="did not answer in 1 tries"):
        ask(replace(world.address, certificate=certificate, key=key))
