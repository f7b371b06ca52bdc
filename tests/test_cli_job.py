"""`upkeep job`: one job now, without Airflow."""

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

import upkeep.airflow_bridge
from tests.lab import Lab
from upkeep.answer import Answer, Metric
from upkeep.backups.registry import Registry
from upkeep.cli import job as command
from upkeep.cli import main
from upkeep.decisions.plan import Plan
from upkeep.discovery import discover
from upkeep.duty import Duty, Progress, check, job
from upkeep.errors import BrokenError, MissingConnectionError
from upkeep.sources.connections import Connections
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.sources.postgres import Endpoint
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

INVENTORY = """\
people: [{name: ann, role: dba, slack: U0ANN}]
timezone: Europe/Berlin
databases:
  - name: shop
    owner: ann
    connection: shop_db
    backup: {to: "FOLDER"}
"""
Run = Callable[..., tuple[int, str, str]]


@job(Cadence.MONTHLY, owner="database")
def sweep(db: Database, progress: Progress, *, dry_run: bool = False) -> Answer:
    """Sweep the yard."""
    progress("sweep", f"the yard of {db.name}")
    done = "would sweep" if dry_run else "swept"
    return Answer.judged(f"{done} {db.name}", metrics=[Metric(name="leaves", value=3, unit=Unit.COUNT)])


@job(Cadence.MONTHLY, owner="database")
def shout(db: Database) -> Answer:
    """Shout into the yard: nobody can do that without doing it."""
    raise BrokenError(f"{db.name} does not answer", "start it", retry=True)


@job(Cadence.MONTHLY, owner="database")
def ledger(db: Database, registry: Registry) -> Answer:
    """A job that cannot work without rows of its own."""
    return Answer.judged(f"{len(registry.records(db.name))} backups")


def felled(plan: Plan, db: Database, connections: Connections) -> Answer:
    """What is done after approval."""
    with connections.postgres(db.connection).connect("fell") as write:
        write.execute("delete from tree where id = any(%s)", (plan.steps["trees"],))
    return Answer.judged(f"felled {plan.steps['trees']}")


def trees(db: Database, connections: Connections) -> Plan | Answer:
    """What would be felled."""
    with connections.postgres(db.connection).connect("look") as read:
        found = [number for (number,) in read.execute("select id from tree order by id").fetchall()]
    return Plan(subject=f"Fell {found}?", markdown=f"* trees {found}", steps={"trees": found}) if found else Answer.judged("bare")


@job(Cadence.MONTHLY, owner="database", approve=felled)
def fell(db: Database, connections: Connections) -> Plan | Answer:
    """Fell the trees, once somebody has said so."""
    return trees(db, connections)


@job(Cadence.MONTHLY, owner="database", approve=felled, signers=2)
def both(db: Database, connections: Connections) -> Plan | Answer:
    """Fell the trees, once two have said so."""
    return trees(db, connections)


@check(Cadence.DAILY, owner="database")
def glance(db: Database) -> Answer:
    """Look at the yard."""
    return Answer.judged(db.name)


@pytest.fixture
def store() -> dict[str, BrokenError]:
    """What goes wrong when the report database is looked for, under "error"."""
    return {}


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lab: Lab, store: dict[str, BrokenError]
) -> Run:
    """Run a command about one database, the lab, which holds the report tables too."""
    inventory = tmp_path / "inventory.yaml"
    inventory.write_text(INVENTORY.replace("FOLDER", (tmp_path / "kept").as_uri()))
    (tmp_path / "waivers.yaml").write_text("waivers: []\n")
    monkeypatch.setenv("UPKEEP_INVENTORY", str(inventory))
    monkeypatch.setenv("UPKEEP_WAIVERS", str(tmp_path / "waivers.yaml"))
    every = [*discover(), *((sweep, shout, ledger, glance, fell, both))]
    monkeypatch.setattr(command, "discover", lambda: every)
    monkeypatch.setattr(command, "the_duty", lambda name: next(duty for duty in every if duty.name == name))

    def endpoint() -> Endpoint:
        if "error" in store:
            raise store["error"]
        return lab.endpoint

    def objects(url: str, _: str | None) -> ObjectStore:
        return open_store(url)

    everything = SimpleNamespace(postgres=lambda _: lab.endpoint, objects=objects)
    stand_in = SimpleNamespace(AirflowConnections=lambda: everything, store=endpoint, executor=lambda: "LocalExecutor")
    monkeypatch.setattr(upkeep.airflow_bridge, "connections", stand_in, raising=False)
    monkeypatch.setitem(sys.modules, "upkeep.airflow_bridge.connections", stand_in)

    def run(*args: str) -> tuple[int, str, str]:
        try:
            code = main(args)
        except SystemExit as ended:
            code = int(ended.code or 0)
        output = capsys.readouterr()
        return code, output.out, output.err

    return run


def test_it_is_done_and_stored_for_the_present_period(run: Run, lab: Lab) -> None:
    run("migrate")
    code, out, errors = run("job", "sweep", "shop")
    assert (code, errors) == (0, "sweep: the yard of shop\n")
    assert out.startswith("ok: swept shop\nstored as sweep of shop for ")
    now = datetime.now(UTC)
    start = Cadence.MONTHLY.period_start(now, ZoneInfo("Europe/Berlin")).astimezone(UTC)
    stored = lab.value("select format('%s %s %s', window_start at time zone 'UTC', status, dag_id = '') from upkeep.answer")
    assert stored == f"{start:%Y-%m-%d %H:%M:%S} ok t"
    assert lab.value("select window_end > now() from upkeep.answer")
    assert lab.value("select count(*) from upkeep.metric") == 1


def test_done_twice_it_is_stored_once(run: Run, lab: Lab) -> None:
    run("migrate")
    assert [run("job", "sweep", "shop")[0] for _ in range(2)] == [0, 0]
    assert lab.value("select count(*) from upkeep.answer") == 1


def test_a_dry_run_takes_the_place_of_nothing(run: Run, lab: Lab) -> None:
    run("migrate")
    run("job", "sweep", "shop")
    code, out, _ = run("job", "sweep", "shop", "--dry-run")
    assert (code, out) == (0, "ok: would sweep shop\n")
    assert lab.value("select summary from upkeep.answer") == "swept shop"


def test_a_dry_run_needs_a_job_that_has_one(run: Run, lab: Lab) -> None:
    run("migrate")
    code, out, errors = run("job", "shout", "shop", "--dry-run")
    assert (code, out) == (2, "")
    assert "shout has no dry run" in errors
    assert lab.value("select count(*) from upkeep.answer") == 0


def test_without_a_report_database_it_is_done_and_said(run: Run, store: dict[str, BrokenError]) -> None:
    store["error"] = MissingConnectionError('Airflow has no connection "upkeep_db"', "add it")
    code, out, errors = run("job", "sweep", "shop")
    assert (code, out) == (0, "ok: swept shop\n")
    assert 'nothing is stored: Airflow has no connection "upkeep_db"' in errors
    code, out, _ = run("job", "ledger", "shop")
    assert (code, out.startswith("unknown: ledger reads stored rows, and there is no report database")) == (1, True)


@pytest.mark.parametrize(("retry", "code"), [(True, 1), (False, 2)])
def test_a_report_database_that_is_away_stops_it(run: Run, store: dict[str, BrokenError], *, retry: bool, code: int) -> None:
    store["error"] = BrokenError("the report database is away", "start it", retry=retry)
    ended, out, errors = run("job", "sweep", "shop")
    assert (ended, out) == (code, "")
    assert "sweep" not in errors
    assert "→ start it" in errors


def test_a_report_database_that_is_not_migrated_stops_it(run: Run) -> None:
    code, out, errors = run("job", "sweep", "shop")
    assert (code, out) == (2, "")
    assert "run `upkeep migrate` first; nothing was done" in errors


def test_what_breaks_is_stored_as_unknown_and_said(run: Run, lab: Lab) -> None:
    run("migrate")
    code, out, errors = run("job", "shout", "shop")
    assert (code, out) == (1, "")
    assert "shop does not answer\n→ start it" in errors
    assert lab.value("select status || ': ' || summary from upkeep.answer") == "unknown: could not ask: shop does not answer"


def test_mistakes_are_said_before_anything_is_done(run: Run, lab: Lab) -> None:
    run("migrate")
    cases = {
        ("job", "swep", "shop"): 'no job is called "swep"; did you mean "sweep"?',
        ("job", "glance", "shop"): "glance is a check, not a job: it is asked with `upkeep ask glance TARGET`",
        ("job", "sweep", "shp"): 'no target is called "shp"; did you mean "shop"?',
        ("job", "sweep", "system"): "sweep is done for databases; system is one of system",
    }
    for case, message in cases.items():
        code, out, errors = run(*case)
        assert (code, out) == (2, ""), case
        assert message in errors
    assert lab.value("select count(*) from upkeep.answer") == 0


def test_the_jobs_that_there_are_run_so_too(run: Run, lab: Lab) -> None:
    run("migrate")
    lab.run("create table t as select 1 as id")
    code, out, errors = run("job", "backup", "shop")
    assert code == 0, errors
    assert "every object read back" in out
    code, out, errors = run("job", "retention", "shop", "--dry-run")
    assert (code, "dry run, nothing was changed" in out) == (0, True), errors
    code, out, errors = run("job", "retention", "shop")
    assert (code, out.startswith("ok: 1 backup kept")) == (0, True), errors
    assert lab.value("select count(*) from upkeep.answer") == 2


def test_every_job_says_in_its_text_that_it_may_be_killed() -> None:
    def promises(duty: Duty) -> bool:
        return "kill" in duty.text.lower()

    assert [duty.name for duty in discover() if duty.kind == "job" and not promises(duty)] == []


def planted(run: Run, lab: Lab, *args: str) -> str:
    """Two trees; the digest of the plan to fell them."""
    lab.run("create table tree (id int primary key); insert into tree values (1), (2)")
    code, out, errors = run("job", "fell", "shop", *args)
    assert (code, errors) == (1, "")
    assert out.startswith("Fell [1, 2]?\n\n* trees [1, 2]\n\nNothing was done.")
    digest = re.search(r'upkeep job fell "shop" --approve ([0-9a-f]{64})', out)
    assert digest
    return digest[1]


def test_a_plan_is_shown_and_done_with_its_digest_alone(run: Run, lab: Lab) -> None:
    run("migrate")
    digest = planted(run, lab)
    assert lab.value("select count(*) from tree") == 2
    assert lab.value("select count(*) from upkeep.decision") == 0
    assert run("job", "fell", "shop", "--approve", digest)[:2] == (0, "ok: felled [1, 2]\n")
    assert lab.value("select count(*) from tree") == 0
    kept = "select format('%s %s %s %s', kind, status, outcome, result) from upkeep.decision"
    assert lab.value(kept) == "approval answered Approve felled [1, 2]"
    assert "(at the command line)" in lab.value("select person from upkeep.decision_answer")
    assert lab.value("select summary from upkeep.answer where duty = 'fell'") == "felled [1, 2]"
    assert run("job", "fell", "shop", "--approve", digest)[:2] == (0, "ok: bare\n")


def test_another_digest_does_nothing(run: Run, lab: Lab) -> None:
    run("migrate")
    digest = planted(run, lab)
    lab.run("insert into tree values (3)")
    code, _, errors = run("job", "fell", "shop", "--approve", digest)
    assert (code, "look at the plan again; nothing was done" in errors) == (2, True)
    assert run("job", "fell", "shop", "--approve", "yes")[0] == 2
    assert lab.value("select count(*) from tree") == 3
    assert lab.value("select count(*) from upkeep.decision") == 0


def test_a_dry_run_of_a_plan_is_the_plan(run: Run, lab: Lab) -> None:
    run("migrate")
    digest = planted(run, lab, "--dry-run")
    assert run("job", "fell", "shop", "--dry-run", "--approve", digest)[0] == 1
    assert lab.value("select count(*) from tree") == 2


def test_what_two_approve_is_not_done_by_one(run: Run, lab: Lab) -> None:
    run("migrate")
    digest = planted(run, lab)
    code, _, errors = run("job", "both", "shop", "--approve", digest)
    assert (code, "two people approve this" in errors) == (2, True)
    assert lab.value("select count(*) from tree") == 2


def test_a_plan_is_done_without_a_report_database(run: Run, lab: Lab, store: dict[str, BrokenError]) -> None:
    store["error"] = MissingConnectionError("no connection upkeep_db")
    lab.run("create table tree (id int primary key); insert into tree values (1)")
    digest = re.search(r"[0-9a-f]{64}", run("job", "fell", "shop")[1])
    assert digest
    assert run("job", "fell", "shop", "--approve", digest[0])[:2] == (0, "ok: felled [1]\n")


def test_a_job_without_plans_is_not_approved(run: Run) -> None:
    run("migrate")
    code, _, errors = run("job", "sweep", "shop", "--approve", "abc")
    assert (code, "makes no plan for approval" in errors) == (2, True)
