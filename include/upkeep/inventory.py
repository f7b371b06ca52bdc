"""What is looked after: targets and people, read from one YAML file. A kind of target is one class here."""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from upkeep.answer import Severity
from upkeep.documents import Document, nearest
from upkeep.errors import InventoryError
from upkeep.window import Cadence

SeverityLabel = Literal["low", "medium", "high", "critical"]
ConnectionId = Field(pattern=r"^[\w.\-]+$", description="Id of an Airflow connection; never an address or a secret")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(_Model):
    """Somebody who owns targets, is told things or answers reviews."""

    name: str = Field(min_length=1, description="Short name that targets refer to as owner")
    role: str = Field(min_length=1, description="What this person does in the team")
    slack: str = Field(pattern=r"^[UWS][A-Z0-9]{2,}$", description="Slack member or group id, such as U012AB3CD")
    on_call: int | None = Field(default=None, ge=1, description="Order in which people are called; 1 is first")


class Target(_Model):
    """One thing looked after. Subclasses are the kinds; `section` is their key in the file."""

    section: ClassVar[str]

    name: str = Field(min_length=1, max_length=100, description="Unique over all kinds; any characters")
    owner: str = Field(description="Name of a person of this file")
    red_at: SeverityLabel = Field(default="high", description="From this severity on a finding turns the task red")
    thresholds: Mapping[str, Mapping[str, float | str | bool]] = Field(
        default_factory=dict, description="Per duty, its thresholds that differ here"
    )
    tags: tuple[str, ...] = Field(default=(), description="Words to select and group by")
    runbook: str | None = Field(default=None, pattern=r"^https?://", description="Link shown beside every finding")

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


class Database(Target):
    """One PostgreSQL database, reached by an Airflow connection."""

    section: ClassVar[str] = "databases"

    connection: str = ConnectionId
    sessions: int = Field(default=2, ge=1, le=50, description="Sessions that Upkeep may have open here at once")
    statement_timeout_s: float = Field(default=15, gt=0, le=3600, description="Longest time for one question, seconds")
    lock_timeout_s: float = Field(default=2, gt=0, le=600, description="Longest wait for a lock, seconds")
    storage_gb: float | None = Field(default=None, gt=0, description="Room for the whole server's data, in GB (10^9)")
    log: ServerLog | None = Field(default=None, description="Where the server's log is; by default asked through SQL")


class Notify(_Model):
    """How people are told. Without a connection nothing is sent, and the pages say so."""

    slack_connection: str | None = Field(
        default=None, pattern=r"^[\w.\-]+$", description="Airflow connection: bot API or webhook"
    )
    channel: str | None = Field(default=None, pattern=r"^[CGD][A-Z0-9]{2,}$", description="Slack channel id, for a bot token")
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

    timezone: str = Field(default="UTC", description="Zone in which days begin")
    schedule: Mapping[Cadence, str | None] = Field(
        default_factory=dict, description="Cron per cadence where it differs; null pauses the cadence"
    )
    people: tuple[Person, ...] = Field(min_length=1)
    notify: Notify = Notify()
    due_days: DueDays = DueDays()

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            msg = f'no time zone is called "{zone}"{nearest(zone, available_timezones())[:80]}'
            raise ValueError(msg)
        return zone

    @model_validator(mode="after")
    def _on_call_is_an_order(self) -> "Settings":
        orders = [p.on_call for p in self.people if p.on_call is not None]
        if len(orders) != len(set(orders)):
            msg = "two people have the same on_call number; the order must be clear"
            raise ValueError(msg)
        return self


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
    """Read and validate; raises InventoryError that lists every problem with its line."""
    document = Document(path)
    data = document.data()
    if not isinstance(data, dict):
        raise document.error((), "expected a mapping with people and targets")
    _known_keys(document, data)
    settings = document.parse(Settings, {k: v for k, v in data.items() if k not in kinds()})
    inventory = Inventory(settings=settings, targets=tuple(_targets(document, data)))
    _check_names(document, data, inventory)
    return inventory


@cache
def current() -> Inventory:
    """The inventory of this process, read once."""
    return load(inventory_path())


def _known_keys(document: Document, data: Mapping[str, Any]) -> None:
    valid = [*Settings.model_fields, *kinds()]
    wrong = [document.say((key,), f"unknown field{nearest(str(key), valid)}") for key in data if key not in valid]
    if wrong:
        raise InventoryError("\n".join(wrong))


def _targets(document: Document, data: Mapping[str, Any]) -> list[Target]:
    found, wrong = [], []
    for section, kind in kinds().items():
        entries = data.get(section) or []
        if not isinstance(entries, list):
            raise document.error((section,), f"expected a list of {section}, each starting with '- name:'")
        for index, entry in enumerate(entries):
            try:
                found.append(document.parse(kind, entry, (section, index)))
            except InventoryError as error:
                wrong.append(str(error))
    if wrong:
        raise InventoryError("\n".join(wrong))
    return found


def _check_names(document: Document, data: Mapping[str, Any], inventory: Inventory) -> None:
    people = [p.name for p in inventory.settings.people]
    seen: dict[str, int] = {}
    wrong = [document.say(("people", i), f'two people are called "{n}"') for i, n in enumerate(people) if n in people[:i]]
    for section in kinds():
        for index, entry in enumerate(data.get(section) or []):
            where, name = (section, index, "name"), entry["name"]
            if name in seen:
                wrong.append(document.say(where, f'"{name}" is already the name of line {seen[name]}; names are unique'))
            seen.setdefault(name, document.line(where))
            if entry["owner"] not in people:
                wrong.append(
                    document.say(
                        (section, index, "owner"),
                        f'"{entry["owner"]}" is no person of this file{nearest(entry["owner"], people)}',
                    )
                )
    if wrong:
        raise InventoryError("\n".join(wrong))
