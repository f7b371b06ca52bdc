"""What of a database is archived: a table, the column that dates its rows, how long they stay, and where they go."""

from typing import Literal

from pydantic import Field

from upkeep.field_types import ConnectionId, Name, Zone
from upkeep.targets.target import Strict

TABLE = r"^[^.\s][^.]*\.[^.]+$"
KEEP = r"^[1-9][0-9]{0,4} (day|week|month|year)s?$"


class Archive(Strict):
    """One table whose old rows go to Parquet files in an object store and then leave the database."""

    table: str = Field(pattern=TABLE, description="Schema and name as the server stores them, such as public.visits")
    column: Name = Field(description="Column that dates a row: date, timestamp or timestamptz")
    keep: str = Field(pattern=KEEP, description="How long rows stay in the table: 90 days, 13 months, 2 years")
    to: str = Field(
        pattern=r"^[a-z][a-z0-9+.-]*://\S+$", description="Folder or bucket: file:///archive, s3://bucket/prefix, gs://bucket"
    )
    connection: ConnectionId | None = Field(default=None, description="Airflow connection of the object store")
    by: Literal["day", "month", "year"] = Field(default="month", description="Folders of the archive: one for each of these")
    time_zone: Zone = Field(default="UTC", description="Zone in which days begin, and in which a column without a zone is read")
    as_text: tuple[str, ...] = Field(
        default=(), description="Columns kept as PostgreSQL's text: for infinity, NaN numerics and years that files cannot hold"
    )
    delete_triggers: tuple[str, ...] = Field(
        default=(), description="Triggers on delete that are right to fire for archived rows; others refuse the table"
    )
    replicated_deletes: bool = Field(
        default=False, description="Publish the deletes of archived rows to logical replicas; else such a table is refused"
    )
    drop_partitions: bool = Field(
        default=True, description="Detach and drop a partition that is wholly old, where its owner archives; else delete its rows"
    )
    legal_hold: str | None = Field(default=None, min_length=1, description="Why no row may leave the table; nothing is archived")

    @property
    def schema_name(self) -> str:
        """The table's schema."""
        return self.table.partition(".")[0]

    @property
    def table_name(self) -> str:
        """The table's name in its schema."""
        return self.table.partition(".")[2]
