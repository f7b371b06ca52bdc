"""The demo's Slack in this process, with steps that can be made to break."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from tests.notify.slack_double import CHANNEL, TOKEN
from upkeep.demo.slack.app import Slack, make
from upkeep.demo.slack.messages import Message
from upkeep.notify.wire import SlackEndpoint
from upkeep.sources.scratch import free_port


@dataclass(frozen=True)
class Bad:
    """What a step answers instead."""

    status: int
    error: str


@dataclass
class StandIn:
    """It, and what it holds."""

    slack: Slack
    url: str
    bad: dict[str, list[Bad]] = field(default_factory=dict)

    @property
    def bot(self) -> SlackEndpoint:
        """It by bot token."""
        return SlackEndpoint(kind="bot", url=f"{self.url}/api/", token=TOKEN, channel=CHANNEL, timeout_s=2)

    @property
    def hook(self) -> SlackEndpoint:
        """It by webhook."""
        return SlackEndpoint(kind="webhook", url=f"{self.url}/services", token=f"T0/B0/{TOKEN}")

    def heads(self) -> list[Message]:
        """Messages of the channel."""
        return self.slack.messages.channel(CHANNEL)

    def replies(self, ts: str) -> list[Message]:
        """Replies to one."""
        return [each for each in self.slack.messages.thread(CHANNEL, ts) if each.ts != ts]

    def files(self, ts: str | None = None) -> list[dict[str, Any]]:
        """Files of one thread, or of all."""
        threads = [ts] if ts else [each.ts for each in self.heads()]
        return [file for one in threads for each in self.slack.messages.thread(CHANNEL, one) for file in each.files]

    def mood(self, mood: Any) -> None:
        """How it treats the next post."""
        self.slack.manners.mood, self.slack.manners.seconds, self.slack.manners.times = mood, 0.2, 1

    def breaks(self, step: str, bad: Bad, times: int = 1) -> None:
        """A method, or "upload", that answers so."""
        self.bad[step] = [bad] * times


@contextmanager
def in_process(file: Path) -> Iterator[StandIn]:
    """The stand-in on a free port until the block ends."""
    port = free_port()
    made = StandIn(Slack(file, TOKEN, CHANNEL), f"http://127.0.0.1:{port}")
    app = make(made.slack)

    @app.middleware("http")
    async def broken(request: Request, call_next: Any) -> Response:
        step = "upload" if request.url.path.startswith("/upload") else request.url.path.rpartition("/")[2]
        bad = made.bad[step].pop() if made.bad.get(step) else None
        if bad is None:
            found: Response = await call_next(request)
            return found
        return PlainTextResponse(bad.error, bad.status) if bad.status != 200 else JSONResponse({"ok": False, "error": bad.error})

    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    try:
        yield made
    finally:
        server.should_exit = True
        thread.join(10)
