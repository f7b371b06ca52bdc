"""What a run did with one table."""

from dataclasses import dataclass, field

from upkeep.archive.manifest import Manifest


@dataclass
class Outcome:
    """
    One table's part of a run.

    `refused` says why nothing may be archived, with `remedy`; `stopped` why not all that is old was, `damaged` what of the store
    is not to be trusted. `old` is how many rows were old, `changed` how many stayed since they were changed or locked meanwhile.
    `detached` are the partitions that were (in a dry run: would be) dropped, `by_rows` says why other old ones are not.
    """

    table: str
    place: str = ""
    cutoff: str = ""
    old: int = 0
    changed: int = 0
    missing: int = 0
    infinite: int = 0
    published: list[Manifest] = field(default_factory=list)
    detached: list[str] = field(default_factory=list)
    by_rows: dict[str, str] = field(default_factory=dict)
    refused: str = ""
    stopped: str = ""
    damaged: str = ""
    remedy: str = ""
    held: bool = False
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """Rows archived by this run."""
        return sum(manifest.rows for manifest in self.published)

    @property
    def bytes(self) -> int:
        """Bytes of the files of this run."""
        return sum(manifest.bytes for manifest in self.published)
