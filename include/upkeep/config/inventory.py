"""What is looked after: targets and people, read from one YAML file. A kind of target is one class here."""

import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from upkeep.answer import Severity
from upkeep.config.suggestions import nearest
from upkeep.config.yaml_document import Document, refused
from upkeep.errors import InventoryError
from upkeep.targets.field_types import (
    ConnectionId,
    Cron,
    Link,
    Name,
    SeverityLabel,
    SlackChannel,
    SlackMember,
    ThresholdValue,
    Zone,
)
from upkeep.window import Cadence

Model = TypeVar("Model", bound=BaseModel)
Where = tuple[str | int, ...]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Person(_Model):
    """Somebody who owns targets, is told things or answers reviews."""

    name: Name = Field(description="Short name that targets refer to as owner")
    role: Name = Field(description="What this person does in the team")
    slack: SlackMember
    on_call: int | None = Field(default=None, ge=1, description="Order in which people are called; 1 is first")
    airflow: Name | None = Field(default=None, description="User name in Airflow, of who may approve what waits for a person")
    airflow_id: Name | None = Field(
        default=None, description="Id of that user where it is not the name: a number with the FAB auth manager"
    )


class Target(_Model):
    """One thing looked after. Subclasses are the kinds; `section` is their key in the file."""

    section: ClassVar[str]

    name: Name = Field(description="Unique over all kinds; any visible characters")
    owner: str = Field(description="Name of a person of this file")
    red_at: SeverityLabel = Field(default="high", description="From this severity on a finding turns the task red")
    thresholds: Mapping[str, Mapping[str, ThresholdValue]] = Field(
        default_factory=dict, description="Per duty, its thresholds that differ here"
    )
    tags: tuple[Name, ...] = Field(default=(), description="Words to select and group by")
    runbook: Link | None = Field(default=None, description="Link shown beside every finding; starts with http:// or https://")

    @property
    def red_severity(self) -> Severity:
        """`red_at` as an ordered value."""
        return Severity.parse(self.red_at)


class ServerLog(_Model):
    """Where a server's log is read from."""

    read: Literal["file", "server"] = Field(
        default="server", description='"file": a path this machine sees; "server": through SQL (pg_read_file)'
    )
    path: str | None = Field(default=None, description="Folder or glob of log files, for read: file")
    line_prefix: str | None = Field(default=None, description="log_line_prefix; asked from the server unless given")
    timezone: str | None = Field(default=None, description="log_timezone; asked from the server unless given")


class Backup(_Model):
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
    sessions: int = Field(default=2, ge=1, le=50, description="Sessions that Upkeep may have open here at once")
    statement_timeout_s: float = Field(default=15, gt=0, le=3600, description="Longest time for one question, seconds")
    lock_timeout_s: float = Field(default=2, gt=0, le=600, description="Longest wait for a lock, seconds")
    storage_gb: float | None = Field(default=None, gt=0, description="Room for the whole server's data, in GB (10^9)")
    log: ServerLog | None = Field(default=None, description="Where the server's log is; by default asked through SQL")
    backup: Backup | None = Field(default=None, description="Who backs it up and where to; without it, that of the whole file")


class Notify(_Model):
    """How people are told. Without a connection nothing is sent, and the pages say so."""

    slack_connection: ConnectionId | None = Field(
        default=None, description="Id of an Airflow connection: Slack's bot API or a webhook; never an address or a secret"
    )
    channel: SlackChannel | None = Field(
        default=None, description="Slack channel id, such as C012AB3CD; not a name. For a bot token"
    )
    failures_per_run: int = Field(
        default=5, ge=0, le=50, description="Failure messages a run may send to a webhook; the rest are counted"
    )


class DueDays(_Model):
    """Days within which a finding of each severity must be gone."""

    critical: int = Field(default=7, ge=0)
    high: int = Field(default=30, ge=0)
    medium: int = Field(default=90, ge=0)
    low: int = Field(default=120, ge=0)


class Settings(_Model):
    """Everything of the file that is not a target."""

    timezone: Zone = Field(default="UTC", description="Zone in which days begin")
    schedule: Mapping[Cadence, Cron | None] = Field(
        default_factory=dict, description="Cron per cadence where it differs; null pauses the cadence"
    )
    people: tuple[Person, ...] = Field(min_length=1)
    notify: Notify = Notify()
    due_days: DueDays = DueDays()
    backup: Backup | None = Field(default=None, description="How databases are backed up that do not say it themselves")


class Inventory(_Model):
    """The whole file, validated."""

    settings: Settings
    targets: tuple[Target, ...]

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days begin."""
        return ZoneInfo(self.settings.timezone)

    def of(self, kind: type[Target]) -> tuple[Target, ...]:
        """Targets of one kind, in the file's order."""
        return tuple(t for t in self.targets if isinstance(t, kind))

    def target(self, name: str) -> Target:
        """One target; raises InventoryError with the nearest name when there is none."""
        for target in self.targets:
            if target.name == name:
                return target
        msg = f'no target is called "{name}"{nearest(name, [t.name for t in self.targets])}'
        raise InventoryError(msg)

    def person(self, name: str) -> Person:
        """One person; owners are known to exist."""
        return next(p for p in self.settings.people if p.name == name)


def kinds() -> dict[str, type[Target]]:
    """Every kind of target by its key in the file."""
    return {kind.section: kind for kind in Target.__subclasses__()}


def inventory_path() -> Path:
    """UPKEEP_INVENTORY, else the file beside this package."""
    given = os.environ.get("UPKEEP_INVENTORY")
    return Path(given) if given else Path(__file__).resolve().parents[1] / "inventory.yaml"


def load(path: Path) -> Inventory:
    """Read and validate; raises InventoryError that lists every problem, a line each."""
    document = Document(path)
    data = document.mapping()
    wrong = list(_unknown_sections(document, data))
    settings = _parsed(document, Settings, {k: v for k, v in data.items() if k in Settings.model_fields}, (), wrong)
    targets = [
        (where, target)
        for where, kind, entry in _entries(document, data, wrong)
        if (target := _parsed(document, kind, entry, where, wrong))
    ]
    if settings:
        wrong += _doubled_people(document, settings)
        wrong += _owners_that_are_nobody(document, targets, settings)
    wrong += _doubled_names(document, targets)
    if wrong or not settings:
        raise refused(wrong)
    return Inventory(settings=settings, targets=tuple(_backed_up(target, settings) for _, target in targets))


@cache
def current() -> Inventory:
    """The inventory of this process, read once."""
    return load(inventory_path())


def _backed_up(target: Target, settings: Settings) -> Target:
    if isinstance(target, Database) and target.backup is None:
        return target.model_copy(update={"backup": settings.backup})
    return target


_Placed = list[tuple[Where, Target]]


def _unknown_sections(document: Document, data: Mapping[Any, Any]) -> Iterator[str]:
    valid = [*Settings.model_fields, *kinds()]
    return (document.say((str(key),), f"unknown field{nearest(str(key), valid)}") for key in data if key not in valid)


def _entries(document: Document, data: Mapping[Any, Any], wrong: list[str]) -> Iterator[tuple[Where, type[Target], Any]]:
    for section, kind in kinds().items():
        entries = data.get(section) or []
        if isinstance(entries, list):
            yield from (((section, index), kind, entry) for index, entry in enumerate(entries))
        else:
            wrong.append(document.say((section,), f"expected a list of {section}, each starting with '- name:'"))


def _parsed(document: Document, model: type[Model], data: Any, where: Where, wrong: list[str]) -> Model | None:
    try:
        return document.parse(model, data, where)
    except InventoryError as error:
        wrong.append(str(error))
        return None


def _doubled_people(document: Document, settings: Settings) -> Iterator[str]:
    names: dict[str, int] = {}
    orders: dict[int, str] = {}
    for index, person in enumerate(settings.people):
        first = names.setdefault(person.name, index)
        if first != index:
            line = document.line(("people", first, "name"))
            yield document.say(("people", index, "name"), f'"{person.name}" is already the name of line {line}; names are unique')
        if person.on_call and orders.setdefault(person.on_call, person.name) != person.name:
            problem = f"{person.on_call} is already the number of {orders[person.on_call]}; the order must be clear"
            yield document.say(("people", index, "on_call"), problem)


def _owners_that_are_nobody(document: Document, targets: _Placed, settings: Settings) -> Iterator[str]:
    people = {person.name for person in settings.people}
    for where, target in targets:
        if target.owner not in people:
            yield document.say((*where, "owner"), f'"{target.owner}" is no person of this file{nearest(target.owner, people)}')


def _doubled_names(document: Document, targets: _Placed) -> Iterator[str]:
    first: dict[str, Where] = {}
    for where, target in targets:
        if first.setdefault(target.name, where) != where:
            line = document.line((*first[target.name], "name"))
            yield document.say((*where, "name"), f'"{target.name}" is already the name of line {line}; names are unique')
