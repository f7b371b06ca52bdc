"""Which backups stay: by days, weeks and months that have one, whatever the clock does."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from upkeep.backups.registry import Record, State
from upkeep.backups.retention import Rule, choose, forecast
from upkeep.window import Window

START = datetime(2025, 1, 1, 0, 10, tzinfo=UTC)
DAY = timedelta(days=1)
EVERYTHING = Rule(max_share=1)


def made(at: datetime, name: str = "", **more: object) -> Record:
    """A complete backup of this moment."""
    usual = {
        "id": name or f"{at:%Y%m%dT%H%M%S}", "target": "shop", "location": "file:///b", "state": State.COMPLETE,
        "window": Window(at - DAY, at), "begun_at": at, "snapshot_at": at, "verified_at": at,
    }  # fmt: skip
    return Record(**{**usual, **more})  # type: ignore[arg-type]


def days(count: int, start: datetime = START) -> list[Record]:
    return [made(start + DAY * number) for number in range(count)]


def live(count: int, rule: Rule, start: datetime = START) -> list[Record]:
    """What is left after so many days of one backup and one round of retention each."""
    kept: list[Record] = []
    for record in days(count, start):
        kept.append(record)
        plan = choose(kept, (), record.begun_at, rule)
        assert plan.stopped is None
        kept = [each.record for each in plan.kept]
    return kept


def test_after_two_years_the_rule_is_what_is_left() -> None:
    kept = live(730, Rule())
    plan = choose(kept, (), kept[-1].begun_at, Rule())
    reasons = [reason for each in plan.kept for reason in each.reasons]
    assert [sum(reason.startswith(kind) for reason in reasons) for kind in ("daily", "weekly", "monthly")] == [7, 5, 12]
    assert len(kept) <= 7 + 5 + 12
    months = {f"monthly {at.snapshot_at:%Y-%m}" for at in kept if at.snapshot_at}
    assert months >= {reason for reason in reasons if reason.startswith("monthly")}
    assert "newest verified" in plan.kept[-1].reasons


def test_never_more_than_a_few_go_at_once() -> None:
    kept: list[Record] = []
    for record in days(400):
        kept.append(record)
        plan = choose(kept, (), record.begun_at, Rule())
        assert len(plan.deletable) <= 3, "a day, a week and a month may end together"
        kept = [each.record for each in plan.kept]


def test_of_one_day_the_newest_stays() -> None:
    records = [made(START + timedelta(hours=hour)) for hour in (0, 5, 9)]
    plan = choose(records, (), START + timedelta(hours=10), Rule())
    assert plan.falls_out == tuple(records[:2])
    assert plan.kept[0].reasons == ("daily 2025-01-01", "weekly 2025-W01", "monthly 2025-01", "newest verified")


def test_one_backup_alone_stays_whatever_the_rule() -> None:
    only = made(START)
    for now in (START, START + DAY * 4000, START - DAY * 4000):
        plan = choose([only], (), now, Rule(daily=0, weekly=0, monthly=0))
        assert plan.falls_out == ()
    assert choose([], (), START, Rule()).kept == ()


def test_a_pause_pushes_nothing_out() -> None:
    kept = live(100, Rule())
    later = made(START + DAY * 1000)
    plan = choose([*kept, later], (), later.begun_at, Rule())
    assert len(plan.falls_out) <= 2, "one more day, week and month each, not as many as have passed"


@pytest.mark.parametrize("off", [timedelta(hours=1), DAY, DAY * 3650])
def test_a_clock_that_went_back_deletes_nothing(off: timedelta) -> None:
    records = days(60)
    plan = choose(records, (), records[-1].begun_at - off, EVERYTHING)
    assert plan.falls_out
    assert plan.deletable == ()
    assert "in the future" in str(plan.stopped)


@pytest.mark.parametrize("off", [timedelta(days=3, hours=1), DAY * 40, DAY * 3650])
def test_a_clock_that_jumped_ahead_deletes_nothing(off: timedelta) -> None:
    records = days(60)
    plan = choose(records, (), records[-1].begun_at + off, EVERYTHING)
    assert plan.falls_out
    assert plan.deletable == ()
    assert "the clock jumped" in str(plan.stopped)


def test_small_differences_of_clocks_are_no_jump() -> None:
    records = days(60)
    for off in (-timedelta(minutes=10), timedelta(days=2, hours=23)):
        assert choose(records, (), records[-1].begun_at + off, EVERYTHING).stopped is None


def test_too_many_at_once_stops_all() -> None:
    records = days(60)
    plan = choose(records, (), records[-1].begun_at, Rule())
    assert "of 60 complete backups would go at once (limit 50%)" in str(plan.stopped)
    assert choose(records, (), records[-1].begun_at, EVERYTHING).deletable == plan.falls_out


def test_what_a_person_holds_stays_and_takes_nobodys_place() -> None:
    records = days(60)
    held = replace(records[3], legal_hold="court case 12")
    plan = choose([*records[:3], held, *records[4:]], (), records[-1].begun_at, EVERYTHING)
    assert held not in plan.falls_out
    assert next(each.reasons for each in plan.kept if each.record is held) == ("legal hold: court case 12",)
    without = choose(records, (), records[-1].begun_at, EVERYTHING)
    assert {each.record.id for each in plan.kept} == {each.record.id for each in without.kept} | {held.id}


def test_the_newest_that_a_restore_has_proven_stays() -> None:
    records = days(60)
    proven = {records[2].id, records[4].id, "gone"}
    plan = choose(records, proven, records[-1].begun_at, EVERYTHING)
    assert next(each.reasons for each in plan.kept if each.record is records[4]) == ("newest proven by a restore",)
    assert records[2] in plan.falls_out


def test_a_damaged_backup_stands_for_nothing() -> None:
    good = made(START)
    damaged = made(START + timedelta(hours=5), damaged="an object is gone")
    plan = choose([good, damaged], (), START + timedelta(hours=6), EVERYTHING)
    assert {each.record.id: each.reasons[-1] for each in plan.kept} == {
        good.id: "newest verified",
        damaged.id: "no newer one is verified",
    }
    week = [replace(record, damaged="x") for record in days(30, START + DAY)]
    plan = choose([good, *week], (), week[-1].begun_at, Rule(daily=7, weekly=0, monthly=0, max_share=1))
    assert good in [each.record for each in plan.kept]


def test_with_nothing_sound_nothing_goes() -> None:
    records = [replace(record, damaged="x") for record in days(60)]
    assert choose(records, (), records[-1].begun_at, EVERYTHING).falls_out == ()


def test_what_is_not_complete_is_not_counted() -> None:
    records = days(3)
    others = [replace(records[0], id=state.value, state=state) for state in State if state is not State.COMPLETE]
    plan = choose([*records, *others], (), records[-1].begun_at, Rule())
    assert [each.record for each in plan.kept] == records


@pytest.mark.parametrize("seed", range(60))
def test_whatever_happens_these_hold(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    records = [
        made(
            START + timedelta(hours=chance.randrange(24 * 500)), f"b{number}",
            legal_hold="x" if chance.random() < 0.1 else None, damaged="x" if chance.random() < 0.2 else None,
        )
        for number in range(chance.randrange(1, 60))
    ]  # fmt: skip
    proven = {record.id for record in records if chance.random() < 0.1}
    now = START + timedelta(hours=chance.randrange(-24 * 100, 24 * 700))
    rule = Rule(daily=chance.randrange(8), weekly=chance.randrange(6), monthly=chance.randrange(13), max_share=chance.random())
    plan = choose(records, proven, now, rule)
    kept, out = [each.record for each in plan.kept], plan.falls_out
    assert sorted(r.id for r in (*kept, *out)) == sorted(r.id for r in records)
    assert all(each.reasons for each in plan.kept)
    assert not any(record.legal_hold for record in out)
    assert plan.deletable == (() if plan.stopped else out)
    good = sorted((r for r in records if not r.damaged), key=lambda r: (r.begun_at, r.id))
    if good:
        assert good[-1] in kept
        assert all((record.begun_at, record.id) < (good[-1].begun_at, good[-1].id) for record in out)
    if [r for r in good if r.id in proven]:
        assert [r for r in good if r.id in proven][-1] in kept
    again = choose(kept, proven, now, rule)
    assert not again.falls_out, "a second round finds nothing more"
    chance.shuffle(records)
    assert choose(records, proven, now, rule) == plan


def test_the_forecast_is_what_comes() -> None:
    kept = live(100, Rule())
    planned = forecast(kept, (), Rule())
    own = {record.id for record in kept}
    for record in days(330, START + DAY * 100):
        kept.append(record)
        plan = choose(kept, (), record.begun_at, Rule())
        for gone in plan.falls_out:
            if gone.id in own:
                assert planned.pop(gone.id) == record.begun_at.date()
        kept = [each.record for each in plan.kept]
    assert all(at > kept[-1].begun_at.date() for at in planned.values())


def test_what_never_falls_out_has_no_day() -> None:
    records = [replace(days(1)[0], legal_hold="x"), *days(5, START + DAY)]
    planned = forecast(records, {records[1].id}, Rule())
    assert records[0].id not in planned
    assert records[1].id not in planned
    assert planned[records[2].id] == (START + DAY * 9).date()
    assert forecast([], (), Rule()) == {}
