"""upkeep deployment: what it keeps, what it refuses by name, and that it may be repeated."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import upkeep.airflow_bridge
from tests.lab import Lab
from upkeep.cli import main

INVENTORY = """
people: [{name: ann, role: operations}]
databases: [{name: shop, owner: ann, connection: shop_db}]
services:
  - {name: web, owner: ann, signals: {kind: query, connection: shop_db, minutes: select 1}}
"""
ADD = ("add", "web", "4711", "--started", "2026-05-14T09:00:00Z", "--finished", "2026-05-14T09:05:00Z", "--commit", "abcdef1")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(reports: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run one command."""
    (tmp_path / "inventory.yaml").write_text(INVENTORY)
    monkeypatch.setenv("UPKEEP_INVENTORY", str(tmp_path / "inventory.yaml"))
    stand_in = SimpleNamespace(store=lambda: reports.endpoint)
    monkeypatch.setattr(upkeep.airflow_bridge, "connections", stand_in, raising=False)
    monkeypatch.setitem(sys.modules, "upkeep.airflow_bridge.connections", stand_in)

    def one(*words: str) -> tuple[int, str, str]:
        code = main(["deployment", *words])
        return code, *capsys.readouterr()

    return one


def test_told_and_listed(run: Run) -> None:
    assert run("list", "web")[1].startswith("web has no deployments")
    assert run(*ADD)[:2] == (0, "deployment 4711 of web to production: succeeded\n")
    assert "nothing to do" in run(*ADD)[1]
    listed = run("list", "web")[1]
    assert all(text in listed for text in ("4711", "abcdef1", "2026-05-14 09:00", "5 min", "succeeded", "command line"))


def test_it_ends_now_unless_said(run: Run, reports: Lab) -> None:
    run("add", "web", "1", "--unplanned", "--by", "ann")
    assert reports.value("select finished_at > now() - interval '1 hour' and unplanned from upkeep.deployment")
    run("add", "web", "2", "--status", "running")
    assert reports.value("select finished_at is null from upkeep.deployment where deployment = '2'")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "shop", "1"), "deployments are of services"),
        (("add", "wep", "1"), "web"),
        ((*ADD, "--commit", "HEAD"), "is no commit"),
        ((*ADD, "--failed-at", "2026-05-14T08:00:00Z"), "before it began"),
        ((*ADD, "--failed-at", "2026-05-14T10:00:00"), "no time zone"),
        ((*ADD, "--failed-at", "noon"), "is no time"),
        ((*ADD, "--url", "ci.test"), "is no link"),
        (("add", "web", "1", "--started", "2026-05-14T09:00:00Z", "--finished", "2026-05-14T08:00:00Z"), "is before --started"),
        (("add", "web", " "), "write some characters"),
    ],
)
def test_what_cannot_be_is_said(run: Run, reports: Lab, words: tuple[str, ...], said: str) -> None:
    code, _, error = run(*words)
    assert code == 2
    assert said in error
    assert reports.value("select count(*) from upkeep.deployment") == 0
