"""A real Prometheus for tests: a past written into its blocks in a moment, or services that it scrapes."""

import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from upkeep.sources.connections import Connections, OneDatabase
from upkeep.sources.http_address import HttpAddress
from upkeep.sources.http_json import HttpJson
from upkeep.sources.postgres import Endpoint
from upkeep.sources.prometheus import Prometheus
from upkeep.sources.scratch import free_port

NOTHING_SCRAPED = "global: {scrape_interval: 1h}\n"
needs_prometheus = pytest.mark.skipif(shutil.which("promtool") is None, reason="needs prometheus (Debian's package of this name)")


@dataclass
class Past:
    """Samples as OpenMetrics text; times are seconds after `start`."""

    start: datetime
    lines: list[str] = field(default_factory=list)

    def add(self, metric: str, samples: Iterable[tuple[float, float]], **labels: str) -> None:
        """One series."""
        written = ",".join(f'{name}="{value}"' for name, value in labels.items())
        origin = self.start.timestamp()
        self.lines += [f"{metric}{{{written}}} {value} {origin + time:.3f}" for time, value in samples]


@dataclass(frozen=True)
class Served:
    """A server that runs."""

    url: str

    @property
    def client(self) -> Prometheus:
        """A client of it."""
        return Prometheus(HttpJson(HttpAddress(self.url), "Prometheus"))

    def connections(self, **more: str) -> Connections:
        """A connection prometheus that leads there, and more of them by their addresses."""
        return HttpOnly(Endpoint("nowhere.invalid"), {"prometheus": self.url, **more})


@dataclass(frozen=True, slots=True)
class HttpOnly(OneDatabase):
    """Connections that lead to HTTP services by their ids."""

    urls: Mapping[str, str] = field(default_factory=dict)

    def http(self, connection_id: str) -> HttpAddress:
        """Its address, without a login."""
        return HttpAddress(self.urls[connection_id])


@contextmanager
def prometheus(folder: Path, past: Past | None = None, config: str = NOTHING_SCRAPED, web: str = "") -> Iterator[Served]:
    """A server that knows this past, or one that lies in the file `past`, and scrapes what its configuration says."""
    folder.mkdir(parents=True, exist_ok=True)
    if past:
        (folder / "past").write_text("\n".join([*past.lines, "# EOF", ""]))
    if (folder / "past").exists():
        into_blocks(folder)
    (folder / "prometheus.yml").write_text(config)
    (folder / "web.yml").write_text(web)
    port = free_port()
    with (folder / "log").open("w") as log, subprocess.Popen(_command(port), cwd=folder, stdout=log, stderr=log) as process:
        try:
            url = f"{'https' if web else 'http'}://127.0.0.1:{port}"
            wait_for(f"{url}/-/ready")
            yield Served(url)
        finally:
            process.kill()


def into_blocks(folder: Path) -> None:
    """The samples of the folder's file `past`, added to its blocks."""
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "past", "data"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (folder / "past").unlink()


def _command(port: int) -> list[str]:
    settings = {
        "config.file": "prometheus.yml",
        "web.config.file": "web.yml",
        "storage.tsdb.path": "data",
        "storage.tsdb.retention.time": "20y",
        "web.listen-address": f"127.0.0.1:{port}",
        "log.level": "warn",
    }
    return ["prometheus", *(f"--{name}={value}" for name, value in settings.items())]


def wait_for(url: str) -> None:
    """Until a server answers there."""
    for _ in range(300):
        try:
            if httpx.get(url, timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.ConnectError as error:
            if "refused" not in str(error):  # it listens, and wants certificates
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise TimeoutError(url)
