"""Airflow's connections as addresses of HTTP services; what is wrong is said without a secret."""

import json
from typing import Any

import pytest

from upkeep.airflow_bridge.connections import AirflowConnections
from upkeep.errors import BrokenError
from upkeep.sources.http_address import HttpAddress, HttpConnections, address_of

SECRET = "hunter2"


def given(monkeypatch: pytest.MonkeyPatch, **fields: Any) -> HttpAddress:
    monkeypatch.setenv("AIRFLOW_CONN_PROMETHEUS", json.dumps({"conn_type": "http", "host": "h", **fields}))
    return address_of(AirflowConnections(), "prometheus")


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({}, "http://h"),
        ({"port": 9090}, "http://h:9090"),
        ({"schema": "https"}, "https://h"),
        ({"conn_type": "https"}, "https://h"),
        ({"host": "https://h/prefix/", "port": 8443}, "https://h:8443/prefix"),
        ({"host": "https://h:1/prefix", "port": 8443}, "https://h:1/prefix"),
        ({"host": "[::1]", "port": 9090}, "http://[::1]:9090"),
    ],
)
def test_the_address(monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], url: str) -> None:
    assert given(monkeypatch, **fields).url == url
    assert isinstance(AirflowConnections(), HttpConnections)


def test_a_token_goes_as_bearer(monkeypatch: pytest.MonkeyPatch) -> None:
    found = given(monkeypatch, password=SECRET)
    assert SECRET not in repr(found)
    with found.client() as client:
        assert client.headers["Authorization"] == f"Bearer {SECRET}"


def test_a_login_is_basic_and_headers_go_along(monkeypatch: pytest.MonkeyPatch) -> None:
    found = given(monkeypatch, login="ann", password=SECRET, extra={"X-Scope-OrgID": "shop", "timeout": 5, "headers": {"A": "b"}})
    assert (found.user, found.headers) == ("ann", {"X-Scope-OrgID": "shop", "A": "b"})
    with found.client() as client:
        assert "Authorization" not in client.headers
        assert client.auth is not None


@pytest.mark.parametrize(
    ("extra", "verify", "authority", "files"),
    [
        ({}, True, None, (None, None)),
        ({"verify": False}, False, None, (None, None)),
        ({"verify": "/ca.pem", "cert": "/both.pem"}, True, "/ca.pem", ("/both.pem", None)),
        ({"verify": "true", "cert": ["/c.pem", "/k.pem"]}, True, None, ("/c.pem", "/k.pem")),
    ],
)
def test_certificates(
    monkeypatch: pytest.MonkeyPatch,
    extra: dict[str, Any],
    verify: bool,  # noqa: FBT001 - both ways
    authority: str | None,
    files: tuple[str | None, str | None],
) -> None:
    found = given(monkeypatch, extra=extra)
    assert (found.verify, found.authority, (found.certificate, found.key)) == (verify, authority, files)


@pytest.mark.parametrize(
    ("fields", "message"), [({"host": ""}, "names no host"), ({"conn_type": "postgres", "password": SECRET}, "of type postgres")]
)
def test_what_is_wrong_is_said(monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(BrokenError, match=message) as caught:
        given(monkeypatch, **fields)
    assert SECRET not in f"{caught.value} {caught.value.remedy}"
    assert caught.value.remedy


def test_connections_without_http_say_so() -> None:
    with pytest.raises(BrokenError, match="no connection prometheus to an HTTP service here"):
        address_of(object(), "prometheus")


def test_certificates_that_cannot_be_read() -> None:
    with pytest.raises(BrokenError, match="certificates for https://h cannot be read"):
        HttpAddress("https://h", certificate="/nonexistent").client()
