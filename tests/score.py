"""
`make score`: plant every fault that the tests know on scratch servers, and count.

A fault counts as caught when its test passes: the check named what was planted. A near miss or a healthy server that raises
anything is a false alarm. What could not be planted on this machine is counted as not tried, never as caught. It is done on the
newest PostgreSQL here; `make score ALL=1` does it on each that is installed, one after the other, and `WRITE=1` puts the table
into docs/score.md.

The verification of backups has a second table: what three usual checks, really run on the same faults, would have caught.
"""

import json
import re
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from tests import every_version

HARMLESS = ("near_miss", "baseline")
FOLDERS = ("checks", "backups/score")
USUAL = ("pg_restore -l", "exit code", "row counts")
_BACKUPS = Path(__file__).parent / "backups/score"
# A server that has no contrib modules, or is too old for what is planted.
_ABSENT = re.compile(
    r'extension "[^"]+" is not available|could not (?:access|open) (?:file|extension control)|FeatureNotSupported'
)


@dataclass
class Beside:
    """Of one group of a backup's faults: how many there are, and how many each way of looking catches."""

    faults: int = 0
    caught: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def count(self, by: list[str]) -> None:
        """One fault, and what caught it."""
        self.faults += 1
        for each in by:
            self.caught[each] += 1


@dataclass
class Tally:
    """Of one check: outcomes of its faults and of what is harmless."""

    caught: int = 0
    missed: list[str] = field(default_factory=list)
    quiet: int = 0
    false_alarms: list[str] = field(default_factory=list)
    untried: int = 0


class Score:
    """A pytest plugin that keeps only marked tests and counts their outcomes by check."""

    # The name by which tests know that a score is made.
    __name__ = "score"

    def __init__(self) -> None:
        self.by_check: dict[str, Tally] = defaultdict(Tally)
        self.of_backups: dict[str, Beside] = defaultdict(Beside)
        self._kinds: dict[str, tuple[str, bool]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep faults, near misses and baselines."""
        for item in items:
            fault = item.get_closest_marker("fault") is not None
            here = every_version.wanted_here(getattr(item, "module", None))
            if here and (fault or any(item.get_closest_marker(mark) for mark in HARMLESS)):
                self._kinds[item.nodeid] = (_check_of(item), fault)
        items[:] = [item for item in items if item.nodeid in self._kinds]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count once per test: its call, or what went wrong before it."""
        if report.nodeid not in self._kinds or (report.when != "call" and report.passed):
            return
        check, fault = self._kinds[report.nodeid]
        tally = self.by_check[check]
        for name, message in report.user_properties:
            if name == "verifier" and isinstance(message, list):
                group, *usual = message
                self.of_backups[group].count([*usual, *(["any"] if usual else []), *(["Upkeep"] if report.passed else [])])
        if report.skipped or (report.failed and _ABSENT.search(str(report.longrepr))):
            tally.untried += 1
        elif fault and report.passed:
            tally.caught += 1
        elif fault:
            tally.missed.append(report.nodeid)
        elif report.passed:
            tally.quiet += 1
        else:
            tally.false_alarms.append(report.nodeid)


def main() -> int:
    """Run, print the table, and return 1 when a fault was missed or a false alarm raised."""
    if "--all" in sys.argv[1:]:
        return every_version.main([word for word in sys.argv[1:] if word != "--all"])
    score = Score()
    args = [word for word in sys.argv[1:] if not word.startswith("--into=")]
    given = any(Path(word.partition("::")[0]).exists() for word in args)
    folders = [] if given else [str(Path(__file__).parent / folder) for folder in FOLDERS]
    pytest.main([*folders, "-q", "--no-header", "--tb=no", "-W", "ignore", *args], plugins=[score])
    tallies = dict(sorted(score.by_check.items()))
    _print(tallies, score.of_backups)
    for into in (word.removeprefix("--into=") for word in sys.argv[1:] if word.startswith("--into=")):
        Path(into).write_text(json.dumps({check: asdict(tally) for check, tally in tallies.items()}), encoding="utf-8")
    return 1 if not tallies or any(t.missed or t.false_alarms for t in tallies.values()) else 0


def _print(tallies: dict[str, Tally], of_backups: dict[str, Beside]) -> None:
    console = Console()
    console.print(_table(tallies))
    if of_backups:
        console.print(_beside(of_backups))
    for name in (name for tally in tallies.values() for name in (*tally.missed, *tally.false_alarms)):
        console.print(f"see {name}", markup=False)


def _check_of(item: pytest.Item) -> str:
    if item.path.is_relative_to(_BACKUPS):
        return "backup verifier"
    duty = getattr(getattr(item, "callspec", None), "params", {}).get("duty")
    return duty.name if duty else item.path.stem.removeprefix("test_")


def _table(tallies: dict[str, Tally]) -> Table:
    table = Table("check", "faults caught", "false alarms", "not tried here", title="Seeded faults", title_justify="left")
    for check, t in tallies.items():
        table.add_row(check, *_cells(t))
    whole = Tally(
        caught=sum(t.caught for t in tallies.values()),
        missed=[m for t in tallies.values() for m in t.missed],
        quiet=sum(t.quiet for t in tallies.values()),
        false_alarms=[f for t in tallies.values() for f in t.false_alarms],
        untried=sum(t.untried for t in tallies.values()),
    )
    table.add_section()
    table.add_row("all", *_cells(whole))
    return table


def _beside(groups: dict[str, Beside]) -> Table:
    title = "What the usual checks catch of the same faults of backups (the dump unpacked, plain pg_restore, tables counted)"
    table = Table("fault of", "faults", "Upkeep", *USUAL, "any of the three", title=title, title_justify="left")
    whole = Beside()
    for group, one in groups.items():
        table.add_row(group, *_columns(one))
        whole.faults += one.faults
        for by, number in one.caught.items():
            whole.caught[by] += number
    table.add_section()
    table.add_row("all", *_columns(whole))
    return table


def _columns(one: Beside) -> list[str]:
    return [str(one.faults), *(f"{one.caught[by]}/{one.faults}" for by in ("Upkeep", *USUAL, "any"))]


def _cells(t: Tally) -> tuple[str, str, str]:
    faults, harmless = t.caught + len(t.missed), t.quiet + len(t.false_alarms)
    caught = f"{t.caught}/{faults}"
    alarms = f"{len(t.false_alarms)}/{harmless}"
    return (
        f"[red]{caught}[/]" if t.missed else caught,
        f"[red]{alarms}[/]" if t.false_alarms else alarms,
        str(t.untried or ""),
    )


if __name__ == "__main__":
    sys.exit(main())
