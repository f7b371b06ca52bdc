"""Several deliverers and writers at once: each message once."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.notify.messages import Connection, head, reply, texts
from tests.notify.slack_double import Fault, SlackDouble
from upkeep.notify.slack import deliver
from upkeep.notify.wire import SlackEndpoint
from upkeep.sources.postgres import Endpoint
from upkeep.store.outbox import put


def together(many: int, act: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=act) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.fault
@pytest.mark.parametrize("kind", ["bot", "webhook"])
def test_four_deliverers_at_once(
    store: Endpoint, connection: Connection, slack: SlackDouble, bot: SlackEndpoint, hook: SlackEndpoint, kind: str
) -> None:
    slack.always = Fault(after_s=0.02)
    for thread in range(5):
        put(connection, head(f"s{thread}", thread=f"daily/{thread}"))
        for number in range(8):
            put(connection, reply(f"f{thread}.{number}", thread=f"daily/{thread}"))
    together(4, lambda: deliver(store, bot if kind == "bot" else hook, budget_s=6))
    told = sorted(texts(list(slack.messages.values())))
    assert len(told) == len(set(told)) == (5 * 9 if kind == "bot" else 5 * (1 + 3))


@pytest.mark.fault
def test_writers_and_deliverers_at_once(store: Endpoint, connection: Connection, slack: SlackDouble, bot: SlackEndpoint) -> None:
    put(connection, head("working", final=False))

    def work() -> None:
        with store.connect("writer") as mine:
            for number in range(15):
                put(mine, head(f"{number} of 15", final=False))
                deliver(store, bot, budget_s=0.2)

    together(3, work)
    put(connection, head("done"))
    deliver(store, bot, budget_s=5)
    assert texts(slack.sent()) == ["done"]
