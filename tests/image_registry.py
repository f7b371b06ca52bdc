"""A small registry of images on a loopback port: the part of its HTTP API that tells digests, with logins and tokens."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

INDEX = "application/vnd.oci.image.index.v1+json"


def digest_of(manifest: dict[str, Any]) -> str:
    """The digest by which it is known."""
    return "sha256:" + hashlib.sha256(json.dumps(manifest).encode()).hexdigest()


class Images(ThreadingHTTPServer):
    """
    The server: manifests by repository and tag.

    `wants` is "", "basic" or "bearer" (user ann, password secret); `quiet` leaves out the header with the digest, `busy` is how
    many calls are refused first.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.manifests: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, str, str | None]] = []
        self.wants, self.quiet, self.busy, self.realm = "", False, 0, ""
        self.daemon_threads = True

    @property
    def host(self) -> str:
        """As it stands in names of images."""
        return f"127.0.0.1:{self.server_address[1]}"

    def put(self, name: str, *platforms: str) -> str:
        """Have a tag ("team/app:1") hold what these stand for; gives its digest."""
        listed = [{"digest": "sha256:" + hashlib.sha256(one.encode()).hexdigest()} for one in platforms]
        self.manifests[name] = {"mediaType": INDEX, "manifests": listed}
        return digest_of(self.manifests[name])


class _Handler(BaseHTTPRequestHandler):
    server: Images

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        """The same without a body."""
        self.do_GET()

    def do_GET(self) -> None:
        """A token, or a manifest to whom may see it."""
        given = self.headers.get("Authorization")
        self.server.calls.append((self.command, self.path, given))
        if self.server.busy:
            self.server.busy -= 1
            self._say(503, {})
        elif self.path.startswith("/token"):
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            right = given == _basic() and asked == {"service": "images", "scope": "repository:team/app:pull"}
            self._say(200 if right else 401, {"token": "let-me-in"} if right else {})
        elif self.server.wants and given != (_basic() if self.server.wants == "basic" else "Bearer let-me-in"):
            realm = self.server.realm or f"http://{self.server.host}/token"
            bearer = f'Bearer realm="{realm}",service="images",scope="repository:team/app:pull"'
            self._say(401, {}, {"WWW-Authenticate": 'Basic realm="x"' if self.server.wants == "basic" else bearer})
        else:
            self._manifest()

    def _manifest(self) -> None:
        _, _, *path, _, tag = self.path.split("/")
        found = self.server.manifests.get(f"{'/'.join(path)}:{tag}")
        told = {} if self.server.quiet or found is None else {"Docker-Content-Digest": digest_of(found)}
        self._say(404 if found is None else 200, found or {}, told)

    def _say(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(data)), "Content-Type": INDEX}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def _basic() -> str:
    return "Basic " + base64.b64encode(b"ann:secret").decode()


@contextmanager
def images() -> Iterator[Images]:
    """A registry while inside."""
    server = Images()
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
