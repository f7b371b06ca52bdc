"""Partitions that a run of the archive closed against writing, and what it noted with them."""

import json
from dataclasses import dataclass, fields

from upkeep.archive.partitions import is_bound
from upkeep.archive.session import Session

CLOSED = "upkeep_archives_this_partition"
"""The name of the constraint; who writes to such a partition reads it in the error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """
    What is noted with a closed partition. `rows` of `batches` were copied, none of them written since transaction `horizon`.

    `bound` and the parent are what it is attached with again; `system` and `timeline` are the server's.
    """

    target: str
    table: str
    place: str
    parent_schema: str
    parent_name: str
    bound: str
    batches: tuple[str, ...]
    rows: int
    horizon: int
    system: str
    timeline: int

    def to_json(self) -> str:
        """The stored form."""
        return json.dumps({each.name: getattr(self, each.name) for each in fields(self)})

    @classmethod
    def parse(cls, text: str) -> "Note | None":
        """Read it; None when it is none of ours, or not one that a partition could be attached with again."""
        try:
            plain = json.loads(text)
            note = cls(**{**plain, "batches": tuple(plain["batches"])})
        except (ValueError, TypeError, LookupError):
            return None
        return note if is_bound(note.bound) else None


@dataclass(frozen=True, slots=True)
class Frozen:
    """One closed partition as it stands; the fields are the columns of frozen.sql."""

    oid: int
    schema: str
    name: str
    kind: str
    text: str
    is_attached: bool
    is_pending: bool

    @property
    def label(self) -> str:
        """For people."""
        return f"{self.schema}.{self.name}"


def frozen_partitions(session: Session) -> list[tuple[Frozen, Note]]:
    """The closed partitions of this database, with what was noted."""
    found = [(each, Note.parse(each.text)) for each in session.rows("frozen", Frozen, {"name": CLOSED})]
    return [(each, note) for each, note in found if note]


def under_way(session: Session, target: str, table: str) -> list[tuple[Frozen, Note]]:
    """Those of one table."""
    return [(each, note) for each, note in frozen_partitions(session) if (note.target, note.table) == (target, table)]
