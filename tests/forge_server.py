"""A small forge of one's own on a loopback port: JSON by path, in pages, with ETags, limits and failures on demand."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit


class ForgeServer(ThreadingHTTPServer):
    """`answers` are lists (or objects with one under `commits`) by path. `refusals` are (status, headers) given first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Any] = {}
        self.page = 100
        self.refusals: list[tuple[int, dict[str, str]]] = []
        self.calls: list[tuple[str, int]] = []
        self.asked: list[dict[str, list[str]]] = []
        self.tokens: set[str | None] = set()
        self.next_host = ""
        self.next_path = ""
        self.refusal = b"{}"
        self.daemon_threads = True

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: ForgeServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        self.server.tokens.add(self.headers.get("Authorization"))
        self.server.asked.append(query)
        if self.server.refusals:
            status, headers = self.server.refusals.pop(0)
            self._give(parts.path, status, self.server.refusal, headers)
        elif parts.path not in self.server.answers:
            self._give(parts.path, 404, b'{"message": "Not Found"}', {})
        else:
            self._page(parts.path, int(query.get("page", ["1"])[0]))

    def _page(self, path: str, number: int) -> None:
        answer, size = self.server.answers[path], self.server.page
        if isinstance(answer, bytes):
            self._give(path, 200, answer, {})
            return
        entries = answer["commits"] if isinstance(answer, dict) else answer
        part = entries[(number - 1) * size : number * size]
        body = json.dumps({"commits": part} if isinstance(answer, dict) else part).encode()
        headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:8]}"'}
        if number * size < len(entries):
            host, below = self.server.next_host or self.server.address, self.server.next_path or path
            headers["Link"] = f'<{host}{below}?page={number + 1}>; rel="next"'
        if self.headers.get("If-None-Match") == headers["ETag"]:
            self._give(path, 304, b"", headers)
        else:
            self._give(path, 200, body, headers)

    def _give(self, path: str, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.server.calls.append((path, status))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@contextmanager
def forge_server() -> Iterator[ForgeServer]:
    """A running one."""
    server = ForgeServer()
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
