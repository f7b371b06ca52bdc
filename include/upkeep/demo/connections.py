"""The connections of the demo's Airflow."""

from upkeep.demo import airflow, shop, shop_secrets
from upkeep.demo.cloud import made as cloud
from upkeep.demo.state import State
from upkeep.demo.web import watched
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer

_ROLES = {
    "shop_db": "upkeep_monitor",
    "shop_backup": "upkeep_backup",
    "shop_maintenance": "upkeep_maintenance",
    "shop_rotation": shop_secrets.ROTATOR,
}


def connections(state: State, store: Endpoint, production: ScratchServer) -> dict[str, dict[str, object]]:
    """Each by its id, in Airflow's JSON form."""
    slack = {"base_url": f"http://127.0.0.1:{state.ports['slack']}/api/"}
    return {
        "upkeep_db": airflow.postgres_connection(store),
        **{name: airflow.postgres_connection(shop.login(production, state, role)) for name, role in _ROLES.items()},
        cloud.CONNECTION: cloud.connection(state),
        **watched.connections(state),
        "upkeep_slack": {"conn_type": "slack", "password": state.secret("slack token"), "extra": slack},
    }
