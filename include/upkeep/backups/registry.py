"""The report database's rows of backups and restores, as jobs and checks see them. `upkeep.store.backups` keeps them."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from upkeep.window import Window


class State(StrEnum):
    """How far a backup has got. Only `complete` is one: every object was read back and then the manifest was stored."""

    TAKING = "taking"
    COMPLETE = "complete"
    FAILED = "failed"
    DELETING = "deleting"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """
    One row of `upkeep.backup`. Sizes in bytes, `seconds` by stage.

    `window` is that of the run that took it. `held` is a person's legal hold. `damaged` says what a later look found wrong.
    """

    id: str
    target: str
    location: str
    state: State
    window: Window
    begun_at: datetime
    snapshot_at: datetime | None = None
    finished_at: datetime | None = None
    verified_at: datetime | None = None
    stored_bytes: int | None = None
    raw_bytes: int | None = None
    tables: int | None = None
    rows: int | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    server_version: int | None = None
    system_identifier: str | None = None
    encrypted: bool = False
    manifest_sha256: str | None = None
    table_rows: Mapping[str, int] = field(default_factory=dict)
    held: str | None = None
    damaged: str | None = None
    error: str | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """One row of `upkeep.restore`: state is "running", "proven", "differs" or "failed"; `differences` are lines for people."""

    id: str
    backup_id: str
    target: str
    destination: str
    state: str
    begun_at: datetime
    finished_at: datetime | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    server_version: int | None = None
    rows: int | None = None
    differences: tuple[str, ...] = ()
    error: str | None = None
    asked_by: str | None = None


class Registry(Protocol):
    """Rows about backups, seen from one duty, target and window."""

    @property
    def window(self) -> Window:
        """The window of the run under way."""
        ...

    @property
    def asked_at(self) -> datetime:
        """When the run's question was put; the only clock of a job that judges age."""
        ...

    def claimed(self, target: str) -> AbstractContextManager[None]:
        """Be the only one to change this target's backups while inside. Raises BrokenError with retry when another is."""
        ...

    def assert_claimed(self, target: str) -> None:
        """Raise BrokenError when the claim was lost, as when the report database was away in between."""
        ...

    def records(self, target: str) -> list[Record]:
        """Every backup of the target, newest first, the deleted ones too."""
        ...

    def put(self, record: Record) -> None:
        """Insert or replace by id."""
        ...

    def restorations(self, target: str) -> list[Restoration]:
        """Every restore of the target's backups, newest first."""
        ...

    def put_restoration(self, restoration: Restoration) -> None:
        """Insert or replace by id."""
        ...
