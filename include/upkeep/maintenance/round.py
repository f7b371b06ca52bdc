"""One round over the tables that need it: the most urgent first, each as a row that is there before the work begins."""

import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from upkeep.duty import Progress
from upkeep.errors import LockedError
from upkeep.formats.vacuum_output import read
from upkeep.maintenance.session import Done, Maintenance
from upkeep.maintenance.shape import shape
from upkeep.maintenance.work import Action, Journal, Outcome, Work
from upkeep.sources import horizon

if TYPE_CHECKING:
    from psycopg.sql import Composed


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """
    One table that needs it: why, what is run, and with which settings of the session.

    `covers` are other tables that the same statement looks after.
    """

    oid: int
    name: str
    reasons: tuple[str, ...]
    statement: "Composed"
    settings: Mapping[str, str] = field(default_factory=dict)
    predicted_rows: float | None = None
    urgent: bool = False
    covers: frozenset[str] = frozenset()


@dataclass
class Round:
    """
    The work of one run.

    `budget_s` is the time that it has, `hours_left_s` what is left of the declared hours, which hold for all but what is urgent.

    Killed anywhere, what was finished stays finished and has its row; the table under way has a row that says `running`, which
    the next round turns into `interrupted`, and it is looked at anew.
    """

    target: str
    action: Action
    work: Maintenance
    journal: Journal
    progress: Progress
    budget_s: float
    hours_left_s: float | None = None
    done: list[Work] = field(default_factory=list)
    left: list[ToDo] = field(default_factory=list)

    def run(self, todo: Sequence[ToDo]) -> None:
        """Do what there is time for; the rest is in `left`. Raises BrokenError when a session is lost."""
        begun, covered = time.monotonic(), set[str]()
        for number, one in enumerate(todo, start=1):
            if one.name in covered:
                continue
            left_s = begun + self._budget_of(one) - time.monotonic()
            if left_s <= 0:
                self.left.append(one)
                continue
            self.progress(self.action.value, f"{number} of {len(todo)}: {one.name} ({one.reasons[0]})")
            made = self._one(one, left_s)
            self.done.append(made)
            covered |= one.covers if made.outcome is Outcome.DONE else set()

    def _budget_of(self, one: ToDo) -> float:
        return self.budget_s if one.urgent or self.hours_left_s is None else min(self.budget_s, self.hours_left_s)

    def settle(self) -> None:
        """Say of what a killed run left under way that it was interrupted. The caller is the only one at these tables."""
        for past in self.journal.past():
            if past.outcome is Outcome.RUNNING:
                self.journal.put(replace(past, outcome=Outcome.INTERRUPTED, message="the run that did it was ended"))

    def _one(self, one: ToDo, limit_s: float) -> Work:
        begun = Work(
            id=str(uuid.uuid4()), target=self.target, table_name=one.name, action=self.action, reasons=one.reasons,
            outcome=Outcome.RUNNING, begun_at=datetime.now(UTC), predicted_rows=one.predicted_rows, before=self._shape(one.oid),
        )  # fmt: skip
        self.journal.put(begun)
        done = self.work.do(one.statement, one.settings, limit_s, one.oid)
        ended = self._ended(begun, one, done)
        self.journal.put(ended)
        return ended

    def _ended(self, begun: Work, one: ToDo, done: Done) -> Work:
        told = read(notice.text for notice in done.notices)
        held = self._holder() if told.kept and done.outcome is Outcome.DONE else None
        return replace(
            begun, outcome=done.outcome, seconds=round(done.seconds, 3), message=done.message, removed_rows=told.removed,
            kept_rows=told.kept, wal_bytes=told.wal_bytes, held_back_by=held, after=self._shape(one.oid),
        )  # fmt: skip

    def _holder(self) -> str | None:
        """The oldest of those that hold back tables of this database."""
        oldest = next((holder for holder in horizon.holders(self.work.pg) if holder.here), None)
        if oldest is None:
            return None
        return f"{oldest.kind} {oldest.name} ({oldest.who}), {oldest.xids:,} transactions back: {oldest.release}"

    def _shape(self, oid: int) -> Mapping[str, float]:
        try:
            return shape(self.work.pg, oid)
        except LockedError:
            return {}


def of_outcome(works: Iterable[Work], *outcomes: Outcome) -> list[Work]:
    """Those that ended so."""
    return [work for work in works if work.outcome in outcomes]
