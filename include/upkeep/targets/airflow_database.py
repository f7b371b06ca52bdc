"""Airflow's own metadata database: a database like any other, whose old rows Airflow's own command cleans."""

from typing import ClassVar

from upkeep.targets.database import Database


class AirflowDatabase(Database):
    """The metadata database of an Airflow, by a connection of its own; `maintenance.login` owns its tables and may clean them."""

    section: ClassVar[str] = "airflow_databases"
