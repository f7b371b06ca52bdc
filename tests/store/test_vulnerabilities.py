"""Faults as stored rows: waivers under any name, the sections of the weekly report, and what was known on a day."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.advisories.made import advisory
from tests.checks.security.test_vulnerabilities import END, Shop, bad, waiver, week
from tests.store.conftest import PROVENANCE, Store
from upkeep.advisories.exploited import Exploited
from upkeep.answer import Answer
from upkeep.checks.security.vulnerabilities import vulnerabilities
from upkeep.reports.section import sections_of
from upkeep.sources.rows import Rows
from upkeep.store.answers import save
from upkeep.store.migrate import migrations
from upkeep.store.waivers import stale_waivers
from upkeep.window import Cadence, Window


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def put(store: Store, answer: Answer, number: int = 0, target: str = "shop", window: Window | None = None) -> None:
    window = window or week(number)
    when = window.end + timedelta(hours=1)
    save(store.connection, vulnerabilities, target, window, answer, PROVENANCE.__class__("", "", "", -1, 1, when, 0))


def waive(store: Store, name: str | None, expires: date = date(2026, 8, 1)) -> None:
    store.run(
        "insert into upkeep.waiver (id, duty, target, rule, object, reason, issue, approver, starts_on, expires_on, active)"
        " values ('w', 'vulnerabilities', 'shop', null, %s, 'why', 'https://x.example/1', 'ann', '2026-05-01', %s, true)",
        (name, expires),
    )


@pytest.mark.parametrize(
    ("name", "holds"), [("GHSA-1", True), ("it (PyPI) CVE-1", True), ("it (PyPI) GHSA-1", True), ("CVE-2", False), (None, True)]
)
def test_a_waiver_under_any_name_quiets_the_stored_finding(store: Store, shop: Shop, name: str | None, holds: bool) -> None:  # noqa: FBT001
    shop.advisories = [bad(aliases=["CVE-1"])]
    put(store, shop.ask())
    waive(store, name)
    moment = END + timedelta(hours=2)
    assert store.rows("select object, waived from upkeep.findings_as_of(%s)", (moment,)) == [("it (PyPI) CVE-1", holds)]
    assert (not stale_waivers(store.connection, moment)) is holds


def test_what_was_known_on_a_day_and_what_is_known_now(store: Store, shop: Shop) -> None:
    shop.advisories = [bad("GHSA-1"), bad("GHSA-2", published=(END + timedelta(days=3)).isoformat())]
    put(store, shop.ask())
    known = "select fault, known_then, due_at from upkeep.vulnerability order by fault"
    assert store.rows(known) == [("GHSA-1", True, END + timedelta(days=7)), ("GHSA-2", False, None)]
    assert store.rows("select package, version, file from upkeep.dependency order by place") == [
        ("it", "1.0", "poetry.lock"), ("other", "1.0", "poetry.lock")]  # fmt: skip


def told(store: Store, number: int) -> dict[str, datetime | None]:
    """When the only fault is due, by each place that says so of this week."""
    now = week(number).end + timedelta(hours=2)
    return {
        "its own row": store.rows("select due_at from upkeep.vulnerability order by window_end desc limit 1")[0][0],
        **{
            ask: store.rows(f"select due_at from upkeep.{ask}")[0][0]
            for ask in (f"findings_as_of('{now}')", f"findings_now('{now}')", "finding_life")
        },
    }


@pytest.mark.parametrize(
    ("accepted", "days", "due"),
    [
        (None, 7, END + timedelta(days=7)),
        ((0, 3), 7, END + timedelta(weeks=3, days=7)),
        ((2, 3), 10, END + timedelta(days=10)),
        ((1, 3), 10, END + timedelta(weeks=3, days=3)),
        (None, 2, END + timedelta(days=2)),
        (None, 45, END + timedelta(days=45)),
        ((3, 9), 60, None),
    ],
    ids=["usual", "paused", "paused when late", "days and paused", "fewer days", "more days", "stands still"],
)
def test_a_fault_is_due_on_one_day_wherever_it_is_told(
    store: Store, shop: Shop, accepted: tuple[int, int] | None, days: float, due: datetime | None
) -> None:
    store.run("insert into upkeep.due_days values ('critical', 7), ('high', 30)")
    shop.advisories = [bad(aliases=["CVE-1"])]
    shop.waivers = [waiver("CVE-1", *accepted)] if accepted else []
    for number in range(6):
        put(store, shop.ask(week(number), critical_days=days), number)
    assert set(told(store, 5).values()) == {due}, told(store, 5)


def test_a_fault_found_before_the_clock_was_kept_beside_it_has_it_too(store: Store, shop: Shop) -> None:
    shop.advisories = [bad()]
    put(store, shop.ask(critical_days=45))
    store.run("update upkeep.finding set own_clock = false, due_by = null")
    script = migrations()["0036_own_clock.sql"]
    store.run(script[script.index("update upkeep.finding") : script.index("create or replace")])
    assert set(told(store, 0).values()) == {END + timedelta(days=45)}


def test_nothing_is_no_section(store: Store, shop: Shop) -> None:
    shop.advisories = [advisory("A", "unused", "introduced=0")]
    put(store, shop.ask())
    assert not {"known_faults", "fault_times"} & sections_of(Rows(store.connection), Cadence.WEEKLY, week(0)).keys()


def test_the_weekly_report_groups_by_the_change(store: Store, shop: Shop) -> None:
    shop.advisories = [
        bad("CVE-1"),
        advisory("CVE-2", "it", "introduced=0", "fixed=1.5"),
        advisory("CVE-3", "other", "introduced=0"),
    ]
    shop.more["exploited"] = {"CVE-1": Exploited("CVE-1", date(2026, 1, 1), date(2026, 1, 22), in_ransomware=False)}
    put(store, shop.ask())
    found = sections_of(Rows(store.connection), Cadence.WEEKLY, week(0))["known_faults"]
    assert found.text == "3 known faults in 2 packages; 1 known to be exploited; 1 overdue; first it to 1.2"
    assert found.rows == (
        ("it to 1.2", "shop", "critical", "2", "1", "1", "2026-01-22"),
        ("other: no mended version", "shop", "high", "1", "0", "0", "2026-07-01"),
    )


def test_times_of_mending_count_from_first_seen_to_seen_gone(store: Store, shop: Shop) -> None:
    store.run(
        "insert into upkeep.target (name, kind, owner, active, tags, red_at)"
        " values ('shop', 'repositories', 'ann', true, '{}', 'high')"
    )
    shop.advisories = [bad("CVE-1"), bad("CVE-2", "introduced=0", "fixed=2"), advisory("CVE-3", "it", "introduced=0", "fixed=2")]
    for number, version in enumerate(("1.0", "1.1", "1.2", "1.3")):
        shop.lock(version)
        put(store, shop.ask(week(number)), number)
    found = sections_of(Rows(store.connection), Cadence.WEEKLY, week(3))["fault_times"]
    assert found.rows == (("critical", "ann", "1", "1", "1", "14.0", "14.0"), ("high", "ann", "1", "0", "0", "", ""))
    assert found.text == "1 fault mended within a year; half of them within 14 days, nine in ten within 14; 1 overdue"


WEEKS = "select open_faults, opened, closed, repositories, not_judged from upkeep.fault_weeks(%s, %s, %s)"


def year(store: Store, target: str | None = None, since: datetime = END - timedelta(days=1)) -> list[tuple[int, ...]]:
    """Open, opened, closed, repositories and not judged, week by week."""
    return store.rows(WEEKS, (since, END + timedelta(weeks=9, days=4), target))


def test_openings_and_closings_by_week(store: Store, shop: Shop) -> None:
    shop.advisories = [bad("CVE-1"), bad("CVE-2", "introduced=0", "fixed=2"), bad("CVE-3", "introduced=2", "fixed=3")]
    for number, version in enumerate(("1.0", "1.2", "2.0", "3.0", "1.0")):
        shop.lock(version)
        put(store, shop.ask(week(number)), number)
    assert year(store) == [(2, 2, 0, 1, 0), (1, 0, 1, 1, 0), (1, 1, 1, 1, 0), (0, 0, 1, 1, 0), (2, 2, 0, 1, 0)]
    assert year(store, "shop") == year(store)
    assert year(store, "elsewhere") == []
    assert year(store, since=END + timedelta(weeks=1)) == year(store)[2:], "the week before counts, though it is not shown"


def test_a_week_that_could_not_be_judged_closes_nothing(store: Store, shop: Shop) -> None:
    shop.advisories = [bad("CVE-1")]
    put(store, shop.ask(week(0)), 0)
    put(store, Answer.unknown("could not check"), 1)
    put(store, shop.ask(week(2)), 2)
    assert year(store) == [(1, 1, 0, 1, 0), (0, 0, 0, 1, 1), (1, 0, 0, 1, 0)]


def test_one_that_is_asked_within_a_week_takes_no_other_away(store: Store, shop: Shop) -> None:
    shop.advisories = [bad("CVE-1"), bad("CVE-2", "introduced=1.2")]
    for target in ("blog", "shop"):
        put(store, shop.ask(week(0)), 0, target)
    shop.lock("1.2")
    now = Window(week(0).start + timedelta(days=3), END + timedelta(days=3))
    put(store, shop.ask(now), target="shop", window=now)
    assert year(store) == [(2, 3, 1, 2, 0)], "the blog's fault is still open"


def test_what_passes_or_was_not_known_then_is_not_open(store: Store, shop: Shop) -> None:
    shop.advisories = [bad("CVE-1", published=(END + timedelta(days=3)).isoformat())]
    put(store, shop.ask(week(0)), 0)
    put(store, shop.ask(week(1)), 1)
    assert year(store) == [(0, 0, 0, 1, 0), (1, 1, 0, 1, 0)]


def test_the_year_in_the_weekly_report(store: Store, shop: Shop) -> None:
    shop.advisories = [bad("CVE-1"), bad("CVE-2", "introduced=0", "fixed=2")]
    for number in range(6):
        shop.lock("1.0" if number < 5 else "1.2")
        put(store, shop.ask(week(number)), number)
        sections = sections_of(Rows(store.connection), Cadence.WEEKLY, week(number))
        assert ("fault_weeks" in sections) is (number >= 3), "a few weeks make no line"
    found = sections["fault_weeks"]
    assert found.text == "2 opened and 1 closed since 2026-06-01, 1 open"
    assert found.rows == (("open at the end", "█▁", "2", "1"), ("opened", "█▁", "2", "0"), ("closed", "▁█", "0", "1"))


def test_a_week_asked_again_replaces_its_rows(store: Store, shop: Shop) -> None:
    shop.advisories = [bad()]
    answer = shop.ask()
    put(store, answer)
    put(store, answer)
    assert store.value("select count(*) from upkeep.vulnerability") == 1
    assert store.value("select count(*) from upkeep.dependency") == 2
    assert datetime.now(UTC) > END
