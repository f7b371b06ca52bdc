"""The account in the demo: how its stand-in is started, the connection to it, and its part of the inventory."""

import os
import sys
from pathlib import Path

from upkeep.demo.cloud.server import HOST
from upkeep.demo.state import ROOT, State
from upkeep.demo.supervise import Program

CONNECTION, REGION = "shop_cloud", "eu-central-1"
INVENTORY = f"""    # A stand-in for AWS, with idle things in it. Small money counts, since the account is small.
    api_connection: {CONNECTION}
    regions: [{REGION}]
    protected_tags: [keep]
    thresholds:
      opportunities:
        min_amount: 3
"""


def program(home: Path, state: State) -> Program:
    """The stand-in."""
    args = (sys.executable, "-m", "upkeep.demo.cloud", str(state.ports["cloud"]))
    return Program("cloud", args, dict(os.environ), ROOT, home / "logs" / "cloud.log")


def connection(state: State) -> dict[str, object]:
    """How to reach it, in Airflow's form."""
    extra = {"region_name": REGION, "endpoint_url": f"http://{HOST}:{state.ports['cloud']}"}
    return {"conn_type": "aws", "login": "upkeep-demo", "password": state.secret("cloud login"), "extra": extra}
