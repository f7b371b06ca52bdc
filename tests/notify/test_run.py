"""What a run puts into the outbox, and what Slack then shows."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.lab import Lab, asking
from tests.notify.slack_double import SlackDouble
from tests.reports.world import DUTIES, TARGETS, answer, breach, build_world, found, provenance, window
from upkeep.answer import Answer, Severity
from upkeep.given.asked import Asked
from upkeep.notify.links import Links
from upkeep.notify.run import alert, announce, thread_of
from upkeep.notify.slack import deliver
from upkeep.notify.wire import SlackEndpoint
from upkeep.reports.run import build
from upkeep.sources.connections import OneDatabase
from upkeep.targets.database import Database
from upkeep.window import Cadence

if TYPE_CHECKING:
    import psycopg

LINKS = Links("http://airflow.test", "daily", "scheduled__x")
THREAD = thread_of(Cadence.DAILY, window(20))


@pytest.fixture
def connection(lab: Lab) -> "psycopg.Connection[Any]":
    """A session in a report database with two duties and two targets."""
    build_world(lab.endpoint)
    return lab.session()


def asked(lab: Lab) -> Asked:
    target = Database(name=TARGETS[0], owner="dba", connection="c", runbook="https://wiki.test/a")
    return asking(DUTIES[0], target, OneDatabase(lab.endpoint), window=window(20), provenance=provenance(map_index=3))


def say(connection: "psycopg.Connection[Any]", *, final: bool, day: int = 20, thread: str = THREAD) -> None:
    announce(connection, build(connection, Cadence.DAILY, window(day), None), LINKS, thread, final=final)


def rows(connection: "psycopg.Connection[Any]") -> list[tuple[Any, ...]]:
    return connection.execute("select key, kind, final, revision from upkeep.message order by key").fetchall()


@pytest.mark.baseline
def test_a_run_from_begin_to_end(lab: Lab, connection: "psycopg.Connection[Any]", slack: SlackDouble, bot: SlackEndpoint) -> None:
    say(connection, final=False)
    deliver(lab.endpoint, bot, budget_s=1)
    assert slack.sent()[0]["text"] == "Daily report, 2026-11-20: 0 of 4 answers in, 0 findings so far"
    given = breach(found("orders_id_seq", Severity.CRITICAL), found("small", Severity.LOW))
    answer(connection, 20, given)
    alert(connection, asked(lab), given, LINKS, THREAD, red=True)
    say(connection, final=True)
    deliver(lab.endpoint, bot, budget_s=3)
    (summary,) = slack.sent()
    (failure,) = slack.sent(summary["ts"])
    shown = str(summary["blocks"])
    assert summary["text"] == "Daily report, 2026-11-20: 2 findings, 1 red, 3 no result"
    assert "orders_id_seq is at 91 % (limit 90 %)" in shown
    assert "/dags/daily/runs/scheduled__x/tasks/database.sequences/mapped/0|log>" in shown
    assert "/plugin/upkeep_run|This run>" in shown
    assert "<https://wiki.test|runbook>" in shown
    assert shown.index("orders_id_seq") < shown.index("small is at")
    assert "<@U012AB3CD>" in shown
    assert failure["text"] == "🔴 sequences on shop: 1 red finding"
    assert "/tasks/database.sequences/mapped/3|log>" in str(failure["blocks"])
    assert "small" not in str(failure["blocks"])


@pytest.mark.baseline
def test_clearing_a_run_doubles_nothing(
    lab: Lab, connection: "psycopg.Connection[Any]", slack: SlackDouble, bot: SlackEndpoint
) -> None:
    for _ in range(2):
        say(connection, final=False)
        answer(connection, 20, breach(found("x")))
        alert(connection, asked(lab), breach(found("x")), LINKS, THREAD, red=True)
        say(connection, final=True)
        deliver(lab.endpoint, bot, budget_s=4)
    assert len(slack.messages) == 2


def test_a_fixed_failure_is_struck(
    lab: Lab, connection: "psycopg.Connection[Any]", slack: SlackDouble, bot: SlackEndpoint
) -> None:
    say(connection, final=True)
    alert(connection, asked(lab), breach(), LINKS, THREAD, red=False)
    assert len(rows(connection)) == 1, "what was never red is told to nobody"
    answer(connection, 20, breach(found("x")))
    alert(connection, asked(lab), breach(found("x")), LINKS, THREAD, red=True)
    deliver(lab.endpoint, bot, budget_s=2)
    alert(connection, asked(lab), breach(), LINKS, THREAD, red=False)
    deliver(lab.endpoint, bot, budget_s=2)
    (failure,) = slack.sent(slack.sent()[0]["ts"])
    assert failure["text"] == "✅ sequences on shop: no longer red"


@pytest.mark.fault
def test_news_that_cannot_wait_is_told_below_what_is_red(
    lab: Lab, connection: "psycopg.Connection[Any]", slack: SlackDouble, bot: SlackEndpoint
) -> None:
    say(connection, final=True)
    news = replace(found("exploited", Severity.LOW), at_once=True)
    for _ in range(2):
        alert(connection, asked(lab), breach(news, found("small", Severity.LOW)), LINKS, THREAD, red=False)
    deliver(lab.endpoint, bot, budget_s=2)
    (told,) = slack.sent(slack.sent()[0]["ts"])
    assert told["text"] == "🟠 sequences on shop: 1 new finding that cannot wait"
    assert "exploited is at" in str(told["blocks"])
    assert "small is at" not in str(told["blocks"])
    assert "<@U012AB3CD>" in str(told["blocks"])
    alert(connection, asked(lab), breach(), LINKS, THREAD, red=False)
    deliver(lab.endpoint, bot, budget_s=2)
    (told,) = slack.sent(slack.sent()[0]["ts"])
    assert told["text"] == "✅ sequences on shop: no longer red"


@pytest.mark.fault
def test_news_beside_what_is_red_is_in_its_message(lab: Lab, connection: "psycopg.Connection[Any]") -> None:
    given = breach(found("loud", Severity.CRITICAL), replace(found("exploited", Severity.LOW), at_once=True))
    answer(connection, 20, given)
    alert(connection, asked(lab), given, LINKS, THREAD, red=True)
    row = connection.execute("select body ->> 'text', body::text from upkeep.message").fetchone()
    assert row
    assert row[0] == "🔴 sequences on shop: 1 red finding, 1 other new one that cannot wait"
    assert row[1].index("loud is at") < row[1].index("exploited is at")


@pytest.mark.near_miss
def test_news_beside_what_is_waived_shows_only_the_news(lab: Lab, connection: "psycopg.Connection[Any]") -> None:
    connection.execute(
        "insert into upkeep.waiver values ('w', 'sequences', null, null, 'quiet', 'r', 'i', 'a', '2026-11-01', '2026-12-2', true)"
    )
    given = breach(found("quiet"), replace(found("exploited", Severity.LOW), at_once=True))
    answer(connection, 20, given)
    alert(connection, asked(lab), given, LINKS, THREAD, red=False)
    row = connection.execute("select body::text from upkeep.message").fetchone()
    assert row
    assert "exploited" in row[0]
    assert "quiet" not in row[0]


@pytest.mark.fault
def test_a_question_that_broke(lab: Lab, connection: "psycopg.Connection[Any]") -> None:
    alert(connection, asked(lab), Answer.unknown("could not ask: host away", "correct it"), LINKS, THREAD, red=True)
    row = connection.execute("select body ->> 'text', body::text from upkeep.message").fetchone()
    assert row
    assert row[0] == "🔴 sequences on shop: could not ask"
    assert "host away" in row[1]
    assert "correct it" in row[1]


@pytest.mark.near_miss
def test_a_waived_finding_is_not_in_the_alert(lab: Lab, connection: "psycopg.Connection[Any]") -> None:
    connection.execute(
        "insert into upkeep.waiver values ('w', 'sequences', null, null, 'quiet', 'r', 'i', 'a', '2026-11-01', '2026-12-2', true)"
    )
    given = breach(found("quiet"), found("loud"))
    answer(connection, 20, given)
    alert(connection, asked(lab), given, LINKS, THREAD, red=True)
    row = connection.execute("select body::text from upkeep.message").fetchone()
    assert row
    assert "loud" in row[0]
    assert "quiet" not in row[0]


@pytest.mark.fault
@pytest.mark.parametrize("kind", ["bot", "webhook"])
def test_a_backfill_is_one_message_without_alerts(
    lab: Lab, connection: "psycopg.Connection[Any]", slack: SlackDouble, bot: SlackEndpoint, hook: SlackEndpoint, kind: str
) -> None:
    endpoint = bot if kind == "bot" else hook
    thread = thread_of(Cadence.DAILY, window(20), backfill="7")
    for day in (16, 14, 15):
        answer(connection, day, breach(found("x")))
        say(connection, final=False, day=day, thread=thread)
        alert(connection, replace(asked(lab), window=window(day)), breach(found("x")), LINKS, thread, red=True)
        say(connection, final=True, day=day, thread=thread)
        deliver(lab.endpoint, endpoint, budget_s=4)
    if kind == "webhook":
        assert slack.sent() == [], "more windows may come"
        connection.execute("update upkeep.message set changed_at = changed_at - %s", [timedelta(minutes=11)])
        deliver(lab.endpoint, endpoint, budget_s=2)
    (message,) = slack.messages.values()
    assert message["text"] == "Backfill, daily: 3 of 3 windows reported"
    shown = str(message["blocks"])
    assert shown.index("2026-11-14") < shown.index("2026-11-15") < shown.index("2026-11-16")
    assert "<@" not in shown
    assert "parts" not in message


@pytest.mark.fault
def test_what_names_a_process_says_as_of_when(lab: Lab, connection: "psycopg.Connection[Any]") -> None:
    ends = replace(found("a", Severity.CRITICAL), remedy="select pg_terminate_backend(77);")
    given = breach(ends, found("b", Severity.CRITICAL))
    answer(connection, 20, given)
    alert(connection, asked(lab), given, LINKS, THREAD, red=True)
    rows = str(connection.execute("select body from upkeep.message").fetchall())
    assert "Fix, as of 2026-11-23 07:00 UTC: `select pg_terminate_backend(77);`" in rows
    assert "Fix: fix" in rows
