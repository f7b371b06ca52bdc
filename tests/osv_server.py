"""A small OSV of one's own on a loopback port: the same advisories for us and for other scanners, judged step by step."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version


def affects(document: Mapping[str, Any], ecosystem: str, name: str, version: str) -> bool:
    """Whether a document of PyPI is about a version, as the schema evaluates it."""
    for part in document.get("affected", ()):
        package = part.get("package", {})
        if package.get("ecosystem") != ecosystem or canonicalize_name(package.get("name", "")) != canonicalize_name(name):
            continue
        if version in part.get("versions", ()) or any(_holds(r, version) for r in part.get("ranges", ()) if r["type"] != "GIT"):
            return True
    return False


def _holds(found: Mapping[str, Any], version: str) -> bool:
    try:
        asked = Version(version)
        events = sorted(((k, Version(v)) for event in found["events"] for k, v in event.items()), key=lambda pair: pair[1])
    except InvalidVersion:
        return False
    vulnerable = False
    for kind, at in events:
        if kind == "introduced" and asked >= at:
            vulnerable = True
        elif (kind == "fixed" and asked >= at) or (kind == "last_affected" and asked > at):
            vulnerable = False
    return vulnerable


class Osv(ThreadingHTTPServer):
    """The server. `page` is how many advisories a query is given at once, `failures` how many calls it refuses first."""

    def __init__(self, documents: Iterable[Mapping[str, Any]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.documents = {str(one["id"]): one for one in documents}
        self.calls: list[str] = []
        self.connections = 0
        self.page, self.failures = 1000, 0
        self.daemon_threads = True

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def asked(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """One query of a batch."""
        package, start = query["package"], int(query.get("page_token", 0))
        found = [one for one in self.documents.values() if affects(one, package["ecosystem"], package["name"], query["version"])]
        page = [{"id": one["id"], "modified": one["modified"]} for one in found[start : start + self.page]]
        more = {"next_page_token": str(start + self.page)} if start + self.page < len(found) else {}
        return {**({"vulns": page} if page else {}), **more}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Osv

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_GET(self) -> None:
        self._answer(self.server.documents.get(self.path.rpartition("/")[2]))

    def do_POST(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/v1/querybatch":
            self._answer({"results": [self.server.asked(query) for query in given["queries"]]})
        else:
            package = given["package"]
            every = self.server.documents.values()
            self._answer({"vulns": [d for d in every if affects(d, package["ecosystem"], package["name"], given["version"])]})

    def _answer(self, found: object) -> None:
        self.server.calls.append(self.path)
        status = 200 if found is not None else 404
        if self.server.failures:
            self.server.failures -= 1
            status = 503
        data = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@contextmanager
def osv(documents: Iterable[Mapping[str, Any]]) -> Iterator[Osv]:
    """The server, while inside."""
    with Osv(documents) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(10)
