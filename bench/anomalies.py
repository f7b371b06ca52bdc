"""
How well anomalies are found, by the score of the Numenta Anomaly Benchmark: 0 is never an alarm, 100 is perfect.

Ours, the benchmark's windowed Gaussian and a detector that never alarms, in one run; one threshold for all series of a detector
and profile, as the benchmark chooses it. --folds takes each folder in turn away, chooses the threshold on the others and scores
it: what is lost there is what was fitted. Without the public series, looked for beside the project, a made-up one stands in.

Run: python -m bench.anomalies [--data FOLDER --windows FILE] [--most N] [--each] [--folds] [--peers]
"""

import argparse
import csv
import json
import math
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import Pool
from pathlib import Path

from bench.nab.corpus import Labelled, read_corpus
from bench.nab.peers import PUBLISHED_THRESHOLD, discord, likelihood, null, windowed_gaussian
from bench.nab.scoring import PROFILES, Profile, at_threshold, best_threshold, series_raw
from upkeep.stats.anomaly.stream import first_of_each, surprises

FOLDER = Path(__file__).parents[2] / "shared/data/nab"
PUBLISHED = Path(__file__).with_name("nab") / "windowed_gaussian.csv"
STANDARD = PROFILES[0]
Scores = list[list[float]]


def ours(series: Labelled) -> list[float]:
    """How rare each value is, as the service and the costs see it."""
    return surprises(list(zip(series.moments, series.values, strict=True)))


def of_values(detector: Callable[[Sequence[float]], list[float]], series: Labelled) -> list[float]:
    """A detector that knows no clock."""
    return detector(series.values)


DETECTORS: dict[str, Callable[[Labelled], list[float]]] = {
    "ours": ours,
    "windowed Gaussian": partial(of_values, windowed_gaussian),
    "null": partial(of_values, null),
}


def told_once(detector: Callable[[Sequence[float]], list[float]], series: Labelled) -> list[float]:
    """The same, telling what goes on once, as ours does."""
    return first_of_each(detector(series.values))


PEERS: dict[str, Callable[[Labelled], list[float]]] = {
    "likelihood of recent errors": partial(told_once, likelihood),
    "nearest earlier window": partial(told_once, discord),
}


def main() -> None:
    """Read the words, score, print."""
    parser = argparse.ArgumentParser(description="score anomaly detectors on labelled series")
    parser.add_argument("--data", type=Path, default=FOLDER)
    parser.add_argument("--windows", type=Path)
    parser.add_argument("--most", type=int, default=10**6, help="series that are looked at")
    parser.add_argument("--each", action="store_true", help="print each series")
    parser.add_argument("--folds", action="store_true", help="print what a threshold of the other folders gives")
    parser.add_argument("--peers", action="store_true", help="score the other designs that were tried, too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = options.data if options.data.exists() else _made_up(Path(made))
        corpus = read_corpus(folder, options.windows or folder / "windows.json")[: options.most]
    windows = sum(len(series.judged_windows) for series in corpus)
    print(f"{len(corpus)} series, {sum(len(s.values) for s in corpus):,} rows, {windows} windows")
    print(f"{'':30}" + "".join(f"{profile.name:>11}" for profile in PROFILES) + f"{'threshold':>12}{'seconds':>9}")
    for name, detector in (DETECTORS | (PEERS if options.peers else {})).items():
        _print(name, detector, corpus, each=options.each, folds=options.folds)


def _print(
    name: str, detector: Callable[[Labelled], list[float]], corpus: Sequence[Labelled], *, each: bool, folds: bool
) -> None:
    begin = time.perf_counter()
    with Pool(2) as pool:
        scores = pool.map(detector, corpus, chunksize=1)
    spent = time.perf_counter() - begin
    results = [best_threshold(corpus, scores, profile) for profile in PROFILES]
    row = "".join(f"{result.score:11.2f}" for result in results)
    print(f"{name:30}{row}{results[0].threshold:12.6g}{spent:9.1f}", flush=True)
    if name == "windowed Gaussian":
        _print_published(corpus, scores)
    if folds:
        _print_folds(corpus, scores)
    if each:
        for series, found in zip(corpus, scores, strict=True):
            raw = series_raw(series, found, STANDARD, results[0].threshold)
            print(f"    {series.name:58}{raw:8.2f} of {len(series.judged_windows)}")


def _print_published(corpus: Sequence[Labelled], scores: Scores) -> None:
    """Ours beside what its authors published of each series, at their threshold."""
    with PUBLISHED.open(encoding="utf-8") as file:
        published = {row["series"]: float(row["raw"]) for row in csv.DictReader(file)}
    known = [(s, found) for s, found in zip(corpus, scores, strict=True) if s.name in published]
    raw = [series_raw(s, found, STANDARD, PUBLISHED_THRESHOLD) for s, found in known]
    alike = sum(abs(got - published[s.name]) < 1e-6 for got, (s, _) in zip(raw, known, strict=True))
    total = sum(published[s.name] for s, _ in known)
    print(
        f"    raw, at the published threshold: {total:.4f} published, {sum(raw):.4f} here; {alike} of {len(known)} series alike"
    )


def _print_folds(corpus: Sequence[Labelled], scores: Scores) -> None:
    """Each folder scored at the threshold of all others."""
    gained = windows = 0.0
    for folder in sorted({series.folder for series in corpus}):
        inside = [place for place, series in enumerate(corpus) if series.folder == folder]
        outside = [place for place in range(len(corpus)) if place not in inside]
        threshold = _best(corpus, scores, outside, STANDARD)
        there = [corpus[place] for place in inside]
        result = at_threshold(there, [scores[place] for place in inside], STANDARD, threshold)
        count = sum(len(series.judged_windows) for series in there)
        gained, windows = gained + result.raw + count, windows + count
        print(f"    {folder:28}{result.score:11.2f}   {count} windows, threshold {threshold:.6g} of the others")
    print(f"    {'all folders':28}{50 * gained / windows if windows else 0:11.2f}   cross-validated")


def _best(corpus: Sequence[Labelled], scores: Scores, places: Sequence[int], profile: Profile) -> float:
    return best_threshold([corpus[place] for place in places], [scores[place] for place in places], profile).threshold


def _made_up(folder: Path) -> Path:
    """A day's curve over two weeks, with one bad hour."""
    chance, start = random.Random("made up"), datetime(2026, 1, 5)  # noqa: DTZ001, S311 - noise; the benchmark's times have no zone
    rows = [(start + timedelta(minutes=10 * n), 50 + 20 * math.sin(n * math.tau / 144) + chance.gauss(0, 1)) for n in range(2000)]
    lines = [f"{at},{value + (60 if 1500 <= n < 1506 else 0)}" for n, (at, value) in enumerate(rows)]
    (folder / "made.csv").write_text("\n".join(["timestamp,value", *lines]), encoding="utf-8")
    (folder / "windows.json").write_text(json.dumps({"made.csv": [[str(rows[1450][0]), str(rows[1550][0])]]}), encoding="utf-8")
    return folder


if __name__ == "__main__":
    main()
