"""How the demo's Prometheus and its exporter are run: their words, what is scraped, and an alert that really is evaluated."""

from collections.abc import Iterator, Mapping
from typing import Any

from upkeep.demo.state import State

NAME, HOST, TARGETS = "shop-api", "127.0.0.1", "shop-api.json"


def commands(state: State, exporter: str | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The programs with their words, by names; they listen on this machine alone."""
    settings = {
        "config.file": "prometheus.yml",
        "storage.tsdb.path": "data",
        "storage.tsdb.retention.time": "100d",
        "web.listen-address": f"{HOST}:{state.ports['prometheus']}",
        "log.level": "warn",
    }
    yield "prometheus", ("prometheus", *(f"--{name}={value}" for name, value in settings.items()))
    if exporter:
        only = ("--collector.disable-defaults", "--collector.cpu", "--collector.meminfo", "--collector.filesystem")
        # One disk: of others nothing is known before the demo began.
        rest = "--collector.filesystem.mount-points-exclude=^/.+"
        yield "node exporter", (exporter, *only, rest, f"--web.listen-address={HOST}:{state.ports['node exporter']}")


def configuration(state: State, *, exporter: bool) -> Mapping[str, Any]:
    """What is scraped: the API, where it says that it listens, and the machine."""
    host = {"targets": [f"{HOST}:{state.ports['node exporter']}"], "labels": {"instance": f"{NAME}-1"}}
    jobs: list[Mapping[str, Any]] = [{"job_name": NAME, "file_sd_configs": [{"files": [TARGETS]}]}]
    if exporter:
        jobs.append({"job_name": "shop-host", "static_configs": [host]})
    return {
        "global": {"scrape_interval": "15s", "evaluation_interval": "15s"},
        "rule_files": ["rules.yml"],
        "scrape_configs": jobs,
    }


_SLOW = 'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{job="shop-api"}[5m]))) > 0.5'
RULES = {
    "groups": [
        {
            "name": NAME,
            "rules": [
                {"alert": "ShopApiSlow", "expr": _SLOW, "for": "5m", "labels": {"service": NAME, "severity": "ticket"}},
            ],
        }
    ]
}
