"""A PostgreSQL database: where it is, how its log is read, who backs it up."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

from pydantic import AliasChoices, Field, model_validator

from upkeep.errors import UpkeepError
from upkeep.field_types import ConnectionId, Seconds
from upkeep.need import Need
from upkeep.sources.connections import Connections
from upkeep.sources.rights import Right
from upkeep.targets.archive import Archive
from upkeep.targets.diagnosis import Diagnosis
from upkeep.targets.maintenance_plan import MaintenancePlan
from upkeep.targets.recovery import HeartbeatField, SmokeQueries
from upkeep.targets.target import Strict, Target


class ServerLog(Strict):
    """Where a server's log is read from."""

    read: Literal["file", "server"] = Field(
        default="server", description='"file": a path this machine sees; "server": through SQL (pg_read_file)'
    )
    path: str | None = Field(
        default=None,
        description="Folder or glob of log files (plain, CSV, JSON, syslog, Cloud SQL, CloudNativePG), for read: file",
    )
    line_prefix: str | None = Field(
        default=None,
        description="log_line_prefix; asked from the server unless given (Cloud SQL: %m [%p]: [%l-1] db=%d,user=%u )",
    )
    timezone: str | None = Field(default=None, description="log_timezone; asked from the server unless given")


class Backup(Strict):
    """Who backs a database up, and where to. `settings.backup` stands for every database that has none of its own."""

    taken_by: Literal["upkeep", "pgbackrest", "barman", "rds"] = Field(
        default="upkeep", description="Who takes it; the backups of others are judged, not taken"
    )
    to: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9+.-]*://\S+$",
        description="Folder or bucket: file:///backups, s3://bucket/prefix, gs://bucket, abfs://container; for taken_by: upkeep",
    )
    connection: ConnectionId | None = Field(default=None, description="Airflow connection of the object store, or of AWS for rds")
    login: ConnectionId | None = Field(
        default=None, description="Connection to the database as a role that may read everything; else that of the database"
    )
    jobs: int = Field(default=2, ge=1, le=32, description="Tables dumped at once")
    encrypt_to: tuple[str, ...] = Field(default=(), description="age public keys (age1…); only their owners can restore")
    identity: ConnectionId | None = Field(
        default=None,
        description="Connection (generic) that holds the age private key, for restore tests and drills",
    )
    passwords: bool = Field(default=False, description="Keep role passwords (hashes) too; needs a superuser")
    name: str | None = Field(default=None, description="Stanza of pgBackRest, server of Barman, instance of RDS")
    report: str | None = Field(
        default=None,
        description="File with the JSON that `pgbackrest info --output=json` or `barman -f json` printed; else it is run here",
    )

    @model_validator(mode="after")
    def _complete(self) -> "Backup":
        if self.taken_by == "upkeep" and not self.to:
            raise ValueError("say where to: `to: file:///…` or `to: s3://bucket/prefix`")
        if self.taken_by != "upkeep" and not self.name:
            raise ValueError("give `name`: the stanza of pgBackRest, the server of Barman or the instance of RDS")
        return self


class Database(Target):
    """One PostgreSQL database, reached by an Airflow connection."""

    section: ClassVar[str] = "databases"

    connection: ConnectionId
    at_once: int = Field(
        default=2, ge=1, le=50, validation_alias=AliasChoices("at_once", "sessions"),
        description="Sessions that Upkeep may have open here at a time; `sessions` is its older name",
    )  # fmt: skip
    statement_timeout_s: float = Field(default=15, gt=0, le=3600, description="Longest time for one question, seconds")
    lock_timeout_s: float = Field(default=2, gt=0, le=600, description="Longest wait for a lock, seconds")
    storage_gb: float | None = Field(default=None, gt=0, description="Room for the whole server's data, in GB (10^9)")
    log: ServerLog | None = Field(default=None, description="Where the server's log is; by default asked through SQL")
    backup: Backup | None = Field(default=None, description="Who backs it up and where to; without it, that of the whole file")
    rto: Seconds | None = Field(
        default=None, description="Longest time until it is restored, such as 4 h; tests are judged by it"
    )
    rpo: Seconds | None = Field(default=None, description="Longest time of which data may be lost, such as 26 h")
    heartbeat: HeartbeatField = Field(
        default=None,
        description="true or a schema's name: a row of Upkeep's own; or {table, column}: the newest value of a column",
    )
    smoke: SmokeQueries = Field(default=(), description="What a restored copy must answer")
    drill: str | None = Field(default=None, min_length=1, description="File of the written plan for a disaster, beside this file")
    archive: tuple[Archive, ...] = Field(default=(), description="Tables whose old rows go to Parquet files and leave the table")
    maintenance: MaintenancePlan | None = Field(
        default=None, description="As whom and when tables are vacuumed and analyzed; without it those jobs stay unknown"
    )

    def with_defaults(self, settings: Mapping[str, Any]) -> Self:
        """With the backup of the whole file, where it has none of its own."""
        return self if self.backup else self.model_copy(update={"backup": settings.get("backup")})

    def examine(self, connections: Connections, needs: Sequence[Need]) -> Iterator[Diagnosis]:
        """Log in and look: version, rights, extensions, privilege, clock, timeouts."""
        from upkeep.targets.postgres_diagnosis import diagnosed, unreachable
        from upkeep.targets.postgres_login import look

        rights = [need for need in needs if isinstance(need, Right)]
        try:
            seen = look(connections.postgres(self.connection), rights, self.statement_timeout_s, self.lock_timeout_s)
        except UpkeepError as error:
            yield unreachable(self, error)
        else:
            yield from diagnosed(self, rights, seen)
