"""upkeep secret: what it prints, and its exit codes: 0 well, 1 a person is needed, 2 wrong use."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import upkeep.airflow_bridge
from tests.lab import Lab
from tests.rotation.world import FIRST, first_value, prepare, users
from upkeep.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command here."""

    def one(*args: str) -> tuple[int, str, str]:
        code = main(["secret", *args])
        return code, *capsys.readouterr()

    return one


@pytest.fixture
def path(lab: Lab, reports: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An inventory with the shop's login, whose file this is."""
    prepare(lab)
    path, inventory = tmp_path / "shop.json", tmp_path / "inventory.yaml"
    path.write_text(first_value(lab).text)
    first, second = users(lab)
    inventory.write_text(f"""
people: [{{name: ann, role: dba, slack: U0ANN}}]
databases: [{{name: shop, owner: ann, connection: shop_db}}]
secrets:
  - name: shop login
    owner: ann
    store: {{kind: file, path: '{path}'}}
    opens: {{kind: postgres_users, connection: shop_rotation, users: [{first}, {second}]}}
""")
    monkeypatch.setenv("UPKEEP_INVENTORY", str(inventory))
    connections = SimpleNamespace(postgres=lambda _: lab.endpoint)
    stand_in: Any = SimpleNamespace(store=lambda: reports.endpoint, AirflowConnections=lambda: connections)
    monkeypatch.setattr(upkeep.airflow_bridge, "connections", stand_in, raising=False)
    monkeypatch.setitem(sys.modules, "upkeep.airflow_bridge.connections", stand_in)
    return path


@pytest.mark.usefixtures("path")
def test_rotated_taken_back_and_listed(run: Run, lab: Lab) -> None:
    first, second = users(lab)
    code, out, err = run("list")
    assert (code, err) == (0, "")
    assert "none is known" in out
    code, out, _ = run("rotate", "shop login")
    assert code == 0
    assert f"{second} is current, since now" in out
    assert "the one before works until" in out
    code, out, _ = run("rotate", "shop login")
    assert code == 0
    assert "nothing was rotated, since it is the next one" in out
    code, out, _ = run("rollback", "shop login")
    assert (code, out.splitlines()[0]) == (0, f"{first} is current, since now")
    assert "grace" in run("list")[1]
    replace(lab.endpoint, user=first, password=FIRST).connect("shop").close()


@pytest.mark.usefixtures("path")
def test_compromised(run: Run, lab: Lab) -> None:
    code, out, _ = run("rotate", "shop login", "--compromised")
    assert code == 0
    assert f"{users(lab)[0]} was ended, and a try of it was refused" in out
    assert "dead since" in run("list")[1]


def test_a_dry_run_says_whether_it_could_be_and_changes_nothing(run: Run, lab: Lab, path: Path) -> None:
    before = path.read_bytes()
    code, out, _ = run("rotate", "shop login", "--dry-run")
    assert (code, f"{users(lab)[0]} is current" in out, "could be rotated" in out, "nothing was changed" in out) == (
        0,
        True,
        True,
        True,
    )
    assert (path.read_bytes(), "none is known" in run("list")[1]) == (before, True)
    assert not lab.value(f"select rolcanlogin from pg_roles where rolname = '{users(lab)[1]}'")
    lab.run(f'alter role "{users(lab)[1]}" connection limit 3')
    code, _, err = run("rotate", "shop login", "--dry-run")
    assert (code, "are not alike" in err) == (2, True)
    lab.run(f'alter role "{users(lab)[1]}" connection limit -1')
    run("rotate", "shop login")
    assert "the one before works until" in run("rotate", "shop login", "--dry-run")[1]


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("rotat", "shop login"), 'did you mean "rotate"'),
        (("rotate",), "name a secret"),
        (("rotate", "shop"), "shop is one of databases, not of secrets"),
        (("rotate", "shop lgin"), "shop login"),
        (("list", "--compromised"), "--compromised is a word of rotate"),
        (("rollback", "shop login", "--dry-run"), "--dry-run is a word of rotate"),
    ],
)
@pytest.mark.usefixtures("path")
def test_wrong_use(run: Run, args: tuple[str, ...], text: str) -> None:
    code, out, err = run(*args)
    assert (code, out) == (2, "")
    assert text in err


@pytest.mark.usefixtures("path")
def test_nothing_to_take_back_is_said(run: Run) -> None:
    code, _, err = run("rollback", "shop login")
    assert code == 2
    assert "no value before its current one" in err
    assert "upkeep secret rotate" in err


def test_a_file_that_is_gone(run: Run, path: Path) -> None:
    path.unlink()
    code, _, err = run("rotate", "shop login")
    assert code == 2
    assert "has no current value" in err
