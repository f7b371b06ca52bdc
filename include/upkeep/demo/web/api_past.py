"""The API's past as Prometheus would have scraped it, written into its blocks in seconds: the same whenever it is made."""

import random
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from upkeep.demo.web.counters import ROUTES, Counters
from upkeep.errors import UpkeepError

DAYS = 14
SLOW = timedelta(hours=9), timedelta(hours=8)
"""How long before the end of the first day one of its routes began to be slow, and for how long it was."""
ALERT = 'ALERTS{alertname="ShopApiSlow",alertstate="firing",service="shop-api",severity="ticket"}'
_OWN, _HOST = 'job="shop-api",instance="shop-api-1"', 'job="shop-host",instance="shop-api-1"'
_STEP, _NOTICED = timedelta(minutes=2), timedelta(minutes=5)
_PER_STEP, _FAILED, _TIMES_SLOWER = {ROUTES[0]: 12, ROUTES[1]: 4}, 0.0002, 8.0
_GB = 2**30


def write(folder: Path, end: datetime, until: datetime) -> None:
    """
    The blocks of `DAYS` days until `until` in the folder's `data`, unless they are there; `end` is that of the first day.

    Raises UpkeepError when promtool cannot make them.
    """
    if (folder / "data").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    past, draft = folder / "past", folder / "draft"
    with past.open("w", encoding="utf-8") as file:
        file.writelines(_lines(end, until))
        file.write("# EOF\n")
    # One block instead of one for each two hours, for each of which all of the past would be read again.
    command = ["promtool", "tsdb", "create-blocks-from", "--max-block-duration=168h", "openmetrics", past.name, draft.name]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=False)  # noqa: S603 - our own words
    if done.returncode:
        raise UpkeepError(f"promtool could not write the past of shop-api: {done.stderr[-500:]}")
    past.unlink()
    draft.rename(folder / "data")


def _lines(end: datetime, until: datetime) -> Iterator[str]:
    counters, host = Counters(), _Host()
    at = (end - timedelta(days=DAYS, minutes=5)).replace(second=0, microsecond=0)
    while at < until:
        chance = random.Random(f"shop-api {at:%Y-%m-%dT%H:%M}")  # noqa: S311 - visitors, not secrets
        slow = end - SLOW[0] <= at < end - SLOW[0] + SLOW[1]
        _count(counters, chance, slow=slow)
        samples = [*counters.samples(f"{_OWN},"), *host.samples(chance), (f"up{{{_OWN}}}", 1), (f"up{{{_HOST}}}", 1)]
        if slow and at >= end - SLOW[0] + _NOTICED:
            samples.append((ALERT, 1))
        yield "".join(f"{series} {value} {at.timestamp():.0f}\n" for series, value in samples)
        at += _STEP


def _count(counters: Counters, chance: random.Random, *, slow: bool) -> None:
    for route, usual in _PER_STEP.items():
        slower = _TIMES_SLOWER if slow and route == ROUTES[0] else 1.0
        for _ in range(usual + chance.randrange(-2, 3)):
            counters.note(route, 500 if chance.random() < _FAILED else 200, chance.lognormvariate(-2.8, 0.5) * slower)


class _Host:
    """The machine that it runs on: neither busy nor full."""

    def __init__(self) -> None:
        self._idle = 0.0

    def samples(self, chance: random.Random) -> Iterator[tuple[str, float]]:
        self._idle += _STEP.total_seconds() * chance.uniform(0.6, 0.8)
        yield f'node_cpu_seconds_total{{mode="idle",cpu="0",{_HOST}}}', round(self._idle, 2)
        yield f"node_memory_MemAvailable_bytes{{{_HOST}}}", round(chance.uniform(8, 10) * _GB)
        yield f"node_memory_MemTotal_bytes{{{_HOST}}}", 16 * _GB
        disk = f'fstype="ext4",mountpoint="/",{_HOST}'
        yield f"node_filesystem_avail_bytes{{{disk}}}", round(chance.uniform(59, 60) * _GB)
        yield f"node_filesystem_size_bytes{{{disk}}}", 100 * _GB
