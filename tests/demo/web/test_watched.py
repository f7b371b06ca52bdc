"""The API of the demo: a real Prometheus knows its made-up past and goes on with it; without one, what to install is said."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tests.lab import Lab
from tests.prometheus_lab import HttpOnly, needs_prometheus
from upkeep.answer import Answer, Status
from upkeep.demo.made_up import _by
from upkeep.demo.planted import PLANTED
from upkeep.demo.state import State
from upkeep.demo.supervise import Supervisor
from upkeep.demo.web import api_past, made, past, watched
from upkeep.demo.web.__main__ import Shop
from upkeep.discovery import find
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import free_port
from upkeep.store.answers import save
from upkeep.targets.service import Service
from upkeep.window import Window

DAY = timedelta(days=1)
Served = tuple[Shop, str, Path]


@dataclass(frozen=True)
class Watching:
    """A Prometheus of the demo whose first day has just ended."""

    home: Path
    state: State
    end: datetime
    supervisor: Supervisor

    def of_day(self, back: int) -> Window:
        """A day; 0 is the first of the demo's own."""
        return Window(self.end - (back + 1) * DAY, self.end - back * DAY)


@pytest.fixture(scope="module")
def watching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watching]:
    """Three days of the past, and the server that knows them."""
    home = tmp_path_factory.mktemp("demo")
    state = State.load(home)
    state.ports = {name: free_port() for name in ("web", "prometheus", "node exporter")}
    end = datetime.now(UTC).replace(microsecond=0)
    with pytest.MonkeyPatch.context() as patch, Supervisor(print) as supervisor:
        patch.setattr(api_past, "DAYS", 3)
        watched.begin(home, state, supervisor, end)
        yield Watching(home, state, end, supervisor)


def service() -> Service:
    return Service.model_validate(yaml.safe_load(f"services:\n{watched.inventory()}")["services"][0])


def said(reports: Lab, duty: str, watching: Watching, back: int) -> Answer:
    window, asked = watching.of_day(back), find(duty)
    return past.answer_of(reports.session(), asked, service(), window, _by(asked, window), watched.url(watching.state))


@needs_prometheus
@pytest.mark.baseline
@pytest.mark.parametrize("duty", ["golden_signals", "infrastructure", "alerts"])
def test_the_day_before_is_well(reports: Lab, watching: Watching, duty: str) -> None:
    answer = said(reports, duty, watching, 1)
    assert (answer.status, answer.findings) == (Status.OK, ()), answer.summary


@needs_prometheus
@pytest.mark.fault
def test_the_release_that_made_it_slow_is_found_and_no_other(reports: Lab, watching: Watching, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(made, "DAYS", 1)
        made.make(reports.session(), tmp_path, watching.end, watching.end)
    found = {}
    for back in (1, 0):
        window = watching.of_day(back)
        for duty in map(find, ("golden_signals", "deployments")):
            answer = said(reports, duty.name, watching, back)
            save(reports.session(), duty, "shop-api", window, answer, _by(duty, window))
        found[back] = [(finding.rule, finding.object) for finding in answer.findings]
    assert found[1] == []
    assert [rule for rule, _ in found[0]] == ["worse_deployment"]
    assert "api-1000" in found[0][0][1]


@needs_prometheus
@pytest.mark.fault
def test_the_slow_hours_of_the_first_day_are_found_and_nothing_else(reports: Lab, watching: Watching) -> None:
    answer = said(reports, "golden_signals", watching, 0)
    assert [(finding.rule, finding.object) for finding in answer.findings] == [("slow", "p95")]
    assert any(planted.duty == "golden_signals" and planted.rule == "slow" for planted in PLANTED)
    fired = said(reports, "alerts", watching, 0)
    assert (fired.status, fired.findings) == (Status.OK, ())
    assert fired.summary.startswith("1 alert, the longest ShopApiSlow for 7.9 h")
    assert said(reports, "infrastructure", watching, 0).status is Status.OK


@needs_prometheus
@pytest.mark.near_miss
def test_nothing_is_asked_of_days_before_it_was_there(watching: Watching) -> None:
    newest = watching.of_day(0)
    assert past.existed(service(), watching.of_day(2), newest)
    assert not past.existed(service(), watching.of_day(20), newest)
    assert not past.existed(service(), newest, None)


@needs_prometheus
def test_the_real_api_is_scraped_once_it_listens(watching: Watching, shop: Served) -> None:
    server, _, _ = shop
    server.counters.note("/api/stock", 200, 0.02)
    watched.announce(watched.targets(watching.home), server.server_port)
    client = HttpOnly(Endpoint("nowhere.invalid"), {"p": watched.url(watching.state)})
    asked = service().infrastructure[0]
    deadline = time.monotonic() + 90
    while "1 series" not in _live(client, asked.connection) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert "1 series" in _live(client, asked.connection)


def _live(client: HttpOnly, _connection: str) -> str:
    from upkeep.errors import CannotAskError
    from upkeep.sources.prometheus import open_prometheus

    selector = 'http_requests_total{job="shop-api",instance="shop-api-1",route="/api/stock",code="200"} < 100'
    try:
        return open_prometheus(client, "p", 5).look(selector)
    except CannotAskError as error:
        return str(error)


@needs_prometheus
def test_it_listens_on_this_machine_alone_and_ends_with_the_demo(tmp_path: Path) -> None:
    state = State.load(tmp_path)
    state.ports = {name: free_port() for name in ("web", "prometheus", "node exporter")}
    ports = [state.ports["prometheus"], *([state.ports["node exporter"]] if watched.exporter() else [])]
    with Supervisor(print) as supervisor:
        watched.start(tmp_path, state, supervisor)
        watched.start(tmp_path, state, supervisor)
        watched.wait_until_ready(state)
        assert len(supervisor.programs) == len(ports)
        mine = {address for port in ports for address in _listening(port)}
    assert mine == {"0100007F"}, "127.0.0.1"
    assert not any(_listening(port) for port in ports)


def _listening(port: int) -> list[str]:
    """Addresses that somebody listens on at a port, as Linux writes them."""
    rows = [row.split() for table in ("tcp", "tcp6") for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    return [address for row in rows if row[3] == "0A" for address, _, at in [row[1].partition(":")] if int(at, 16) == port]


def test_without_prometheus_it_is_unknown_with_what_to_install(
    reports: Lab, shop: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    server, _, _ = shop
    state = State.load(tmp_path)
    state.ports = {"web": server.server_port, "prometheus": free_port()}
    told: list[str] = []
    watched.begin(tmp_path, state, Supervisor(told.append), datetime.now(UTC))
    watched.start(tmp_path, state, Supervisor(told.append))
    assert "apt-get install prometheus" in told[0]
    assert watched.known_at(state) == ""
    for duty in ("golden_signals", "infrastructure", "alerts"):
        window = Window(datetime.now(UTC) - DAY, datetime.now(UTC))
        answer = past.answer_of(reports.session(), find(duty), service(), window, _by(find(duty), window), watched.url(state))
        assert answer.status is Status.UNKNOWN
        assert "apt-get install prometheus" in answer.summary
