"""Real services and exporters that a real Prometheus scrapes: names of metrics are as they are, counts are what was asked."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.measured_service import Measured, measured_service
from tests.prometheus_lab import Served, prometheus, wait_for
from upkeep.signals.infrastructure import groups
from upkeep.signals.kinds.prometheus import PrometheusPlace
from upkeep.signals.preset_file import written
from upkeep.sources.scratch import ScratchServer, free_port
from upkeep.window import Window

EXPORTERS = ("prometheus-node-exporter", "prometheus-blackbox-exporter", "prometheus-postgres-exporter")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(map(shutil.which, ("prometheus", *EXPORTERS))), reason="needs Debian's prometheus and its exporters"
    ),
]
CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - {{job_name: shop, static_configs: [{{targets: ['{shop}']}}]}}
  - {{job_name: node, static_configs: [{{targets: ['{node}']}}]}}
  - {{job_name: postgres, static_configs: [{{targets: ['{postgres}']}}]}}
  - job_name: blackbox
    metrics_path: /probe
    params: {{target: ['http://{shop}/'], module: [http_2xx]}}
    static_configs: [{{targets: ['{blackbox}']}}]
"""


@dataclass(frozen=True)
class World:
    """What is scraped, and by what."""

    served: Served
    shop: Measured

    def value(self, query: str) -> float | None:
        """One number, at present."""
        found = self.served.client.query(query, datetime.now(UTC))
        return found[0].values[0] if found else None


def until(holds: Callable[[], bool]) -> None:
    """Wait for the next scrapes."""
    for _ in range(300):
        if holds():
            return
        time.sleep(0.1)
    raise TimeoutError


@contextmanager
def exporter(name: str, folder: Path, env: Mapping[str, str] | None = None, *more: str) -> Iterator[str]:
    """Its host and port."""
    place = f"127.0.0.1:{free_port()}"
    command = [name, f"--web.listen-address={place}", *more]
    with (
        (folder / name).open("w") as log,
        subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **(env or {})}) as process,
    ):
        try:
            wait_for(f"http://{place}/metrics")
            yield place
        finally:
            process.kill()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, server: ScratchServer) -> Iterator[World]:
    """A service and three exporters."""
    folder, postgres = tmp_path_factory.mktemp("exporters"), server.endpoint()
    source = f"postgresql://{postgres.user}:{postgres.password}@127.0.0.1:{postgres.port}/postgres?sslmode=disable"
    (folder / "blackbox.yml").write_text("modules: {http_2xx: {prober: http}}\n")
    with ExitStack() as stack:
        shop = stack.enter_context(measured_service())
        places = {
            "node": stack.enter_context(exporter(EXPORTERS[0], folder)),
            "blackbox": stack.enter_context(exporter(EXPORTERS[1], folder, None, f"--config.file={folder / 'blackbox.yml'}")),
            "postgres": stack.enter_context(exporter(EXPORTERS[2], folder, {"DATA_SOURCE_NAME": source})),
        }
        config = CONFIG.format(shop=shop.url.removeprefix("http://"), **places)
        made = World(stack.enter_context(prometheus(folder / "prometheus", config=config)), shop)
        until(lambda: made.value("min(count_over_time(up[1m]))") in {3, 4, 5} and made.value("count(up == 1)") == 4)
        yield made


def test_a_service_that_fails_and_begins_again_is_counted_exactly(world: World) -> None:
    start = datetime.now(UTC) - timedelta(minutes=1)
    for path, times in (("/buy", 40), ("/broken", 7), ("/missing", 3)):
        world.shop.ask(path, times)
    probes = 'handler!="/"'
    until(lambda: world.value(f"sum(http_requests_total{{{probes}}})") == 50)
    world.shop.forget()
    world.shop.ask("/buy", 11)
    until(lambda: world.value(f"sum(http_requests_total{{{probes}}})") == 11)
    place = PrometheusPlace(kind="prometheus", connection="prometheus", match=f'job="shop",{probes}')
    found = place.open(world.served.connections()).endpoints(Window(start, datetime.now(UTC))).each
    assert {each.endpoint: (each.requests, each.errors) for each in found} == {
        "/buy": (51, 0),
        "/broken": (7, 7),
        "/missing": (3, 0),
    }
    assert "has 1 series of http_requests_total" in place.open(world.served.connections()).check()


def test_a_slow_one_is_seen_in_its_bucket(world: World) -> None:
    world.shop.forget()
    world.shop.ask("/slow", 30)
    bucket = "http_request_duration_seconds_bucket"
    until(lambda: world.value(f'{bucket}{{le="0.5"}} - ignoring (le) {bucket}{{le="0.05"}}') == 30)


@pytest.mark.parametrize("preset", ["node", "blackbox", "up"])
def test_exporters_tell_what_is_asked_of_them(world: World, preset: str) -> None:
    match = {"node": 'job="node"', "blackbox": 'job="blackbox"', "up": 'job="shop"'}[preset]
    for name, measure in groups()[preset].measures.items():
        value = world.value((measure.query or "").replace("{match}", match))
        assert value is not None, name
        assert -0.2 <= value <= 1.2, name


def test_postgres_exporter_tells_of_its_cache(world: World) -> None:
    for query in written("cache")["postgres"].values():
        selector = query.replace("{match}", 'job="postgres"')
        assert (world.value(f"sum({selector})") or 0) > 0
