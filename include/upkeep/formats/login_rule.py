"""Rules of pg_hba.conf: which addresses and roles a line is about."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

# Shorter prefixes hold whole continents; the private network 10.0.0.0/8 is longer.
_WIDE_V4, _WIDE_V6 = 7, 16
_LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


@dataclass(frozen=True, slots=True)
class LoginRule:
    """One line of pg_hba.conf that has no error; the fields are the columns of the server's own reading of it."""

    line_number: int
    type: str
    databases: Sequence[str]
    users: Sequence[str]
    address: str
    netmask: str
    method: str
    listens_on: str

    @property
    def network(self) -> IPv4Network | IPv6Network | None:
        """Its addresses; None for a host name, a keyword and a local socket."""
        try:
            return ip_network(f"{self.address}/{_prefix(self.netmask)}", strict=False)
        except ValueError:
            return None

    @property
    def is_local(self) -> bool:
        """Whether only the server's own machine can use it."""
        network = self.network
        here = any(network.version == n.version and network.subnet_of(n) for n in _LOOPBACK) if network else False  # type: ignore[arg-type]
        return self.type == "local" or self.address in {"samehost", "localhost"} or here

    @property
    def is_reachable(self) -> bool:
        """Whether the server listens where other machines reach it."""
        places = [place.strip() for place in self.listens_on.split(",") if place.strip()]
        return any(place not in {"localhost", "::1"} and not place.startswith("127.") for place in places)

    @property
    def is_wide(self) -> bool:
        """Whether it fits every address, or nearly every."""
        network = self.network
        limit = _WIDE_V4 if network and network.version == 4 else _WIDE_V6  # noqa: PLR2004 - the version of IP
        return self.address == "all" or (network is not None and network.prefixlen <= limit)

    @property
    def without_address(self) -> str:
        """The line without its address, so that those for IPv4 and IPv6 are one."""
        return " ".join([self.type, ",".join(self.databases), ",".join(self.users), self.method])

    @property
    def text(self) -> str:
        """The line as it may stand in the file."""
        network = self.network
        where = str(network) if network else self.address
        fields = [self.type, ",".join(self.databases), ",".join(self.users), where, self.method]
        return " ".join(word for word in fields if word)

    def is_only_for(self, roles: Collection[str]) -> bool:
        """Whether it is about no other roles."""
        return all(user in roles for user in self.users)

    def covers(self, other: "LoginRule") -> bool:
        """Whether whatever fits the other rule fits this one."""
        return (
            self._covers_type(other)
            and ("all" in self.users or set(other.users) <= set(self.users))
            and ("all" in self.databases or set(other.databases) <= set(self.databases))
            and ("replication" not in other.databases or "replication" in self.databases)
        )

    def _covers_type(self, other: "LoginRule") -> bool:
        if "local" in {self.type, other.type}:
            return self.type == other.type
        return self.type in {"host", other.type} and self._covers_address(other)

    def _covers_address(self, other: "LoginRule") -> bool:
        mine, its = self.network, other.network
        if self.address in {"all", other.address} and self.netmask in {"", other.netmask}:
            return True
        return bool(mine and its and mine.version == its.version and its.subnet_of(mine))  # type: ignore[arg-type]


def _prefix(netmask: str) -> int:
    """How many bits of the address count; none that fits an address where there is no netmask."""
    return int(ip_address(netmask)).bit_count() if netmask else -1
