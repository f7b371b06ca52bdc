"""The benchmark's score: by hand on a small series, and against what it published."""

import csv
import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import exp, inf
from pathlib import Path

import pytest

from bench.nab.corpus import Labelled, read_corpus
from bench.nab.peers import PUBLISHED_THRESHOLD, null, windowed_gaussian
from bench.nab.scoring import PROFILES, at_threshold, best_threshold, placed, series_raw

ROOT = Path(__file__).parents[2]
PUBLIC = ROOT.parent / "shared/data/nab"
STANDARD, LOW_FALSE, LOW_MISSED = PROFILES
START = datetime(2026, 1, 5, tzinfo=UTC)


def labelled(n: int = 100, *windows: tuple[int, int]) -> Labelled:
    """A series of zeros, a row a minute."""
    return Labelled("made/up.csv", tuple(START + timedelta(minutes=i) for i in range(n)), (0.0,) * n, windows)


def alarms(n: int, *rows: int) -> list[float]:
    """A score of one at these rows, else zero."""
    return [float(row in rows) for row in range(n)]


def sigmoid(x: float) -> float:
    """As it is published."""
    return 2 / (1 + exp(5 * x)) - 1


def test_it_is_the_published_curve() -> None:
    assert placed(-1) == pytest.approx(0.98661, abs=1e-5)
    assert placed(-0.5) == pytest.approx(0.84828, abs=1e-5)
    assert placed(0) == 0
    assert placed(3) == -1
    assert placed(2.999) > -1


@pytest.mark.parametrize(
    ("row", "worth"),
    [
        (40, 1.0),
        (45, sigmoid(-5 / 10) / sigmoid(-1)),
        (49, sigmoid(-1 / 10) / sigmoid(-1)),
    ],
)
def test_a_window_is_worth_more_the_earlier_it_is_found(row: int, worth: float) -> None:
    assert series_raw(labelled(100, (40, 49)), alarms(100, row), STANDARD, 1) == pytest.approx(worth)


@pytest.mark.parametrize(
    ("row", "cost"),
    [
        (39, -0.11),
        (50, 0.11 * sigmoid(1 / 9)),
        (58, 0.11 * sigmoid(1)),
        (76, -0.11),
        (99, -0.11),
    ],
)
def test_a_false_alarm_costs_little_soon_after_a_window(row: int, cost: float) -> None:
    assert series_raw(labelled(100, (40, 49)), alarms(100, row), STANDARD, 1) == pytest.approx(cost - 1)


def test_only_the_best_alarm_of_a_window_counts_and_each_false_one() -> None:
    series = labelled(100, (40, 49))
    assert series_raw(series, alarms(100, 40, 41, 49), STANDARD, 1) == pytest.approx(1)
    assert series_raw(series, alarms(100, 20, 30, 40), STANDARD, 1) == pytest.approx(0.78)
    assert series_raw(series, alarms(100, 20, 30, 40), LOW_FALSE, 1) == pytest.approx(0.56)


def test_a_missed_window_costs_what_the_profile_says() -> None:
    assert [series_raw(labelled(100, (40, 49)), alarms(100), one, 1) for one in PROFILES] == [-1, -1, -2]


def test_the_probation_never_counts() -> None:
    series = labelled(100, (5, 9), (40, 49))
    assert series.probation == 15
    assert series_raw(series, alarms(100, 5, 6, 14), STANDARD, 1) == -1
    assert labelled(10_000).probation == 750


def test_a_window_of_one_row_divides_by_nothing() -> None:
    assert series_raw(labelled(100, (40, 40)), alarms(100, 40, 41), STANDARD, 1) == pytest.approx(1 - 0.11)


@pytest.mark.parametrize("profile", PROFILES)
def test_null_is_nought_perfect_a_hundred_and_there_is_no_floor(profile: object) -> None:
    corpus = [labelled(100, (40, 49), (70, 79)), labelled(60)]
    chosen = next(one for one in PROFILES if one is profile)
    assert best_threshold(corpus, [null(s.values) for s in corpus], chosen).score == 0
    assert best_threshold(corpus, [alarms(100, 40, 70), alarms(60)], chosen).score == pytest.approx(100)
    assert (
        at_threshold(corpus, [[1.0] * 100, [1.0] * 60], chosen, 1).score
        < at_threshold(corpus, [alarms(100), alarms(60)], chosen, 1).score + 100
    )


def test_one_threshold_for_all_series_is_the_best_of_every_one() -> None:
    chance = random.Random("sweep")  # noqa: S311 - noise, not a secret
    corpus = [labelled(80, (30, 39)), labelled(120, (50, 52), (90, 110)), labelled(50)]
    scores = [[round(chance.random(), 1) for _ in series.values] for series in corpus]
    for profile in PROFILES:
        every = [at_threshold(corpus, scores, profile, threshold / 10) for threshold in range(12)]
        best = best_threshold(corpus, scores, profile)
        assert best.raw == pytest.approx(max(one.raw for one in every))
        assert best.threshold == inf or at_threshold(corpus, scores, profile, best.threshold).raw == pytest.approx(best.raw)


def test_windows_are_found_by_their_times(tmp_path: Path) -> None:
    lines = [f"2026-01-0{day} {hour:02}:00:00,{hour}" for day in (1, 2) for hour in range(24)]
    (tmp_path / "a.csv").write_text("\n".join(["timestamp,value", *lines]))
    (tmp_path / "windows.json").write_text('{"a.csv": [["2026-01-01 09:30:00.000000", "2026-01-01 12:00:00.000000"]]}')
    assert read_corpus(tmp_path, tmp_path / "windows.json")[0].windows == ((10, 12),)


def test_series_that_are_not_there_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "windows.json").write_text('{"gone.csv": []}')
    assert read_corpus(tmp_path, tmp_path / "windows.json") == []
    assert "1 of 1 series of windows.json are not in" in capsys.readouterr().out


public = pytest.mark.skipif(not PUBLIC.exists(), reason="the public series are not on this machine")


@public
def test_the_windowed_gaussian_scores_what_was_published() -> None:
    """Numenta's own results of 2018 (windowedGaussian_standard_scores.csv, which add up to its 39.65 over all 58 series)."""
    with (ROOT / "bench/nab/windowed_gaussian.csv").open() as file:
        published = {row["series"]: float(row["raw"]) for row in csv.DictReader(file)}
    corpus = read_corpus(PUBLIC, PUBLIC / "windows.json")
    ours = {s.name: series_raw(s, windowed_gaussian(s.values), STANDARD, PUBLISHED_THRESHOLD) for s in corpus}
    assert ours == pytest.approx(published, abs=1e-6)


@public
def test_the_public_series_are_whole() -> None:
    corpus = read_corpus(PUBLIC, PUBLIC / "windows.json")
    assert sum(len(series.windows) for series in corpus) == 55
    assert all(a[1] < b[0] for series in corpus for a, b in pairwise(series.windows))
