"""The messages of the channels, in memory and in a file of JSON lines, so that a restart keeps them."""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Message:
    """One message. `ts` is Slack's name for it: its time, unique within the channel."""

    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    thread_ts: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    edited: str | None = None
    files: list[dict[str, Any]] = field(default_factory=list)

    @property
    def content(self) -> dict[str, Any]:
        """As Slack's API gives it."""
        whole = {"type": "message", "ts": self.ts, "text": self.text, "blocks": self.blocks, "bot_id": "B0UPKEEP"}
        thread = {"thread_ts": self.thread_ts} if self.thread_ts else {}
        files = {"files": self.files} if self.files else {}
        return whole | thread | files | ({"metadata": self.metadata} if self.metadata else {})


class Messages:
    """All messages, oldest first. Safe for several threads."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._messages: dict[str, Message] = {}
        self._newest = 0.0
        kept = file.read_text(encoding="utf-8") if file.exists() else ""
        for line in kept.splitlines():
            self._recall(line)
        if kept and not kept.endswith("\n"):
            with file.open("a", encoding="utf-8") as torn:
                torn.write("\n")

    def post(self, channel: str, text: str, blocks: list[dict[str, Any]], **more: Any) -> Message:
        """Keep a new message; `thread_ts`, `metadata` and `files` may be given."""
        with self._lock:
            self._newest = max(time.time(), self._newest + 0.000_001)
            message = Message(channel, f"{self._newest:.6f}", text, blocks, **more)
            self._keep(message)
        return message

    def update(self, channel: str, ts: str, text: str, blocks: list[dict[str, Any]]) -> Message | None:
        """Change a message where it stands; None when there is none."""
        with self._lock:
            message = self._messages.get(ts)
            if message is None or message.channel != channel:
                return None
            message.text, message.blocks, message.edited = text, blocks, f"{time.time():.6f}"
            self._keep(message)
        return message

    def without_file(self, file: str) -> bool:
        """Take a file, and with it the message that brought it, away; False when there is none."""
        with self._lock:
            found = [m for m in self._messages.values() if any(each["id"] == file for each in m.files)]
            for message in found:
                message.text, message.blocks, message.files = "This file was deleted.", [], []
                self._keep(message)
        return bool(found)

    def channel(self, channel: str) -> list[Message]:
        """Messages that are no replies, oldest first."""
        return [m for m in self._sorted() if m.channel == channel and (not m.thread_ts or m.thread_ts == m.ts)]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """A message and its replies, oldest first."""
        return [m for m in self._sorted() if m.channel == channel and ts in (m.ts, m.thread_ts)]

    def channels(self) -> list[str]:
        """Channels that have any message."""
        return sorted({m.channel for m in self._sorted()})

    def _sorted(self) -> list[Message]:
        with self._lock:
            return sorted(self._messages.values(), key=lambda m: float(m.ts))

    def _keep(self, message: Message) -> None:
        self._messages[message.ts] = message
        fields: Mapping[str, Any] = {name: getattr(message, name) for name in Message.__slots__}
        with self._file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(fields) + "\n")

    def _recall(self, line: str) -> None:
        try:
            message = Message(**json.loads(line))
        except (ValueError, TypeError):
            return  # the last line of a process that was killed while it wrote
        self._messages[message.ts] = message
        self._newest = max(self._newest, float(message.ts))
