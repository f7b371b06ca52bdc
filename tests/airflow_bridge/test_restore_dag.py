"""The DAG `restore` in a real Airflow: a plan, the approval of the right person, and exactly what was approved."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.airflow_bridge.rig import running
from tests.backups.world import in_folder
from tests.lab import Lab
from upkeep.store.answers import Provenance, connected
from upkeep.store.backups import StoredRegistry
from upkeep.store.migrate import migrate
from upkeep.window import Window

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
USERS = {"ada": "admin", "otto": "op", "olga": "op"}
INVENTORY = """
people:
  - {name: first, role: DBA, slack: U0000001, airflow: ada, on_call: 1}
  - {name: owner, role: DBA, slack: U0000002, airflow: olga}
databases:
  - {name: shop, owner: owner, connection: shop_db}
"""


def test_asked_approved_by_another_and_restored(lab: Lab, tmp_path: Path) -> None:
    lab.run("create table t (a int); insert into t select generate_series(1, 7)")
    shelf, now = in_folder(tmp_path / "store"), datetime.now(UTC)
    approved = shelf.take(lab.endpoint)
    migrate(lab.endpoint)

    def known() -> StoredRegistry:
        return StoredRegistry(connection, Window(now - timedelta(days=1), now), Provenance("daily", "r", "backup", -1, 1, now, 0))

    with connected(lab.endpoint) as connection, running(tmp_path, lab, USERS, INVENTORY) as airflow:
        known().put(approved)
        airflow.ask("ada", "PATCH", "dags/restore", is_paused=False)
        asked = airflow.ask(
            "ada",
            "POST",
            "dags/restore/dagRuns",
            dag_run_id="one",
            logical_date=None,
            conf={"backup": "shop", "destination": "scratch"},
        )
        assert asked.is_success, asked.text
        airflow.waits("one", "approve", "awaiting_input", "deferred")
        detail = airflow.ask("ada", "GET", "dags/restore/dagRuns/one/taskInstances/approve/-1/hitlDetails").json()
        assert [user["id"] for user in detail["assigned_users"]] == ["olga"], "not ada, who asked"
        assert approved.id in detail["body"]
        assert str(approved.manifest_sha256) in detail["body"]
        known().put(shelf.take(lab.endpoint))
        answer = "dags/restore/dagRuns/one/taskInstances/approve/-1/hitlDetails"
        for user in ("ada", "otto"):
            assert airflow.ask(user, "PATCH", answer, chosen_options=["Approve"], params_input={}).status_code == 403
        response = airflow.ask("olga", "PATCH", answer, chosen_options=["Approve"], params_input={})
        assert response.is_success, response.text
        airflow.waits("one", "restore", "success")
        (done,) = known().restorations("shop")
    assert (done.backup_id, done.state, done.manifest_sha256) == (approved.id, "proven", approved.manifest_sha256)
    assert done.asked_by == "ada, approved by olga (in Airflow)"
