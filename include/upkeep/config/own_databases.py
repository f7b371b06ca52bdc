"""Upkeep's report database and Airflow's metadata database as targets that nobody needs to write down."""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Literal

from pydantic import Field

from upkeep.field_types import ConnectionId, Name
from upkeep.targets.airflow_database import AirflowDatabase
from upkeep.targets.database import Database
from upkeep.targets.maintenance_plan import MaintenancePlan
from upkeep.targets.target import Strict, Target

REPORT, AIRFLOW = "report database", "airflow database"
TAG = "upkeep"
GIVEN = "UPKEEP_CONNECTIONS"
_CONNECTION = "AIRFLOW_CONN_"
_AIRFLOW_MONITOR = "airflow_monitor_db"
_TEXT = (
    "Connection as a role with pg_monitor; without it {} where there is one, and no target where there is none; false: no target"
)


class OwnDatabases(Strict):
    """Which of the programme's own databases are targets, and by which connections."""

    report: ConnectionId | Literal[False] | None = Field(default=None, description=_TEXT.format("upkeep_monitor_db"))
    airflow: ConnectionId | Literal[False] | None = Field(default=None, description=_TEXT.format("airflow_monitor_db"))
    airflow_login: ConnectionId | None = Field(
        default=None,
        description="Connection as the owner of Airflow's tables, for what was approved; else airflow_maintenance_db",
    )
    owner: Name | None = Field(default=None, description="Person who owns both; by default who is first on call")


def known_connections(environment: Mapping[str, str]) -> frozenset[str]:
    """
    Ids of the connections that are there without asking anybody: in the environment, and those that UPKEEP_CONNECTIONS names.

    DAG files are read at every task's start, which is no time to ask a secrets backend.
    """
    names = {name.removeprefix(_CONNECTION).lower() for name in environment if name.startswith(_CONNECTION)}
    return frozenset(names | set(re.split(r"[,\s]+", environment.get(GIVEN, "").strip()))) - {""}


def own_databases(
    wanted: "OwnDatabases | Literal[False]", owner: str, targets: Collection[Target], environment: Mapping[str, str] = os.environ
) -> Iterator[Database]:
    """Those that are targets. One that the file names itself, by its name or its connection, is left to it."""
    if not wanted:
        return
    known, shared = known_connections(environment), {"owner": wanted.owner or owner, "tags": (TAG,)}
    taken = {target.connection for target in targets if isinstance(target, Database)} | {target.name for target in targets}
    report = _connection(wanted.report, "upkeep_monitor_db", known)
    if report and not taken & {report, REPORT}:
        yield Database(name=REPORT, connection=report, **shared)
    airflow = _connection(wanted.airflow, _AIRFLOW_MONITOR, known)
    if airflow and not taken & {airflow, AIRFLOW}:
        login = _connection(wanted.airflow_login, "airflow_maintenance_db", known)
        plan = MaintenancePlan(login=login) if login else None
        yield AirflowDatabase(name=AIRFLOW, connection=airflow, maintenance=plan, **shared)


def metadata_left_out(wanted: "OwnDatabases | Literal[False]", targets: Collection[Target]) -> bool:
    """Whether Airflow's metadata database is no target, though nobody said that it should be none."""
    if not wanted or wanted.airflow is False:
        return False
    names = {wanted.airflow or _AIRFLOW_MONITOR, AIRFLOW}
    return not any(
        isinstance(target, AirflowDatabase) or (isinstance(target, Database) and {target.connection, target.name} & names)
        for target in targets
    )


def _connection(setting: str | Literal[False] | None, usual: str, known: Collection[str]) -> str | None:
    if setting is None:
        return usual if usual in known else None
    return setting or None
