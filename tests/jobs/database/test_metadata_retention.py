"""metadata_retention: what `airflow db clean` would delete is shown with numbers, and done as it was approved alone."""

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.jobs.database.metadata_world import Command, aged, archives
from tests.lab import Lab, asking, rules
from upkeep.answer import Answer, Status
from upkeep.decisions.person_asked import PersonAsked
from upkeep.decisions.plan import Plan
from upkeep.duty import Deadline, Progress
from upkeep.errors import BrokenError
from upkeep.formats.db_clean import parse
from upkeep.given.asked import Asked
from upkeep.jobs.database.metadata_command import MetadataCommand
from upkeep.jobs.database.metadata_outcome import MetadataCleanup
from upkeep.jobs.database.metadata_retention import metadata_retention
from upkeep.runner import ask, do
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.targets.airflow_database import AirflowDatabase

MAINTENANCE = {"login": "airflow_owner"}


@dataclass
class World:
    """The database, the stand-in for the command, and the job as its cadence and its approval run it."""

    lab: Lab
    command: Command
    fields: dict[str, Any] = field(default_factory=lambda: {"maintenance": MAINTENANCE})
    steps: list[str] = field(default_factory=list)

    def asked(self, user: str | None = None, **thresholds: Any) -> Asked:
        """The question."""
        target = AirflowDatabase(name="airflow", owner="ann", connection="airflow_monitor_db",
            thresholds={"metadata_retention": {"least_rows": 100, **thresholds}}, **self.fields)  # fmt: skip
        endpoint = self.lab.login(user) if user else self.lab.endpoint
        return asking(metadata_retention, target, OneDatabase(endpoint))

    def given(self) -> dict[type, Any]:
        """What stands in."""
        return {Progress: lambda step, _="": self.steps.append(step), Deadline: Deadline(time.monotonic() + 60, 60)}

    def ask(self, user: str | None = None, **thresholds: Any) -> Answer:
        """Plan."""
        return ask(self.asked(user, **thresholds), self.given())

    def plan(self, **thresholds: Any) -> Plan:
        """The plan, which there must be."""
        answer = self.ask(**thresholds)
        assert isinstance(answer, PersonAsked), answer
        return Plan.of(answer.question)

    def apply(self, plan: Plan) -> Answer:
        """What follows an approval."""
        return do(self.asked(), plan, self.given())

    def count(self, table: str) -> int:
        """Rows of a table."""
        return int(self.lab.value(f"select count(*) from {table}"))

    def archives(self) -> list[tuple[str]]:
        """Archive tables."""
        with self.lab.endpoint.connect("look") as connection:
            return archives(connection)


@pytest.fixture
def world(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(aged(lab), Command())
    monkeypatch.setattr(MetadataCommand, "__call__", lambda self, *args: made.command.run(self.endpoint, self.reads, args))
    return made


@pytest.mark.baseline
def test_a_young_database_has_nothing_to_clean(world: World) -> None:
    answer = world.ask(least_rows=1_000)
    assert answer.status is Status.OK
    assert "not worth cleaning yet" in answer.summary
    assert {m.labels.get("table") for m in answer.metrics if m.name == "metadata_old_rows"} == {"log", "job"}


@pytest.mark.near_miss
def test_one_row_fewer_than_it_takes(world: World) -> None:
    rows = sum(world.plan().steps["tables"].values())
    assert world.ask(least_rows=rows + 1).status is Status.OK
    assert isinstance(world.ask(least_rows=rows), PersonAsked)


@pytest.mark.fault
def test_what_would_go_is_shown_and_nothing_is_changed(world: World) -> None:
    plan = world.plan()
    assert plan.steps["tables"] == {"job": 30, "log": plan.steps["tables"]["log"]}
    month = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    assert plan.steps["clean_before"] == (month - timedelta(days=180)).isoformat()
    assert plan.subject == f"Clean {sum(plan.steps['tables'].values())} old rows from airflow?"
    assert f"| `log` | {plan.steps['tables']['log']:,} | 399 | " in plan.markdown
    assert f"{datetime.now(UTC) - timedelta(days=399):%Y-%m-%d}" in plan.markdown, "how old"
    assert "--batch-size 10000 --skip-archive" in plan.markdown
    assert "**not kept**" in plan.markdown
    assert (world.count("log"), world.count("job")) == (399, 30)
    assert all("--dry-run" in case for case in world.command.calls)


def test_planned_twice_in_a_month_it_is_the_same(world: World) -> None:
    first = world.plan()
    world.lab.run("insert into log (dttm) values (now()); analyze log")
    assert world.plan().digest == first.digest
    world.lab.run("insert into log (dttm) values (now() - interval '300 days')")
    assert world.plan().digest != first.digest


@pytest.mark.fault
def test_an_upgrade_between_plan_and_approval_is_another_plan(world: World) -> None:
    first = world.plan()
    world.lab.run("update alembic_version set version_num = 'def456'")
    assert world.plan().digest != first.digest


def test_what_was_approved_is_done_counted_and_kept_as_rows(world: World) -> None:
    plan = world.plan(batch_rows=50)
    answer = world.apply(plan)
    total = sum(plan.steps["tables"].values())
    assert (answer.status, answer.summary) == (Status.OK, f"{total} rows of {total} cleaned from 2 tables")
    assert (world.count("job"), world.count("log")) == (0, 399 - plan.steps["tables"]["log"])
    assert world.archives() == []
    clean = next(case for case in world.command.calls if "--dry-run" not in case)
    assert {"--yes", "--skip-archive", "--error-on-cleanup-failure"} <= set(clean)
    record = answer.records[0]
    assert isinstance(record, MetadataCleanup)
    assert (record.table_name, record.rows_approved, record.rows_left, record.archived_to) == ("job", 30, 0, None)


@pytest.mark.fault
def test_killed_at_every_step_a_rerun_ends_right(world: World) -> None:
    plan = world.plan(batch_rows=60)
    world.lab.run("create table all_logs as table log; create table all_jobs as table job")
    young = 399 - plan.steps["tables"]["log"]
    step = 0
    while True:
        world.command.dies_at, world.command.steps = step, 0
        try:
            world.apply(plan)
            break
        except KeyboardInterrupt:
            world.command.dies_at = None
            assert world.apply(plan).status is Status.OK, f"killed at step {step}"
        assert (world.count("log"), world.count("job"), world.archives()) == (young, 0, []), f"killed at step {step}"
        world.lab.run("truncate log, job; insert into log table all_logs; insert into job table all_jobs")
        step += 1
    assert step > 6


@pytest.mark.fault
def test_an_archive_table_of_somebody_else_is_left_alone(world: World) -> None:
    world.lab.run("create table _airflow_deleted__log__1 as table log; create table _xcom_archive (id int)")
    plan = world.plan(batch_rows=60)
    assert plan.steps["archives"] == ["_airflow_deleted__log__1", "_xcom_archive"]
    assert "are left alone" in plan.markdown
    world.command.dies_at = 1
    with pytest.raises(KeyboardInterrupt):
        world.apply(plan)
    world.command.dies_at, world.command.steps = None, 100
    answer = world.apply(plan)
    assert rules(answer) == [] or rules(answer) == [("metadata_archive_left", "archive tables")]
    assert {("_airflow_deleted__log__1",), ("_xcom_archive",)} <= set(world.archives())


def test_rows_are_exported_where_the_plan_says_so(world: World, tmp_path: Any) -> None:
    plan = world.plan(export_to=str(tmp_path / "kept"))
    assert "exported to" in plan.markdown
    answer = world.apply(plan)
    args = [args for args in world.command.calls if args[0] == "export-archived"]
    assert args
    assert {"--drop-archives", str(tmp_path / "kept")} <= set(args[0])
    assert (tmp_path / "kept").is_dir()
    assert {record.archived_to for record in answer.records if isinstance(record, MetadataCleanup)} == {str(tmp_path / "kept")}


@pytest.mark.fault
def test_rows_that_are_left_are_a_finding(world: World) -> None:
    plan = world.plan()
    world.command.unreadable = ("log",)
    answer = world.apply(plan)
    assert rules(answer) == [("metadata_rows_left", "log")]
    assert "could not be looked at" in answer.findings[0].title


@pytest.mark.fault
def test_what_the_command_cannot_count_is_not_proposed(world: World) -> None:
    world.command.unreadable = ("log",)
    answer = world.ask()
    assert (answer.status, answer.summary) == (Status.UNKNOWN, "airflow db clean could not count rows of log")
    assert answer.evidence["remedy"] == "grant pg_read_all_data to postgres;"


def test_without_a_login_the_command_is_shown_for_people(world: World) -> None:
    world.fields = {}
    answer = world.ask()
    assert rules(answer) == [("metadata_not_cleaned", "metadata")]
    assert answer.findings[0].remedy.startswith("airflow db clean --clean-before-timestamp ")


def test_another_database_is_unknown(world: World) -> None:
    world.lab.run("drop table dag_run")
    answer = world.ask()
    assert answer.status is Status.UNKNOWN
    assert "is no metadata database of Airflow" in answer.summary


def test_tables_that_are_not_there_are_not_asked_for(world: World) -> None:
    world.plan()
    asked = world.command.calls[0][world.command.calls[0].index("--tables") + 1]
    assert asked == "dag_run,job,log"
    answer = world.ask(tables="nonsense, more")
    assert (answer.status, "none of the tables" in answer.summary) == (Status.UNKNOWN, True)


def test_no_secret_is_in_an_argument_and_reading_is_read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "airflow-db-not-allowed:///")
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD", "/bin/false")
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", "kept")
    endpoint = Endpoint("h", 5432, "u", "hunter2", "d", {"options": "-c work_mem=64MB"})
    command = MetadataCommand(endpoint, Deadline(time.monotonic() + 5, 5), reads=True)
    told = command._environment()  # noqa: SLF001 - it is what matters
    assert "hunter2" not in told["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD" not in told
    assert told["PGOPTIONS"] == "-c work_mem=64MB -c default_transaction_read_only=on"
    assert told["AIRFLOW__CORE__FERNET_KEY"] == "kept"
    assert "PGOPTIONS" not in replace(command, endpoint=replace(endpoint, options={}), reads=False)._environment()  # noqa: SLF001


def test_what_fails_says_how_it_ended_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    command = MetadataCommand(Endpoint("127.0.0.1", 1, "u", "hunter2", "d"), Deadline(time.monotonic() + 60, 60))
    monkeypatch.setattr(MetadataCommand, "_ended", lambda _self, _words, message: message.write(b"bad hunter2 day") and 3)
    with pytest.raises(BrokenError, match="airflow db clean ended with 3: bad … day"):
        command("clean")
    monkeypatch.setattr(MetadataCommand, "_ended", lambda *_: None)
    with pytest.raises(BrokenError, match="its time was up"):
        command("clean")


def test_its_output_is_read() -> None:
    parsed = parse(
        "table | recency_column | dag_id_column\n======+===\njob   | job.latest_heartbeat | job.dag_id    | False\n\n"
        "Checking table job\nFound 50 rows meeting deletion criteria.\n\nChecking table log\n"
        "[warning] Encountered error when attempting to clean table 'log'. [airflow.utils.db_cleanup]\n"
    )
    assert (parsed.rows, parsed.dated_by, parsed.failed) == ({"job": 50}, {"job": "latest_heartbeat"}, ("log",))


@pytest.mark.slow
@pytest.mark.airflow
def test_airflow_itself_counts_and_cleans(lab: Lab) -> None:
    deadline = Deadline(time.monotonic() + 600, 600)
    MetadataCommand(lab.endpoint, deadline)("migrate")
    lab.run("insert into log (dttm, event) select now() - interval '300 days', 'e' from generate_series(1, 250)")
    lab.run("insert into job (state, job_type, latest_heartbeat) select 'success', 'x', now() - interval '300 days' from "
        "generate_series(1, 50); analyze")  # fmt: skip
    world = World(lab, Command())
    before = world.count("log")
    plan = world.plan(batch_rows=100)
    assert plan.steps["tables"] == {"job": 50, "log": 250}
    assert f"{datetime.now(UTC) - timedelta(days=300):%Y-%m-%d}" in plan.markdown
    assert world.count("log") == before, "a dry run writes nothing, not even that it was run"
    answer = world.apply(plan)
    assert (answer.status, answer.summary) == (Status.OK, "300 rows of 300 cleaned from 2 tables")
    assert world.count("job") == 0
    assert world.archives() == []
    assert world.ask(least_rows=1).summary.startswith("0 rows")
