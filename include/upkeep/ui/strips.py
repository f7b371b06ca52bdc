"""Answers over time as a strip: neighbours that say the same are one piece, so that a year stays light."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from typing import Any

from upkeep.ui.formatting import window


@dataclass(frozen=True, slots=True)
class Piece:
    """Some windows on end with one status. `x` and `width` are shares of the strip, in thousandths."""

    status: str
    x: float
    width: float
    text: str


def strip(answers: Iterable[Any], since: datetime, until: datetime, zone: tzinfo) -> list[Piece]:
    """Pieces of one duty's strip between two moments, oldest first. Where nobody asked there is none."""
    span = (until - since) / timedelta(seconds=1)
    pieces = []
    for status, members in groupby(_unbroken(answers), key=lambda pair: (pair[0], pair[1].status)):
        run = [answer for _, answer in members]
        start, end = max(run[0].window_start, since), min(run[-1].window_end, until)
        if start < end:
            x = 1000 * (start - since).total_seconds() / span
            width = 1000 * (end - start).total_seconds() / span
            pieces.append(Piece(status[1], round(x, 2), round(width, 2), f"{status[1]}: {window(start, end, zone)}"))
    return pieces


def _unbroken(answers: Iterable[Any]) -> Iterable[tuple[int, Any]]:
    """Answers with the number of the unbroken stretch they belong to."""
    stretch, end = 0, None
    for answer in answers:
        if end is not None and answer.window_start > end:
            stretch += 1
        end = answer.window_end
        yield stretch, answer
