"""A small Slack for tests: keeps messages, refuses what Slack refuses, and misbehaves when told to."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

CHANNEL = "C0UPKEEP"
TOKEN = "xoxb-test"


@dataclass(frozen=True)
class Fault:
    """What happens instead of, or around, one answer."""

    status: int = 200
    error: str = ""
    retry_after: int = 0
    before_s: float = 0
    after_s: float = 0
    hang_up: bool = False


@dataclass
class SlackDouble:
    """Messages by ts, as the API and the webhook received them; `faults` are taken one a request."""

    url: str = ""
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    updates: int = 0
    requests: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    always: Fault | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def sent(self, thread: str | None = None) -> list[dict[str, Any]]:
        """Messages of the channel, or of a thread, in order."""
        return [m for _, m in sorted(self.messages.items()) if m.get("thread_ts") == thread]

    def next_fault(self, method: str) -> Fault:
        """The fault for this request."""
        with self.lock:
            self.requests.append(method)
            return self.always or (self.faults.pop(0) if self.faults else Fault())

    def keep(self, message: dict[str, Any]) -> str:
        """Store a message and return its ts."""
        with self.lock:
            ts = f"{time.time():.4f}{len(self.messages) % 100:02d}"
            self.messages[ts] = {**message, "ts": ts}
            return ts


def size(text: str) -> int:
    """UTF-16 units, as Slack's clients count."""
    return len(text.encode("utf-16-le")) // 2


def objections(body: dict[str, Any]) -> str:
    """Slack's word for what is wrong with a message, or nothing."""
    blocks = body.get("blocks") or []
    if not body.get("text") and not blocks:
        return "no_text"
    if size(body.get("text") or "") > 4_000:
        return "msg_too_long"
    texts = [text for block in blocks for text in _texts(block)]
    if len(blocks) > 50 or any(not text["text"] for text in texts) or any(_too_big(block) for block in blocks):
        return "invalid_blocks"
    return "msg_blocks_too_long" if sum(size(text["text"]) for text in texts) > 13_200 else ""


def _texts(block: dict[str, Any]) -> list[dict[str, Any]]:
    return [*([block["text"]] if "text" in block else []), *block.get("fields", []), *block.get("elements", [])]


def _too_big(block: dict[str, Any]) -> bool:
    if block["type"] == "header":
        return size(block["text"]["text"]) > 150 or block["text"]["type"] != "plain_text"
    if block["type"] == "context":
        return len(block["elements"]) > 10 or any(size(t["text"]) > 3_000 for t in block["elements"])
    fields = block.get("fields", [])
    return len(fields) > 10 or any(size(t["text"]) > 2_000 for t in fields) or size(block.get("text", {}).get("text", "")) > 3_000


class _Handler(BaseHTTPRequestHandler):
    slack: SlackDouble

    def do_POST(self) -> None:
        args = self._words()
        method = self.path.rsplit("/", 1)[-1]
        fault = self.slack.next_fault(method)
        time.sleep(fault.before_s)
        answer: Any = {"ok": False, "error": fault.error} if fault.error or fault.status != 200 else self._answer(method, args)
        time.sleep(fault.after_s)
        if fault.hang_up:
            self.close_connection = True
            return
        self._send(fault, answer)

    def _answer(self, method: str, params: dict[str, Any]) -> Any:
        if "/services/" in self.path:
            return objections(params) or (self.slack.keep(params) and "ok")
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            return {"ok": False, "error": "invalid_auth"}
        if params.get("channel") != CHANNEL:
            return {"ok": False, "error": "channel_not_found"}
        return getattr(self, method.replace("chat.", "_").replace("conversations.", "_"))(params)

    def _postMessage(self, params: dict[str, Any]) -> Any:  # noqa: N802 - Slack's name
        wrong = objections(params)
        if wrong:
            return {"ok": False, "error": wrong}
        return {"ok": True, "channel": CHANNEL, "ts": self.slack.keep(params)}

    def _update(self, params: dict[str, Any]) -> Any:
        known, wrong = params["ts"] in self.slack.messages, objections(params)
        if wrong or not known:
            return {"ok": False, "error": wrong or "message_not_found"}
        self.slack.updates += 1
        self.slack.messages[params["ts"]] |= {k: params[k] for k in ("text", "blocks") if k in params}
        return {"ok": True, "channel": CHANNEL, "ts": params["ts"]}

    def _history(self, params: dict[str, Any]) -> Any:
        found = [m for m in self.slack.sent() if float(m["ts"]) >= float(params.get("oldest", 0))]
        return self._page(found[::-1], params)

    def _replies(self, params: dict[str, Any]) -> Any:
        head = self.slack.messages.get(params["ts"])
        return self._page([*([head] if head else []), *self.slack.sent(params["ts"])], params)

    @staticmethod
    def _page(found: list[dict[str, Any]], params: dict[str, Any]) -> Any:
        start, limit = int(params.get("cursor") or 0), min(int(params.get("limit", 100)), 10)
        more = str(start + limit) if start + limit < len(found) else ""
        hidden = set() if params.get("include_all_metadata") else {"metadata"}
        page = [{k: v for k, v in m.items() if k not in hidden} for m in found[start : start + limit]]
        return {"ok": True, "messages": page, "response_metadata": {"next_cursor": more}}

    def _words(self) -> dict[str, Any]:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.headers.get_content_type() == "application/json":
            return dict(json.loads(raw))
        return {k: v[0] for k, v in parse_qs(raw).items()}

    def _send(self, fault: Fault, answer: Any) -> None:
        webhook = isinstance(answer, str)
        status = fault.status if not webhook or answer == "ok" else 400
        raw = answer.encode() if webhook else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if webhook else "application/json")
        if fault.retry_after:
            self.send_header("Retry-After", str(fault.retry_after))
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""

    def handle(self) -> None:
        """Clients that went away are part of the tests."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def finish(self) -> None:
        """As above."""
        try:
            super().finish()
        except OSError:
            self.close_connection = True


@contextmanager
def slack_double() -> Iterator[SlackDouble]:
    """A Slack on a free port of this machine."""
    slack = SlackDouble()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"slack": slack}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    slack.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield slack
    finally:
        server.shutdown()
        server.server_close()
