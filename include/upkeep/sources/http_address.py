"""Where an HTTP service is and who asks it: what is known of a connection, as a client that sends it to that place only."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from upkeep.errors import BrokenError

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class HttpAddress:
    """
    A base address, without a slash at its end, and a login: a user with a password, or a token alone (bearer).

    `headers` go with each request. `authority` is a file of certificates that the server's is proven by; without `verify` none is
    asked for. `certificate` and `key` are files by which this side proves itself (mTLS).
    """

    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    verify: bool = True
    authority: str | None = None
    certificate: str | None = None
    key: str | None = None

    def client(self, timeout_s: float = 30, transport: "httpx.BaseTransport | None" = None) -> "httpx.Client":
        """
        A client for paths below the address. Redirects are not followed: a login goes nowhere else.

        Raises BrokenError when a file of certificates cannot be read.
        """
        import httpx

        return httpx.Client(
            base_url=self.url,
            headers=self._headers(),
            auth=(self.user, self.password or "") if self.user else None,
            verify=self._tls(),
            timeout=timeout_s,
            transport=transport,
        )

    def _headers(self) -> Mapping[str, str]:
        bearer = {"Authorization": f"Bearer {self.password}"} if self.password and not self.user else {}
        return {**bearer, **self.headers}

    def _tls(self) -> ssl.SSLContext | bool:
        if not self.url.startswith("https:"):
            return False  # nothing to prove, and no authorities to load
        import httpx

        context = httpx.create_ssl_context(verify=self.verify)
        try:
            if self.verify and self.authority:
                context.load_verify_locations(self.authority)
            if self.certificate:
                context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            reason = f"the certificates for {self.url} cannot be read ({type(error).__name__})"
            raise BrokenError(reason, "put the files where the workers see them, as PEM", retry=False) from error
        return context


@runtime_checkable
class HttpConnections(Protocol):
    """Connections of which some lead to HTTP services."""

    def http(self, connection_id: str) -> HttpAddress:
        """An address with its login. Raises BrokenError when the connection is missing or of another kind."""
        ...


def address_of(connections: object, connection_id: str) -> HttpAddress:
    """The address behind a connection. Raises BrokenError when it cannot be had."""
    if not isinstance(connections, HttpConnections):
        raise BrokenError(f"there is no connection {connection_id} to an HTTP service here", retry=False)
    return connections.http(connection_id)
