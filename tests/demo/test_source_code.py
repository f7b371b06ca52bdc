"""What is planted in the shop's source code is found by the checks of repositories, and nothing else."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.demo.test_planted import Logins
from tests.lab import Past, asking
from upkeep.answer import Answer, Status
from upkeep.config.inventory import load
from upkeep.config.waivers import load_waivers
from upkeep.demo import begin, source_code
from upkeep.demo.planted import PLANTED, Found, invented, missed
from upkeep.demo.state import State
from upkeep.discovery import discover
from upkeep.duty import Duty, History, Progress
from upkeep.runner import ask
from upkeep.targets.repository import CodeRepository
from upkeep.targets.target import Target
from upkeep.window import Window

NOW = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)
DUTIES = [duty for duty in discover() if duty.kind == "check" and duty.target is CodeRepository]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    source_code.make(tmp_path, NOW)
    begin.write_inventory(tmp_path / "inventory.yaml", NOW)
    monkeypatch.setenv("UPKEEP_INVENTORY", str(tmp_path / "inventory.yaml"))
    return tmp_path


def put(duty: Duty, target: Target) -> Answer:
    logins = Logins(None)  # type: ignore[arg-type] # nobody logs in
    asked = asking(duty, target, logins, window=Window(NOW - timedelta(days=7), NOW))
    return ask(asked, {History: Past(), Progress: lambda *_: None})


def everything(home: Path) -> Iterator[Found]:
    inventory = load(home / "inventory.yaml")
    jobs = [duty for duty in discover() if duty.name == "fetch_advisories"]
    assert put(jobs[0], inventory.target("system")).status is Status.OK
    for duty in DUTIES:
        answer = put(duty, inventory.target("shop-code"))
        assert answer.status is not Status.UNKNOWN, answer
        for f in answer.findings:
            yield Found(f.severity.label, "shop-code", duty.name, f.rule, f.object, f.title)


def test_what_is_planted_is_found_and_nothing_is_invented(home: Path) -> None:
    planted = [p for p in PLANTED if p.duty in {duty.name for duty in DUTIES}]
    found = list(everything(home))
    assert (missed(found, planted), invented(found, planted)) == ([], [])
    assert len(planted) > 8
    severities = {f.object: f.severity for f in found if f.duty == "vulnerabilities"}
    assert severities["demo-ledger (PyPI) DEMO-2"] == "critical"


def test_the_waiver_has_ended(home: Path) -> None:
    waivers = load_waivers(home / "waivers.yaml", load(home / "inventory.yaml"), discover())
    assert [(w.object, w.expires_on) for w in waivers] == [("demo-barcode (PyPI) DEMO-5", date(2026, 11, 16))]


def test_it_is_made_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = State.load(tmp_path)
    source_code.make_once(tmp_path, state)
    made = (tmp_path / "repositories" / "shop.git" / "HEAD").stat().st_mtime_ns
    source_code.make_once(tmp_path, State.load(tmp_path))
    assert (tmp_path / "repositories" / "shop.git" / "HEAD").stat().st_mtime_ns == made
    assert capsys.readouterr().out.count("two years of lockfiles") <= 2


def test_without_git_the_shop_has_no_source_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    source_code.make_once(tmp_path, State.load(tmp_path))
    assert source_code.inventory(tmp_path) == ""
    begin.write_inventory(tmp_path / "inventory.yaml", NOW)
    assert [target.name for target in load(tmp_path / "inventory.yaml").targets if isinstance(target, CodeRepository)] == []
