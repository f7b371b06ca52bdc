"""Everything of the inventory that is not a target: people, how they are told, when things run."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator

from upkeep.config.currency_rates import CurrencyRate, wrong
from upkeep.config.own_databases import OwnDatabases
from upkeep.field_types import ConnectionId, Cron, Name, SeverityLabel, SlackChannel, SlackMember, Zone
from upkeep.targets.database import Backup
from upkeep.targets.target import Strict
from upkeep.window import Cadence


class Person(Strict):
    """Somebody who owns targets, is told things or answers reviews."""

    name: Name = Field(description="Short name that targets refer to as owner")
    role: Name = Field(description="What this person does in the team")
    slack: SlackMember | None = Field(
        default=None, description="Slack member or group id, such as U012AB3CD; without it messages say the name"
    )
    on_call: int | None = Field(default=None, ge=1, description="Order in which people are called; 1 is first")
    airflow: Name | None = Field(default=None, description="User name in Airflow, of who may approve what waits for a person")
    airflow_id: Name | None = Field(
        default=None, description="Id of that user where it is not the name: a number with the FAB auth manager"
    )


class Notify(Strict):
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


class DueDays(Strict):
    """Days within which a finding of each severity must be gone."""

    critical: int = Field(default=7, ge=0)
    high: int = Field(default=30, ge=0)
    medium: int = Field(default=90, ge=0)
    low: int = Field(default=120, ge=0)


class Keep(Strict):
    """Ages in days after which rows of the report database go. Answers, findings, reports and days of metrics stay."""

    metrics_days: int = Field(
        default=400,
        ge=100,
        description="Single values of metrics; their days stay. Of cadences whose reports compare further back they stay longer",
    )
    evidence_days: int = Field(default=400, ge=30, description="What a duty saw, beside its answer; the answer stays")
    messages_days: int = Field(default=400, ge=30, description="Messages that were sent, and notes about runs")
    packages_days: int = Field(default=800, ge=30, description="Packages that repositories locked, window by window; faults stay")


class AdvisoryPlace(Strict):
    """Where advisories about packages are kept, or asked for."""

    place: str = Field(
        min_length=1,
        description="A folder or bucket of OSV dumps (file://, s3://, gs://, abfs://), or the address of an OSV API (https://)",
    )
    connection: ConnectionId | None = Field(default=None, description="Airflow connection of the store, where it needs one")
    histories: bool = Field(
        default=False,
        description="Fetch commits of the public repositories that advisories are about, to judge dependencies by git. "
        "Those of repositories in this file are fetched anyway",
    )


class Registry(Strict):
    """A registry of container images that is asked which digest a tag has now."""

    host: str = Field(
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$",
        description="As it stands in names of images: docker.io, ghcr.io, registry.example:5000",
    )
    connection: ConnectionId | None = Field(
        default=None, description="Airflow connection (http) with its address, login and password or token, where it wants one"
    )


class Settings(Strict):
    """Everything of the file that is not a target."""

    timezone: Zone = Field(default="UTC", description="Zone in which days begin")
    schedule: Mapping[Cadence, Cron | None] = Field(
        default_factory=dict, description="Cron per cadence where it differs; null pauses the cadence"
    )
    people: tuple[Person, ...] = Field(min_length=1)
    notify: Notify = Notify()
    due_days: DueDays = DueDays()
    vulnerability_days: Mapping[Name, Mapping[SeverityLabel, Annotated[float, Field(ge=0)]]] = Field(
        default_factory=dict,
        description="Per tag of repositories, the days within which faults of packages must be gone; of several tags the fewest",
    )
    keep: Keep = Field(default=Keep(), description="How long rows of the report database are kept, in days")
    own_databases: OwnDatabases | Literal[False] = Field(
        default=OwnDatabases(), description="The report database and Airflow's own as targets, where their connections are there"
    )
    currency_rates: tuple[CurrencyRate, ...] = Field(
        default=(), description="Rates by which reports make a total in one currency; no amount of the ledger is ever converted"
    )
    advisories: AdvisoryPlace | None = Field(default=None, description="What is known of packages' faults")
    registries: tuple[Registry, ...] = Field(default=(), description="Registries of container images that base_images may ask")
    backup: Backup | None = Field(default=None, description="How databases are backed up that do not say it themselves")

    @field_validator("currency_rates")
    @classmethod
    def _rates_agree(cls, rates: tuple[CurrencyRate, ...]) -> tuple[CurrencyRate, ...]:
        if problem := wrong(rates):
            raise ValueError(problem)
        return rates
