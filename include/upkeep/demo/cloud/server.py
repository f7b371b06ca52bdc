"""The server: one address for every service, as `endpoint_url` of a connection has it."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from upkeep.demo.cloud import estate
from upkeep.demo.cloud.wire import call_of, refused, written

HOST = "127.0.0.1"


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """S3's calls."""
        self._answer()

    def do_POST(self) -> None:
        """All others."""
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Nothing: the account is only looked at."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            call = call_of(self.headers, self.path, body)
        except ValueError:
            self._send(403, *refused(None, "MissingAuthenticationToken"))
            return
        try:
            self._send(200, *written(call, estate.now().answer(call.service, call.operation, call.asked)))
        except estate.UnknownError as error:
            self._send(404 if error.code.startswith("NoSuch") else 400, *refused(call, error.code))

    def _send(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def serve(port: int) -> ThreadingHTTPServer:
    """A server that is ready to be asked once it serves."""
    server = ThreadingHTTPServer((HOST, port), _Request)
    server.daemon_threads = True
    return server
