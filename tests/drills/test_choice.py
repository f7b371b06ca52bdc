"""Which backups are looked at: the same for the same window, each within its rotation, none twice in it."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from upkeep.backups.registry import Record, State
from upkeep.drills.choice import Past, Rotation, choose
from upkeep.drills.forecasting import breaks_at
from upkeep.drills.stages import by_stage
from upkeep.window import Window

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def window(month: int) -> Window:
    return Window(datetime(2026, month, 1, tzinfo=UTC), datetime(2026 + month // 12, month % 12 + 1, 1, tzinfo=UTC))


def record(number: int, **more: object) -> Record:
    at = START + number * DAY
    made: dict[str, object] = {"verified_at": at, "snapshot_at": at, **more}
    usual = Window(at, at + DAY)
    return Record(id=f"b{number:03}", target="t", location="x", state=State.COMPLETE, window=usual, begun_at=at, **made)  # type: ignore[arg-type]


def test_nothing_whole_nothing_chosen() -> None:
    assert choose([record(1, damaged="x")], [], Rotation(window(1), 90 * DAY), "t", drawn=1) == []


def test_every_retained_backup_is_looked_at_within_its_rotation_and_no_more_often_than_needed() -> None:
    records = [record(n) for n in range(0, 28, 4)]
    past: list[Past] = []
    looks: dict[str, list[datetime]] = {each.id: [each.verified_at or START] for each in records}
    for month in range(1, 13):
        rotation = Rotation(window(month), 90 * DAY)
        for choice in choose(records, past, rotation, "t", drawn=0)[1:]:
            looks[choice.record.id].append(rotation.window.end)
            past.append(Past(choice.record.id, "whole", rotation.window.end, rotation.window.end))
    for name, times in list(looks.items())[:-1]:
        gaps = [b - a for a, b in itertools.pairwise(times)]
        assert max(gaps) <= 90 * DAY, name
        assert min(gaps) >= 28 * DAY, name
        assert len(times) <= 7, "and not in every month"


@pytest.mark.parametrize("gone", [None, 3])
def test_the_lot_falls_by_target_and_window(gone: int | None) -> None:
    records = [record(n) for n in range(12)]
    chosen = [choose(records, [], Rotation(window(m), 90 * DAY), "t", drawn=1)[1].record.id for m in range(1, 11)]
    assert chosen == [choose(records[::-1], [], Rotation(window(m), 90 * DAY), "t", drawn=1)[1].record.id for m in range(1, 11)]
    assert len(set(chosen)) > 3, "it is not always the same one"
    if gone is not None:
        left = [each for each in records if each.id != f"b{gone:03}"]
        still = [choose(left, [], Rotation(window(m), 90 * DAY), "t", drawn=1)[1].record.id for m in range(1, 11)]
        assert all(a == b for a, b in zip(chosen, still, strict=True) if a != f"b{gone:03}")


def test_what_was_proven_is_drawn_again_after_its_rotation() -> None:
    records = [record(0), record(1)]
    past = [Past("b000", "proven", window(1).end, window(1).end)]
    assert len(choose(records, past, Rotation(window(2), 90 * DAY), "t", drawn=1)) == 1
    assert [c.chosen_as for c in choose(records, past, Rotation(window(6), 90 * DAY), "t", drawn=1)] == ["newest", "drawn"]


def test_a_damaged_look_is_no_look() -> None:
    past = [Past("b000", "damaged", window(3).end, window(3).end)]
    assert [c.chosen_as for c in choose([record(0), record(1)], past, Rotation(window(3), 90 * DAY), "t", drawn=0)] == [
        "newest", "rotation",
    ]  # fmt: skip


def test_steps_become_stages_in_their_order() -> None:
    steps = {"compare": 3.0, "rows": 2.0, "create": 0.5, "definitions": 1.0, "manifest": 0.25, "finish": 0.1, "indexes": 1.0}
    assert list(by_stage(steps, {"check": 1.0, "server": 0.5}).items()) == [
        ("find", 0.25), ("server", 0.5), ("pre-data", 1.5), ("data", 2.0), ("post-data", 1.1), ("compare", 3.0), ("check", 1.0),
    ]  # fmt: skip


def test_a_forecast_has_an_interval_that_holds_the_truth_and_is_honest_about_few_tests() -> None:
    line = [(START + 30 * n * DAY, 100 + 10 * n + (3 if n % 2 else -3)) for n in range(12)]
    found = breaks_at(line, 300)
    assert found is not None
    truth = START + 30 * 20 * DAY
    assert found.earliest <= truth
    assert found.latest is None or truth <= found.latest
    assert abs(found.at - truth) < 45 * DAY
    assert breaks_at(line[:3], 300) is None
    assert breaks_at([(at, 100.0) for at, _ in line], 300) is None, "no growth"
    assert breaks_at([(at, -value) for at, value in line], 300) is None, "it shrinks"
    months = [START + timedelta(days=round(30.44 * n)) for n in range(24)]
    long = [(at, 100 + 10 * n + (3 if n % 2 else -3)) for n, at in enumerate(months)]
    found = breaks_at(long, 500)
    assert found is not None
    truth = START + timedelta(days=round(30.44 * 40))
    assert found.earliest <= truth
    assert found.latest is None or truth <= found.latest + 31 * DAY
    assert abs(found.at - truth) < 120 * DAY
    assert breaks_at([(at, 100.0) for at, _ in long], 300) is None, "no growth"
    # One slow test long ago turns no forecast round, which the pace between tests would be.
    spoiled = [(at, value + (900 if n == 5 else 0)) for n, (at, value) in enumerate(long)]
    again = breaks_at(spoiled, 500)
    assert again is not None
    assert abs(again.at - truth) < 120 * DAY
    late = breaks_at(line, 113)
    assert late is not None
    assert late.earliest <= late.at
