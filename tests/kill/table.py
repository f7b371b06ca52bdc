"""A kill matrix as it is printed: a line for each point, a column for each fault, and at the end what did not heal."""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class JobMatrix:
    """The points of one job, and a function that strikes one with a fault and says what did not heal by a rerun."""

    work: str
    points: Sequence[str]
    faults: Sequence[str]
    strike: Callable[[int, str], Sequence[str]]


def print_matrix(jobs: Iterable[JobMatrix], each: int, note: str = "") -> int:
    """Strike every `each`-th point of every job by every fault; returns 1 when anything was not healed, else 0."""
    begun, failed, total = time.monotonic(), [], 0
    for job in jobs:
        _say(f"\n{job.work:38} " + " ".join(f"{name:>15}" for name in job.faults))
        for number in range(0, len(job.points), each):
            point = job.points[number]
            results = [job.strike(number, fault) for fault in job.faults]
            total += len(results)
            failed += [(job.work, point, fault, wrong) for fault, wrong in zip(job.faults, results, strict=True) if wrong]
            _say(f"{number:3} {point[:34]:34} " + " ".join(f"{'NOT HEALED' if wrong else 'healed':>15}" for wrong in results))
    for work, point, fault, wrong in failed:
        _say(f"\n{work}, {fault} at {point!r}: " + "; ".join(wrong))
    _say(f"\n{total} faults, {total - len(failed)} healed, {round(time.monotonic() - begun)} s{note}")
    return 1 if failed else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
