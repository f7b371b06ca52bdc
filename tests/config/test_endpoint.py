"""Endpoints: addresses that can be connected to, and their own examination."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.tls_server import issue, serving
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.targets.diagnosis import Level
from upkeep.targets.endpoint import NetworkEndpoint

NOWHERE = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))


def endpoint(address: str, **more: object) -> NetworkEndpoint:
    return NetworkEndpoint(**{"name": "site", "owner": "ann", "address": address, **more})


@pytest.mark.parametrize(
    ("address", "host", "port", "scheme"),
    [
        ("https://shop.test", "shop.test", 443, "https"),
        ("https://shop.test:8443/path", "shop.test", 8443, "https"),
        ("tls://mail.test:993", "mail.test", 993, "tls"),
        ("postgres://db.test", "db.test", 5432, "postgres"),
        ("https://[::1]:8443", "::1", 8443, "https"),
    ],
)
def test_addresses(address: str, host: str, port: int, scheme: str) -> None:
    found = endpoint(address)
    assert (found.host, found.port, found.scheme) == (host, port, scheme)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://shop.test", "expected https://host, tls://host, postgres://host"),
        ("shop.test", "expected https://host"),
        ("https://", "expected https://host"),
        ("tls://mail.test", "give a port"),
        ("https://shop.test:99999", "give a port"),
        ("https://ann:secret@shop.test", "an address has no login in it"),
    ],
)
def test_what_is_no_address(address: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        endpoint(address)


def test_it_is_examined_by_a_handshake(tmp_path: Path) -> None:
    with serving(tmp_path, issue("shop.test")) as port:
        (found,) = endpoint(f"https://127.0.0.1:{port}", server_name="shop.test").examine(NOWHERE, ())
    assert (found.level, found.text) == (Level.OK, f"https://127.0.0.1:{port} speaks TLSv1.3")
    (away,) = endpoint(f"https://127.0.0.1:{port}").examine(NOWHERE, ())
    assert (away.level, away.about, away.unmet, away.field) == (Level.NO, "reachable", None, "address")
    assert "does not answer" in away.text
