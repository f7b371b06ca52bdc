"""Labelled series: `timestamp,value` files, and a JSON file that names each and lists the windows in which something is wrong."""

import csv
import json
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

PROBATION_SHARE, PROBATION_MOST = 0.15, 750


@dataclass(frozen=True, slots=True)
class Labelled:
    """One series. `windows` are places of the first and the last row of each, both included."""

    name: str
    moments: tuple[datetime, ...]
    values: tuple[float, ...]
    windows: tuple[tuple[int, int], ...]

    @property
    def folder(self) -> str:
        """What kind of series it is."""
        return self.name.partition("/")[0]

    @property
    def probation(self) -> int:
        """How many rows a detector may look at before it is judged."""
        return min(int(PROBATION_SHARE * len(self.values)), PROBATION_MOST)

    @property
    def judged_windows(self) -> tuple[tuple[int, int], ...]:
        """The windows that do not lie wholly in the probation."""
        return tuple(window for window in self.windows if window[1] >= self.probation)


def read_corpus(folder: Path, windows: Path) -> list[Labelled]:
    """
    Every series that `windows` names and `folder` has, by name; what it has not is printed.

    Raises OSError and ValueError for what cannot be read.
    """
    labels = json.loads(windows.read_text(encoding="utf-8"))
    here = [name for name in sorted(labels) if (folder / name).exists()]
    if len(here) < len(labels):
        print(f"{len(labels) - len(here)} of {len(labels)} series of {windows.name} are not in {folder} and are left out")
    return [_read(folder, name, labels[name]) for name in here]


def _read(folder: Path, name: str, windows: Sequence[tuple[str, str]]) -> Labelled:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        rows = [(datetime.fromisoformat(row["timestamp"]), float(row["value"])) for row in csv.DictReader(file)]
    moments = tuple(at for at, _ in rows)
    limits = sorted((datetime.fromisoformat(begin), datetime.fromisoformat(end)) for begin, end in windows)
    places = tuple((bisect_left(moments, begin), bisect_right(moments, end) - 1) for begin, end in limits)
    return Labelled(name, moments, tuple(value for _, value in rows), places)
