"""What an owner asks of a database's recovery: how soon, how much may be lost, and what the copy must answer."""

from typing import Annotated, Any

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, model_validator

from upkeep.field_types import ConnectionId, Name, PlainName
from upkeep.targets.target import Strict

SCHEMA = "upkeep_heartbeat"


class Heartbeat(Strict):
    """
    Where the newest moment of a database is read in a restored copy.

    A row of ours in a schema of the database, which the job `heartbeat` writes; or the newest value of a column, only read.
    """

    schema_name: PlainName = Field(
        default=SCHEMA, validation_alias=AliasChoices("schema", "schema_name"),
        description="Schema that holds the table `heartbeat`; the login may create tables there",
    )  # fmt: skip
    login: ConnectionId | None = Field(
        default=None, description="Connection to the database as a role that writes the row; else that of the database"
    )
    table: str | None = Field(
        default=None, min_length=1, description="A table of the application, with its schema, instead of a row of ours"
    )
    column: PlainName | None = Field(default=None, description="Its column that says when a row was written")

    @model_validator(mode="after")
    def _both_or_none(self) -> "Heartbeat":
        if (self.table is None) != (self.column is None):
            raise ValueError("give `table` and `column` together: where the newest moment is read")
        if self.table and self.login:
            raise ValueError("nothing is written where a column is declared: leave `login` out")
        return self

    @property
    def is_ours(self) -> bool:
        """Whether Upkeep writes the row."""
        return self.table is None


class SmokeQuery(Strict):
    """
    One question that a restored copy must answer rightly: the first column of the first row is compared.

    No row at all is no answer, whatever is expected.
    """

    name: Name
    sql: str = Field(min_length=1, description="One statement that reads; in a read-only session that may read every table")
    expect: bool | int | float | str | None = Field(default=None, description="The value itself")
    at_least: float | None = Field(default=None, description="The lowest number that is right")
    at_most: float | None = Field(default=None, description="The highest number that is right")
    timeout_s: float = Field(default=30, gt=0, le=3600, description="Longest time for it, seconds")

    @model_validator(mode="after")
    def _expects(self) -> "SmokeQuery":
        if self.expect is None and self.at_least is None and self.at_most is None:
            raise ValueError("say what is expected: `expect`, `at_least` or `at_most`")
        if self.expect is not None and (self.at_least is not None or self.at_most is not None):
            raise ValueError("say either `expect` or `at_least` and `at_most`")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("no number is `at_least` and `at_most` these")
        return self


def _spelled_out(given: Any) -> Any:
    """`true` is a row of ours in the usual schema, a word the schema's name, `false` none."""
    if isinstance(given, bool):
        return {} if given else None
    return {"schema": given} if isinstance(given, str) else given


def _told_apart(queries: tuple[SmokeQuery, ...]) -> tuple[SmokeQuery, ...]:
    names = [query.name for query in queries]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ValueError(f"two queries are called {doubled[0]}: names are unique")
    return queries


HeartbeatField = Annotated[Heartbeat | None, BeforeValidator(_spelled_out, json_schema_input_type=bool | str | Heartbeat | None)]
SmokeQueries = Annotated[tuple[SmokeQuery, ...], AfterValidator(_told_apart)]
