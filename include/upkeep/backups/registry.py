"""The report database's rows of backups and restores, as jobs and checks see them. `upkeep.store.backups` keeps them."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from upkeep.errors import BrokenError
from upkeep.window import Window


class State(StrEnum):
    """How far a backup has got. Only `complete` is one: every object was read back and then the manifest was stored."""

    TAKING = "taking"
    COMPLETE = "complete"
    FAILED = "failed"
    DELETING = "deleting"
    DELETED = "deleted"


def backups_of(target: str) -> str:
    """What is claimed by who changes a target's backups."""
    return f"backups of {target}"


class HeldError(BrokenError):
    """A backup that a person holds was to be deleted."""

    def __init__(self, backup_id: str) -> None:
        super().__init__(f"backup {backup_id} is held by a person", retry=False)


def backup_itself(backup_id: str) -> str:
    """What is claimed by who reads one backup, or deletes it."""
    return f"backup {backup_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """
    One row of `upkeep.backup`. Sizes in bytes, `seconds` by stage.

    `window` is that of the run that took it. `host` is the worker whose local disk it is on, `connection` the id of its store's
    Airflow connection. `legal_hold` is a person's legal hold. `damaged` says what a later look found wrong.
    """

    id: str
    target: str
    location: str
    state: State
    window: Window
    begun_at: datetime
    host: str | None = None
    connection: str | None = None
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
    legal_hold: str | None = None
    damaged: str | None = None
    error: str | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """
    One row of `upkeep.restore`: state is "running", "proven", "differs", "failed", or "refused" when nothing was begun.

    `differences` and `uncertain` are lines for people, `detail` is the comparison by table, `exactness` says how definitions were
    compared.
    """

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
    uncertain: tuple[str, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)
    exactness: str | None = None
    manifest_sha256: str | None = None
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

    @property
    def installation(self) -> str:
        """The id of this installation, by which it knows what is its own on servers that others use too."""
        ...

    def claimed(self, *names: str, say: Callable[[str], None] | None = None, wait: bool = True) -> AbstractContextManager[None]:
        """
        Be the only one at these things while inside: all of them, or none and wait. `say` is told who has them meanwhile.

        Raises ClaimedError when another process has one for too long, or without `wait` at once.
        """
        ...

    def assert_claimed(self, *names: str) -> None:
        """Raise BrokenError when a claim was lost, as when the report database was away in between."""
        ...

    def records(self, target: str) -> list[Record]:
        """Every backup of the target, newest first, the deleted ones too."""
        ...

    def put(self, record: Record) -> None:
        """Insert or replace by id. Raises HeldError when it is to be deleted and a person holds it by now."""
        ...

    def restorations(self, target: str) -> list[Restoration]:
        """Every restore of the target's backups, newest first."""
        ...

    def put_restoration(self, restoration: Restoration) -> None:
        """Insert or replace by id."""
        ...
