"""The stand-in for Slack holds to Slack's rules, since what it lets through is what we believe to work."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from upkeep.demo.slack.app import Slack, make
from upkeep.demo.slack.limits import refusal
from upkeep.demo.slack.manners import Manners
from upkeep.demo.slack.render import address, markup

CHANNEL, TOKEN = "C0OPERATIONS", "xoxb-0123"
HEAD = {"Authorization": f"Bearer {TOKEN}"}


def section(length: int) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x" * length}}


@pytest.fixture
def slack(tmp_path: Path) -> Slack:
    return Slack(tmp_path / "messages.jsonl", TOKEN, CHANNEL)


@pytest.fixture
def client(slack: Slack) -> Iterator[TestClient]:
    with TestClient(make(slack)) as made:
        yield made


def call(client: TestClient, method: str, **given: Any) -> dict[str, Any]:
    response: dict[str, Any] = client.post(f"/api/{method}", json={"channel": CHANNEL, **given}, headers=HEAD).json()
    return response


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([section(3000)] * 50, None),
        ([section(1)] * 51, "invalid_blocks"),
        ([section(3001)], "invalid_blocks"),
        ([section(0)], "invalid_blocks"),
        ([{"type": "header", "text": {"type": "plain_text", "text": "x" * 150}}], None),
        ([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "invalid_blocks"),
        ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "invalid_blocks"),
        ([{"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}], "invalid_blocks"),
        ([{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}], "invalid_blocks"),
        ([{"type": "context", "elements": []}], "invalid_blocks"),
        ([{"type": "nonsense"}], "invalid_blocks"),
        ([{"type": "divider"}], None),
        ("text", "invalid_blocks"),
    ],
)
def test_blocks_within_and_beyond_the_limits(blocks: Any, expected: str | None) -> None:
    assert refusal("hello", blocks) == expected


def test_text_alone_must_be_there_and_may_not_be_endless() -> None:
    assert refusal(None, None) == "no_text"
    assert refusal("", []) == "no_text"
    assert refusal("x" * 40_001, [section(1)]) == "msg_too_long"


def test_a_message_is_posted_changed_and_answered_in_its_thread(client: TestClient) -> None:
    posted = call(client, "chat.postMessage", text="one", metadata={"event_type": "e", "event_payload": {"key": "k"}})
    reply = call(client, "chat.postMessage", text="two", thread_ts=posted["ts"])
    assert call(client, "chat.update", text="three", ts=posted["ts"])["ok"]
    replies = call(client, "conversations.replies", ts=posted["ts"])["messages"]
    assert [(m["text"], m["ts"]) for m in replies] == [("three", posted["ts"]), ("two", reply["ts"])]
    history = call(client, "conversations.history")["messages"]
    assert [m["metadata"]["event_payload"]["key"] for m in history] == ["k"]


def test_slacks_own_client_understands_it(slack: Slack) -> None:
    import threading

    import uvicorn
    from slack_sdk import WebClient

    from upkeep.sources.scratch import free_port

    port = free_port()
    server = uvicorn.Server(uvicorn.Config(make(slack), port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            thread.join(0.05)
        bot = WebClient(TOKEN, base_url=f"http://127.0.0.1:{port}/api/")
        assert bot.auth_test()["ok"]
        ts = bot.chat_postMessage(channel=CHANNEL, text="hello", blocks=[section(5)])["ts"]
        bot.chat_update(channel=CHANNEL, ts=str(ts), text="hello again")
        assert [m["text"] for m in bot.conversations_history(channel=CHANNEL, limit=1)["messages"]] == ["hello again"]
    finally:
        server.should_exit = True
        thread.join(10)


def test_what_slack_refuses_is_refused_in_its_words(client: TestClient) -> None:
    assert client.post("/api/chat.postMessage", json={}).json()["error"] == "not_authed"
    assert client.post("/api/auth.test", headers={"Authorization": "Bearer other"}).json()["error"] == "invalid_auth"
    assert call(client, "chat.postMessage", text="x", channel="C0ELSEWHERE")["error"] == "channel_not_found"
    assert call(client, "chat.update", text="x", ts="1.0")["error"] == "message_not_found"
    assert call(client, "chat.nonsense")["error"] == "unknown_method"


def test_a_restart_keeps_messages_also_after_a_torn_last_line(slack: Slack, tmp_path: Path) -> None:
    kept = slack.messages.post(CHANNEL, "one", [])
    with (tmp_path / "messages.jsonl").open("a") as torn:
        torn.write('{"channel": "C0OP')
    again = Slack(tmp_path / "messages.jsonl", TOKEN, CHANNEL)
    assert [m.ts for m in again.messages.channel(CHANNEL)] == [kept.ts]
    after = again.messages.post(CHANNEL, "two", [])
    assert len(Slack(tmp_path / "messages.jsonl", TOKEN, CHANNEL).messages.channel(CHANNEL)) == 2
    assert float(after.ts) > float(kept.ts)


def test_a_webhook_takes_and_refuses(client: TestClient, slack: Slack) -> None:
    assert client.post(f"/services/T0/B0/{TOKEN}", json={"text": "hello"}).text == "ok"
    assert client.post(f"/services/T0/B0/{TOKEN}", json={"blocks": [section(3001)]}).text == "invalid_blocks"
    assert client.post("/services/T0/B0/other", json={"text": "hello"}).status_code == 403
    assert [m.text for m in slack.messages.channel(CHANNEL)] == ["hello"]


def test_too_many_posts_are_asked_to_wait(tmp_path: Path) -> None:
    slack = Slack(tmp_path / "m.jsonl", TOKEN, CHANNEL, Manners(burst=2))
    client = TestClient(make(slack))
    response = [client.post("/api/chat.postMessage", json={"channel": CHANNEL, "text": "x"}, headers=HEAD) for _ in range(3)]
    assert [s.status_code for s in response] == [200, 200, 429]
    assert int(response[-1].headers["Retry-After"]) >= 1


@pytest.mark.parametrize(("mood", "status", "kept"), [("error", 500, 0), ("ratelimited", 429, 0), ("lost", 500, 1)])
def test_a_bad_day_is_as_asked_for_and_then_over(client: TestClient, slack: Slack, mood: str, status: int, kept: int) -> None:
    client.put(f"/manners?mood={mood}&times=1")
    response = client.post("/api/chat.postMessage", json={"channel": CHANNEL, "text": "x"}, headers=HEAD)
    assert (response.status_code, len(slack.messages.channel(CHANNEL))) == (status, kept)
    assert call(client, "chat.postMessage", text="y")["ok"]


def test_the_page_shows_blocks_and_escapes_everything(client: TestClient) -> None:
    hostile = "<script>alert(1)</script>"
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": hostile}},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": f"*bold* {hostile} `{hostile}` <https://x.example/?a=1&b=2|link>"},
        },
        {
            "type": "actions",
            "elements": [{"type": "button", "text": {"type": "plain_text", "text": "go"}, "url": "javascript:x"}],
        },
    ]
    assert call(client, "chat.postMessage", text="x", blocks=blocks)["ok"]
    page = client.get("/").text
    assert "<script>alert" not in page
    assert "<b>bold</b>" in page
    assert 'href="https://x.example/?a=1&amp;b=2"' in page
    assert "javascript:" not in page


def test_slacks_markup() -> None:
    assert markup("1 &lt; 2 &amp;&amp; *b* _i_ ~s~") == "1 &lt; 2 &amp;&amp; <b>b</b> <i>i</i> <s>s</s>"
    assert markup("snake_case_name and 2*3*4") == "snake_case_name and 2*3*4"
    assert markup("```a *b*```") == "<pre>a *b*</pre>"
    assert markup("<@U123>") == "<b>@U123</b>"
    assert address("javascript:x") == ""
