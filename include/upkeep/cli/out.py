"""What commands print, and what their exit codes mean."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from upkeep.answer import Answer
from upkeep.errors import BrokenError, UpkeepError

if TYPE_CHECKING:
    from upkeep.duty import Progress

WELL, PERSON_NEEDED, WRONG, INTERRUPTED = 0, 1, 2, 130
_WIDTH = 160


def say(text: str) -> None:
    """A line for the reader or the next program."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def warn(text: str) -> None:
    """A line that must not get into another program's input."""
    sys.stderr.write(f"{text}\n")


@contextmanager
def shown_progress() -> "Iterator[Progress]":
    """Stages on stderr: a moving line for people, plain lines where there is no terminal."""
    if not sys.stderr.isatty():
        yield lambda step, text="": warn(f"{step}: {text}" if text else step)
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status("…") as status:
        yield lambda step, text="": status.update(escape(f"{step}  {text}"))


def complain(error: UpkeepError) -> None:
    """An error with what to do."""
    remedy = getattr(error, "remedy", "")
    warn(f"upkeep: {error}" + (f"\n→ {remedy}" if remedy else ""))


def failing(run: Callable[[], int]) -> int:
    """Run what was rightly asked for: what goes wrong from here on is a failure, not a mistake in the command."""
    try:
        return run()
    except UpkeepError as error:
        complain(error)
        return PERSON_NEEDED


def failing_if_away(run: Callable[[], int]) -> int:
    """Run what may be asked for wrongly: only what another try may mend is a failure."""
    try:
        return run()
    except BrokenError as error:
        if not error.retry:
            raise
        complain(error)
        return PERSON_NEEDED


def plain(answer: Answer) -> str:
    """An answer for people."""
    lines = [f"{answer.status.value}: {answer.summary}"]
    for finding in answer.findings:
        lines += ["", f"{finding.severity.label}: {finding.title}", *(f"    {line}" for line in finding.remedy.splitlines())]
    if answer.evidence.get("remedy"):
        lines += [f"→ {line}" for line in str(answer.evidence["remedy"]).splitlines()]
    return "\n".join(lines)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns for people; wide enough for a file or a pipe."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(*head, box=None, pad_edge=False)
    for row in rows:
        made.add_row(*map(Text, row))
    Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH).print(made)
