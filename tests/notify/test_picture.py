"""Charts in Slack: uploaded once into the thread of their run, and never in the way of a message."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.notify.hostile import FAILED, report
from tests.notify.messages import Connection, forget_waiting, states
from tests.notify.standing_in import Bad, StandIn, in_process
from tests.reports.charts import chart
from upkeep.notify.links import Links
from upkeep.notify.picture import drawing, pictures, png
from upkeep.notify.run import announce
from upkeep.notify.slack import deliver
from upkeep.reports.chart_spec import HEIGHT, WIDTH
from upkeep.reports.run import RunReport
from upkeep.reports.section import Section
from upkeep.sources.postgres import Endpoint
from upkeep.store.outbox import retry_failed
from upkeep.window import Cadence, Window

WEEK = Window(datetime(2026, 11, 16, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC))
LINKS = Links("https://airflow.test", "weekly", "scheduled__x")


@pytest.fixture
def stand_in(tmp_path: Any) -> Any:
    """The demo's Slack in this process."""
    with in_process(tmp_path / "messages") as made:
        yield made


def weekly(*values: float) -> RunReport:
    section = Section(title="Costs", text="up", page="costs", charts=(chart(*values),))
    return replace(report(0, 0, FAILED), cadence=Cadence.WEEKLY, window=WEEK, sections={"costs_digest": section})


def say(connection: Connection, *values: float, final: bool = True) -> None:
    announce(connection, weekly(*values), LINKS, "weekly/1", final=final)


def sent(store: Endpoint, connection: Connection, slack: StandIn, times: int = 4) -> None:
    for _ in range(times):
        deliver(store, slack.bot, budget_s=3)
        forget_waiting(connection)


@pytest.mark.baseline
def test_the_chart_is_a_reply_with_words_for_who_cannot_see_it(
    store: Endpoint, connection: Connection, stand_in: StandIn
) -> None:
    say(connection, final=False)
    sent(store, connection, stand_in, 1)
    assert stand_in.files() == []
    say(connection)
    sent(store, connection, stand_in)
    (head,) = stand_in.heads()
    (file,) = stand_in.files(head.ts)
    assert file["title"] == "Costs of shop by service"
    assert file["alt_txt"] == "Storage grew."
    assert file["name"].startswith("costs-of-shop-by-service-")
    assert set(states(connection).values()) == {"sent"}
    assert "1 chart" in str(head.blocks)


@pytest.mark.baseline
def test_the_same_again_uploads_nothing(store: Endpoint, connection: Connection, stand_in: StandIn) -> None:
    for _ in range(3):
        say(connection)
        sent(store, connection, stand_in, 1)
    assert len(stand_in.files()) == 1


def test_other_numbers_take_the_place_of_the_picture(store: Endpoint, connection: Connection, stand_in: StandIn) -> None:
    say(connection)
    sent(store, connection, stand_in)
    (before,) = stand_in.files()
    say(connection, 5.0, 6.0)
    sent(store, connection, stand_in)
    (after,) = stand_in.files()
    assert after["name"] != before["name"]


@pytest.mark.fault
@pytest.mark.parametrize("mood", ["slow", "error", "ratelimited", "lost"])
def test_on_a_bad_day_it_comes_once(store: Endpoint, connection: Connection, stand_in: StandIn, mood: str) -> None:
    say(connection)
    deliver(store, stand_in.bot, budget_s=0.05)
    stand_in.mood(mood)
    sent(store, connection, stand_in)
    assert len(stand_in.files()) == 1
    assert set(states(connection).values()) == {"sent"}


@pytest.mark.fault
@pytest.mark.parametrize("step", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
def test_a_step_that_breaks_is_done_again(store: Endpoint, connection: Connection, stand_in: StandIn, step: str) -> None:
    stand_in.breaks(step, Bad(500, "internal"))
    say(connection)
    sent(store, connection, stand_in)
    assert len(stand_in.files()) == 1
    assert len(stand_in.heads()) == 1


@pytest.mark.fault
def test_a_missing_scope_is_told_once_in_its_place(store: Endpoint, connection: Connection, stand_in: StandIn) -> None:
    stand_in.breaks("files.getUploadURLExternal", Bad(200, "missing_scope"), times=99)
    say(connection)
    for _ in range(3):
        sent(store, connection, stand_in, 2)
        retry_failed(connection)
    (head,) = stand_in.heads()
    (told,) = stand_in.replies(head.ts)
    assert "files:write" in str(told.blocks)
    assert "https://airflow.test/upkeep/report?cadence=weekly" in str(told.blocks)
    assert set(states(connection).values()) == {"sent"}


@pytest.mark.fault
@pytest.mark.parametrize(
    ("step", "code", "helps"),
    [
        ("files.getUploadURLExternal", "file_uploads_disabled", "file_uploads_disabled"),
        ("files.getUploadURLExternal", "file_upload_size_restricted", "file_upload_size_restricted"),
        ("files.completeUploadExternal", "not_in_channel", "invite the bot"),
    ],
)
def test_a_picture_that_is_refused_says_why_and_the_message_is_there(
    store: Endpoint, connection: Connection, stand_in: StandIn, step: str, code: str, helps: str
) -> None:
    stand_in.breaks(step, Bad(200, code), times=99)
    say(connection)
    sent(store, connection, stand_in)
    (head,) = stand_in.heads()
    (told,) = stand_in.replies(head.ts)
    assert helps in str(told.blocks)
    assert stand_in.files() == []
    assert set(states(connection).values()) == {"sent"}


@pytest.mark.near_miss
def test_a_webhook_gets_the_link_only(store: Endpoint, connection: Connection, stand_in: StandIn) -> None:
    say(connection)
    deliver(store, stand_in.hook, budget_s=3)
    (head,) = stand_in.heads()
    assert "https://airflow.test/upkeep/report?cadence=weekly" in str(head.blocks)
    assert stand_in.files() == []
    assert "counted" in states(connection).values()
    assert "more failure" not in str(head.blocks)


@pytest.mark.near_miss
def test_a_backfill_brings_no_pictures(store: Endpoint, connection: Connection, stand_in: StandIn) -> None:
    announce(connection, weekly(), LINKS, "backfill/weekly/x", final=True)
    sent(store, connection, stand_in)
    assert stand_in.files() == []


@pytest.mark.fault
def test_killed_after_it_arrived_it_is_found_by_its_name(store: Endpoint, connection: Connection, stand_in: StandIn) -> None:
    say(connection)
    sent(store, connection, stand_in)
    connection.execute(
        "update upkeep.message set state = 'pending', slack_ref = null, delivery_uncertain = true,"
        " claimed_until = now() - interval '1 minute' where kind = 'picture'"
    )
    sent(store, connection, stand_in)
    assert len(stand_in.files()) == 1


def test_its_name_is_of_its_key_and_content() -> None:
    (one,) = pictures(weekly(), LINKS, "weekly/1")
    (again,) = pictures(weekly(), LINKS, "weekly/1")
    (other,) = pictures(weekly(1.0), LINKS, "weekly/1")
    (later,) = pictures(replace(weekly(), window=Window(WEEK.end, WEEK.end + timedelta(days=7))), LINKS, "weekly/2")
    names = [drawing(each.key, dict(each.body)).name for each in (one, again, other, later)]
    assert names[0] == names[1]
    assert len(set(names)) == 3


def test_the_picture_is_a_png_of_twice_the_size() -> None:
    content = png(chart())
    assert content.startswith(b"\x89PNG")
    assert (int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")) == (2 * WIDTH, 2 * HEIGHT)
