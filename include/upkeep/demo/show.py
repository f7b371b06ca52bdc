"""What the demo prints: its stages with their seconds, the programme's progress, and where to look."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

console = Console(highlight=False)


def say(text: str) -> None:
    """One line for the reader."""
    console.print(f"[yellow]•[/] {text}", soft_wrap=True)


@contextmanager
def stage(title: str) -> Iterator[None]:
    """A step of the start: a spinner while it works, and its seconds when it is done."""
    begun = time.monotonic()
    with console.status(f"{title} …"):
        yield
    console.print(f"[green]✓[/] {title} [dim]{time.monotonic() - begun:.1f} s[/]")
