"""Chromium for tests, and a page that remembers what it complained about."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pytest
import uvicorn
from fastapi import FastAPI

from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import free_port
from upkeep.ui.app import create_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_FLAGS = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run"


@dataclass
class Looked:
    """One window. `complaints` are errors in the console that came from our pages."""

    page: "Page"
    complaints: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.page.context.close()


@contextmanager
def browser() -> "Iterator[Browser]":
    """The system's Chromium (UPKEEP_CHROMIUM or on the path); without one the test is skipped, and says so."""
    path = os.environ.get("UPKEEP_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        pytest.skip("no Chromium here: install Debian's package chromium, or set UPKEEP_CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=_FLAGS.split())
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def served(store: Endpoint, path: str = "/upkeep") -> Iterator[str]:
    """The pages over a report database by HTTP, under a path; their address."""
    app = FastAPI()
    app.mount(path, create_app(lambda: store, []))
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}{path}/"
    finally:
        server.should_exit = True
        thread.join()


def looked(opened: "Browser", theme: Any, *, width: int = 1360, ours: str = "") -> Looked:
    """A new window whose system theme is "light" or "dark"; complaints are kept for addresses that contain `ours`."""
    page = opened.new_context(viewport={"width": width, "height": 900}, color_scheme=theme).new_page()
    seen = Looked(page)
    page.on("console", lambda message: _keep(seen, message, ours))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    return seen


def _keep(seen: Looked, message: Any, ours: str) -> None:
    if (
        message.type in {"error", "warning"}
        and ours in message.location.get("url", "")
        and "sandbox attribute" not in message.text
    ):
        seen.complaints.append(message.text)
