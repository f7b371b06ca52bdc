"""The shape of a DAG over made-up duties: order over areas, broken modules, queues."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from upkeep.checks.database.sequences import sequences
from upkeep.discovery import BrokenModule
from upkeep.window import Cadence

pytestmark = pytest.mark.airflow

INVENTORY = """
people: [{name: on-call, role: Operations, slack: U0000001}]
databases: [{name: shop, owner: on-call, connection: a_db}]
"""
FIRST = replace(sequences, name="first", area="zebras", queue="heavy", at_once=3, hours=2)
SECOND = replace(sequences, name="second", area="apes", after=("first", "cracked"))
CRACKED = BrokenModule("upkeep.checks.birds.cracked", Cadence.DAILY, "Traceback: no module named feathers")


@pytest.fixture
def dag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The daily DAG over three made-up modules, one of which cannot be imported."""
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.setenv("UPKEEP_INVENTORY", str(tmp_path / "inventory.yaml"))
    (tmp_path / "inventory.yaml").write_text(INVENTORY)
    from upkeep.airflow_bridge import graph, tasks

    monkeypatch.setattr(graph, "discover", lambda: (SECOND, FIRST))
    monkeypatch.setattr(graph, "broken_modules", lambda: (CRACKED,))
    monkeypatch.setattr(tasks, "broken_modules", lambda: (CRACKED,))
    return graph.cadence_dag(Cadence.DAILY, "text")


def test_a_duty_comes_after_duties_of_other_areas(dag: Any) -> None:
    assert dag.get_task("apes.second").upstream_task_ids == {"begin", "zebras.first", "birds.cracked"}
    assert dag.get_task("apes.second").trigger_rule == "all_done", "what came before may be red: it is still asked"


def test_what_others_wait_for_still_fails_the_run(dag: Any) -> None:
    for name in ("zebras.first", "birds.cracked"):
        assert "verdict" in dag.get_task(name).downstream_task_ids
    assert "missing_answers" in dag.get_task("apes.second").downstream_task_ids


def test_a_module_that_cannot_be_imported_is_a_red_box_and_no_more(dag: Any) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    box = dag.get_task("birds.cracked")
    assert "no module named feathers" in box.doc_md
    assert box.has_on_failure_callback, "it has no answers that a report could show: the task tells"
    with pytest.raises(AirflowFailException, match="no module named feathers"):
        box.python_callable(*box.op_args)


def test_a_module_that_was_mended_since_fails_until_the_dag_is_read_again(dag: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    from upkeep.airflow_bridge import tasks

    monkeypatch.setattr(tasks, "broken_modules", lambda: ())
    box = dag.get_task("birds.cracked")
    with pytest.raises(AirflowFailException, match="read the DAG file again"):
        box.python_callable(*box.op_args)


def test_a_duty_may_name_its_queue_and_how_many_at_once(dag: Any) -> None:
    assert dag.get_task("zebras.first").max_active_tis_per_dagrun == 3
    assert dag.get_task("apes.second").max_active_tis_per_dagrun is None
    assert dag.get_task("zebras.first").queue == "heavy"
    assert dag.get_task("apes.second").queue == dag.get_task("begin").queue == "default"


def test_tries_fit_into_the_run(dag: Any) -> None:
    assert dag.get_task("zebras.first").retries == 1, (
        "two tries of two hours and the wait between them in a run of six; not three"
    )
    assert dag.get_task("apes.second").retries == 5
