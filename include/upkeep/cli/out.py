"""What commands print, and what their exit codes mean."""

import sys

WELL, PERSON_NEEDED, WRONG = 0, 1, 2


def say(text: str) -> None:
    """A line for the reader or the next program."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def warn(text: str) -> None:
    """A line that must not get into another program's input."""
    sys.stderr.write(f"{text}\n")
