"""The login that keeps one database in shape: does it get in, past which pooler, and which tables may it not work on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from upkeep.errors import UpkeepError
from upkeep.humanize import plural
from upkeep.maintenance.rights import grants, refused
from upkeep.sources.connections import Connections
from upkeep.sources.pooler import Pooling, pooling
from upkeep.sources.postgres import Endpoint, session
from upkeep.sources.postgres_errors import translate_errors
from upkeep.targets.database import Database
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.maintenance_plan import MaintenancePlan
from upkeep.targets.postgres_login import CONNECT_TIMEOUT_S

BLIND = ("statistics", "vacuum")
_LISTED = 5


@dataclass(frozen=True)
class MaintenanceExamined:
    """One database with a maintenance login. `where` is the inventory's line of it."""

    target: Database
    plan: MaintenancePlan
    connections: Connections
    where: str

    def examined(self) -> Iterator[Diagnosis]:
        """Whether it can work."""
        try:
            endpoint = self.connections.postgres(self.plan.login)
            endpoint = replace(endpoint, options={**endpoint.options, "connect_timeout": str(CONNECT_TIMEOUT_S)})
            yield self._place(endpoint)
            yield self._rights(endpoint)
        except UpkeepError as error:
            remedy = getattr(error, "remedy", "") or f'correct the connection "{self.plan.login}"'
            yield self._diagnosis("maintenance login", Level.NO, f'"{self.plan.login}": {error}', remedy)

    def _place(self, endpoint: Endpoint) -> Diagnosis:
        with translate_errors():
            how = pooling(endpoint)
        if how is Pooling.TRANSACTION:
            remedy = "give `maintenance` a `login:` whose connection reaches the server itself, or a pooler in session mode"
            message = f"{endpoint.place} is a pooler in transaction mode: VACUUM needs a session of its own"
            return self._diagnosis("maintenance login", Level.NO, message, remedy)
        message = "no pooler in between" if how is Pooling.NONE else "through a pooler in session mode"
        return self._diagnosis("maintenance login", Level.OK, message)

    def _rights(self, endpoint: Endpoint) -> Diagnosis:
        with session(endpoint, "upkeep doctor", lock_timeout_s=self.plan.lock_timeout_s) as pg:
            if pg.in_recovery:
                message, remedy = f"{endpoint.place} is a standby", "let its connection lead to the primary"
                return self._diagnosis("maintenance login", Level.NO, message, remedy)
            lacking, role, database = refused(pg), str(pg.value("select current_user")), pg.database
        if not lacking:
            return self._diagnosis("maintenance rights", Level.OK, f"{role} may vacuum and analyze every table")
        names = ", ".join(table.name for table in lacking[:_LISTED])
        more = f" and {len(lacking) - _LISTED} more" if len(lacking) > _LISTED else ""
        message = f"{role} may not vacuum and analyze {plural(len(lacking), 'table')}: {names}{more}"
        found = self._diagnosis("maintenance rights", Level.NO, message, "\n".join(grants(lacking)))
        return replace(found, server=endpoint.place, database=database, grants=grants(lacking))

    def _diagnosis(self, about: str, level: Level, message: str, remedy: str = "") -> Diagnosis:
        return Diagnosis(
            subject=self.target.name, about=about, level=level, text=message, remedy=remedy, where=self.where,
            blind=BLIND if level is Level.NO else (),
        )  # fmt: skip
