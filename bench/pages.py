"""
How long the pages take with 1,000 targets and a year of rows: p50 and p95 over HTTP on this machine, against a limit of 300 ms.

`python -m bench.pages` fills a scratch server once, under .cache/bench_pages (28 duties of all cadences, 5.6 million answers,
half a million findings, 80,000 rows of costs; it stays for the next time), and asks each page one at a time, as one person does.
Exit 1 when a p95 is over the limit. On a machine that does other things too the best time is nearer to the truth than the p95:
the load is printed.
"""

import argparse
import multiprocessing
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import uvicorn
from fastapi import FastAPI

from tests.ui.fill import fill
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer, free_port
from upkeep.store.migrate import migrate, pending
from upkeep.ui.app import create_app

LIMIT_MS = 300
LEAST_DAYS = 15
FOLDER = Path(__file__).resolve().parents[1] / ".cache" / "bench_pages"
SETTINGS = {"fsync": "off", "shared_buffers": "512MB", "max_wal_size": "8GB"}
PAGES = """
    / /findings /findings?state=red&sort=found /findings?text=orders&severity=high /findings?state=resolved /findings?page=20
    /answers /answers?state=red&page=5 /answers?area=security&text=bill /target?name=shop /target?name=shop&days=365
    /duty?name=sequences /duty?name=bloat /area?name=database /run?dag_id=daily&run_id={daily} /run?dag_id=weekly&run_id={weekly}
    /reports /catalogue /static/upkeep.css /costs /spend?account=cloud&currency=USD&{year}
    /spend?account=cloud&currency=USD&{year}&sub=account+1
    /spend?account=cloud&currency=USD&{year}&sub=account+1&service=Service+4
    /spend?account=cloud&currency=USD&{year}&sub=account+1&service=Service+4&by=day
""".split()  # noqa: SIM905 - a page a word


def main() -> int:
    """Measure and print; 1 when a page is too slow."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--targets", type=int, default=1000)
    given.add_argument("--days", type=int, default=365)
    given.add_argument("--times", type=int, default=40, help="requests of each page")
    options = given.parse_args()
    if options.days < LEAST_DAYS:
        given.error(f"--days must be at least {LEAST_DAYS}: the page of a weekly run needs a whole week")
    with _store(options.targets, options.days) as store, _served(store) as address:
        slow = [page for page in _pages(store) if _measure(address, page, options.times) > LIMIT_MS]
    print(f"over {LIMIT_MS} ms: {', '.join(slow) or 'none'}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 1 if slow else 0


def _measure(address: str, page: str, times: int) -> float:
    taken = []
    with httpx.Client(base_url=address, timeout=60) as client:
        for _ in range(times + 2):
            begun = time.perf_counter()
            answer = client.get(page)
            taken.append((time.perf_counter() - begun) * 1000)
            answer.raise_for_status()
    warm = taken[2:]
    p95 = statistics.quantiles(warm, n=20)[-1]
    times_said = f"best {min(warm):5.0f}   p50 {statistics.median(warm):5.0f}   p95 {p95:5.0f} ms"
    print(f"{page[:50]:50} {times_said}   {len(answer.content) / 1024:4.0f} KiB", flush=True)
    return p95


def _pages(store: Endpoint) -> list[str]:
    with store.connect("bench") as connection:
        runs = dict(connection.execute("select cadence, run_id from upkeep.latest_run").fetchall())
        first, last = connection.execute("select min(day), max(day) from upkeep.spend").fetchone() or ("", "")
    words = {"year": f"first={first}&last={last}", **{cadence: quote(run_id) for cadence, run_id in runs.items()}}
    return [page.format(**words) for page in PAGES]


@contextmanager
def _store(targets: int, days: int) -> Iterator[Endpoint]:
    server, name = ScratchServer(FOLDER, free_port(), settings=SETTINGS), f"filled_{targets}_{days}"
    server.stop()
    server.start()
    try:
        store = server.endpoint(name)
        if not _filled(server, store):
            _make(server, name)
            print(f"filled {targets} targets over {days} days in {fill(store, targets=targets, days=days):.0f} s", flush=True)
        yield store
    finally:
        server.stop()


def _filled(server: ScratchServer, store: Endpoint) -> bool:
    with server.endpoint().connect("bench") as connection:
        there = connection.execute("select 1 from pg_database where datname = %s", [store.database]).fetchone()
    if not there or pending(store):
        return False
    with store.connect("bench") as connection:
        return bool(connection.execute("select exists (select from upkeep.waiver)").fetchone() == (True,))


def _make(server: ScratchServer, name: str) -> None:
    with server.endpoint().connect("bench") as connection:
        connection.execute(f'drop database if exists "{name}" with (force)'.encode())
        connection.execute(f'create database "{name}"'.encode())
    migrate(server.endpoint(name))


@contextmanager
def _served(store: Endpoint) -> Iterator[str]:
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(store, port))
    process.start()
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address)
        yield f"{address}/upkeep"
    finally:
        process.terminate()
        process.join(10)


def _serve(store: Endpoint, port: int) -> None:
    app = FastAPI()
    app.mount("/upkeep", create_app(lambda: store, []))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def _wait(address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{address}/upkeep/static/upkeep.css")
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the pages did not come up within 60 s")


if __name__ == "__main__":
    raise SystemExit(main())
