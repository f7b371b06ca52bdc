"""Services of the inventory: what they name is there, and doctor looks at their signals."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from tests.lab import Lab, asking
from tests.prometheus_lab import needs_prometheus, prometheus
from upkeep.answer import Answer, Status
from upkeep.config.inventory import load
from upkeep.duty import check
from upkeep.errors import InventoryError
from upkeep.runner import ask
from upkeep.signals.place import Signals
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.targets.diagnosis import Level
from upkeep.targets.service import Service
from upkeep.targets.system import System
from upkeep.window import Cadence

NOWHERE = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))
INVENTORY = """
    people: [{name: ann, role: operations}]
    databases: [{name: shop, owner: ann, connection: shop_db}]
    services:
      - name: web
        owner: ann
        slow: 250 ms
        databases: [%s]
        signals: {kind: query, connection: shop_db, minutes: select 1}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "inventory.yaml"
    path.write_text(dedent(text), encoding="utf-8")
    return path


def test_a_service_names_databases_of_the_file(tmp_path: Path) -> None:
    service = load(written(tmp_path, INVENTORY % "shop")).target("web")
    assert isinstance(service, Service)
    assert (service.databases, service.slow) == (("shop",), 0.25)


def test_a_database_that_is_not_there_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match=r':8: services.*"shp" is none of databases of this file.*"shop"'):
        load(written(tmp_path, INVENTORY % "shp"))


def test_an_unknown_kind_of_place_is_said_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match="query"):
        load(written(tmp_path, (INVENTORY % "shop").replace("kind: query", "kind: qery")))


def test_doctor_says_what_answers_and_what_does_not(lab: Lab) -> None:
    service = Service.model_validate(
        {"name": "web", "owner": "ann", "signals": {"kind": "query", "connection": "c", "minutes": "select 1"}}
    )
    (well,) = service.examine(OneDatabase(lab.endpoint), ())
    (ill,) = service.examine(NOWHERE, ())
    assert (well.level, ill.level) == (Level.OK, Level.NO)


@check(Cadence.DAILY, owner="tests")
def told(target: System, signals: Signals) -> Answer:  # noqa: ARG001 - never asked
    """Reads signals of what has none."""
    return Answer.judged("never")


def test_signals_of_what_is_no_service_are_unknown() -> None:
    answer = ask(asking(told, System(name="system", owner="ann"), NOWHERE))
    assert (answer.status, answer.summary) == (Status.UNKNOWN, "told reads signals, but system is no service")


def test_doctor_looks_at_every_place_of_deployments(tmp_path: Path) -> None:
    places = [{"kind": "git_tags", "path": str(tmp_path)}, {"kind": "github", "repository": "a/b", "files": f"file://{tmp_path}"}]
    signals = {"kind": "query", "connection": "shop_db", "minutes": "select 1"}
    service = Service.model_validate({"name": "web", "owner": "ann", "signals": signals, "deployments": places})
    found = [each for each in service.examine(NOWHERE, ()) if each.about == "deployments"]
    assert [each.level for each in found] == [Level.NO, Level.NO]
    assert "is no git repository" in found[0].text
    assert "has no deployments.json" in found[1].text


USAGE = [
    {"name": "orders", "kind": "query", "connection": "shop_db", "query": "select 1"},
    {"name": "signups", "kind": "prometheus", "connection": "prometheus", "query": "sum(signups_total)"},
]
BEACONS = {"kind": "beacons", "path": "/vitals"}


def watched(vitals: Mapping[str, object]) -> Service:
    signals = {"kind": "query", "connection": "shop_db", "minutes": "select 1"}
    return Service.model_validate({"name": "web", "owner": "ann", "signals": signals, "usage": USAGE, "vitals": vitals})


def test_doctor_looks_at_usage_and_vitals_that_can_be_asked(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text("", encoding="utf-8")
    log = {"kind": "access_log", "place": tmp_path.as_uri()}
    for vitals in ({**BEACONS, "log": log}, {"kind": "query", "connection": "shop_db", "query": "select 1"}):
        found = {(each.about, each.text[:8]): each for each in watched(vitals).examine(OneDatabase(lab.endpoint), ())}
        assert found["usage", "orders: "].level is Level.OK
        assert [each.level for key, each in found.items() if key[0] == "vitals"] == [Level.OK]


@needs_prometheus
def test_doctor_looks_at_usage_by_prometheus(tmp_path: Path) -> None:
    place = watched({"kind": "query", "connection": "shop_db", "query": "select 1"})
    with prometheus(tmp_path) as served:
        texts = [each.text for each in place.examine(served.connections(), ()) if each.level is Level.OK]
    assert len(texts) == 1
    assert texts[0].startswith("signups: ")
    assert "answers, at " in texts[0]


def test_doctor_says_which_usage_and_vitals_cannot_be_asked(tmp_path: Path) -> None:
    place = watched({**BEACONS, "log": {"kind": "access_log", "place": tmp_path.as_uri()}})
    found = [each for each in place.examine(NOWHERE, ()) if each.about in {"usage", "vitals"}]
    assert [(each.about, each.field, each.level) for each in found] == [
        ("usage", "usage", Level.NO),
        ("usage", "usage", Level.NO),
        ("vitals", "vitals", Level.NO),
    ]
    assert "there is no file *access*" in found[2].text
    assert found[2].remedy
