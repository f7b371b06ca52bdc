"""Logins that can do more than read and write data, and by which way."""

from collections.abc import Mapping
from dataclasses import dataclass

from upkeep.sources.postgres import Postgres

# Roles by which a managed service itself works; nobody else can log in as these.
MANAGED = (
    "rdsadmin",
    "rdsrepladmin",
    "cloudsqladmin",
    "cloudsqlagent",
    "cloudsqlreplica",
    "alloydbadmin",
    "azuresu",
    "azure_superuser",
)
ADMINISTRATORS = "postgres"
"""Names of administrators unless the inventory says others: the threshold `expected` of login_privileges."""
FORMS = {
    "superuser": "alter role {role} nosuperuser;",
    "createrole": "alter role {role} nocreaterole;",
    "createdb": "alter role {role} nocreatedb;",
    "replication": "alter role {role} noreplication;",
    "bypassrls": "alter role {role} nobypassrls;",
}


@dataclass(frozen=True, slots=True)
class Login:
    """A login role with powers; each names the role by which it is reached, or nothing when it is the login's own."""

    name: str
    quoted: str
    powers: Mapping[str, str]
    expired: bool
    applications: list[str]

    @property
    def powers_text(self) -> str:
        """Its powers in words."""
        return ", ".join(f"{power} through {way}" if way not in {"", power} else power for power, way in self.powers.items())

    @property
    def remedy(self) -> str:
        """Statements that take its powers away."""
        return " ".join(self._without(power, way) for power, way in self.powers.items())

    def _without(self, power: str, way: str) -> str:
        if way:
            return f'revoke "{way.replace(chr(34), chr(34) * 2)}" from {self.quoted}; -- or from the role between\n'
        return FORMS[power].format(role=self.quoted)


def privileged_logins(pg: Postgres) -> list[Login]:
    """Every login with more than data rights, by name, but for those of a managed service itself."""
    return [login for login in pg.measure(__file__, Login) if login.name not in MANAGED]


def listed(text: str) -> list[str]:
    """The words of a list such as `postgres, admin`."""
    return [word.strip() for word in text.split(",") if word.strip()]
