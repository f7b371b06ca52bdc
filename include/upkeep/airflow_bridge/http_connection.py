"""An Airflow connection as the address of an HTTP service, read as Airflow's HttpHook reads it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from upkeep.airflow_bridge.connection_lookup import look_up
from upkeep.errors import BrokenError
from upkeep.sources.http_address import HttpAddress

TYPES = frozenset({"http", "https"})
_NOT_HEADERS = frozenset(
    {
        "allow_redirects",
        "cert",
        "check_response",
        "headers",
        "max_redirects",
        "proxies",
        "stream",
        "timeout",
        "trust_env",
        "verify",
    }
)


def http_address(connection_id: str) -> HttpAddress:
    """
    The address of a connection: host (a whole address with a path, or a name with schema and port), login and password.

    A password without a login is a bearer token. Its extra holds `headers` (or header names themselves), `verify` (false, or a
    file of certificates) and `cert` (a file, or two: certificate and key).

    Raises BrokenError when it cannot be had or names no host.
    """
    found = look_up(connection_id, TYPES)
    extra: Mapping[str, Any] = found.extra_dejson
    verify = extra.get("verify", True)
    certificate, key = _pair(extra.get("cert"))
    return HttpAddress(
        url=_url(connection_id, found),
        user=found.login or None,
        password=found.password or None,
        headers=_headers(extra),
        verify=str(verify).lower() != "false",
        authority=verify if isinstance(verify, str) and verify.lower() not in {"true", "false"} else None,
        certificate=certificate,
        key=key,
    )


def _url(connection_id: str, found: Any) -> str:
    if not found.host:
        raise BrokenError(
            f'connection "{connection_id}" names no host', "give it one, such as https://prometheus:9090", retry=False
        )
    scheme = found.schema or ("https" if found.conn_type == "https" else "http")
    parts = urlsplit(found.host if "://" in found.host else f"{scheme}://{found.host}")
    port = f":{found.port}" if found.port and ":" not in parts.netloc.rpartition("]")[2] else ""
    return f"{parts.scheme}://{parts.netloc}{port}{parts.path}".rstrip("/")


def _headers(extra: Mapping[str, Any]) -> dict[str, str]:
    own = {name: value for name, value in extra.items() if name not in _NOT_HEADERS and isinstance(value, str)}
    more = extra.get("headers")
    return {**own, **{str(name): str(value) for name, value in (more.items() if isinstance(more, Mapping) else ())}}


def _pair(given: Any) -> tuple[str | None, str | None]:
    if isinstance(given, list | tuple) and given:
        return str(given[0]), str(given[1]) if len(given) > 1 else None
    return (str(given), None) if given else (None, None)
