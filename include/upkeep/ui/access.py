"""Who may see the pages: whoever Airflow lets read DAG runs. The only file of the pages that imports Airflow."""

from typing import Any

from fastapi import Depends


def guard() -> list[Any]:
    """
    Airflow's login and permissions, as dependencies for the whole application.

    No login is 401; a login that may not read DAG runs is 403. Pages that name a DAG (`?dag_id=`) ask for the right to that one.
    """
    from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagAccessEntity
    from airflow.api_fastapi.core_api.security import requires_access_dag, requires_access_view

    return [Depends(requires_access_view(AccessView.WEBSITE)), Depends(requires_access_dag("GET", DagAccessEntity.RUN))]
