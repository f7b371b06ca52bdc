"""A deliverer that is killed at the worst moment."""

import os
import subprocess
import sys
import time

import pytest

from tests.notify.messages import Connection, head, reply, states, texts
from tests.notify.slack_double import Fault, SlackDouble
from upkeep.notify.slack import deliver
from upkeep.notify.wire import SlackEndpoint
from upkeep.sources.postgres import Endpoint
from upkeep.store.outbox import put

CHILD = """
import os, signal, sys
from upkeep.notify import slack, wire
from upkeep.sources.postgres import Endpoint
from upkeep.store import outbox

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[6] == "before":
    wire.post = die
else:
    outbox.delivered = die
store = Endpoint("127.0.0.1", int(sys.argv[1]), "postgres", os.environ["PGPASSWORD"], sys.argv[2])
endpoint = wire.SlackEndpoint(kind=sys.argv[3], url=sys.argv[4], token=sys.argv[5], channel="C0UPKEEP")
slack.deliver(store, endpoint, budget_s=5, lease_s=1)
"""


def killed(store: Endpoint, slack: SlackEndpoint, when: str) -> None:
    """A deliverer that is killed just before or just after Slack took its message."""
    args = [str(store.port), str(store.database), slack.kind, str(slack.url), str(slack.token), when]
    environment = {**os.environ, "PGPASSWORD": str(store.password)}
    ended = subprocess.run(
        [sys.executable, "-c", CHILD, *args], check=False, capture_output=True, text=True, timeout=60, env=environment
    )
    assert ended.returncode == -9, ended.stderr


@pytest.mark.fault
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_deliverer_neither_loses_nor_doubles(
    store: Endpoint, connection: Connection, slack: SlackDouble, bot: SlackEndpoint, when: str
) -> None:
    put(connection, head("done"))
    put(connection, reply("vacuum"))
    killed(store, bot, when)
    assert len(slack.messages) == (1 if when == "after" else 0)
    time.sleep(1.1)
    killed(store, bot, when)
    time.sleep(1.1)
    deliver(store, bot, budget_s=5)
    (summary,) = slack.sent()
    assert texts([summary]) == ["done"]
    assert texts(slack.sent(summary["ts"])) == ["vacuum"]
    assert set(states(connection).values()) == {"sent"}


@pytest.mark.fault
def test_another_does_not_take_over_while_the_lease_holds(
    store: Endpoint, connection: Connection, slack: SlackDouble, bot: SlackEndpoint
) -> None:
    put(connection, head("done"))
    killed(store, bot, "after")
    assert deliver(store, bot, budget_s=0.3).sent == 0
    assert deliver(store, bot, budget_s=4).sent == 1
    assert len(slack.messages) == 1


@pytest.mark.fault
def test_a_webhook_says_that_it_may_repeat_itself(
    store: Endpoint, connection: Connection, slack: SlackDouble, hook: SlackEndpoint
) -> None:
    put(connection, head("done"))
    killed(store, hook, "after")
    time.sleep(1.1)
    deliver(store, hook, budget_s=2)
    first, second = slack.sent()
    assert "may be a repeat" not in str(first)
    assert "may be a repeat" in str(second)


@pytest.mark.fault
def test_without_the_history_the_bot_says_so_too(
    store: Endpoint, connection: Connection, slack: SlackDouble, bot: SlackEndpoint
) -> None:
    put(connection, head("done"))
    killed(store, bot, "before")
    time.sleep(1.1)
    slack.faults = [Fault(error="missing_scope")]
    deliver(store, bot, budget_s=2)
    assert "may be a repeat" in str(slack.sent())
