"""Whether a session is encrypted in fact, and whether anything demands that it is."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True, slots=True)
class Encryption:
    """
    `mode` is libpq's sslmode in force, `chosen` whether the connection, a service file or the environment says it.

    `protocol` is what protects the session, such as "TLSv1.3"; "" is nothing. `host` is where it goes.
    """

    host: str
    mode: str
    chosen: bool
    protocol: str

    @property
    def local(self) -> bool:
        """Whether it does not leave this machine: a socket, or a loopback address."""
        if not self.host or self.host.startswith(("/", "@")) or self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def encryption_of(connection: "psycopg.Connection[Any]") -> Encryption:
    """How this session is encrypted. One question. Raises psycopg.Error."""
    told = {one.keyword: (one.val, one.compiled) for one in connection.pgconn.info}
    mode, usual = told[b"sslmode"]
    row = connection.execute(Path(__file__).with_suffix(".sql").read_bytes()).fetchone()
    return Encryption(
        host=connection.info.host,
        mode=(mode or usual or b"").decode(),
        chosen=mode is not None and mode != usual,
        protocol=_protocol(tls=connection.pgconn.ssl_in_use, session=str(row[0]) if row else ""),
    )


def _protocol(*, tls: bool, session: str) -> str:
    """What the server says of its session may be about a pooler's: only libpq knows of ours with that."""
    if tls:
        return session if session.startswith("TLS") else "TLS as far as the pooler"
    return session if session == "GSSAPI" else ""
