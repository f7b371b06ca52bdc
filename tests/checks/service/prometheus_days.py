"""A day of services, hosts and caches in a real Prometheus."""

from datetime import UTC, datetime, timedelta

from tests.prometheus_lab import Past
from upkeep.targets.service import Service
from upkeep.window import Window

START = datetime(2026, 5, 14, tzinfo=UTC)
DAY = Window(START, START + timedelta(days=1))
MINUTE_S, DAY_S = 60, 86_400
AT = range(-900, DAY_S + 1, MINUTE_S)


def service(**more: object) -> Service:
    """A service whose signals nobody reads here."""
    signals = {"kind": "query", "connection": "c", "minutes": "select"}
    return Service.model_validate({"name": "shop", "owner": "tester", "signals": signals, **more})


def level(past: Past, metric: str, value: float, last: float = DAY_S + 1, **labels: str) -> None:
    """A gauge that stays, until `last`."""
    past.add(metric, [(at, value) for at in AT if at < last], **labels)


def rising(past: Past, metric: str, by: float, last: float = DAY_S + 1, **labels: str) -> None:
    """A counter that rises by so much a minute, until `last`."""
    past.add(metric, [(at, by * number) for number, at in enumerate(AT) if at < last], **labels)
