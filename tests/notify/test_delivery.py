"""Delivery: nothing lost, nothing doubled, whatever Slack does."""

import time

import pytest

from tests.notify.messages import Connection, forget_waiting, head, reply, states, texts
from tests.notify.slack_double import Fault, SlackDouble
from upkeep.notify import wire
from upkeep.notify.blocks import body, section
from upkeep.notify.slack import deliver
from upkeep.notify.wire import SlackEndpoint
from upkeep.sources.postgres import Endpoint
from upkeep.store.outbox import Message, put, retry_failed


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "TIMEOUT_S", 1)
    monkeypatch.setattr(wire, "WEBHOOK_TIMEOUT_S", 1)


@pytest.mark.baseline
def test_a_summary_is_updated_in_place_and_failures_are_replies(
    store: Endpoint, connection: Connection, slack: SlackDouble, bot: SlackEndpoint
) -> None:
    put(connection, head("working", final=False))
    put(connection, reply("vacuum"))
    assert deliver(store, bot, budget_s=3).sent == 2
    put(connection, head("done"))
    assert deliver(store, bot, budget_s=3).sent == 1
    (summary,) = slack.sent()
    assert summary["text"] == "done"
    assert texts(slack.sent(summary["ts"])) == ["vacuum"]
    assert set(states(connection).values()) == {"sent"}


@pytest.mark.baseline
def test_saying_the_same_again_sends_nothing(
    store: Endpoint, connection: Connection, slack: SlackDouble, bot: SlackEndpoint
) -> None:
    for _ in range(3):
        put(connection, head("done"))
        deliver(store, bot, budget_s=2)
    assert slack.requests == ["chat.postMessage"]


def test_progress_is_coalesced(store: Endpoint, connection: Connection, slack: SlackDouble, bot: SlackEndpoint) -> None:
    for count in range(20):
        put(connection, head(f"{count} of 20", final=False))
        deliver(store, bot, budget_s=0.3)
    assert len(slack.requests) == 1
    put(connection, head("done"))
    deliver(store, bot, budget_s=2)
    assert texts(slack.sent()) == ["done"]
    assert slack.updates == 1


def test_a_reply_waits_for_its_thread(store: Endpoint, connection: Connection, slack: SlackDouble, bot: SlackEndpoint) -> None:
    put(connection, reply("vacuum"))
    assert deliver(store, bot, budget_s=0.3).sent == 0
    put(connection, head("done"))
    assert deliver(store, bot, budget_s=2).sent == 2
    (summary,) = slack.sent()
    assert texts(slack.sent(summary["ts"])) == ["vacuum"]


def test_a_reply_whose_thread_never_came_goes_alone(
    store: Endpoint, connection: Connection, slack: SlackDouble, bot: SlackEndpoint
) -> None:
    put(connection, reply("vacuum"))
    connection.execute("update upkeep.message set created_at = now() - interval '11 minutes'")
    deliver(store, bot, budget_s=1)
    assert texts(slack.sent()) == ["vacuum"]


@pytest.mark.fault
def test_slack_down_loses_nothing(store: Endpoint, connection: Connection, slack: SlackDouble, bot: SlackEndpoint) -> None:
    away = SlackEndpoint(kind="bot", url="http://127.0.0.1:9/api/", token=bot.token, channel=bot.channel)
    put(connection, head("done"))
    done = deliver(store, away, budget_s=0.5)
    assert (done.sent, done.failed) == (0, 1)
    assert "Slack does not answer" in done.problem
    assert states(connection) == {"daily/1/summary": "pending"}
    forget_waiting(connection)
    assert deliver(store, bot, budget_s=2).sent == 1
    assert texts(slack.sent()) == ["done"]
    assert slack.requests == ["chat.postMessage"], "a refused connection leaves no doubt"


@pytest.mark.fault
def test_the_store_away_is_said_not_raised(bot: SlackEndpoint) -> None:
    assert "report database is away" in str(deliver(Endpoint("127.0.0.1", 9), bot, budget_s=1))


@pytest.mark.fault
def test_retry_after_holds_everything(store: Endpoint, connection: Connection, slack: SlackDouble, bot: SlackEndpoint) -> None:
    slack.faults = [Fault(status=429, retry_after=2)]
    for thread in ("daily/1", "daily/2", "daily/3"):
        put(connection, head("done", thread=thread))
    begun = time.monotonic()
    assert deliver(store, bot, budget_s=0.5).failed == 1
    assert len(slack.requests) == 1
    assert deliver(store, bot, budget_s=5).sent == 3
    assert time.monotonic() - begun >= 2
    assert len(slack.sent()) == 3


@pytest.mark.fault
@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500, error="fatal_error"),
        Fault(status=503, error="service_unavailable"),
        Fault(error="internal_error"),
        Fault(before_s=1.5),
        Fault(after_s=1.5),
        Fault(hang_up=True),
    ],
    ids=str,
)
@pytest.mark.usefixtures("quick")
def test_a_try_without_an_answer_is_not_doubled(
    store: Endpoint, connection: Connection, slack: SlackDouble, bot: SlackEndpoint, fault: Fault
) -> None:
    put(connection, head("old"))
    deliver(store, bot, budget_s=2)
    slack.faults = [fault, fault]
    for number in range(12):
        put(connection, reply(f"r{number}"))
    deliver(store, bot, budget_s=2)
    time.sleep(0.8)
    forget_waiting(connection)
    deliver(store, bot, budget_s=4)
    (summary,) = slack.sent()
    assert sorted(texts(slack.sent(summary["ts"]))) == sorted(f"r{n}" for n in range(12))
    assert set(states(connection).values()) == {"sent"}


@pytest.mark.fault
@pytest.mark.usefixtures("quick")
def test_a_lost_answer_to_the_summary_is_found_again_and_updated(
    store: Endpoint, connection: Connection, slack: SlackDouble, bot: SlackEndpoint
) -> None:
    for thread in range(30):
        put(connection, head("other", thread=f"weekly/{thread}"))
    deliver(store, bot, budget_s=5)
    slack.faults = [Fault(hang_up=True)]
    put(connection, head("working", final=False))
    deliver(store, bot, budget_s=0.5)
    put(connection, head("done"))
    forget_waiting(connection)
    deliver(store, bot, budget_s=2)
    assert texts(slack.sent()).count("done") == 1
    assert "working" not in texts(slack.sent())


@pytest.mark.fault
@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [("channel_not_found", "notify.channel"), ("invalid_auth", "bot token"), ("not_in_channel", "/invite")],
)
def test_what_a_person_must_mend_is_said_and_kept(
    store: Endpoint, connection: Connection, slack: SlackDouble, bot: SlackEndpoint, wrong: str, remedy: str
) -> None:
    slack.faults = [Fault(error=wrong)]
    put(connection, head("done"))
    done = deliver(store, bot, budget_s=1)
    assert wrong in done.problem
    assert remedy in done.problem
    assert states(connection) == {"daily/1/summary": "failed"}
    assert retry_failed(connection) == 1
    assert deliver(store, bot, budget_s=1).sent == 1


@pytest.mark.fault
def test_blocks_that_slack_dislikes_go_as_text(
    store: Endpoint, connection: Connection, slack: SlackDouble, bot: SlackEndpoint
) -> None:
    put(connection, Message(key="k", thread="c", kind="summary", body=body("told anyway", [section(["x"])] * 51)))
    assert deliver(store, bot, budget_s=1).sent == 1
    assert texts(slack.sent()) == ["told anyway"]


@pytest.mark.fault
def test_a_message_that_somebody_deleted_comes_anew(
    store: Endpoint, connection: Connection, slack: SlackDouble, bot: SlackEndpoint
) -> None:
    put(connection, head("working", final=False))
    deliver(store, bot, budget_s=1)
    slack.messages.clear()
    put(connection, head("done"))
    deliver(store, bot, budget_s=1)
    assert texts(slack.sent()) == ["done"]
