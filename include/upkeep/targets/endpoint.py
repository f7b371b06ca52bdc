"""A network endpoint that speaks TLS: a site, an API, a server's port."""

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from upkeep.errors import UpkeepError
from upkeep.need import Need
from upkeep.sources.connections import Connections
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.target import Target

PORTS = {"https": 443, "tls": None, "postgres": 5432}


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError(f"expected {', '.join(f'{scheme}://host' for scheme in PORTS)}, with a port where it is not the usual")
    try:
        port = parts.port or PORTS[parts.scheme]
    except ValueError:
        port = None
    if port is None:
        raise ValueError("give a port between 1 and 65535, such as tls://mail.example.com:993")
    if parts.username or parts.password:
        raise ValueError("an address has no login in it: secrets are in Airflow connections")
    return text


class NetworkEndpoint(Target):
    """One address that speaks TLS: https://host, tls://host:port, or postgres://host, which begins in clear text."""

    section: ClassVar[str] = "endpoints"

    address: Annotated[str, AfterValidator(_address)] = Field(description="https://host, tls://host:port or postgres://host")
    server_name: str | None = Field(default=None, description="Name that the certificate must be for; by default the host")
    ca_file: str | None = Field(
        default=None, description="PEM file of authorities that clients trust here; by default those of the system"
    )
    timeout_s: float = Field(default=10, gt=0, le=120, description="Longest wait for an answer, seconds")

    @property
    def host(self) -> str:
        """The host to connect to."""
        return urlsplit(self.address).hostname or ""

    @property
    def port(self) -> int:
        """The port to connect to."""
        parts = urlsplit(self.address)
        return parts.port or PORTS[parts.scheme] or 0

    @property
    def scheme(self) -> str:
        """How the conversation begins."""
        return urlsplit(self.address).scheme

    def examine(self, connections: Connections, needs: Sequence[Need]) -> Iterator[Diagnosis]:  # noqa: ARG002 - it has none
        """Connect and shake hands; the certificate is not judged."""
        from upkeep.sources.tls import Tls

        try:
            served = Tls(self.host, self.port, self.scheme, self.timeout_s).look(self.server_name or self.host, self.ca_file)
        except UpkeepError as error:
            remedy = getattr(error, "remedy", "")
            yield Diagnosis(
                subject=self.name, about="reachable", level=Level.NO, text=str(error), remedy=remedy, field="address", unmet=None
            )
        else:
            text = f"{self.address} speaks {served.protocol}"
            yield Diagnosis(subject=self.name, about="reachable", level=Level.OK, text=text, field="address")
