"""Webhooks: no edits, no threads, a few failures."""

import pytest

from tests.notify.messages import Connection, forget_waiting, head, reply, texts
from tests.notify.slack_double import Fault, SlackDouble
from upkeep.notify.slack import deliver
from upkeep.notify.wire import SlackEndpoint
from upkeep.sources.postgres import Endpoint
from upkeep.store.outbox import put, retry_failed


def test_a_webhook_gets_one_message_and_a_few_failures(
    store: Endpoint, connection: Connection, slack: SlackDouble, hook: SlackEndpoint
) -> None:
    put(connection, head("working", final=False))
    for number in range(7):
        put(connection, reply(f"f{number}"))
    deliver(store, hook, budget_s=2)
    assert texts(slack.said()) == ["f0", "f1", "f2"]
    put(connection, head("done"))
    deliver(store, hook, budget_s=2)
    assert texts(slack.said())[3:] == ["done"]
    assert "4 more failures had no message" in str(slack.said()[-1])
    for again in ("working", "done again"):
        put(connection, head(again, final=again != "working"))
        deliver(store, hook, budget_s=1)
    assert len(slack.said()) == 4


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
