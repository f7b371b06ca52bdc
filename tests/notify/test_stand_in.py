"""Delivery against the demo's Slack over HTTP, on its bad days."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.notify.hostile import FAILED, report
from tests.notify.messages import Connection, forget_waiting, head, reply, states
from tests.notify.slack_double import CHANNEL, TOKEN
from upkeep.notify.links import Links
from upkeep.notify.slack import deliver
from upkeep.notify.summary import summary
from upkeep.notify.wire import SlackEndpoint
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import free_port
from upkeep.store.outbox import Message, put


@dataclass(frozen=True)
class StandIn:
    """The running stand-in."""

    url: str

    @property
    def bot(self) -> SlackEndpoint:
        """It by bot token."""
        return SlackEndpoint(kind="bot", url=f"{self.url}/api/", token=TOKEN, channel=CHANNEL)

    @property
    def hook(self) -> SlackEndpoint:
        """It by webhook."""
        return SlackEndpoint(kind="webhook", url=f"{self.url}/services", token=f"T0/B0/{TOKEN}")

    def mood(self, mood: str, seconds: float, times: int) -> None:
        """How it treats the next posts."""
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{self.url}/manners?mood={mood}&seconds={seconds}&times={times}", method="PUT"
        )
        urllib.request.urlopen(request, timeout=5).close()  # noqa: S310 - as above

    def shows(self, text: str) -> int:
        """How often its page shows these words."""
        with urllib.request.urlopen(self.url, timeout=5) as page:  # noqa: S310 - our own address
            return len(re.findall(text, page.read().decode()))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """The stand-in as a process of its own."""
    port, folder = free_port(), tmp_path_factory.mktemp("slack")
    environment = {**os.environ, "UPKEEP_DEMO_SLACK_TOKEN": TOKEN}
    args = [sys.executable, "-m", "upkeep.demo.slack", str(port), str(Path(folder) / "messages"), CHANNEL]
    with subprocess.Popen(args, env=environment) as process:
        slack = StandIn(f"http://127.0.0.1:{port}")
        try:
            _wait_for(slack)
            yield slack
        finally:
            process.kill()


def _wait_for(slack: StandIn) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            slack.shows("x")
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail("the stand-in did not start")


@pytest.mark.fault
@pytest.mark.parametrize("mood", ["well", "slow", "error", "ratelimited", "lost"])
def test_a_run_on_a_bad_day(store: Endpoint, connection: Connection, running: StandIn, mood: str) -> None:
    running.mood(mood, 1, 3)
    for number in range(3):
        put(connection, reply(f"reply-{mood}-{number}!", thread=mood))
    put(connection, head(f"head-{mood}!", thread=mood))
    for _ in range(6):
        deliver(store, running.bot, budget_s=3)
        forget_waiting(connection)
    assert set(states(connection).values()) == {"sent"}
    running.mood("well", 1, 1)
    for case in (f"head-{mood}!", *(f"reply-{mood}-{n}!" for n in range(3))):
        assert running.shows(case) == 1, case


@pytest.mark.fault
def test_a_huge_report_is_taken_as_blocks(store: Endpoint, connection: Connection, running: StandIn) -> None:
    body = summary(report(3, 2_000, FAILED), Links("https://airflow.test", "daily", "scheduled__x"))
    put(connection, Message(key="huge/summary", thread="huge", kind="summary", body=body))
    assert deliver(store, running.bot, budget_s=5).sent == 1
    assert running.shows("all of them") == 1, "plain text would not have this link"


@pytest.mark.fault
def test_a_webhook_on_a_lost_day_says_that_it_repeats(store: Endpoint, connection: Connection, running: StandIn) -> None:
    running.mood("lost", 1, 1)
    put(connection, head("hooked!", thread="hooked"))
    for _ in range(2):
        deliver(store, running.hook, budget_s=2)
        forget_waiting(connection)
    assert running.shows("hooked!") == 2
    assert running.shows("may be a repeat") == 1
