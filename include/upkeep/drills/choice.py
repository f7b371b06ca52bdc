"""Which backups a restore test restores, which it reads back, and which it need not look at. Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from upkeep.backups.registry import Record, State
from upkeep.window import Window

NEWEST, DRAWN, ROTATION = "newest", "drawn", "rotation"
_RESTORED, _LOOKED_AT = {"proven"}, {"proven", "whole"}


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier window's test said about one backup."""

    backup_id: str
    result: str
    tested_at: datetime
    window_end: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """One backup to look at: `chosen_as` is "newest", "drawn" or "rotation"; the first two are restored."""

    record: Record
    chosen_as: str
    why: str


@dataclass(frozen=True, slots=True)
class Rotation:
    """Within how long every retained backup is looked at again, from one window to the next."""

    window: Window
    within: timedelta

    def is_due(self, last: datetime) -> bool:
        """Whether it would be overdue before the run of the next window."""
        return last + self.within < self.window.end + self.window.length

    def holds(self, past: Past) -> bool:
        """Whether an earlier test still counts."""
        return past.window_end + self.within > self.window.end


def choose(records: Sequence[Record], past: Iterable[Past], rotation: Rotation, target: str, *, drawn: int) -> list[Choice]:
    """
    The newest, `drawn` more by lot, and those whose turn it is to be read back, longest not looked at first.

    The lot falls by target and window alone, so that a rerun draws the same. What was proven within the rotation is not drawn.
    """
    whole = sorted((each for each in records if _is_whole(each)), key=_shown_at, reverse=True)
    if not whole:
        return []
    tests = list(past)
    newest, *older = whole
    chosen = [Choice(newest, NEWEST, "it is what a disaster today would be mended with")]
    proven = {test.backup_id for test in tests if test.result in _RESTORED and rotation.holds(test)}
    lots = sorted((each for each in older if each.id not in proven), key=lambda each: _lot(target, rotation.window, each.id))
    chosen += [Choice(each, DRAWN, f"drawn from {len(lots)} not restored within the rotation") for each in lots[:drawn]]
    taken = {choice.record.id for choice in chosen}
    due = [(last_look(each, tests), each) for each in older if each.id not in taken]
    turns = sorted((last, each.id, each) for last, each in due if rotation.is_due(last))
    return chosen + [Choice(each, ROTATION, f"last read on {last:%Y-%m-%d}") for last, _, each in turns]


def last_look(record: Record, past: Iterable[Past]) -> datetime:
    """When its objects were last read and found as stored: by a test, or when it was taken."""
    looks = [test.tested_at for test in past if test.backup_id == record.id and test.result in _LOOKED_AT]
    return max([record.verified_at or record.begun_at, *looks])


def _is_whole(record: Record) -> bool:
    return record.state is State.COMPLETE and not record.damaged


def _shown_at(record: Record) -> tuple[datetime, str]:
    return record.snapshot_at or record.begun_at, record.id


def _lot(target: str, window: Window, backup_id: str) -> str:
    return hashlib.sha256(f"{target}\x1f{window.start.isoformat()}\x1f{backup_id}".encode("utf-8", "surrogatepass")).hexdigest()
