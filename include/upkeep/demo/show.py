"""What the demo prints: its stages with their seconds, the programme's progress, what it found, and where to look."""

import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from upkeep.demo.found import Done, Unknown
from upkeep.demo.planted import PLANTED, Found, invented, missed
from upkeep.demo.runs import ENDED, Progress
from upkeep.humanize import plural

# Without a terminal there is no width to keep to: a log should not be folded at 80.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 150)
PLAIN_EVERY_S = 15.0
"""How often progress is said where no bar can move, as in CI."""
_OUTCOMES = {"success": "green: nothing needs a person", "failed": "red: a person is needed, and the table will say for what"}
_STATEMENT = re.compile(r"-?\d{6,}|[0-9a-f]{16}")
COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}


def say(text: str) -> None:
    """One line for the reader."""
    console.print(f"[yellow]•[/] {escape(text)}", soft_wrap=True)


@contextmanager
def stage(title: str) -> Iterator[None]:
    """A step of the start: a spinner while it works, and its seconds when it is done."""
    begun = time.monotonic()
    with console.status(f"{title} …"):
        yield
    console.print(f"[green]✓[/] {title} [dim]{time.monotonic() - begun:.1f} s[/]")


def follow(title: str, look: Callable[[], Progress], mend: Callable[[], None], timeout_s: float = 900) -> None:
    """Show how far a run is until it has ended."""
    columns = (SpinnerColumn(), TextColumn(title), BarColumn(), MofNCompleteColumn(), TextColumn("tasks"), TimeElapsedColumn())
    begun = shown = time.monotonic()
    with Bars(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        bar = bars.add_task(title, total=None)
        while (now := look()).state not in ENDED and time.monotonic() - begun < timeout_s:
            bars.update(bar, completed=now.done, total=now.total or None)
            if not console.is_terminal and time.monotonic() - shown > PLAIN_EVERY_S:
                shown = time.monotonic()
                say(f"{title}: {now.done} of {now.total} tasks done")
            mend()
            time.sleep(2)
    ended = _OUTCOMES.get(now.state, f"still running after {timeout_s:g} s")
    console.print(f"[green]✓[/] {title}: {now.done} tasks, {ended} [dim]{time.monotonic() - begun:.1f} s[/]")


def table(found: Sequence[Found], unknown: Sequence[Unknown], title: str) -> None:
    """The findings, worst first, and what could not be answered."""
    shown = Table("severity", "target", "duty", "object", "what", title=title, title_justify="left", expand=True)
    for f in found:
        shown.add_row(
            f"[{COLOURS[f.severity]}]{f.severity}[/]", escape(f.target), f.duty, escape(_named(f.object)), escape(f.title)
        )
    console.print(shown)
    for u in unknown:
        console.print(f"[dim]? {u.duty} of {escape(u.target)} is unknown: {escape(u.reason)}[/]", soft_wrap=True)


def jobs(done: Sequence[Done]) -> None:
    """What the jobs did, each in a line of its own."""
    shown = Table("job", "target", "", "what it did", title="What the jobs did", title_justify="left", expand=True)
    for each in done:
        shown.add_row(each.duty, escape(each.target), each.status, escape(each.summary))
    console.print(shown)


def _named(name: str) -> str:
    """An object as people call it. A statement is known by a number, which says nothing: its title has the text."""
    return "a statement" if _STATEMENT.fullmatch(name) else name


def verdict(found: Sequence[Found]) -> bool:
    """Say whether what was found is what is wrong; True when it is."""
    lost, extra = missed(found), invented(found)
    for p in lost:
        console.print(f"[red]✗[/] not found: {p.fault} ({p.duty}, {p.rule})")
    for f in extra:
        console.print(f"[red]✗[/] nobody planted: {f.duty}: {escape(f.title)}", soft_wrap=True)
    faults = {p.fault for p in PLANTED}
    caught = len(faults - {p.fault for p in lost})
    mark = "[red]✗[/]" if lost or extra else "[green]✓[/]"
    console.print(f"{mark} {caught} of {len(faults)} planted faults found, {plural(len(extra), 'finding')} that nobody planted")
    return not lost and not extra


def where(lines: Sequence[tuple[str, str]]) -> None:
    """Where to look."""
    shown = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, place in lines:
        shown.add_row(f"[bold]{name}[/]", escape(place))
    console.print(shown)
