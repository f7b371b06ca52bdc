"""The rows that a run of the archive leaves in the report database."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from upkeep.archive.manifest import Manifest
from upkeep.archive.outcome import Outcome
from upkeep.record import Record


@dataclass(frozen=True, slots=True)
class ArchiveBatch(Record):
    """One published file."""

    table: ClassVar[str] = "archive_batch"

    batch: str
    archived_table: str
    relation: str
    location: str
    rows: int
    bytes: int
    digest: str
    sha256: str
    first: str
    before: str
    copied_at: datetime

    @classmethod
    def of(cls, manifest: Manifest, place: str) -> "ArchiveBatch":
        """From its manifest, which stays what counts."""
        return cls(
            batch=manifest.id, archived_table=manifest.table, relation=manifest.relation, location=f"{place}/{manifest.file}",
            rows=manifest.rows, bytes=manifest.bytes, digest=manifest.digest, sha256=manifest.sha256, first=manifest.oldest,
            before=manifest.newest, copied_at=manifest.copied_at,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ArchiveTable(Record):
    """What became of one table."""

    table: ClassVar[str] = "archive_table"

    archived_table: str
    cutoff: str
    old_rows: int
    archived_rows: int
    archived_bytes: int
    changed_rows: int
    undated_rows: int
    infinite_rows: int
    dropped_partitions: int
    seconds: float
    message: str

    @classmethod
    def of(cls, outcome: Outcome) -> "ArchiveTable":
        """From what the run noted."""
        return cls(
            archived_table=outcome.table, cutoff=outcome.cutoff, old_rows=outcome.old, archived_rows=outcome.rows,
            archived_bytes=outcome.bytes, changed_rows=outcome.changed, undated_rows=outcome.missing,
            infinite_rows=outcome.infinite, dropped_partitions=len(outcome.detached), seconds=round(outcome.seconds, 3),
            message=outcome.damaged or outcome.refused or outcome.stopped,
        )  # fmt: skip
