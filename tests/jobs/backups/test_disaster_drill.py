"""disaster_drill: each step with its time; what fails, lingers or is not written is found; production is out of reach."""

import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.drills.world import World, world_of
from tests.lab import Lab, rules
from upkeep.answer import Answer, Status
from upkeep.backups.manifest import NAME
from upkeep.drills import network
from upkeep.drills.drill import DrillStep
from upkeep.errors import BrokenError
from upkeep.jobs.backups.disaster_drill import disaster_drill

COVERS = ["server", "roles", "left out"]
RESTORE = {"name": "restore it", "restore": "newest", "expected": "10 min", "covers": COVERS}
ORDERS = {"name": "orders", "query": "select count(*) from orders", "at_least": 400, "expected": "1 min"}


@pytest.fixture
def world(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A shop with a backup; plans lie beside the inventory."""
    (tmp_path / "plans").mkdir()
    monkeypatch.setenv("UPKEEP_INVENTORY", str(tmp_path / "plans/inventory.yaml"))
    monkeypatch.setenv("SECRET_OF_AIRFLOW", "hunter2")
    made = world_of(lab, tmp_path / "store")
    made.take()
    return made


def drill(world: World, *steps: dict[str, Any], fields: dict[str, Any] | None = None, **more: Any) -> Answer:
    (Path(os.environ["UPKEEP_INVENTORY"]).parent / "plan.yaml").write_text(yaml.safe_dump({"steps": list(steps)}))
    return world.ask(disaster_drill, fields={"drill": "plan.yaml", **(fields or {})}, **more)


def results(answer: Answer) -> dict[str, tuple[str, str]]:
    return {step.name: (step.kind, step.result) for step in answer.records if isinstance(step, DrillStep)}


def message_of(answer: Answer, name: str) -> str:
    return next(step.message for step in answer.records if isinstance(step, DrillStep) and step.name == name)


@pytest.mark.baseline
def test_a_whole_plan_is_carried_out_with_its_times(world: World) -> None:
    answer = drill(
        world,
        {"name": "call", "person": "ring the provider", "expected": "20 min"},
        RESTORE,
        {"name": "starts", "check": "starts", "expected": "1 min"},
        {"name": "sound", "check": "amcheck", "expected": "5 min"},
        ORDERS,
        {"name": "its own test", "command": ["psql", "-XAtc", "select count(*) from orders"], "expected": "1 min"},
        fields={"rto": "1 h"},
    )
    assert [finding.title for finding in answer.findings] == []
    assert answer.status is Status.OK
    assert results(answer) == {
        "call": ("person", "planned"), "restore it": ("restore", "done"), "starts": ("check", "done"),
        "sound": ("check", "done"), "orders": ("query", "done"), "its own test": ("command", "done"),
    }  # fmt: skip
    assert message_of(answer, "its own test") == "exit status 0: 500"
    steps = [step for step in answer.records if isinstance(step, DrillStep)]
    assert [step.number for step in steps] == [1, 2, 3, 4, 5, 6]
    assert all((step.seconds or 0) > 0 for step in steps[1:])
    assert steps[0].seconds is None
    assert len({step.plan_sha256 for step in steps}) == 1
    assert "5 of 6 steps done in " in answer.summary
    assert "(planned 38 min)" in answer.summary


@pytest.mark.fault
def test_what_was_needed_and_is_not_in_the_plan_is_found(world: World) -> None:
    world.lab.run("create publication everything for all tables; create extension pg_stat_statements; create extension amcheck")
    world.take()
    answer = drill(world, {"name": "call", "person": "x", "expected": "1 min"})
    assert {name for rule, name in rules(answer) if rule == "step_not_in_plan"} >= {
        "server", "extensions", "settings", "restore", "question",
    }  # fmt: skip
    assert "wal_level = logical" in message_of(answer, "settings")
    whole = drill(world, {**RESTORE, "covers": ["server", "roles", "extensions", "settings", "left out"]}, ORDERS)
    assert rules(whole) == []


@pytest.mark.fault
def test_a_question_before_the_restore_is_answered_and_the_order_is_found(world: World) -> None:
    answer = drill(world, ORDERS, RESTORE, {**ORDERS, "name": "again"})
    assert rules(answer) == [("step_not_in_plan", "restore")]
    assert results(answer)["orders"] == ("query", "done")
    assert message_of(answer, "restore it") == "it is restored already"


@pytest.mark.fault
@pytest.mark.parametrize(
    ("step", "text"),
    [
        ({"command": ["false"]}, "exit status 1"),
        ({"command": ["sh", "-c", "psql -c 'select nonsense' | cat; exit 7"]}, "exit status 7: ERROR:"),
        ({"command": ["sleep", "60"], "timeout": "0.3 s"}, "did not end within 300 ms"),
        ({"command": ["no-such-program"]}, 'no program "no-such-program"'),
        ({"command": ["./not-there.sh"]}, 'no program "./not-there.sh"'),
        ({"query": "select 1", "expect": 2}, "the answer is 1"),
        ({"query": "select 1 where false", "expect": 1}, "the answer is no row"),
    ],
)
def test_a_step_that_fails(world: World, step: dict[str, Any], text: str) -> None:
    answer = drill(world, RESTORE, {"name": "it", "expected": "5 min", **step}, ORDERS)
    assert rules(answer) == [("step_failed", "it")]
    assert text in message_of(answer, "it")
    assert results(answer)["orders"][1] == "done", "the rest is still drilled"


@pytest.mark.near_miss
def test_an_encrypted_backup_is_drilled_with_the_key_of_a_connection(world: World) -> None:
    pyrage = pytest.importorskip("pyrage")
    mine = pyrage.x25519.Identity.generate()
    world.take(encrypt_to=(str(mine.to_public()),))
    assert "no private key is here" in drill(world, RESTORE, ORDERS).summary
    world.keys = {"age": str(mine)}
    fields = {"backup": {"to": world.folder.as_uri(), "identity": "age"}}
    answer = drill(world, RESTORE, ORDERS, fields=fields)
    assert answer.status is Status.OK, answer.summary
    assert "AGE-SECRET" not in repr(answer)


@pytest.mark.near_miss
def test_a_broken_query_is_unknown(world: World) -> None:
    answer = drill(world, RESTORE, {"name": "it", "query": "select nonsense", "expect": 1, "expected": "1 min"})
    assert answer.status is Status.UNKNOWN
    assert results(answer)["it"] == ("query", "unknown")


@pytest.mark.fault
def test_steps_that_take_longer_and_a_plan_longer_than_its_objective(world: World) -> None:
    slow = {"name": "slow", "command": ["sleep", "0.5"], "expected": "0.1 s"}
    answer = drill(world, RESTORE, slow, fields={"rto": "1 min"})
    assert rules(answer) == [("plan_exceeds_rto", "plan"), ("step_slower", "slow")]


@pytest.mark.fault
def test_a_command_sees_the_drill_and_nothing_of_ours(world: World) -> None:
    answer = drill(
        world, RESTORE, {"name": "env", "command": ["sh", "-c", "env; cat $PGPASSFILE; ps -o args= $$"], "expected": "1 min"}
    )
    text = message_of(answer, "env")
    assert "hunter2" not in text
    assert "UPKEEP_DRILL=1" in text
    assert f"PGPORT={world.lab.server.port}" not in text
    assert "…" in text, "its password is not kept"
    script = Path(os.environ["UPKEEP_INVENTORY"]).parent / "own.sh"
    script.write_text("#!/bin/sh\nexit 3\n")
    script.chmod(0o755)
    assert "exit status 3" in message_of(
        drill(world, RESTORE, {"name": "it", "command": ["./own.sh"], "expected": "1 min"}), "it"
    )


def reaching(world: World) -> dict[str, Any]:
    """A program that has production's address written in it, in another way than an argument."""
    folder = Path(os.environ["UPKEEP_INVENTORY"]).parent
    port = world.lab.server.port
    script = folder / "reach.py"
    script.write_text(
        f"#!{sys.executable}\nimport socket\nsocket.create_connection(('127.0.0.1', {port}), 5)\nprint('reached')\n"
    )
    script.chmod(0o755)
    return {"name": "reach", "command": ["./reach.py"], "expected": "1 min"}


@pytest.mark.fault
@pytest.mark.skipif(network.shut_off() is None, reason="this machine does not let us")
def test_a_program_cannot_reach_production_even_when_it_knows_where_it_is(world: World) -> None:
    psql = {"name": "psql", "command": ["psql", "-XAtc", "select count(*) from orders"], "expected": "1 min"}
    answer = drill(world, RESTORE, psql, reaching(world))
    assert rules(answer) == [("step_failed", "reach")]
    assert "Network is unreachable" in message_of(answer, "reach")
    assert message_of(answer, "psql") == "exit status 0: 500"
    assert answer.evidence["network"] == "shut off from the plan's programs"
    answer = drill(world, RESTORE, {**reaching(world), "network": True})
    assert message_of(answer, "reach") == "exit status 0: reached"
    assert "the network was left to reach, as the plan says" in answer.summary


@pytest.mark.near_miss
def test_a_machine_that_does_not_let_us_shut_it_off_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "shut_off", lambda: None)
    monkeypatch.setattr("upkeep.jobs.backups.disaster_drill.shut_off", lambda: None)
    answer = drill(world, RESTORE, reaching(world))
    assert message_of(answer, "reach") == "exit status 0: reached"
    assert "the network was not shut off: this worker may not" in answer.summary


@pytest.mark.fault
def test_no_argument_names_production(world: World) -> None:
    port = str(world.lab.server.port)
    for case in (
        ["psql", "-p", port],
        ["psql", f"-p{port}"],
        ["psql", f"host=127.0.0.1 port={port}"],
        ["curl", f"127.0.0.1:{port}"],
    ):
        answer = drill(world, RESTORE, {"name": "it", "command": case, "expected": "1 min"})
        assert rules(answer) == [("step_failed", "it")], case
        assert "names production" in message_of(answer, "it")


@pytest.mark.fault
def test_what_a_command_leaves_running_is_ended(world: World, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    args = ["sh", "-c", f"(while true; do date >> {trace}; sleep 0.05; done) & exit 0"]
    assert results(drill(world, RESTORE, {"name": "it", "command": args, "expected": "1 min"}))["it"][1] == "done"
    size = trace.stat().st_size if trace.exists() else 0
    time.sleep(0.3)
    assert (trace.stat().st_size if trace.exists() else 0) == size


@pytest.mark.fault
def test_after_a_restore_that_failed_nothing_of_the_copy_is_asked(world: World) -> None:
    place = world.shelf.place.at(max(world.shelf.rows.backups))
    name = next(name for name in place.sizes() if name.startswith("rows/"))
    place.put(name, b"x" + place.get(name))
    answer = drill(world, RESTORE, ORDERS, {"name": "call", "person": "x", "expected": "1 min"})
    assert rules(answer) == [("step_failed", "restore it")]
    assert results(answer)["orders"] == ("query", "not reached")
    assert results(answer)["call"] == ("person", "planned")


@pytest.mark.near_miss
@pytest.mark.parametrize(
    ("plan", "text"),
    [
        ("steps: []", "at least 1 entry"),
        ("steps: [{name: a, expected: 1 min}]", "this has none"),
        ("steps: [{name: a, expected: 1 min, restore: newest, person: x}]", "this has restore, person"),
        ("steps: [{name: a, expected: 5, person: x}]", "a time with its unit"),
        ("steps: [{name: a, expected: 1 min, command: [psql, 'postgresql://u:pw@h/d']}]", "looks like a secret"),
        ("steps: [{name: a, expected: 1 min, command: [x, --password=y]}]", "looks like a secret"),
        ("steps: [{name: a, expected: 1 min, query: select 1}]", "say what is expected"),
        ("steps: [{name: a, expected: 1 min, person: x}, {name: a, expected: 1 min, person: x}]", "two steps are called a"),
        ("steps: [{name: a, expected: 1 min, shell: x}]", "unknown field"),
        ("steps: [", "not valid YAML"),
        (None, "no such file"),
    ],
)
def test_a_plan_that_is_wrong_is_refused_with_its_line(world: World, plan: str | None, text: str) -> None:
    path = Path(os.environ["UPKEEP_INVENTORY"]).parent / "plan.yaml"
    if plan is not None:
        path.write_text(plan)
    answer = world.ask(disaster_drill, fields={"drill": "plan.yaml"})
    assert answer.status is Status.UNKNOWN
    assert text in answer.summary
    assert "plan.yaml" in answer.summary
    assert "pw@h" not in answer.summary


@pytest.mark.near_miss
def test_what_cannot_be_drilled_is_unknown(world: World) -> None:
    assert "no written plan" in world.ask(disaster_drill).summary
    assert "taken by rds" in drill(world, RESTORE, fields={"backup": {"taken_by": "rds", "name": "x"}}).summary
    world.shelf.place.at(max(world.shelf.rows.backups)).put(NAME, b"{}")
    assert "is damaged" in drill(world, RESTORE).summary


@pytest.mark.near_miss
def test_a_dry_run_says_every_step_and_changes_nothing(world: World) -> None:
    answer = drill(world, ORDERS, dry_run=True)
    assert answer.summary.endswith("dry run, nothing was changed")
    assert "the plan lacks restore: the newest backup had to be restored" in answer.summary
    assert world.shelf.rows.restores == {}


@pytest.mark.fault
@pytest.mark.parametrize("step", ["step restore", "rows", "compare", "step query", "step command"])
def test_killed_at_any_step_a_rerun_drills_the_same(world: World, step: str) -> None:
    class KilledError(BaseException):
        """Stands for the end of the process."""

    def kill(now: str, text: str = "") -> None:
        if now == step:
            raise KilledError(text)

    steps = (RESTORE, ORDERS, {"name": "it", "command": ["true"], "expected": "1 min"})
    with pytest.raises(KilledError):
        drill(world, *steps, progress=kill)
    answer = drill(world, *steps)
    assert answer.status is Status.OK, answer.summary
    assert not [r for r in world.shelf.rows.restores.values() if r.state == "running"]


@pytest.mark.fault
def test_a_store_that_is_away_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise BrokenError("could not read at s3://x: timed out", retry=True)

    monkeypatch.setattr("upkeep.drills.scene.readback.read_manifest", away)
    with pytest.raises(BrokenError, match="timed out"):
        drill(world, RESTORE)
