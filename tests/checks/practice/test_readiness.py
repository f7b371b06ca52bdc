"""readiness: every "no" names the duties that stay unknown and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab, asking
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.practice import readiness as module
from upkeep.checks.practice.readiness import readiness
from upkeep.config.inventory import Inventory, load
from upkeep.discovery import BrokenModule, discover
from upkeep.duty import needs_of
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.sources.rights import Right
from upkeep.targets.system import System
from upkeep.window import Cadence

PEOPLE = (
    "people: [{name: ann, role: dba, slack: U0ANN, on_call: 1}]\nnotify: {slack_connection: slack}\n"
    "own_databases: {airflow: false}\n"
)
SHOP = "  - {name: shop, owner: ann, connection: shop_db, runbook: 'https://wiki.test/shop'}\n"
STOCK = "  - {name: stock, owner: ann, connection: stock_db, runbook: 'https://wiki.test/stock'}\n"


@dataclass(frozen=True)
class Both(OneDatabase):
    """Two databases, of which one is away."""

    def postgres(self, connection_id: str) -> Endpoint:
        """By its id."""
        return self.endpoint if connection_id == "shop_db" else Endpoint("127.0.0.1", 1, "x", None, "x")


@pytest.fixture
def reader(lab: Lab) -> Iterator[Endpoint]:
    """A login that has all that is needed, and nothing more."""
    lab.run('create role "reader ä" login; grant pg_monitor to "reader ä"; create extension pg_stat_statements')
    for need in needs_of(discover()):
        if isinstance(need, Right) and need.extension is None:
            lab.run(need.grant.format(role='"reader ä"'))
    yield lab.login("reader ä")
    lab.stack.close()
    lab.run('drop owned by "reader ä"; drop role "reader ä"')


def inventory(tmp_path: Path, text: str) -> Inventory:
    path = tmp_path / "inventory.yaml"
    path.write_text(text)
    return load(path)


def answer(given: Inventory, endpoint: Endpoint) -> Answer:
    (system,) = given.of(System)
    return ask(asking(readiness, system, Both(endpoint)), {Inventory: given})


def found(of: Answer) -> dict[str, Any]:
    return {f"{f.rule} {f.object}": f for f in of.findings}


@pytest.mark.baseline
def test_all_is_ready(tmp_path: Path, reader: Endpoint) -> None:
    result = answer(inventory(tmp_path, f"{PEOPLE}databases:\n{SHOP}"), reader)
    assert (result.status, result.summary, result.findings) == (Status.OK, "1 of 1 target ready", ())
    (metric,) = result.metrics
    assert (metric.value, metric.numerator, metric.denominator) == (1, 1, 1)


@pytest.mark.near_miss
def test_without_a_runbook_it_is_ready_all_the_same(tmp_path: Path, reader: Endpoint) -> None:
    result = answer(inventory(tmp_path, f"{PEOPLE}databases:\n{SHOP.replace('runbook', 'tags: [x], runbook')}"), reader)
    assert result.status is Status.OK
    bare = SHOP.replace(", runbook: 'https://wiki.test/shop'", "")
    result = answer(inventory(tmp_path, f"{PEOPLE}databases:\n{bare}"), reader)
    assert (list(found(result)), result.worst, result.summary) == (["no_runbook shop"], Severity.LOW, "1 of 1 target ready")


@pytest.mark.near_miss
def test_with_nothing_to_look_after_nothing_is_measured(tmp_path: Path, reader: Endpoint) -> None:
    result = answer(inventory(tmp_path, PEOPLE), reader)
    assert (result.status, result.metrics) == (Status.OK, ())


@pytest.mark.fault
def test_a_missing_right_names_the_duties_that_wait_for_it(tmp_path: Path, lab: Lab, reader: Endpoint) -> None:
    lab.run('revoke pg_monitor from "reader ä"')
    result = answer(inventory(tmp_path, f"{PEOPLE}databases:\n{SHOP}"), reader)
    missing = found(result)["rights shop: pg_monitor"]
    assert missing.severity is Severity.HIGH
    assert missing.title.startswith("shop: pg_monitor is missing: cannot see other sessions")
    assert "unknown until then: " in missing.title
    assert "blocking" in missing.details["unknown"]
    assert missing.remedy == 'grant pg_monitor to "reader ä";'


@pytest.mark.fault
def test_a_dead_host_leaves_all_its_duties_unknown_and_the_others_ready(tmp_path: Path, reader: Endpoint) -> None:
    result = answer(inventory(tmp_path, f"{PEOPLE}databases:\n{SHOP}{STOCK}"), reader)
    assert result.summary == "1 of 2 targets ready"
    (away,) = result.findings
    assert (away.rule, away.object, away.severity) == ("reachable", "stock", Severity.HIGH)
    assert len(away.details["unknown"]) > 30
    assert " more" in away.title


@pytest.mark.fault
def test_a_login_that_may_too_much(tmp_path: Path, lab: Lab) -> None:
    result = answer(inventory(tmp_path, f"{PEOPLE}databases:\n{SHOP}"), lab.endpoint)
    assert found(result)["privilege shop"].severity is Severity.MEDIUM
    assert found(result)["privilege shop"].details["unknown"] == []


@pytest.mark.fault
def test_airflows_own_database_that_is_no_target_is_named(
    tmp_path: Path, reader: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_AIRFLOW_MONITOR_DB", raising=False)
    result = answer(inventory(tmp_path, PEOPLE.replace("own_databases: {airflow: false}\n", "")), reader)
    (left_out,) = result.findings
    assert (left_out.rule, left_out.object, left_out.severity) == ("metadata_left_out", "airflow database", Severity.LOW)
    assert "unknown until then: metadata_retention and " in left_out.title
    assert "SQLite, which is for trying only" in left_out.remedy
    assert {"metadata_retention", "vacuum", "sequences"} <= set(left_out.details["unknown"])


@pytest.mark.fault
def test_nobody_to_tell(tmp_path: Path, reader: Endpoint) -> None:
    result = answer(
        inventory(tmp_path, "people: [{name: ann, role: dba, slack: U0ANN}]\nown_databases: {airflow: false}\n"), reader
    )
    assert sorted(found(result)) == ["nobody_on_call people", "nobody_told notify"]


@pytest.mark.fault
def test_a_target_that_nobody_asks_and_a_module_that_is_broken(
    tmp_path: Path, reader: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = BrokenModule("upkeep.checks.database.odd", Cadence.DAILY, "Traceback\n  x\nNameError: no y")
    monkeypatch.setattr(module, "discover", lambda: ())
    monkeypatch.setattr(module, "broken_modules", lambda: (broken,))
    result = answer(inventory(tmp_path, f"{PEOPLE}databases:\n{SHOP}"), reader)
    assert sorted(found(result)) == ["broken_module upkeep.checks.database.odd", "no_duty shop"]
    assert found(result)["broken_module upkeep.checks.database.odd"].title.endswith("is not asked: NameError: no y")
