"""
Registers the pages with Airflow; nothing else.

Every task, the scheduler and the DAG processor load this file too, so the application is built at its first request, which only
the API server gets.
"""

from functools import cache
from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin


class Pages:
    """The application, built when it is first asked for something."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        await _application()(scope, receive, send)


class UpkeepPlugin(AirflowPlugin):
    """An entry in the navigation, and a tab on each DAG run. Addresses are relative: Airflow may be served under any path."""

    name = "upkeep"
    fastapi_apps: ClassVar[list[Any]] = [{"app": Pages(), "url_prefix": "/upkeep", "name": "Upkeep"}]
    external_views: ClassVar[list[Any]] = [
        {"name": "Upkeep", "href": "upkeep/", "destination": "nav", "url_route": "upkeep", "nav_top_level": True},
        {
            "name": "Upkeep",
            "href": "upkeep/run?dag_id={DAG_ID}&run_id={RUN_ID}",
            "destination": "dag_run",
            "url_route": "upkeep_run",
        },
    ]


@cache
def _application() -> Any:
    from upkeep.airflow_bridge import connections
    from upkeep.ui.access import guard
    from upkeep.ui.app import create_app
    from upkeep.ui.zone import zone

    return create_app(connections.store, guard(), zone)
