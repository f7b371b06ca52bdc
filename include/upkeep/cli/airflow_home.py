"""Where a command finds Airflow: an installation that is there is asked, and none is made where there is none."""

import atexit
import os
import shutil
import tempfile

ANY_OF = ("AIRFLOW_HOME", "AIRFLOW_CONFIG", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD")
"""Settings that say where an Airflow is."""


def settle() -> None:
    """
    Have Airflow's own database asked for connections where there is one, as Airflow's commands do.

    Importing Airflow makes AIRFLOW_HOME, by default `~/airflow`: without one it gets a folder that goes when this process ends.
    """
    home = os.path.exists(os.path.expanduser("~/airflow"))  # noqa: PTH110, PTH111 - none where it may not be looked at
    if home or any(os.environ.get(name) for name in ANY_OF):
        os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")
    if not home and not os.environ.get("AIRFLOW_HOME"):
        folder = tempfile.mkdtemp(prefix="upkeep-no-airflow-home-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ["AIRFLOW_HOME"] = folder
