"""A small HTTP service that really answers, fails and is slow, and tells it at /metrics as client libraries do."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

BOUNDS = (0.05, 0.5, float("inf"))


@dataclass
class Measured:
    """Counts of what it answered; `forget` is what a restart does."""

    url: str = ""
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def forget(self) -> None:
        """Begin at zero."""
        with self.lock:
            self.requests.clear()
            self.times.clear()

    def ask(self, path: str, times: int) -> None:
        """As its users do; answers are not looked at."""
        with httpx.Client() as client:
            for _ in range(times):
                client.get(self.url + path)

    def metrics(self) -> str:
        """The text format of Prometheus."""
        with self.lock:
            lines = [f'http_requests_total{{code="{code}",handler="{path}"}} {n}' for (code, path), n in self.requests.items()]
            for bound in BOUNDS:
                le = "+Inf" if bound == BOUNDS[-1] else f"{bound:g}"
                lines.append(f'http_request_duration_seconds_bucket{{le="{le}"}} {sum(each <= bound for each in self.times)}')
        return "\n".join([*lines, ""])


@contextmanager
def measured_service() -> Iterator[Measured]:
    """It fails at /broken, refuses /missing, and takes its time at /slow."""
    made = Measured()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            begun, body = time.perf_counter(), b""
            code = {"/broken": 500, "/missing": 404}.get(self.path, 200)
            if self.path == "/metrics":
                body = made.metrics().encode()
            if self.path == "/slow":
                time.sleep(0.1)
            with made.lock:
                if self.path != "/metrics":
                    made.requests[str(code), self.path] += 1
                    made.times.append(time.perf_counter() - begun)
            self.send_response(code)
            self.send_header("content-type", "text/plain; version=0.0.4")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield made
        server.shutdown()
