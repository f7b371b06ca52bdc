"""What was done to a table, as a row, and where such rows are kept. `upkeep.store.table_maintenance` keeps them."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Action(StrEnum):
    """What is done."""

    VACUUM = "vacuum"
    ANALYZE = "analyze"


class Outcome(StrEnum):
    """What came of it. Only `done` means that it was done; `interrupted` is what a killed run left behind."""

    RUNNING = "running"
    DONE = "done"
    LOCKED = "locked"
    GAVE_WAY = "gave_way"
    OUT_OF_TIME = "out_of_time"
    NOT_PERMITTED = "not_permitted"
    VANISHED = "vanished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """
    One row of `upkeep.table_maintenance`: one table that was worked on, once.

    `reasons` say why. `before` and `after` are numbers by name, as `upkeep.maintenance.shape` measures them. Counts are of rows,
    `wal_bytes` and the counts are None where the server does not tell them. `held_back_by` needs the rows that stayed.
    """

    id: str
    target: str
    table_name: str
    action: Action
    reasons: tuple[str, ...]
    outcome: Outcome
    begun_at: datetime
    seconds: float | None = None
    message: str = ""
    predicted_rows: float | None = None
    removed_rows: float | None = None
    kept_rows: float | None = None
    wal_bytes: float | None = None
    held_back_by: str | None = None
    before: Mapping[str, float] = field(default_factory=dict)
    after: Mapping[str, float] = field(default_factory=dict)


class Journal(Protocol):
    """Rows about what was done to the tables of one target."""

    def claimed(self) -> AbstractContextManager[None]:
        """Be the only one that works on the target's tables while inside. Raises ClaimedError when another process does."""
        ...

    def put(self, work: Work) -> None:
        """Insert or replace by id."""
        ...

    def past(self) -> Sequence[Work]:
        """Everything that was done to tables of the target, newest first."""
        ...


class NoJournal:
    """Stands in where there is no report database: nothing is kept, and nothing is known of the past."""

    def claimed(self) -> AbstractContextManager[None]:
        """Nobody else can be seen."""
        return nullcontext()

    def put(self, work: Work) -> None:
        """Keep nothing."""

    def past(self) -> Sequence[Work]:
        """Nothing is known."""
        return ()
