"""What came of testing one backup: its row, what is wrong, and what could not be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from upkeep.answer import Finding
from upkeep.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreTest(Record):
    """One backup that a test looked at. `seconds` by stage; `objects` are SHA-256 of what was read, by name."""

    table: ClassVar[str] = "restore_test"

    backup_id: str
    chosen_as: str
    result: str
    message: str
    tested_at: datetime
    snapshot_at: datetime | None = None
    server_version: int | None = None
    rows: int | None = None
    copy_bytes: int | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    recovery_seconds: float | None = None
    recovery_point: datetime | None = None
    recovery_point_from: str | None = None
    indexes_checked: int | None = None
    tables_checked: int | None = None
    smoke: Mapping[str, Any] = field(default_factory=dict)
    manifest_sha256: str | None = None
    objects: Mapping[str, str] = field(default_factory=dict)
    restore_id: str | None = None


@dataclass(frozen=True, slots=True)
class Tested:
    """One row with its findings; `unsure` are reasons why something about it is not known."""

    row: RestoreTest
    findings: tuple[Finding, ...] = ()
    unsure: tuple[str, ...] = ()


@dataclass
class Seen:
    """What looking at a copy brings together."""

    findings: list[Finding] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    columns: dict[str, Any] = field(default_factory=dict)
