"""What holds for every DAG, whoever adds one. Each message says the way out."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from upkeep.discovery import discover
from upkeep.window import Cadence

pytestmark = pytest.mark.airflow

ROOT = Path(__file__).resolve().parents[2]
IDS = [cadence.value for cadence in Cadence]
MANUAL = ["restore"]
DECIDING = ["decisions", "open_decisions"]
ALL = [*IDS, *MANUAL, *DECIDING]
OWN = {"begin", "missing_answers", "verdict", "quality", "report", "reported"}
TARGETS = ["shop", 'O\'Brien "ä"']


@pytest.fixture(scope="module")
def dags(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The DAGs, parsed once over an inventory of two databases."""
    home = tmp_path_factory.mktemp("airflow")
    inventory = home / "inventory.yaml"
    names = "\n".join(f"  - {{name: {_quoted(name)}, owner: on-call, connection: a_db}}" for name in TARGETS)
    inventory.write_text(f"people:\n  - {{name: on-call, role: Operations, slack: U0000001}}\ndatabases:\n{names}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_HOME", str(home))
        patch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "false")
        patch.setenv("UPKEEP_INVENTORY", str(inventory))
        from airflow.dag_processing.dagbag import DagBag

        from upkeep.config.inventory import current

        current.cache_clear()
        bag = DagBag(ROOT / "dags")
        current.cache_clear()
    assert not bag.import_errors, f"a DAG file does not load: {bag.import_errors}"
    return dict(bag.dags)


def test_every_cadence_has_its_dag(dags: dict[str, Any]) -> None:
    found = sorted(set(dags) - {*MANUAL, *DECIDING})
    assert found == sorted(IDS), "dags/ must hold one file for each cadence of upkeep.window.Cadence, and the manual ones"


@pytest.mark.parametrize("file", sorted((ROOT / "dags").glob("*.py")), ids=lambda file: file.name)
def test_a_dag_file_says_when_and_why_and_nothing_else(file: Path) -> None:
    lines = file.read_text().splitlines()
    assert len(lines) < 30, f"{file.name} has {len(lines)} lines: what tasks do belongs into upkeep/airflow_bridge or a duty"
    text = "\n".join(lines).lower()
    assert "airflow" in text, "Airflow's safe mode skips files whose text lacks its name"
    assert "dag" in text, "Airflow's safe mode skips files without the word"


@pytest.mark.parametrize("dag_id", ALL)
def test_its_docstring_is_its_page(dags: dict[str, Any], dag_id: str) -> None:
    assert len(dags[dag_id].doc_md or "") > 200, (
        f"dags/{dag_id}.py needs a docstring that a newcomer can act on: it is the page in the UI"
    )


@pytest.mark.parametrize("dag_id", IDS)
def test_its_page_says_what_each_colour_means(dags: dict[str, Any], dag_id: str) -> None:
    message = " ".join((dags[dag_id].doc_md or "").lower().replace("*", "").split())
    wanted = ("green", "red", "skipped", "unknown", "not selected")
    assert [word for word in wanted if word not in message] == [], f"dags/{dag_id}.py: the reader sees boxes of each colour"


@pytest.mark.parametrize("dag_id", IDS)
def test_one_box_for_each_duty_mapped_over_named_targets(dags: dict[str, Any], dag_id: str) -> None:
    duties = {f"{d.area}.{d.name}": d for d in discover() if d.cadence.value == dag_id}
    boxes = {t.task_id: t for t in dags[dag_id].tasks if t.task_id not in OWN}
    assert sorted(boxes) == sorted(duties), "duties become boxes in upkeep/airflow_bridge/graph.py; nothing else may"
    for name, box in boxes.items():
        assert box.map_index_template, f"{name}: instances must be labelled by their target"
        assert box.doc_md == duties[name].text, f"{name}: the duty's docstring is the task's page"


@pytest.mark.parametrize("dag_id", MANUAL)
def test_a_manual_dag_never_starts_by_itself_and_asks_first(dags: dict[str, Any], dag_id: str) -> None:
    dag = dags[dag_id]
    assert type(dag.timetable).__name__ == "NullTimetable", "a manual DAG has no schedule"
    assert dag.catchup is False
    approval = dag.get_task("approve")
    kinds = {kind.__name__ for kind in type(approval).__mro__}
    assert "ApprovalOperator" in kinds, "a person approves before anything is changed"
    assert approval.response_timeout, "an approval that nobody gives must lapse"
    assert {t.queue for t in dag.tasks} == {"heavy"}, "a backup in a folder is where the worker that took it is"
    changing = set(dag.task_ids) - {"plan", "approve"}
    assert changing <= approval.get_flat_relative_ids(upstream=False), "what changes something stands behind the approval"
    assert all(task.trigger_rule == "all_success" for task in dag.tasks), "a refused approval must skip what comes after"


def test_decisions_are_opened_by_every_report_and_asked_in_runs_of_their_own(dags: dict[str, Any]) -> None:
    reports = {asset.name for asset in dags["open_decisions"].timetable.asset_condition.objects}
    assert reports == {f"upkeep_report_{cadence}" for cadence in Cadence} | {"upkeep_decision_applied"}, "asked again at once"
    assert type(dags["decisions"].timetable).__name__ == "NullTimetable", "a run is started for each decision"
    assert dags["decisions"].get_task("countersign").trigger_rule == "all_success", "nobody countersigns what nobody decided"
    applied = dags["decisions"].get_task("apply")
    assert applied.upstream_task_ids == {"countersign"}, "what changes something stands behind who countersigns"
    assert applied.trigger_rule == "none_failed", "missed and objected end before it; it looks itself whether it was approved"
    start = dags["open_decisions"].get_task("start")
    assert start.partial_kwargs["skip_when_already_exists"], "nobody is asked twice"


@pytest.mark.parametrize("dag_id", ALL)
def test_nothing_runs_without_a_timeout_and_every_retry_is_bounded(dags: dict[str, Any], dag_id: str) -> None:
    dag = dags[dag_id]
    assert dag.dagrun_timeout, "give the DAG a dagrun_timeout"
    for task in dag.tasks:
        assert task.execution_timeout, f"{task.task_id}: give it an execution_timeout"
        # People need longer, and so does what is heavy.
        longest = timedelta(hours=25 if task.task_id == "approve" else 12 if task.queue == "heavy" else 6)
        assert task.execution_timeout <= longest, f"{task.task_id}: a timeout of {task.execution_timeout} is none"
        assert 1 <= task.retries <= 5, f"{task.task_id}: retries are for what may pass by itself, 1 to 5 of them"


@pytest.mark.parametrize("dag_id", ALL)
def test_what_is_away_for_a_quarter_of_an_hour_turns_nothing_red(dags: dict[str, Any], dag_id: str) -> None:
    for task in dags[dag_id].tasks:
        waited = sum((_wait(task, number) for number in range(1, task.retries + 1)), timedelta())
        assert waited >= timedelta(minutes=15), f"{task.task_id}: its tries span {waited}: see airflow_bridge/retries.py"
        assert task.execution_timeout > timedelta(hours=1) or waited < timedelta(minutes=35), "a report does not wait for long"


def _wait(task: Any, number: int) -> timedelta:
    """As Airflow's scheduler works it out."""
    from airflow.models.taskinstance import TaskInstance

    ended, about = datetime(2026, 11, 8, tzinfo=UTC), {"dag_id": "a", "task_id": task.task_id, "logical_date": None}
    ti = SimpleNamespace(task=task, try_number=number, end_date=ended, retry_delay_override=None, **about)
    asked: Any = TaskInstance.next_retry_datetime
    return timedelta(seconds=(asked(ti) - ended).total_seconds())


@pytest.mark.parametrize("dag_id", IDS)
def test_a_failed_duty_fails_the_run_and_the_report_always_comes(dags: dict[str, Any], dag_id: str) -> None:
    dag = dags[dag_id]
    assert dag.get_task("begin").is_setup
    assert dag.get_task("missing_answers").is_teardown
    assert dag.get_task("report").is_teardown, "as a plain all_done task the report would turn a failed run green"
    for task in dag.tasks:
        below = [dag.get_task(name) for name in task.downstream_task_ids]
        if "." in task.task_id:
            ignorable = all(t.is_teardown and not t.on_failure_fail_dagrun for t in below)
            judged = "verdict" in task.downstream_task_ids and dag.get_task("verdict").trigger_rule == "none_failed"
            assert ignorable or judged, f"{task.task_id} is followed by more than teardowns and the verdict: its failure is lost"
    assert [t.task_id for t in dag.tasks if "report" in t.downstream_task_ids], "the report has nothing before it"


@pytest.mark.parametrize("dag_id", IDS)
def test_a_report_that_fails_or_never_comes_is_told(dags: dict[str, Any], dag_id: str) -> None:
    dag = dags[dag_id]
    assert dag.get_task("report").downstream_task_ids == {"reported"}, "a teardown alone cannot fail a run: a leaf must follow it"
    assert dag.get_task("reported").trigger_rule == "all_success"
    assert dag.has_on_failure_callback, "a run that times out skips its report: somebody must be told"
    assert dag.deadline, "people are told before the run times out"
    told = {task.task_id for task in dag.tasks if task.has_on_failure_callback}
    assert told >= {"begin", "missing_answers", "report"}
    (deadline,) = dag.deadline
    assert deadline.interval < dag.dagrun_timeout
    assert deadline.callback.path == "upkeep.airflow_bridge.run_alerts.running_late"


@pytest.mark.parametrize("dag_id", IDS)
def test_it_can_be_backfilled_and_starts_without_catching_up(dags: dict[str, Any], dag_id: str) -> None:
    dag = dags[dag_id]
    assert type(dag.timetable).__name__ == "CronDataIntervalTimetable", "a trigger timetable has windows of no length"
    assert dag.catchup is False, "a new installation must not run years of windows; backfills are asked for"
    present_only = not Cadence(dag_id).has_past
    assert (dag.allowed_run_types == {"scheduled", "manual"}) if present_only else (dag.allowed_run_types is None)


def test_backups_keep_out_of_the_way_of_checks(dags: dict[str, Any]) -> None:
    dag = dags["backups"]
    assert dag.max_active_runs == 1, "one backup of a target at a time"
    assert {t.task_id for t in dag.tasks} - OWN == {"backups.heartbeat", "backups.backup", "backups.retention"}
    backup, retention = dag.get_task("backups.backup"), dag.get_task("backups.retention")
    assert backup.queue == retention.queue == "heavy"
    assert backup.max_active_tis_per_dagrun == 2
    assert "backups.retention" in backup.downstream_task_ids, "old ones are deleted once the new one is there"
    assert backup.execution_timeout > timedelta(hours=6)
    assert backup.execution_timeout * (1 + backup.retries) <= dag.dagrun_timeout < timedelta(days=1)
    queues = {t.queue for name in ("daily", "weekly") for t in dags[name].tasks}
    assert queues == {"default"}, "what is heavy would delay these reports: let it be monthly, or give it a DAG of its own"


@pytest.mark.parametrize("dag_id", IDS)
def test_what_takes_hours_is_heavy_and_ends_with_its_tries_before_its_run(dags: dict[str, Any], dag_id: str) -> None:
    dag = dags[dag_id]
    for task in dag.tasks:
        assert task.execution_timeout <= timedelta(hours=1) or task.queue == "heavy", f"{task.task_id}: give it queue='heavy'"
        if task.queue == "heavy":
            assert task.max_active_tis_per_dagrun, f"{task.task_id}: give it at_once"
            assert task.execution_timeout * (1 + task.retries) <= dag.dagrun_timeout, f"{task.task_id}: fewer hours or tries"


@pytest.mark.parametrize("dag_id", IDS)
def test_the_form_offers_targets_areas_window_and_report_only(dags: dict[str, Any], dag_id: str) -> None:
    params = dags[dag_id].params
    assert list(params) == ["targets", "areas", "from", "to", "report_only"]
    assert params.get_param("targets").schema["items"]["enum"] == [*TARGETS, "system"]
    assert params.validate() == {"targets": [], "areas": [], "from": None, "to": None, "report_only": False}


def test_a_wrong_inventory_is_an_import_error_that_names_the_line(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yaml"
    inventory.write_text(
        "people:\n  - {name: on-call, role: Operations, slack: U0000001}\ndatabases:\n  - name: shop\n    ownr: on-call\n"
    )
    code = f"from airflow.dag_processing.dagbag import DagBag; print(DagBag({str(ROOT / 'dags')!r}).import_errors)"
    env = {
        **os.environ,
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "UPKEEP_INVENTORY": str(inventory),
    }
    output = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout
    assert "inventory.yaml:5" in output
    assert 'did you mean \\"owner\\"' in output or 'did you mean "owner"' in output


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
