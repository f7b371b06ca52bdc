"""The upkeep command: what it prints, where, and with which exit code."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import upkeep.airflow_bridge
from tests.lab import Lab
from upkeep.answer import Answer
from upkeep.cli import main
from upkeep.cli.operate import backfill_command
from upkeep.cli.out import plain
from upkeep.errors import BrokenError
from upkeep.sources.postgres import Endpoint
from upkeep.window import Window

PEOPLE = "people: [{name: ann, role: dba, slack: U0ANN}]\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command over an inventory of one database; gives exit code, output and errors."""
    inventory = tmp_path / "inventory.yaml"
    inventory.write_text(PEOPLE + "timezone: Europe/Berlin\ndatabases:\n  - {name: shop, owner: ann, connection: shop_db}\n")
    monkeypatch.setenv("UPKEEP_INVENTORY", str(inventory))
    monkeypatch.setenv("UPKEEP_WAIVERS", str(tmp_path / "waivers.yaml"))
    (tmp_path / "waivers.yaml").write_text("waivers: []\n")
    monkeypatch.chdir(tmp_path)

    def run(*args: str) -> tuple[int, str, str]:
        try:
            code = main(args)
        except SystemExit as ended:
            code = int(ended.code or 0)
        output = capsys.readouterr()
        return code, output.out, output.err

    return run


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch, lab: Lab) -> Lab:
    """Connections that lead to the lab instead of to Airflow's."""

    def endpoint(name: str) -> Endpoint:
        if name != "shop_db":
            raise BrokenError(f'Airflow has no connection "{name}"', "add it", retry=False)
        return lab.endpoint

    stand_in = SimpleNamespace(
        AirflowConnections=lambda: SimpleNamespace(postgres=endpoint),
        store=lambda: lab.endpoint,
        executor=lambda: "LocalExecutor",
        metadata_kind=lambda: "postgresql",
    )
    monkeypatch.setattr(upkeep.airflow_bridge, "connections", stand_in, raising=False)
    monkeypatch.setitem(sys.modules, "upkeep.airflow_bridge.connections", stand_in)
    return lab


def test_every_command_has_help(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert "examples:" in out
    for command in ("doctor", "ask", "migrate", "backfill", "inventory", "catalogue", "demo"):
        assert command in out
        code, text, _ = run(command, "--help")
        assert (code, text.startswith("usage: upkeep " + command)) == (0, True)


def test_a_command_that_is_none(run: Run) -> None:
    code, _, errors = run("docter")
    assert code == 2
    assert "invalid choice: 'docter'" in errors


def test_the_inventory_is_shown_and_checked(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("inventory")
    assert code == 0
    assert out.startswith("databases: shop, owned by ann, red at high")
    assert run("inventory", "--check")[:2] == (0, f"{tmp_path}/inventory.yaml: 2 targets, 0 waivers, nothing wrong\n")
    assert json.loads(run("inventory", "--schema")[1])["title"] == "Inventory of Upkeep"
    (tmp_path / "inventory.yaml").write_text(PEOPLE + "databases:\n  - {name: shop, owner: bob}\n")
    code, out, errors = run("inventory", "--check")
    assert (code, out) == (2, "")
    assert "databases[0].connection: missing" in errors
    assert "Traceback" not in errors


def test_waivers_are_checked_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "waivers.yaml").write_text("waivers:\n  - {duty: sequences}\n")
    code, _, errors = run("inventory", "--check")
    assert code == 2
    assert "waivers.yaml:2" in errors


def test_the_catalogue_is_written_and_compared(run: Run, tmp_path: Path) -> None:
    code, _, errors = run("catalogue", "--check")
    assert code == 1
    assert "run `upkeep catalogue` and commit it" in errors
    assert run("catalogue")[0] == 0
    assert run("catalogue", "--check")[:2] == (0, "docs/catalogue.md is up to date\n")
    assert (tmp_path / "docs/catalogue.md").exists()


def test_migrate_twice(run: Run, connected: Lab) -> None:
    code, out, _ = run("migrate")
    assert code == 0
    assert "applied 0001_foundation.sql" in out
    assert run("migrate")[:2] == (0, "nothing to do: every migration is applied\n")
    assert connected.value("select count(*) > 0 from upkeep.migration")


def test_ask_prints_and_stores_nothing(run: Run, connected: Lab) -> None:
    code, out, errors = run("ask", "sequences", "shop")
    assert (code, out) == (0, "ok: 0 sequences\n")
    assert "without history: the report database is not migrated" in errors
    run("migrate")
    connected.run("create table t (id smallserial); select setval('t_id_seq', 32000)")
    code, out, errors = run("ask", "sequences", "shop")
    assert (code, errors) == (1, "")
    assert "critical: public.t_id_seq has used 97.7%" in out
    assert "    alter sequence public.t_id_seq as bigint no maxvalue;" in out
    assert json.loads(run("ask", "sequences", "shop", "--json")[1])["findings"][0]["object"] == "public.t_id_seq"
    assert connected.value("select count(*) from upkeep.answer") == 0


@pytest.mark.usefixtures("connected")
def test_a_cadence_is_rehearsed_and_nothing_is_stored(run: Run, connected: Lab) -> None:
    connected.run("create table t (id smallserial); select setval('t_id_seq', 30000)")
    run("migrate")
    code, out, errors = run("ask", "daily", "shop")
    lines = out.splitlines()
    assert (code, errors) == (1, "")
    assert any(line.startswith("breach  sequences: ") for line in lines)
    assert not [line for line in lines if "unused_indexes" in line], "that is a weekly one"
    assert re.fullmatch(rf"\d+ of {len(lines) - 1} are ok; nothing was stored", lines[-1])
    assert connected.value("select count(*) from upkeep.answer") == 0


def test_a_rehearsal_goes_on_where_one_question_cannot_be_put(run: Run, connected: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    from upkeep.cli import questions

    assert connected
    first = iter([True])

    def broken_once(*_: object, **__: object) -> Answer:
        if next(first, False):
            raise BrokenError("the server does not answer", "start it", retry=True)
        return Answer.unknown("who knows")

    monkeypatch.setattr(questions, "ask", broken_once)
    code, out, errors = run("ask", "daily", "shop")
    assert (code, errors) == (1, "")
    assert out.count("unknown ") == len(out.splitlines()) - 1
    assert out.count("could not ask: the server does not answer") == 1


def test_what_cannot_be_asked_is_said(run: Run) -> None:
    cases = {
        ("ask", "seqences", "shop"): 'no duty is called "seqences"; did you mean "sequences"?',
        ("ask", "sequences", "shp"): 'no target is called "shp"; did you mean "shop"?',
        ("ask", "backups", "shop"): "backups has no check about shop",
        ("ask", "daily", "shop", "--json"): "are for one duty",
        ("ask", "sequences", "shop", "--from", "2026-11-01"): "give both --from and --to, or neither",
        ("ask", "sequences", "shop", "--from", "2026-11-01", "--to", "2026-11-02"): "sees only the present",
        ("ask", "slow_queries", "shop", "--from", "2026-11-02", "--to", "2026-11-01"): "must end after it starts",
        ("ask", "slow_queries", "shop", "--from", "yesterday", "--to", "2026-11-01"): "write days as 2026-11-01",
    }
    for case, message in cases.items():
        code, out, errors = run(*case)
        assert (code, out) == (2, ""), case
        assert message in errors


def test_a_broken_connection_names_its_remedy(run: Run, connected: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> Endpoint:
        raise BrokenError('Airflow has no connection "upkeep_db"', "add it in Admin > Connections", retry=False)

    monkeypatch.setattr(sys.modules["upkeep.airflow_bridge.connections"], "store", gone)
    code, _, errors = run("migrate")
    assert code == 2
    assert errors == 'upkeep: Airflow has no connection "upkeep_db"\n→ add it in Admin > Connections\n'
    assert run("ask", "sequences", "shop")[0] == 0, connected.database


def test_the_doctor_for_people_and_machines(run: Run, connected: Lab) -> None:
    run("migrate")
    code, out, _ = run("doctor", "--target", "shop", "--json")
    document = json.loads(out)
    assert code == 1
    assert document["ready"] is False
    store, shop = (v for v in document["diagnoses"] if v["about"] == "privilege")
    assert store["text"] == "postgres is a superuser; owning the schema upkeep is enough"
    assert store["where"] == "connection upkeep_db"
    assert shop["text"] == "postgres is a superuser; Upkeep only reads"
    assert shop["where"].endswith("inventory.yaml:4")
    code, out, _ = run("doctor")
    assert code == 1
    assert "need a person." in out
    assert connected.database in out


def test_a_backfill_is_shown_first(run: Run) -> None:
    code, out, _ = run("backfill", "daily", "--from", "2026-11-01", "--to", "2026-11-08")
    assert code == 0
    assert "duties answer about the past" in out
    assert "--from-date 2026-10-31T23:00:00+00:00 --to-date 2026-11-07T22:59:59+00:00" in out
    assert "add --run to start it" in out
    assert run("backfill", "hourly", "--from", "2026-11-01", "--to", "2026-11-08")[0] == 2
    assert run("backfill", "daily")[0] == 2
    code, _, problem = run("backfill", "backups", "--from", "2026-11-01", "--to", "2026-11-08")
    assert code == 2
    assert "backups cannot be run for the past: trigger the DAG backups" in problem


def test_a_backfill_starts_airflow_with_its_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    def fake(command: list[str], *, check: bool) -> SimpleNamespace:
        started.append(command)
        assert not check
        return SimpleNamespace(returncode=7)

    monkeypatch.setattr(subprocess, "run", fake)
    assert run("backfill", "weekly", "--from", "2026-11-02", "--to", "2026-11-09", "--run")[0] == 7
    assert started[0][:5] == [sys.executable, "-m", "airflow", "backfill", "create"]


@pytest.mark.airflow
def test_airflow_knows_the_words_of_a_backfill(tmp_path: Path) -> None:
    args = backfill_command("daily", Window.parse("2026-11-01", "2026-11-08"))
    code = "import sys; from airflow.cli.cli_parser import get_parser; print(get_parser().parse_args(sys.argv[1:]))"
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code, *args], env=environment, capture_output=True, text=True, check=False)
    assert "dag_id='daily'" in done.stdout, done.stderr[-500:]
    assert "reprocess_behavior='completed'" in done.stdout


def test_an_unknown_answer_shows_its_remedy() -> None:
    assert plain(Answer.unknown("cannot see", "grant it;\nand that;")) == "unknown: cannot see\n→ grant it;\n→ and that;"
