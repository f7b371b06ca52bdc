"""
The shop's web tier and its visitors: a small real server that reads the shop's database, and somebody who asks it.

`python -m upkeep.demo.web PORT FOLDER TARGETS`; it logs in by libpq's environment variables with the user and password of the
shop's secret. Pages are written to FOLDER/access.log as nginx would; the API is counted at /metrics as Prometheus reads it, and
TARGETS tells Prometheus where.
"""

import json
import os
import random
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from upkeep.demo.logins import SECRET, Cached
from upkeep.demo.web.counters import ROUTES, Counters, route_of
from upkeep.demo.web.traffic import PER_MINUTE, written
from upkeep.demo.web.watched import INSTALL, NONE, announce

HOST = "127.0.0.1"
_PATHS = ("/", "/products/{}", "/orders/{}", "/search?q=lamp+{}")
_CALLS = tuple(f"{route}/{{}}" for route in ROUTES)
_PRODUCTS = "select name from public.products where id = 1 + %s %% 2000"
_ORDERS = "select status from public.orders where id = 1 + %s %% 120000"


class Shop(ThreadingHTTPServer):
    """The server: each request asks the database by a session of its own, and is written to the log when it is answered."""

    daemon_threads = True

    def __init__(self, port: int, log: Path, secret: Path) -> None:
        super().__init__((HOST, port), Page)
        self.log, self.secret = log, Cached(secret)
        self.counters = Counters()
        self._lock = threading.Lock()

    def note(self, handler: BaseHTTPRequestHandler, status: int, seconds: float) -> None:
        """Count a request to the API, or write the line of a page."""
        if route := route_of(handler.path):
            self.counters.note(route, status, seconds)
            return
        agent = handler.headers.get("User-Agent", "-").replace('"', "")
        line = written(datetime.now(UTC), handler.client_address[0], handler.command, handler.path, status, agent, seconds)
        with self._lock, self.log.open("a", encoding="utf-8") as log:
            log.write(line)


class Page(BaseHTTPRequestHandler):
    """One request."""

    server: Shop

    def do_GET(self) -> None:
        """A page of the shop, its API, or the counters."""
        if self.path == "/metrics":
            self._answer(200, self.server.counters.text())
            return
        begun = time.perf_counter()
        try:
            status, text = 200, _page(self.path, self.server.secret.login())
        except Exception as error:  # noqa: BLE001 - whatever went wrong is an error of the server
            status, text = 500, type(error).__name__
        self._answer(status, text)
        self.server.note(self, status, time.perf_counter() - begun)

    def do_POST(self) -> None:
        """What is asked of a Prometheus that is not there."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        refusal = {"status": "error", "errorType": "execution", "error": INSTALL}
        self._answer(422 if self.path.startswith(NONE) else 404, json.dumps(refusal))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Nothing: the access log has it."""

    def _answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _page(path: str, login: dict[str, str]) -> str:
    import psycopg

    number = int("".join(c for c in path if c.isdigit()) or 0)
    with psycopg.connect(
        application_name="shop-web", connect_timeout=5, user=login["user"], password=login["password"]
    ) as connection:
        row = connection.execute(_ORDERS if path.startswith("/orders") else _PRODUCTS, [number]).fetchone()
    return str(row[0] if row else "nothing")


def _visit(port: int, paths: Sequence[str]) -> None:
    chance = random.Random()  # noqa: S311 - a visitor, not a secret
    while True:
        path = chance.choice(paths).format(chance.randrange(1, 5000))
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=30) as answer:
                answer.read()
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            pass  # The server has written what went wrong.
        time.sleep(chance.expovariate(PER_MINUTE / 60))


def main() -> None:
    """Serve until ended."""
    port, folder, targets = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    shop = Shop(port, folder / "access.log", Path(os.environ[SECRET]))
    announce(targets, port)
    for paths in (_PATHS, _CALLS):
        threading.Thread(target=_visit, args=(port, paths), daemon=True).start()
    shop.serve_forever()


if __name__ == "__main__":
    main()
