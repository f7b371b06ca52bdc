"""The scorecard in the weekly report: first, every target, and in its sentence what was missed."""

from tests.delivery.world import WEEK, World, at, live
from tests.lab import Lab
from tests.service_world import day_of, put_day
from upkeep.reports.scorecard import Measured, before, number
from upkeep.reports.section import section_makers, sections_of
from upkeep.reports.sections.scorecard import scorecard
from upkeep.signals.minutes import Minute
from upkeep.sources.rows import Rows
from upkeep.window import Cadence


def test_it_is_the_first_of_the_week(reports: Lab) -> None:
    world = World(reports)
    put_day(world.connection, "web", at(0, day=15), day_of(at(0, day=15), [Minute(100, 1, slow=2)]))
    world.kept.keep([live(str(day), at(9, day=day), "a", commit_id=f"{day:040x}") for day in range(10, 18)])
    found = sections_of(Rows(world.connection), Cadence.WEEKLY, WEEK)
    assert next(iter(found)) == "scorecard"
    assert found["scorecard"].page == "scorecard"
    assert section_makers()[0] is scorecard


def test_its_sentence_says_what_was_missed_and_what_is_unknown(reports: Lab) -> None:
    world = World(reports)
    for day in range(12, 19):
        put_day(world.connection, "web", at(0, day=day), day_of(at(0, day=day), [Minute(100, 1, slow=2)]))
    found = scorecard.make(Rows(world.connection), WEEK)
    assert found is not None
    assert found.text == "2 of 14 targets met; 1 missed: requests that failed 1 % (target < 0.1 %); 11 unknown"
    rows = {row[0]: row[1:] for row in found.rows}
    assert rows["uptime"] == ("> 99.9 %", "100 %", "10,080 of 10,080", "met", "▄", "golden_signals")
    assert rows["requests that failed"][1] == "1 % (web)"
    assert rows["test coverage"][3] == "unknown: reports of pipelines are not read yet"
    assert len(found.rows) == 14


def test_there_is_none_while_nothing_is_known(reports: Lab) -> None:
    assert scorecard.make(Rows(reports.session()), WEEK) is None


def test_windows_end_with_this_one() -> None:
    found = before(WEEK)
    assert (len(found), found[-1], found[0].end) == (13, WEEK, WEEK.end - 12 * WEEK.length)


def test_numbers_in_words() -> None:
    assert [number(0.999, "1"), number(90, "s"), number(1, "count/d"), number(0, "count"), number(4, "count")] == [
        "99.9 %",
        "1.5 min",
        "1 a day",
        "0",
        "4",
    ]


def test_a_percentile_says_that_it_is_one() -> None:
    row = Measured(
        place=2, measure="response time", value=0.7, numerator=None, denominator=None, n=9, unit="s", better="below", target=0.5,
        met=False, worst="web", reason=None, duty="golden_signals", window_end=WEEK.end,
    )  # fmt: skip
    assert (row.name, row.said, row.target_said, row.counts) == (
        "API response time, 95th percentile of the slowest service",
        "700 ms",
        "< 500 ms",
        "9",
    )
