"""
How long every page takes with 1,000 databases, 500 services and a year of rows: p50 and p95 over HTTP, against a limit of 300 ms.

`python -m bench.pages` fills a scratch server once, under .cache/bench_pages (39 duties of all cadences, 7.6 million answers, a
year of findings, signals, budgets, deployments, backups, packages and costs; it stays for the next time), and asks each page one
at a time, as one person does. Exit 1 when a p95 is over the limit. On a machine that does other things too the best time is
nearer to the truth than the p95: the load is printed.
"""

import argparse
import math
import multiprocessing
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode

import httpx
import uvicorn
from fastapi import FastAPI

from tests.ui.fill import fill, statements_digest
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer, free_port
from upkeep.store.migrate import migrate, pending
from upkeep.ui.app import create_app

if TYPE_CHECKING:
    import psycopg

LIMIT_MS = 300
LEAST_DAYS = 15
FOLDER = Path(__file__).resolve().parents[1] / ".cache" / "bench_pages"
SETTINGS = {"fsync": "off", "shared_buffers": "512MB", "max_wal_size": "8GB"}
PAGES = """
    / /findings /findings?state=red&sort=found /findings?text=orders&severity=high /findings?state=resolved /findings?page=20
    /answers /answers?state=red&page=5 /answers?area=security&text=bill /target?name=shop /target?name=shop&days=365
    /duty?name=sequences /duty?name=bloat /area?name=database /run?dag_id=daily&run_id={daily} /run?dag_id=weekly&run_id={weekly}
    /reports /report?{report} /catalogue /static/upkeep.css /costs /spend?account=cloud&currency=USD&{year}
    /spend?account=cloud&currency=USD&{year}&sub=account+1
    /spend?account=cloud&currency=USD&{year}&sub=account+1&service=Service+4
    /spend?account=cloud&currency=USD&{year}&sub=account+1&service=Service+4&by=day
    /answer?duty=golden_signals&target={service}&{day} /answer?duty=sequences&{day}
    /services /services?text=gateway&page=2 /service?name={service} /service?name={service}&days=365 /target?name={service}
    /scorecard /scorecard?cadence=daily /scorecard?cadence=monthly /scorecard?cadence=quarterly
    /secrets /secrets?name={secret} /capacity /capacity?target=shop /maintenance /maintenance?name=shop /certificates
    /backups /backups?days=365 /backups?target=shop&days=365 /restore?id={restore} /restore_tests /restore_tests?target=shop
    /drills /drills?target=shop /decisions /decisions?state=open /decision?key={decision}
    /decisions.json?key={decision} /decisions.md?key={decision}
    /dependencies /dependencies?target={repository} /package?ecosystem=PyPI&name=package-7 /sboms /sbom.cdx.json?{sbom}
""".split()  # noqa: SIM905 - a page a word
_EXAMPLES = """
    select
        (select name from upkeep.target where kind = 'services' order by name limit 1),
        (select name from upkeep.target where kind = 'secrets' order by name limit 1),
        (select max(id) from upkeep.restore),
        (select max(key) from upkeep.decision),
        (select max(target) from upkeep.vulnerability)
"""
_NAMES = ("service", "secret", "restore", "decision", "repository")
_QUERIES = {
    "year": "select min(day) as first, max(day) as last from upkeep.spend",
    "report": "select cadence, window_start as start, window_end as end from upkeep.report order by 3 desc, 1 limit 1",
    "day": "select window_end as at from upkeep.latest_run where cadence = 'daily'",
    "sbom": "select target, sha256 from upkeep.sbom order by window_end desc, target limit 1",
}


def main() -> int:
    """Measure and print; 1 when a page is too slow."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--targets", type=int, default=1000)
    given.add_argument("--services", type=int, default=500)
    given.add_argument("--days", type=int, default=365)
    given.add_argument("--times", type=int, default=40, help="requests of each page")
    options = given.parse_args()
    if options.days < LEAST_DAYS:
        given.error(f"--days must be at least {LEAST_DAYS}: the page of a weekly run needs a whole week")
    with _store(options.targets, options.services, options.days) as store, _served(store) as address:
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
            if answer.is_error:
                print(f"{unquote(page)[:72]:72} {answer.status_code} after {taken[-1]:.0f} ms", flush=True)
                return math.inf
    warm = taken[2:]
    p95 = statistics.quantiles(warm, n=20)[-1]
    times_said = f"best {min(warm):5.0f}   p50 {statistics.median(warm):5.0f}   p95 {p95:5.0f} ms"
    print(f"{unquote(page)[:72]:72} {times_said}   {len(answer.content) / 1024:4.0f} KiB", flush=True)
    return p95


def _pages(store: Endpoint) -> list[str]:
    with store.connect("bench") as connection:
        runs = dict(connection.execute("select cadence, run_id from upkeep.latest_run").fetchall())
        examples = dict(zip(_NAMES, connection.execute(_EXAMPLES).fetchone() or (), strict=True))
        queries = {name: _query(connection, statement) for name, statement in _QUERIES.items()}
    words = {name: quote(str(word), safe="") for name, word in (runs | examples).items()}
    return [page.format(**words, **queries) for page in PAGES]


def _query(connection: "psycopg.Connection[Any]", statement: str) -> str:
    from psycopg.rows import dict_row

    return urlencode(connection.cursor(row_factory=dict_row).execute(statement.encode()).fetchone() or {})


@contextmanager
def _store(targets: int, services: int, days: int) -> Iterator[Endpoint]:
    server, name = ScratchServer(FOLDER, free_port(), settings=SETTINGS), f"filled_{targets}_{services}_{days}"
    server.stop()
    server.start()
    try:
        store = server.endpoint(name)
        if not _filled(server, store):
            _make(server, name, targets=targets, services=services, days=days)
        yield store
    finally:
        server.stop()


def _filled(server: ScratchServer, store: Endpoint) -> bool:
    """Whether it was filled to the end, by the statements as they are now."""
    query = "select shobj_description(oid, 'pg_database') from pg_database where datname = %s"
    with server.endpoint().connect("bench") as connection:
        return connection.execute(query, [store.database]).fetchone() == (statements_digest(),) and not pending(store)


def _make(server: ScratchServer, name: str, *, targets: int, services: int, days: int) -> None:
    with server.endpoint().connect("bench") as connection:
        connection.execute(f'drop database if exists "{name}" with (force)'.encode())
        connection.execute(f'create database "{name}"'.encode())
        migrate(server.endpoint(name))
        seconds = fill(server.endpoint(name), targets=targets, services=services, days=days)
        print(f"filled {targets} databases and {services} services over {days} days in {seconds:.0f} s", flush=True)
        connection.execute(f"""comment on database "{name}" is '{statements_digest()}'""".encode())


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
