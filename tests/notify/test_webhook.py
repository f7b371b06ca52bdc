"""Webhooks: no edits, no threads, a few failures."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar, Literal

import pytest

from tests.notify.messages import Connection, forget_waiting, head, reply, texts
from tests.notify.slack_double import Fault, SlackDouble
from upkeep.notify.slack import deliver
from upkeep.notify.wire import SlackEndpoint, post
from upkeep.sources.postgres import Endpoint
from upkeep.store.outbox import put, retry_failed


def test_a_webhook_gets_one_message_and_a_few_failures(
    store: Endpoint, connection: Connection, slack: SlackDouble, hook: SlackEndpoint
) -> None:
    put(connection, head("working", final=False))
    for number in range(7):
        put(connection, reply(f"f{number}"))
    deliver(store, hook, budget_s=2)
    assert texts(slack.sent()) == ["f0", "f1", "f2"]
    put(connection, head("done"))
    deliver(store, hook, budget_s=2)
    assert texts(slack.sent())[3:] == ["done"]
    assert "4 more failures had no message" in str(slack.sent()[-1])
    for again in ("working", "done again"):
        put(connection, head(again, final=again != "working"))
        deliver(store, hook, budget_s=1)
    assert len(slack.sent()) == 4


@pytest.mark.fault
def test_a_disabled_webhook_is_said_without_its_address(
    store: Endpoint, connection: Connection, slack: SlackDouble, hook: SlackEndpoint
) -> None:
    put(connection, head("done"))
    wrong = SlackEndpoint(kind="webhook", url="ftp://no", token="T0/B0/secretword")
    slack.faults = [Fault(status=404, error="no_service")]
    for endpoint in (hook, wrong):
        problem = deliver(store, endpoint, budget_s=1).problem
        assert problem
        assert "secretword" not in problem + repr(endpoint)
        retry_failed(connection)
        forget_waiting(connection)


class Proxy(BaseHTTPRequestHandler):
    """An HTTP proxy that answers itself and remembers what it was asked for."""

    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        """Take a message for whichever host."""
        self.asked.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b"ok" if "/services/" in self.path else b'{"ok": true, "channel": "C0A", "ts": "1.0"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.parametrize("kind", ["bot", "webhook"])
def test_messages_take_the_proxy_of_the_connection(kind: Literal["bot", "webhook"]) -> None:
    Proxy.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        Thread(target=proxy.serve_forever, daemon=True).start()
        url = "http://slack.invalid/api/" if kind == "bot" else "http://slack.invalid/services"
        slack = SlackEndpoint(kind=kind, url=url, token="T/B/x", channel="C0A", proxy=f"http://127.0.0.1:{proxy.server_port}")
        post(slack, "key", {"text": "hello", "blocks": []}, None)
        proxy.shutdown()
    assert Proxy.asked == [f"{url}chat.postMessage" if kind == "bot" else f"{url}/T/B/x"]
